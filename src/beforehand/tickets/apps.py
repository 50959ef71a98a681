"""The tickets app."""

from django.apps import AppConfig


class TicketsConfig(AppConfig):
    """Tickets, events, clocks."""

    name = "beforehand.tickets"
    label = "tickets"
    not_backed_up = ("tickets_notice",)

    def ready(self) -> None:
        """Pages that are open hear of a restore, and read anew; rereadings that pages ask for are done here."""
        from beforehand.kernel.backup.signals import restored
        from beforehand.kernel.due.handlers import Handler, register

        from .notices import tell_all
        from .rereading_due import REREAD, Rereads

        restored.connect(tell_all)
        register(Handler(REREAD, errand=Rereads()))
