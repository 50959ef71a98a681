"""From RT to the ledger: what happened there is here, exactly and once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.connectors.conftest import NOW, Hand
from tests.connectors.rt.fake import Rt

from beforehand.connectors.models import Nudged, Proof, Remote, Word
from beforehand.engine.codes import BY_AUTOMATION, BY_CLIENT, BY_PERSON, KINDS, PUBLIC
from beforehand.engine.history import Event
from beforehand.kernel.fields import from_micros
from beforehand.tickets.models import Clock, PsaView, SourceState, Ticket

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
MORNING = datetime(2026, 3, 9, 10, tzinfo=UTC)


def said(events: tuple[Event, ...], *kinds: str) -> list[tuple[str, str, str, datetime]]:
    return [
        (KINDS[e.kind], e.field, e.value, from_micros(e.at))
        for e in events
        if not kinds or KINDS[e.kind] in kinds
    ]


def test_a_ticket_is_told_from_its_creation_on(rt: Rt, hand: Hand) -> None:
    ticket = rt.create(MORNING)
    rt.set(ticket, MORNING + 5 * MINUTE, "Owner", "agent1")
    rt.say(ticket, MORNING + 10 * MINUTE, "We are looking into it and call you at 11.")
    rt.set(ticket, MORNING + 10 * MINUTE, "Status", "open", "RT_System")
    rt.set(ticket, MORNING + 20 * MINUTE, "Status", "stalled")
    rt.say(ticket, MORNING + 30 * MINUTE, "still broken", "alice@contoso.test")
    rt.say(ticket, MORNING + 31 * MINUTE, "ask Bob", type_="Comment")
    rt.set(ticket, MORNING + 40 * MINUTE, "SLA", "P1")
    rt.set(ticket, MORNING + 50 * MINUTE, "Queue", "4")
    rt.set(ticket, MORNING + 60 * MINUTE, "Status", "resolved")

    came = hand.pull()

    assert came.trouble == ""
    events = hand.told(str(ticket))
    assert said(events, "status") == [
        ("status", "", "new", MORNING),
        ("status", "", "open", MORNING + 10 * MINUTE),
        ("status", "", "stalled", MORNING + 20 * MINUTE),
        ("status", "", "resolved", MORNING + 60 * MINUTE),
    ]
    assert said(events, "assigned") == [("assigned", "", "Ada Ferrant", MORNING + 5 * MINUTE)]
    assert [(e.at, e.flags) for e in events if KINDS[e.kind] == "client message"] == [
        (events_at(MORNING + 30 * MINUTE), BY_CLIENT | PUBLIC)
    ]
    messages = [e for e in events if KINDS[e.kind] == "message"]
    assert [e.flags & (BY_PERSON | PUBLIC) for e in messages] == [BY_PERSON | PUBLIC, BY_PERSON]
    assert said(events, "changed")[-1] == ("changed", "board", "Network", MORNING + 50 * MINUTE)
    assert [e.value for e in events if e.field == "tier"] == ["P2", "P1"]
    assert next(e for e in events if e.value == "open").flags == BY_AUTOMATION
    row = Ticket.objects.get()
    assert (row.client_name, row.board, row.status, row.contact) == (
        "contoso.test",
        "Network",
        "resolved",
        "alice@contoso.test",
    )
    assert PsaView.objects.get().said["SLA"] == "P1"


def test_who_made_a_ticket_is_told_by_it_and_its_owner_by_one_transaction(rt: Rt, hand: Hand) -> None:
    for who in ("alice@contoso.test", "agent1", "RT_System"):
        ticket = rt.create(MORNING, who)
        rt.add(ticket, MORNING + MINUTE, "SetWatcher", "agent1", "Owner", "6", "27")
        rt.set(ticket, MORNING + MINUTE, "Owner", "agent1")
    hand.pull()
    made = [next(e for e in hand.told(name) if KINDS[e.kind] == "created").flags for name in "123"]
    assert [flags & (BY_CLIENT | BY_PERSON | BY_AUTOMATION) for flags in made] == [
        BY_CLIENT,
        BY_PERSON,
        BY_AUTOMATION,
    ]
    for name in "123":
        assert said(hand.told(name), "assigned") == [("assigned", "", "Ada Ferrant", MORNING + MINUTE)]


def events_at(at: datetime) -> int:
    return int(at.timestamp()) * 1_000_000


def test_changes_come_once_in_the_interval_and_a_nudge_at_once(rt: Rt, hand: Hand) -> None:
    ticket = rt.create(MORNING)
    hand.pull()
    rt.set(ticket, NOW, "Status", "stalled")
    hand.later(seconds=10)
    assert said(hand.told("1"), "status")[-1][2] == "new"
    hand.later(seconds=50)
    assert said(hand.told("1"), "status")[-1][2] == "stalled"

    rt.set(ticket, NOW + MINUTE, "Status", "open")
    at = hand.connection
    Nudged.objects.create(provider=at.provider, connection=at, external_id="1", at=hand.now)
    hand.later(seconds=1)
    assert said(hand.told("1"), "status")[-1][2] == "open"
    assert not Nudged.objects.exists()


def test_the_same_again_brings_nothing(rt: Rt, hand: Hand) -> None:
    ticket = rt.create(MORNING)
    rt.say(ticket, MORNING + MINUTE, "hello")
    hand.pull()
    before = hand.kept("1")
    for _ in range(3):
        hand.later(minutes=1)
    assert hand.kept("1") == before
    assert Clock.objects.count() == Clock.objects.values("id").distinct().count()


def test_what_is_committed_late_under_a_smaller_id_is_not_lost(rt: Rt, hand: Hand) -> None:
    ticket = rt.create(MORNING)
    hand.pull()
    hand.later(minutes=1)
    late = rt.set(ticket, NOW, "Status", "open")
    rt.hidden = {late}
    rt.set(ticket, NOW + MINUTE, "Status", "stalled")
    hand.later(minutes=1)
    assert [e.value for e in hand.told("1") if KINDS[e.kind] == "status"][-1] == "stalled"
    rt.hidden = set()
    hand.later(minutes=1)
    assert [e.value for e in hand.told("1") if KINDS[e.kind] == "status"] == ["new", "open", "stalled"]


def test_a_merged_ticket_ends_in_the_other_which_takes_its_start(rt: Rt, hand: Hand) -> None:
    """clock.md 3.9."""
    first, second = rt.create(MORNING), rt.create(MORNING + MINUTE)
    hand.pull()
    rt.merge(first, second, NOW)
    hand.later(minutes=1)
    assert said(hand.told("1"), "merged") == [("merged", "", "2", NOW)]
    absorbed = next(e for e in hand.told("2") if KINDS[e.kind] == "absorbed")
    assert (absorbed.value, absorbed.since) == ("1", events_at(MORNING))
    before = hand.kept("1", "2")
    hand.later(minutes=1)
    assert hand.kept("1", "2") == before


def test_a_deleted_ticket_is_deleted_since_then_and_one_that_is_gone_since_it_was_missed(
    rt: Rt, hand: Hand
) -> None:
    one, other = rt.create(MORNING), rt.create(MORNING)
    hand.pull()
    rt.set(one, NOW, "Status", "deleted")
    hand.later(minutes=1)
    assert said(hand.told("1"), "deleted") == [("deleted", "", "", NOW)]
    rt.set(one, NOW + 2 * MINUTE, "Status", "open")
    hand.later(minutes=2)
    assert not said(hand.told("1"), "deleted")

    del rt.tickets[other]
    rt.rows = [row for row in rt.rows if row["ObjectId"] != other]
    hand.later(days=1)
    gone = next(e for e in hand.told("2") if KINDS[e.kind] == "deleted")
    assert (from_micros(gone.at), from_micros(gone.until or 0)) == (MORNING, hand.now)


def test_only_the_queues_asked_for_and_a_ticket_that_leaves_them(rt: Rt, hand: Hand) -> None:
    at = hand.connection
    at.settings = {**at.settings, "queues": "Support", "client": "queue"}
    at.save()
    rt.create(MORNING)
    rt.create(MORNING, Queue="4")
    hand.pull()
    assert list(Ticket.objects.values_list("external_id", "client_name")) == [("1", "Support")]
    rt.set(1, NOW, "Queue", "4")
    hand.later(minutes=1)
    assert Ticket.objects.get().board == "Network"


@pytest.mark.program
def test_a_long_past_comes_in_pages_newest_first_and_goes_on_where_it_was_stopped(rt: Rt, hand: Hand) -> None:
    for number in range(250):
        rt.create(MORNING + number * timedelta(seconds=1))
    hand.pull(long=0)  # begin
    while not Ticket.objects.exists():
        hand.pull(long=0)
    assert set(map(int, Ticket.objects.values_list("external_id", flat=True))) == set(range(151, 251))
    hand.pull()
    assert Ticket.objects.count() == 250
    assert hand.connection.back_done is not None
    assert hand.connection.back_read == 250


def test_the_night_proves_that_nothing_is_missing_and_fills_a_hole(rt: Rt, hand: Hand) -> None:
    rt.create(MORNING)
    hand.pull()
    hole = rt.create(MORNING + MINUTE)
    rt.rows.pop()  # no transaction tells of it
    hand.later(minutes=5)
    assert Ticket.objects.count() == 1
    hand.later(days=1)
    assert Ticket.objects.filter(external_id=str(hole), created__isnull=False).exists()
    proof = Proof.objects.get(day=MORNING.date())
    assert (proof.theirs, proof.missing) == (2, ["2"])
    hand.later(days=1)
    proof.refresh_from_db()
    assert (proof.theirs, proof.ours, proof.missing, proof.gone) == (2, 2, [], [])


def test_a_ticket_of_an_unknown_form_stops_no_other_and_is_tried_again(rt: Rt, hand: Hand) -> None:
    odd, _good = rt.create(MORNING), rt.create(MORNING)
    right = rt.tickets[odd]["Created"]
    rt.tickets[odd]["Created"] = "yesterday"
    came = hand.pull()
    assert came.trouble == ""
    assert [t.external_id for t in Ticket.objects.filter(created__isnull=False)] == ["2"]
    assert "yesterday" in Remote.objects.get(external_id="1").fault
    rt.tickets[odd]["Created"] = right
    hand.later(minutes=6)
    assert Ticket.objects.filter(created__isnull=False).count() == 2
    assert Remote.objects.get(external_id="1").fault == ""


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ((401, {}, b'{"message":"Unauthorized"}'), "does not accept the key"),
        ((500, {}, b"Internal Server Error"), "error of its own"),
        (
            (200, {"Content-Type": "text/html"}, b"<html>Maintenance</html>"),
            "text/html that is not whole JSON",
        ),
        ((429, {"Retry-After": "90"}, b""), "limit of calls"),
        ((200, {"Content-Type": "application/json"}, b'{"items":['), "that is not whole JSON"),
    ],
)
def test_a_source_in_trouble_is_shown_waited_for_and_catches_up(
    rt: Rt, hand: Hand, bad: Any, words: str
) -> None:
    ticket = rt.create(MORNING)
    hand.pull()
    rt.before = lambda path: bad
    came = hand.later(minutes=1)
    state = SourceState.objects.get()
    assert words in came.trouble
    assert (words in state.fault, state.tries, state.failing) == (True, 1, hand.now)
    wait = (came.again - events_at(hand.now)) / 1e6
    assert wait == (90 if bad[0] == 429 else 5)
    assert hand.connection.waits == from_micros(came.again)
    assert came.again < events_at(hand.later(minutes=2).connection.waits or NOW)

    rt.set(ticket, NOW + MINUTE, "Status", "open")
    rt.before = lambda path: None
    assert hand.later(minutes=1).trouble == ""
    assert said(hand.told("1"), "status")[-1][2:] == ("open", NOW + MINUTE)
    assert SourceState.objects.get().failing is None


def test_trouble_holds_no_secret(rt: Rt, hand: Hand, caplog: pytest.LogCaptureFixture) -> None:
    rt.before = lambda path: (401, {}, b"")
    caplog.set_level("DEBUG")
    came = hand.pull()
    assert "1-29-" not in came.trouble + SourceState.objects.get().fault + "".join(
        record.getMessage() for record in caplog.records if record.name.startswith(("beforehand", "httpx"))
    )


def test_its_set_up_is_words_and_a_new_name_of_a_queue_changes_no_ticket(rt: Rt, hand: Hand) -> None:
    rt.create(MORNING)
    hand.pull()
    assert Word.objects.get(kind="status", key="stalled").proposed == "waiting-on-client"
    rt.queues["3"] = "Service Desk"
    hand.later(hours=7)
    word = Word.objects.get(kind="board", key="3")
    assert (word.name, word.named) == ("Support", "Service Desk")
    before = hand.kept("1")
    rt.say(1, hand.now, "hello")
    hand.later(minutes=1)
    assert len(hand.kept("1")["1"]) == len(before["1"]) + 1
    assert Ticket.objects.get().board == "Support"
