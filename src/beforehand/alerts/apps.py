"""The alerts app."""

from django.apps import AppConfig


class AlertsConfig(AppConfig):
    """Alerts, deliveries, channels."""

    name = "beforehand.alerts"
    label = "alerts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tickets, mail, the second check, managers whose day begins, and changed ladders are this room's."""
        from beforehand.alerts.audit_round import AUDIT, Checking
        from beforehand.alerts.day_send import Listing
        from beforehand.alerts.delivering import MAILBOX
        from beforehand.alerts.heartbeat import HEARTBEAT, Beating
        from beforehand.alerts.incidents import INCIDENT, Closing
        from beforehand.alerts.monitor import look_again
        from beforehand.alerts.relaid import follow
        from beforehand.alerts.send import Sending
        from beforehand.alerts.source_words import Telling
        from beforehand.kernel.due.handlers import Handler, register
        from beforehand.people.days import DAY_LIST
        from beforehand.promises.signals import ladders_changed
        from beforehand.tickets.sources import SOURCE
        from beforehand.tickets.watching import TICKET

        # Few at once: on SQLite nobody else writes while they are looked at.
        register(Handler(TICKET, many=look_again, at_once=20))
        register(Handler(MAILBOX, errand=Sending()))
        register(Handler(AUDIT, errand=Checking(), of_each=True))
        register(Handler(HEARTBEAT, errand=Beating()))
        register(Handler(INCIDENT, errand=Closing()))
        register(Handler(DAY_LIST, errand=Listing()))
        register(Handler(SOURCE, errand=Telling()))
        ladders_changed.connect(follow)
