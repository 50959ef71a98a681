"""What a browser is told for the desktop."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from tests.support import msp
from tests.support.alerted import make_alert, make_delivery, make_staff

from beforehand.engine.instants import to_instant
from beforehand.people.models import Technician, User
from beforehand.people.roles import Role
from beforehand.tickets.models import Ticket
from beforehand.web import moment

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
EARLIER = to_instant(NOW - timedelta(minutes=5))


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Client:
    """Marta, a member, who is Ada; three steps were told two minutes ago, one of each kind."""
    monkeypatch.setattr(moment, "now", lambda: NOW)
    provider = msp.make_promises(NOW)
    user = msp.make_user(provider)
    user.role = Role.MEMBER
    user.save()
    msp.make_tickets(provider, NOW)
    ada, ben, _ = make_staff(provider).values()
    ada.user = user
    ada.save()
    tickets = Ticket.objects.filter(clock__late_at__isnull=False).distinct().order_by("pk")[:4]
    then = NOW - timedelta(minutes=2)
    told = (
        (ada, "normal", "sent"),
        (ben, "normal", "sent"),
        (ben, "urgent", "sent"),
        (ada, "normal", "rehearsed"),
    )
    for ticket, (who, urgency, state) in zip(tickets, told, strict=True):
        make_delivery(make_alert(ticket, NOW), who, then, state=state, urgency=urgency)
    made = Client()
    made.force_login(user)
    return made


def told(client: Client, since: object = EARLIER) -> list[str]:
    answer = client.get("/alerts/told/", {"since": since}).json()
    assert answer["now"] == to_instant(NOW)
    return [one["body"].partition(":")[2].partition(".")[0].strip() for one in answer["told"]]


def test_a_technician_hears_of_what_they_were_told(client: Client) -> None:
    assert told(client) == ["Ada Ferrant was told (assignee)"]


def test_a_manager_hears_of_all_that_is_urgent_besides(client: Client) -> None:
    User.objects.update(role=Role.MANAGER)
    assert sorted(told(client)) == ["Ada Ferrant was told (assignee)", "Ben Okafor was told (assignee)"]


def test_nobody_else_hears_anything(client: Client) -> None:
    Technician.objects.update(user=None)
    assert told(client) == []


@pytest.mark.parametrize("since", ["", "x", "-1", "9" * 30, "²", to_instant(NOW)])
def test_what_was_told_before_an_instant_is_not_told_again(client: Client, since: object) -> None:
    assert told(client, since) == []
