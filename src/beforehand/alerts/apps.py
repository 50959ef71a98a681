"""The alerts app."""

from django.apps import AppConfig


class AlertsConfig(AppConfig):
    """Alerts, deliveries, channels."""

    name = "beforehand.alerts"
    label = "alerts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tickets that changed or reach a step, mail that is due, and managers whose day begins are this room's."""
        from beforehand.alerts.day_send import send_list
        from beforehand.alerts.delivering import MAILBOX
        from beforehand.alerts.monitor import look_again
        from beforehand.alerts.send import send_due
        from beforehand.kernel.due.handlers import Handler, register
        from beforehand.people.days import DAY_LIST
        from beforehand.tickets.watching import TICKET

        # Few at once: on SQLite nobody else writes while they are looked at.
        register(Handler(TICKET, many=look_again, at_once=20))
        register(Handler(MAILBOX, alone=send_due))
        register(Handler(DAY_LIST, alone=send_list))
