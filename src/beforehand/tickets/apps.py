"""The tickets app."""

from django.apps import AppConfig


class TicketsConfig(AppConfig):
    """Tickets, events, clocks."""

    name = "beforehand.tickets"
    label = "tickets"
    not_backed_up = ("tickets_notice",)

    def ready(self) -> None:
        """Pages that are open hear of a restore, and read anew."""
        from beforehand.kernel.backup.signals import restored

        from .notices import tell_all

        restored.connect(tell_all)
