"""The addresses of the pages."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from . import account, board_page, clients_page, sources_page, ticket_page
from .live import grant

urlpatterns = [
    path("", board_page.board, name="board"),
    path("tickets/<int:pk>/", ticket_page.ticket, name="ticket"),
    path("clients/", clients_page.clients, name="clients"),
    path("clients/<int:pk>/", clients_page.client, name="client"),
    path("sources/", sources_page.sources, name="sources"),
    path("uncovered/", sources_page.uncovered, name="uncovered"),
    path("live/board", grant.board, name="live-board"),
    path("live/ticket", grant.ticket, name="live-ticket"),
    path("sign-in/", account.SignIn.as_view(), name="sign-in"),
    path("sign-out/", LogoutView.as_view(), name="sign-out"),
    path("set-up/<str:token>/", account.set_up, name="set-up"),
    path("theme/", account.theme, name="theme"),
]
