"""The connectors app."""

from django.apps import AppConfig


class ConnectorsConfig(AppConfig):
    """Sources that are asked."""

    name = "beforehand.connectors"
    label = "connectors"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connections are this room's."""
        from beforehand.connectors.sync import PULL, Pulling
        from beforehand.kernel.due.handlers import Handler, register

        register(Handler(PULL, errand=Pulling()))
