"""The past under a budget: the share is never exceeded, a turn that is stopped goes on, and the estimate holds."""

from datetime import timedelta

import pytest
from tests.connectors.autotask.conftest import settings_of
from tests.connectors.autotask.fake import SECRET, Autotask
from tests.connectors.conftest import NOW, Hand

from beforehand.connectors.autotask import CONNECTOR, calls
from beforehand.connectors.autotask.reader import Reader
from beforehand.connectors.estimate import estimate
from beforehand.connectors.limits import Limits
from beforehand.connectors.line import Line
from beforehand.connectors.models import Connection, Proof, Remote
from beforehand.connectors.proving import days_to_prove
from beforehand.connectors.trouble import Limited
from beforehand.engine.codes import KINDS
from beforehand.engine.instants import HOUR, to_instant
from beforehand.tickets.models import Ticket

SET_UP = 20
"""Calls that no ticket costs: the zone, the set-up, the threshold."""


@pytest.fixture
def hand(hand: Hand) -> Hand:
    """With a long past."""
    Connection.objects.update(since=NOW - timedelta(days=90))
    return hand


def make(autotask: Autotask, count: int, done: bool = True) -> list[int]:
    """So many tickets of the last weeks, all but the last completed."""
    tickets = []
    for n in range(count):
        at = NOW - timedelta(hours=3 * n + 2)
        ticket = autotask.create(at)
        autotask.set(ticket, at + timedelta(minutes=10), status="In Progress")
        if done and n:
            autotask.set(ticket, at + timedelta(minutes=60), status="Complete")
        tickets.append(ticket)
    return tickets


@pytest.mark.program
@pytest.mark.django_db
def test_all_of_the_past_comes_what_is_open_first(autotask: Autotask, hand: Hand) -> None:
    make(autotask, 120)
    autotask.page = 25
    old = autotask.create(NOW - timedelta(days=400))
    for _ in range(4):
        hand.later(minutes=11)
    at = hand.connection
    assert at.back_done is not None
    assert (at.back_read, at.back_total) == (121, 121)
    assert Remote.objects.filter(shallow=False).count() == 121
    assert Ticket.objects.get(external_id=str(old)).status == "New"
    firsts = [body["filter"] for _, path, body in autotask.seen if path == "Tickets/query"]
    assert [one["op"] for one in firsts[0]] == ["noteq"], "what is open comes first"


@pytest.mark.program
@pytest.mark.django_db
def test_the_share_is_never_exceeded_and_what_happens_now_is_seen_in_time(
    autotask: Autotask, hand: Hand
) -> None:
    make(autotask, 420)
    Connection.objects.update(share=5)  # five hundred calls an hour
    most, lag = 0, timedelta()
    for minute in range(240):
        if minute % 20 == 10:
            autotask.create(hand.now)
        hand.later(minutes=1)
        most = max(most, autotask.used())
        lag = max(lag, hand.now - (hand.connection.looked or NOW))
        if minute > 60 and not Remote.objects.filter(shallow=True).exists():
            break
    assert most <= 500
    assert not Remote.objects.filter(shallow=True).exists(), "the past is whole within what was estimated"
    assert lag <= timedelta(minutes=2), "the past takes no call from what happens now"
    assert autotask.asked("TicketHistory") <= 460, "no history is paid for twice"


def test_a_step_that_is_broken_off_pays_for_no_history_twice(autotask: Autotask) -> None:
    tickets = [str(ticket) for ticket in make(autotask, 30)]
    limits = Limits(lambda: to_instant(autotask.clock()), 30)
    with Line(limits, allow_private=True) as line, pytest.raises(Limited):
        Reader(settings_of(autotask), line).read(tickets)
    asked = autotask.asked("TicketHistory")
    assert 0 < asked < 30
    with Line(Limits(lambda: 0), allow_private=True) as line:
        assert len(Reader(settings_of(autotask), line).read(tickets)) == 30
    assert autotask.asked("TicketHistory") == 30


@pytest.mark.program
@pytest.mark.django_db
def test_the_past_waits_while_others_need_the_calls(autotask: Autotask, hand: Hand) -> None:
    make(autotask, 30)
    autotask.others = 8_000
    hand.pull()
    hand.later(minutes=1)
    assert autotask.asked("TicketHistory") == 1, "only whether this key may"
    ticket = autotask.create(hand.now)
    hand.later(minutes=1)
    assert Remote.objects.filter(external_id=str(ticket)).exists(), "changes go on"
    autotask.others = 0
    hand.later(minutes=10)
    hand.later(minutes=1)
    assert not Remote.objects.filter(shallow=True).exists()


@pytest.mark.program
@pytest.mark.django_db
def test_an_estimate_is_what_it_costs(autotask: Autotask, hand: Hand) -> None:
    make(autotask, 150)
    Connection.objects.update(share=100)
    hand.pull()
    assert not Remote.objects.filter(shallow=True).exists()
    proofs = days_to_prove(hand.connection.since, hand.now)
    assert Proof.objects.count() == proofs
    assert calls(150) * 0.9 <= len(autotask.calls) - SET_UP - proofs <= calls(150) * 1.1


def test_hours_under_a_share() -> None:
    assert estimate(calls(50_000), CONNECTOR.limit, CONNECTOR.share) == pytest.approx(70.4, abs=0.1)
    assert estimate(800, (10_000, HOUR), 10) == 1
    assert estimate(800, (10_000, HOUR), 10, beside=400) == 2
    assert estimate(800, None, 10) is None
    assert estimate(800, (10_000, HOUR), 10, beside=800) is None


def test_notes_and_fields_are_written_where_no_client_sees_them(autotask: Autotask, reader: Reader) -> None:
    ticket = autotask.create(NOW)
    reader.write_note(str(ticket), "An hour is left.")
    reader.write_fields(str(ticket), {"Deadline": "2026-03-10T12:00:00Z"})
    (note,) = autotask.rows["TicketNotes"]
    assert (note["publish"], note["description"], note["ticketID"]) == (2, "An hour is left.", ticket)
    assert autotask.ticket(ticket)["userDefinedFields"] == [
        {"name": "Deadline", "value": "2026-03-10T12:00:00Z"}
    ]
    (told,) = reader.read([str(ticket)])
    message = next(one.event for one in told.events if KINDS[one.event.kind] == "message")
    assert message.flags == 4, "no person wrote it"


def test_rights_are_checked_one_by_one(autotask: Autotask, reader: Reader) -> None:
    make(autotask, 3)
    autotask.refuses = {"TimeEntries", "HolidaySets"}
    rights = {right.name: right.ok for right in reader.check()}
    assert {name for name, ok in rights.items() if not ok} == {"TimeEntries", "HolidaySets"}
    assert rights["The words of histories"]
    for row in autotask.rows["TicketHistory"]:
        row["detail"] = row["detail"].replace("changed from", "geändert von")
    assert not {right.name: right.ok for right in reader.check()}["The words of histories"]
    assert SECRET not in repr(reader.check())


def test_unknown_and_missing_fields_pass_and_a_ticket_without_a_date_is_named(
    autotask: Autotask, reader: Reader
) -> None:
    ticket = autotask.create(NOW, brandNewField={"a": 1}, title=None, priority=99, companyID=None)
    (told,) = reader.read([str(ticket)])
    assert (told.fields["priority"], told.fields["client"], told.fields["subject"]) == ("priority 99", "", "")
    autotask.ticket(ticket)["createDate"] = None
    with pytest.raises(Exception, match="no createDate"):
        reader.read([str(ticket)])
    assert reader.read(["999", "no-number"])[0].gone
