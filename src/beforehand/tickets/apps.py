"""The tickets app."""

from django.apps import AppConfig


class TicketsConfig(AppConfig):
    """Tickets, events, clocks."""

    name = "beforehand.tickets"
    label = "tickets"
