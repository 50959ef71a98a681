"""A ticket's life as `sync` keeps it: exactly as its history tells it, however it was read."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from random import Random

import pytest
from tests.connectors.connectwise.conftest import Hand, clock, heard
from tests.connectors.connectwise.fake import Tenant, when
from tests.connectors.connectwise.world import ALEX, CASEY, KEY

from beforehand.connectors.models import Nudged
from beforehand.engine.codes import BY_PERSON, KINDS, MET, OPEN, PUBLIC, RESOLUTION, RESPONSE, RUNNING
from beforehand.engine.instants import HOUR, MINUTE
from beforehand.tickets.models import Clock, PsaView, Ticket

pytestmark = pytest.mark.django_db
LIFE = [
    ("02 09:00", "New"),
    ("02 09:20", "In Progress"),
    ("02 10:00", "Waiting on Client"),
    ("02 13:00", "In Progress"),
    ("02 15:00", "Completed"),
    ("02 15:30", "Closed"),
    ("03 09:10", "Re-Opened"),
]


def steps(tenant: Tenant) -> list[tuple[str, Callable[[], object]]]:
    """A ticket is answered, waits for the client, is resolved, closed, and reopened."""
    inside = {"detailDescriptionFlag": False, "internalAnalysisFlag": True}
    status, note = partial(tenant.status, 1001), partial(tenant.note, 1001)
    return [
        ("09:00", partial(tenant.open, 1001, "09:00")),
        ("09:05", partial(tenant.own, 1001, "09:05")),
        ("09:20", partial(status, "In Progress", "09:20")),
        ("09:20", partial(note, "09:20", "Hi Casey, I am looking at it now.", member=ALEX)),
        ("09:58", partial(note, "09:58", "Needs the serial number.", member=ALEX, **inside)),
        ("10:00", partial(status, "Waiting on Client", "10:00")),
        ("13:00", partial(note, "13:00", "It is on the photo.", contact=CASEY)),
        ("13:00", partial(status, "In Progress", "13:00", "EmailConnector")),
        ("15:00", partial(status, "Completed", "15:00")),
        ("15:30", partial(status, "Closed", "15:30")),
        ("03 09:10", partial(status, "Re-Opened", "03 09:10", "EmailConnector")),
    ]


def live(tenant: Tenant) -> None:
    """The whole of it."""
    for _, happens in steps(tenant):
        happens()


def assert_clocks() -> None:
    """They are those of its history, whenever and however it was read."""
    response, resolution = (Clock.objects.get(metric=metric) for metric in (RESPONSE, RESOLUTION))
    assert (response.used, response.verdict, response.stop) == (20 * MINUTE, MET, when("09:20"))
    # The wait of 10:00 to 13:00 does not count (3.3); reopened, it goes on with what was used by 15:00 (3.7).
    assert (resolution.used, resolution.verdict, resolution.run) == (3 * HOUR, OPEN, RUNNING)
    assert (resolution.first_stop, resolution.deadline) == (when("15:00"), when("03 10:10"))


def test_a_whole_life_is_told_exactly_though_it_was_read_at_its_end(tenant: Tenant, hand: Hand) -> None:
    live(tenant)
    hand.at("03 09:15")
    assert hand.statuses("1001") == LIFE
    told = [(clock(e.at), KINDS[e.kind], e.flags & (BY_PERSON | PUBLIC)) for e in hand.told("1001")]
    assert ("02 09:20", "message", BY_PERSON | PUBLIC) in told
    assert ("02 09:58", "message", BY_PERSON) in told
    assert [kind for _, kind, _ in told].count("client message") == 2
    assert ("02 09:05", "assigned", BY_PERSON) in told
    assert ("02 13:00", "status", 0) in told  # the mail connector did it
    ticket = Ticket.objects.get()
    assert (ticket.number, ticket.client_name, ticket.status, ticket.assignee) == (
        "1001",
        "Acme Ltd",
        "Re-Opened",
        "Alex Smith",
    )
    assert ticket.channel == "Email Connector"
    assert ticket.contract == "Gold"
    assert ticket.url.endswith("service_recid=1001&companyName=northwind")
    view = PsaView.objects.get().said
    assert (view["sla"], view["isInSla"]) == ("Gold SLA", True)
    assert "unread" not in view
    assert_clocks()


@pytest.mark.program
@pytest.mark.parametrize("seed", range(4))
def test_whatever_polls_and_callbacks_came_between_the_history_and_the_clocks_are_the_same(
    tenant: Tenant, hand: Hand, seed: int
) -> None:
    """4.4: some polls see no history, some callbacks are lost, some come twice."""
    dice = Random(seed)
    for at, happens in steps(tenant):
        happens()
        tenant.forbidden = {"system/audittrail"} if dice.random() < 0.4 else set()
        for _ in range(dice.choice((0, 0, 1, 2))):
            nudge(hand, "1001")
        if dice.random() < 0.6:
            hand.at(at)
    tenant.forbidden = set()
    tenant.save(1001, "03 09:12")
    hand.at("03 09:15")
    assert hand.statuses("1001") == LIFE
    assert_clocks()


def nudge(hand: Hand, ticket: str) -> None:
    connection = hand.connection
    Nudged.objects.get_or_create(
        provider=connection.provider, connection=connection, external_id=ticket, defaults={"at": hand.now}
    )


def test_a_ticket_that_a_callback_names_is_read_between_two_polls(
    tenant: Tenant, hand: Hand, settings: dict[str, str]
) -> None:
    hand.at("09:00")
    tenant.open(7, "09:00")
    said = heard(settings, tenant.hook(7), lambda *_: KEY)
    nudge(hand, *said.tickets)
    hand.now += timedelta(seconds=10)
    hand.pull()
    assert Ticket.objects.get().external_id == "7"
    assert not Nudged.objects.exists()


def test_polls_that_saw_it_roughly_give_way_to_the_history(tenant: Tenant, hand: Hand) -> None:
    hand.at("09:00")
    tenant.open(1001, "09:01")
    hand.at("09:02")
    tenant.status(1001, "In Progress", "09:20", said="Etat : en cours")
    hand.at("09:25")
    assert PsaView.objects.get().said["unread"] == 1
    (_, (since, _)) = hand.statuses("1001")
    assert since == "02 09:01"  # seen to lie between two looks
    tenant.lists["audit 1001"][-1]["text"] = 'Status has been updated from "New" to "In Progress".'
    tenant.save(1001, "09:30")
    hand.at("09:31")
    assert hand.statuses("1001") == [("02 09:01", "New"), ("02 09:20", "In Progress")]


def test_what_is_told_again_is_known(tenant: Tenant, hand: Hand) -> None:
    live(tenant)
    hand.at("03 09:15")
    before = len(hand.told("1001"))
    tenant.save(1001, "03 09:16")
    hand.at("03 09:17")
    assert len(hand.told("1001")) == before
