"""From an Autotask to the ledger: a ticket's life with its clocks, by polls, histories and what they miss."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.connectors.autotask.fake import CASEY, SYSTEM, Autotask
from tests.connectors.conftest import NOW, Hand

from beforehand.connectors.models import Nudged, Proof, Remote, Word
from beforehand.engine.codes import (
    BY_AUTOMATION,
    BY_CLIENT,
    BY_PERSON,
    KINDS,
    MET,
    PUBLIC,
    RESOLUTION,
    RESPONSE,
)
from beforehand.engine.history import Event
from beforehand.engine.instants import HOUR, MINUTE
from beforehand.kernel.fields import from_micros
from beforehand.promises.models import SetUpPiece
from beforehand.tickets.models import Clock, PsaView, SourceState, Ticket

pytestmark = pytest.mark.django_db
NINE = datetime(2026, 3, 9, 9, tzinfo=UTC)


def said(events: tuple[Event, ...], *kinds: str) -> list[tuple[str, datetime]]:
    return [(e.value, from_micros(e.at)) for e in events if KINDS[e.kind] in kinds]


def after(minutes: int) -> datetime:
    return NINE + timedelta(minutes=minutes)


def lived(autotask: Autotask) -> int:
    """A ticket that is answered, waits for the client, and is done."""
    ticket = autotask.create(NINE)
    autotask.set(ticket, after(5), owner="Alex")
    autotask.note(ticket, after(20), "Hi Casey, I am looking at it and call you at 11.")
    autotask.set(ticket, after(20), status="In Progress")
    autotask.note(ticket, after(58), "Needs the serial number.", publish=2)
    autotask.set(ticket, after(60), status="Waiting Customer")
    autotask.note(ticket, after(240), "It is on the photo.", contact=CASEY)
    autotask.set(ticket, after(240), by=SYSTEM, status="In Progress")
    autotask.work(ticket, after(300), after(350), "Restarted the print queue.")
    autotask.set(ticket, after(360), status="Complete")
    return ticket


def clock(metric: int) -> tuple[int, int]:
    row = Clock.objects.get(metric=metric)
    return row.verdict, row.used


def test_a_whole_life_and_its_clocks(autotask: Autotask, hand: Hand) -> None:
    ticket = lived(autotask)
    autotask.add(
        "ServiceLevelAgreementResults",
        ticketID=ticket,
        isFirstResponseMet=True,
        firstResponseElapsedHours=0.33,
    )
    autotask.ticket(ticket)["serviceLevelAgreementID"] = 2

    assert hand.pull().trouble == ""

    events = hand.told(str(ticket))
    assert said(events, "status") == [
        ("New", NINE),
        ("In Progress", after(20)),
        ("Waiting Customer", after(60)),
        ("In Progress", after(240)),
        ("Complete", after(360)),
    ]
    assert said(events, "assigned")[-1] == ("Alex Smith", after(5))
    resumed = next(e for e in events if e.value == "In Progress" and from_micros(e.at) == after(240))
    assert resumed.flags == BY_AUTOMATION
    assert [e.flags & (BY_PERSON | PUBLIC) for e in events if KINDS[e.kind] == "message"] == [
        BY_PERSON | PUBLIC, BY_PERSON, BY_PERSON | PUBLIC,
    ]  # fmt: skip
    assert [e.flags for e in events if KINDS[e.kind] == "client message"] == [BY_CLIENT | PUBLIC]
    assert clock(RESPONSE) == (MET, 20 * MINUTE)
    assert clock(RESOLUTION) == (MET, 3 * HOUR), "the wait for the client does not count (3.3)"
    row = Ticket.objects.get()
    assert (row.client_name, row.priority, row.board, row.status) == ("Contoso", "P1", "Level I", "Complete")
    view = PsaView.objects.get().said
    assert (view["sla"], view["response kept"], view["kept"]) == ("Gold SLA", True, None)


def test_a_reopening_goes_on_with_the_time_used_so_far(autotask: Autotask, hand: Hand) -> None:
    ticket = lived(autotask)
    hand.pull()
    hand.now = NOW + timedelta(minutes=10)
    autotask.note(ticket, hand.now, "It is offline again.", contact=CASEY)
    autotask.set(ticket, hand.now, by=SYSTEM, status="In Progress")
    autotask.work(ticket, hand.now + timedelta(minutes=20), hand.now + timedelta(minutes=50), "A new cable.")
    hand.later(minutes=60)
    autotask.set(ticket, hand.now, status="Complete")
    hand.later(minutes=1)

    assert clock(RESOLUTION) == (MET, 4 * HOUR), "3.7"
    assert [value for value, _ in said(hand.told(str(ticket)), "status")][-2:] == ["In Progress", "Complete"]


def test_polls_and_a_history_come_to_the_same_as_the_history_alone(autotask: Autotask, hand: Hand) -> None:
    hand.pull()
    ticket = autotask.create(hand.now)
    hand.later(minutes=1)
    autotask.set(ticket, hand.now, status="Waiting Customer")
    autotask.set(ticket, hand.now + timedelta(seconds=20), by=SYSTEM, status="In Progress")
    hand.later(minutes=1)
    hand.later(minutes=1)
    start = NOW
    assert said(hand.told(str(ticket)), "status") == [
        ("New", start),
        ("Waiting Customer", start + timedelta(minutes=1)),
        ("In Progress", start + timedelta(minutes=1, seconds=20)),
    ]
    assert all(e.until is None for e in hand.told(str(ticket)))


@pytest.mark.program
def test_without_histories_a_change_lies_between_two_looks_and_a_completion_does_not(
    autotask: Autotask, hand: Hand
) -> None:
    old = lived(autotask)
    autotask.refuses = {"TicketHistory"}
    hand.pull()
    assert said(hand.told(str(old)), "status") == [("Complete", after(360))]
    ticket = autotask.create(hand.now)
    hand.later(minutes=1)
    autotask.set(ticket, hand.now, status="In Progress")
    hand.later(minutes=1)
    seen = next(e for e in hand.told(str(ticket)) if e.value == "In Progress")
    assert (seen.at, seen.until) == (NOW.timestamp() * 1e6, (NOW.timestamp() + 60) * 1e6)
    assert any("TicketHistory" in one for one in hand.connection.missing)
    autotask.refuses = set()
    hand.later(hours=7)
    autotask.note(old, hand.now, "Thanks!", contact=CASEY)
    hand.later(minutes=1)
    assert said(hand.told(str(old)), "status")[-1] == ("Complete", after(360))
    assert len(said(hand.told(str(old)), "status")) == 5


def test_a_history_that_cannot_be_read_is_not_guessed_at(autotask: Autotask, hand: Hand) -> None:
    ticket = autotask.create(NINE)
    autotask.set(ticket, after(30), status="Waiting Customer", detail="Status gewechselt")
    hand.pull()
    waiting = next(e for e in hand.told(str(ticket)) if e.value == "Waiting Customer")
    assert (from_micros(waiting.at), from_micros(waiting.until or 0)) == (NINE, after(30))


def test_a_nudge_is_read_at_once_and_a_deleted_ticket_ends(autotask: Autotask, hand: Hand) -> None:
    ticket = autotask.create(NINE)
    hand.pull()
    autotask.set(ticket, NOW, status="In Progress")
    at = hand.connection
    Nudged.objects.create(provider=at.provider, connection=at, external_id=str(ticket), at=hand.now)
    hand.later(seconds=1)
    assert said(hand.told(str(ticket)), "status")[-1] == ("In Progress", NOW)
    autotask.delete(ticket)
    Nudged.objects.create(provider=at.provider, connection=at, external_id=str(ticket), at=hand.now)
    hand.later(seconds=1)
    assert KINDS[hand.told(str(ticket))[-1].kind] == "deleted"


def test_work_that_moves_no_stamp_is_found(autotask: Autotask, hand: Hand) -> None:
    ticket = autotask.create(NINE)
    hand.pull()
    start = hand.now + timedelta(minutes=1)
    autotask.work(ticket, start, start + timedelta(minutes=5), "Called Casey.", touches=False)
    hand.later(minutes=10)
    assert not said(hand.told(str(ticket)), "message")
    hand.later(minutes=10)
    assert [at for _, at in said(hand.told(str(ticket)), "message")] == [start + timedelta(minutes=5)]


def test_a_service_call_is_a_plan(autotask: Autotask, hand: Hand) -> None:
    ticket = autotask.create(NINE)
    autotask.visit(ticket, after(15), after(900))
    hand.pull()
    assert said(hand.told(str(ticket)), "plan") == [("", after(15))]


def test_a_merged_ticket_names_the_one_that_took_it_in(autotask: Autotask, hand: Hand) -> None:
    whole, part = autotask.create(NINE), autotask.create(after(5))
    number = autotask.ticket(whole)["ticketNumber"]
    autotask.set(part, after(9), status="Complete")  # as Autotask does with it
    autotask.set(part, after(9), detail=f"Ticket merged into {number}")
    hand.pull()
    assert said(hand.told(str(part)), "merged") == [(str(whole), after(9))]


def test_a_clock_that_goes_wrong_loses_nothing(autotask: Autotask, hand: Hand) -> None:
    autotask.clock = lambda: hand.now - timedelta(minutes=5)
    hand.pull()
    ticket = autotask.create(autotask.clock())
    hand.later(minutes=1)
    assert Remote.objects.filter(external_id=str(ticket), shallow=False).exists()


@pytest.mark.program
def test_a_ticket_with_thousands_of_notes(autotask: Autotask, hand: Hand) -> None:
    ticket = autotask.create(NINE)
    for n in range(2_000):
        autotask.note(ticket, after(1) + timedelta(seconds=n), f"Note {n}", publish=2)
    hand.pull()
    assert len(said(hand.told(str(ticket)), "message")) == 2_000


@pytest.mark.program
def test_what_changes_between_two_pages_is_not_lost(autotask: Autotask, hand: Hand) -> None:
    hand.pull()
    autotask.page = 2
    tickets = [autotask.create(hand.now) for _ in range(7)]
    hand.later(minutes=1)
    for ticket in tickets:
        autotask.set(ticket, hand.now, status="In Progress")
    hand.later(minutes=1)
    assert set(Ticket.objects.values_list("status", flat=True)) == {"In Progress"}
    assert Remote.objects.filter(shallow=False).count() == 7


def test_a_ticket_of_a_strange_form_is_noted_and_stops_no_other(autotask: Autotask, hand: Hand) -> None:
    strange, other = autotask.create(NINE), autotask.create(NINE)
    autotask.ticket(strange)["createDate"] = None
    autotask.set(strange, NOW - timedelta(minutes=1), status="In Progress")
    hand.pull()
    autotask.set(other, NOW, status="In Progress")
    assert hand.later(minutes=1).trouble == ""
    assert said(hand.told(str(other)), "status")[-1] == ("In Progress", NOW)
    assert Remote.objects.get(external_id=str(strange)).fault


def test_it_is_down_and_catches_up(autotask: Autotask, hand: Hand) -> None:
    hand.pull()
    ticket = lived(autotask)
    autotask.ticket(ticket)["lastActivityDate"] = "2026-03-10T09:00:30.000Z"
    autotask.lame = {"everything"}
    assert "error of its own" in hand.later(minutes=1).trouble
    assert SourceState.objects.get().failing is not None
    autotask.lame = set()
    assert hand.later(minutes=5).trouble == ""
    assert len(said(hand.told(str(ticket)), "status")) == 5


def test_its_words_hours_and_what_it_does_not_tell(autotask: Autotask, hand: Hand) -> None:
    hours = {
        f"{day}BusinessHours{end}Time": f"1900-01-01T{hour}:00:00Z"
        for day in ("monday", "friday")
        for end, hour in (("Start", "09"), ("End", "17"))
    }
    autotask.add(
        "InternalLocationWithBusinessHours", name="Head Office", timeZoneID=30, holidaySetID=3, **hours
    )
    autotask.add("HolidaySets", id=3, holidaySetName="UK")
    autotask.add("Holidays", holidaySetID=3, holidayDate="2026-04-03T00:00:00Z", holidayName="Good Friday")
    hand.pull()
    words = {(row.kind, row.name): (row.proposed, row.why) for row in Word.objects.all()}
    assert words["status", "New"] == ("working", "a status of Autotask's own")
    assert words["status", "Complete"] == ("resolved", "a status of Autotask's own")
    assert words["status", "Waiting Customer"] == ("waiting-on-client", "from its label")
    assert words["status", "Waiting Vendor"] == ("waiting-on-vendor", "from its label")
    assert words["type", "Alert"] == ("machine", "from its label")
    assert words["channel", "Phone"] == ("client-live", "from its label")
    assert {
        ("client", "Contoso"),
        ("person", "Alex Smith"),
        ("contract", "Gold"),
        ("board", "Level II"),
    } <= words.keys()
    pieces = {row.kind: row.said for row in SetUpPiece.objects.order_by("key")}
    assert pieces["calendar"]["hours"] == {"monday": ["09:00", "17:00"], "friday": ["09:00", "17:00"]}
    assert pieces["calendar"]["zone"] == "(GMT) London"
    assert pieces["holidays"]["days"] == [["2026-04-03", "Good Friday"]]
    assert "objectives" in hand.connection.missing[0]


@pytest.mark.program
def test_every_night_proves_that_nothing_is_missing(autotask: Autotask, hand: Hand) -> None:
    autotask.create(NINE)
    hand.pull()
    lost = autotask.create(NINE)  # with a stamp that no poll asks for any more
    hand.later(days=1, hours=2)
    proof = Proof.objects.get(day=NINE.date())
    assert (proof.theirs, proof.missing) == (2, [str(lost)])
    assert hand.told(str(lost))
