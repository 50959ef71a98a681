"""The addresses of the pages."""

from allauth.account import views as allauth
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from django.contrib.auth.views import LogoutView
from django.urls import path, re_path

from . import (
    account,
    board_page,
    clients_page,
    door,
    people_page,
    roster_page,
    search_page,
    sources_page,
    staff_page,
    ticket_page,
)
from .live import grant

urlpatterns = [
    path("", board_page.board, name="board"),
    path("tickets/<int:pk>/", ticket_page.ticket, name="ticket"),
    path("clients/", clients_page.clients, name="clients"),
    path("clients/<int:pk>/", clients_page.client, name="client"),
    path("search/", search_page.search, name="search"),
    path("sources/", sources_page.sources, name="sources"),
    path("uncovered/", sources_page.uncovered, name="uncovered"),
    path("live/board", grant.board, name="live-board"),
    path("live/ticket", grant.ticket, name="live-ticket"),
    path("people/", people_page.people, name="people"),
    path("people/invite/", people_page.invite, name="invite"),
    path("people/invitations/<int:pk>/", people_page.take_back, name="take-back"),
    path("people/<int:pk>/", people_page.change, name="change-user"),
    path("people/texts/", people_page.keep_texts, name="keep-texts"),
    path("people/second-factor/", people_page.demand, name="demand-second-factor"),
    path("staff/", staff_page.staff, name="staff"),
    path("staff/new/", staff_page.new_technician, name="new-technician"),
    path("staff/<int:pk>/", staff_page.technician, name="technician"),
    path("staff/<int:pk>/active/", staff_page.set_active, name="technician-active"),
    path("staff/teams/", staff_page.add_team, name="add-team"),
    path("staff/teams/<int:pk>/", staff_page.change_team, name="team"),
    path("staff/absences/", staff_page.add_absence, name="add-absence"),
    path("staff/absences/<int:pk>/", staff_page.remove_absence, name="remove-absence"),
    path("staff/roster/", roster_page.roster, name="roster"),
    path("staff/roster/shifts/", roster_page.add_shifts, name="add-shifts"),
    path("staff/roster/shifts/<int:pk>/", roster_page.remove_shift, name="remove-shift"),
    path("staff/roster/file/", roster_page.read_file, name="read-roster"),
    path("staff/roster/take/", roster_page.take_file, name="take-roster"),
    path("staff/roster/forget/", roster_page.forget_dates, name="forget-roster"),
    path("sign-in/", door.SignIn.as_view(), name="sign-in"),
    path("sign-out/", LogoutView.as_view(), name="sign-out"),
    path("join/<str:secret>/", account.join, name="join"),
    path("set-up/<str:token>/", account.set_up, name="set-up"),
    path("theme/", account.theme, name="theme"),
    # By the names under which allauth's own pages find each other.
    path("sign-in/", door.SignIn.as_view(), name="account_login"),
    path("sign-out/", LogoutView.as_view(), name="account_logout"),
    path("account/closed/", allauth.account_inactive, name="account_inactive"),
    path("sign-in/code/", mfa.authenticate, name="mfa_authenticate"),
    path("forgotten/", door.Forgotten.as_view(), name="account_reset_password"),
    path("forgotten/sent/", allauth.password_reset_done, name="account_reset_password_done"),
    path(
        "forgotten/done/", allauth.password_reset_from_key_done, name="account_reset_password_from_key_done"
    ),
    re_path(
        r"^forgotten/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        allauth.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("account/", mfa.index, name="mfa_index"),
    path("account/password/", allauth.password_change, name="account_change_password"),
    path("account/confirm/", allauth.reauthenticate, name="account_reauthenticate"),
    path("account/confirm/code/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("account/second-factor/", totp.activate_totp, name="mfa_activate_totp"),
    path("account/second-factor/off/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("account/recovery-codes/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("account/recovery-codes/new/", codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("account/recovery-codes/file/", codes.download_recovery_codes, name="mfa_download_recovery_codes"),
]
