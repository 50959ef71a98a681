"""The connectors app."""

from django.apps import AppConfig


class ConnectorsConfig(AppConfig):
    """Sources that are asked."""

    name = "beforehand.connectors"
    label = "connectors"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connections are this room's, and what is written back over them."""
        from beforehand.connectors.asking import PULL
        from beforehand.connectors.sync import Pulling
        from beforehand.connectors.tiers import CONTACT, Telling
        from beforehand.connectors.writing import WRITE_BACK, follow, keep_up, put_down
        from beforehand.kernel.due.handlers import Handler, register
        from beforehand.tickets.signals import clocks_read, remarked

        register(Handler(PULL, errand=Pulling(), slow=True))
        register(Handler(CONTACT, errand=Telling(), slow=True))
        register(Handler(WRITE_BACK, many=keep_up))
        clocks_read.connect(follow)
        remarked.connect(put_down)
