"""The alerts app."""

from django.apps import AppConfig


class AlertsConfig(AppConfig):
    """Alerts, deliveries, channels."""

    name = "beforehand.alerts"
    label = "alerts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tickets that changed or reach a step, mail that is due, and ladders that are others are this room's."""
        from beforehand.alerts.delivering import MAILBOX
        from beforehand.alerts.monitor import look_again
        from beforehand.alerts.relaid import follow
        from beforehand.alerts.send import Sending
        from beforehand.kernel.due.handlers import Handler, register
        from beforehand.promises.signals import ladders_changed
        from beforehand.tickets.watching import TICKET

        # Few at once: on SQLite nobody else writes while they are looked at.
        register(Handler(TICKET, many=look_again, at_once=20))
        register(Handler(MAILBOX, errand=Sending()))
        ladders_changed.connect(follow)
