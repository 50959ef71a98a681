"""What the pages say of alerts that really climb, and what the climbing makes of what is said on the pages."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse
from tests.alerts.conftest import FIRST, Desk
from tests.support.msp import make_user

from beforehand.alerts import holding
from beforehand.alerts.models import Alert, Delivery, Hold
from beforehand.kernel.models import Due
from beforehand.people.models import DutyShift
from beforehand.promises.book import current
from beforehand.tickets.models import Ticket
from beforehand.tickets.notices import Listener
from beforehand.web import moment
from beforehand.web.board import Asked
from beforehand.web.board_shown import Shown, Viewed

DAY = "2026-03-10T"
Reads = Callable[[str], str]


@pytest.fixture
def desk(transactional_db: None) -> Iterator[Desk]:
    made = Desk(datetime(2026, 3, 10, 9, tzinfo=UTC))
    made.provider.simulated = True
    made.provider.save()
    yield made
    made.worker.close()
    moment.simulate(None)


@pytest.fixture
def signed_in(client: Client, desk: Desk) -> Client:
    client.force_login(make_user(desk.provider))
    return client


@pytest.fixture
def reads(signed_in: Client, desk: Desk) -> Reads:
    """What a page says while the desk's clock stands."""

    def read(address: str) -> str:
        stand(desk)
        answer = signed_in.get(address)
        assert answer.status_code == 200
        return " ".join(answer.content.decode().replace("\u00a0", " ").split())

    return read


def stand(desk: Desk) -> None:
    moment.simulate(moment.Clock(desk.now, time.monotonic(), 0.0))


def test_a_chain_is_followed_from_page_to_page(desk: Desk, signed_in: Client, reads: Reads) -> None:
    desk.switch_on(FIRST)
    desk.open("48213")
    desk.at(DAY + "09:46")
    page = reads("/alerts/")
    assert "due in</span> <b>14 m</b>" in page
    assert "<strong>75%</strong> Dee told" in page
    assert "Then Ben (team lead) in 6 m" in page
    assert "75% · Dee told" in reads("/")
    ticket = Ticket.objects.get()
    assert "Was anybody told?" in reads(f"/tickets/{ticket.pk}/")
    outbox = reads("/alerts/outbox/")
    assert "dee@northwind.test" in outbox
    assert "/alerts/hold/" in outbox
    signed_in.post(f"/alerts/{desk.alert.pk}/hold/", {"minutes": "60"})
    assert "Marta Hale has it until 10:00" in reads("/")
    # A hold lasts over the steps that are reached meanwhile, and no longer than the deadline.
    desk.at(DAY + "09:59")
    assert {name for _, name, _ in desk.told} == {"Dee"}
    desk.at(DAY + "10:15")
    assert {name for _, name, _ in desk.told} == {"Dee", "Ben", "Cleo"}


def test_what_somebody_calls_noise_rings_no_more_in_this_cycle(
    desk: Desk, signed_in: Client, reads: Reads
) -> None:
    desk.switch_on(FIRST)
    desk.open("48213")
    desk.at(DAY + "09:31")
    stand(desk)
    alert = Alert.objects.get(reached="50%")
    signed_in.post(f"/alerts/{alert.pk}/noise/", {"reason": "a test ticket"})
    told = Delivery.objects.filter(alert=alert).count()
    desk.at(DAY + "11:30")
    alert.refresh_from_db()
    assert (alert.outcome, alert.ended_by) == ("noise", "noise, said Marta Hale: a test ticket")
    assert Delivery.objects.filter(alert=alert).count() == told == 1
    assert "48213" in reads("/alerts/history/")
    assert "said Marta Hale: a test ticket" in reads("/alerts/history/")


def test_what_is_switched_on_while_it_rehearses_rings_from_the_next_link_on(
    desk: Desk, signed_in: Client, reads: Reads
) -> None:
    desk.open("48213")
    desk.at(DAY + "09:46")
    assert "All of these rehearse: nobody hears of them" in reads("/alerts/")
    assert "<strong>2</strong> messages would have gone out" in reads("/alerts/rehearsal/")
    signed_in.post("/alerts/rehearsal/everything/")
    assert Due.objects.filter(due_at__lte=desk.now).exists()
    desk.at(DAY + "09:53")
    assert [(name, state) for _, name, state in desk.told] == [
        ("Dee", "rehearsed"),
        ("Dee", "rehearsed"),
        ("Ben", "sent"),
    ]
    assert "rehearsal</span>" not in reads("/alerts/")


def test_a_step_is_seen_by_those_who_keep_boards_live(desk: Desk) -> None:
    desk.switch_on(FIRST)
    desk.open("48213")
    viewed = Viewed(desk.provider.pk, Asked(), "Europe/London")
    desk.at(DAY + "09:29")
    before = Shown(viewed, desk.provider, current(desk.provider), desk.now).digest
    listener = Listener()
    assert not listener.look()
    desk.at(DAY + "09:30")
    heard = listener.look()
    listener.close()
    assert heard.tickets == {desk.provider.pk: {Ticket.objects.get().pk}}
    assert Shown(viewed, desk.provider, current(desk.provider), desk.now).digest != before


def test_a_step_that_had_nobody_to_tell_is_said_on_top(desk: Desk, reads: Reads) -> None:
    DutyShift.objects.all().delete()
    desk.open("48213")
    desk.at(DAY + "09:31")
    assert "had nobody to tell" not in reads("/alerts/")  # it only rehearses
    desk.switch_on(FIRST)
    desk.open("48214")
    # Of 75% the lead is told.
    desk.at(DAY + "10:17")
    assert "2 steps of the last 24 hours had nobody to tell" in reads("/alerts/")


@pytest.fixture
def link(desk: Desk) -> str:
    """The link of the message by which Dee was told."""
    desk.switch_on(FIRST)
    desk.open("48213")
    desk.at(DAY + "09:46")
    stand(desk)
    return reverse("alert-hold", args=[holding.token(Delivery.objects.order_by("-pk")[0])])


def test_a_link_does_nothing_when_it_is_looked_at_and_works_once(
    desk: Desk, client: Client, link: str
) -> None:
    for look in (client.get, client.head, client.options):
        assert look(link).status_code == 200
    assert client.post(link).status_code == 400
    assert desk.alert.held_until is None
    assert client.post(link, {"minutes": "15"}).status_code == 200
    held = desk.alert.held_until
    assert held is not None
    assert client.post(link, {"minutes": "15"}).status_code == 409
    assert client.post(link[:-2] + "/", {"minutes": "15"}).status_code == 404
    assert Hold.objects.count() == 1


def test_behind_a_link_stands_no_more_than_the_message_was_to_say(
    desk: Desk, client: Client, link: str
) -> None:
    assert "Mail server down" in client.get(link).content.decode()
    desk.provider.mail_bare = True
    desk.provider.save()
    for page in (client.get(link), client.post(link, {"minutes": "15"}), client.get(link)):
        said = page.content.decode()
        assert "#48213" in said
        assert "Mail server down" not in said
        assert "Contoso" not in said
