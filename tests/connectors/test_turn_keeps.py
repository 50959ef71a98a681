"""What is kept, by whom and once; what is left alone; what the night finds."""

from datetime import timedelta

import pytest
from tests.connectors.conftest import NOW, make_connection
from tests.connectors.scripted import BORN, Driven, Source

from beforehand.connectors import proving
from beforehand.connectors.contract import Page, SetUp, Told, Word
from beforehand.connectors.limits import Limits
from beforehand.connectors.models import Connection, Remote
from beforehand.connectors.models import Word as Known
from beforehand.connectors.sync import LANE, PULL, Pulling, ask
from beforehand.connectors.trouble import Down, Forbidden, Limited, Odd
from beforehand.connectors.turn import TakenOver
from beforehand.connectors.words import learn
from beforehand.engine import history as h
from beforehand.engine.instants import HOUR, to_instant
from beforehand.kernel.due.handlers import Claim, Idle
from beforehand.kernel.models import Due
from beforehand.people.models import Provider
from beforehand.tickets.models import Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def driven(provider: Provider) -> Driven:
    driven = Driven(make_connection(provider, "scripted", {}))
    driven.source = Source()
    return driven


def test_whoever_was_taken_over_writes_no_more(driven: Driven) -> None:
    """A worker that stood still has an old reading in its hands, and another has kept a newer one."""
    driven.source.put("1", "New")
    stale = driven.turn()
    old = driven.source._told("1", True)
    driven.source.put("1", "Working", BORN + HOUR)
    driven.work()
    with pytest.raises(TakenOver):
        stale.keep([old])
    with pytest.raises(TakenOver):
        stale.save(back="x")
    assert driven.status("1") == ["New", "Working"]
    assert driven.connection.back != "x"


def test_what_was_read_of_an_earlier_state_is_not_kept(driven: Driven) -> None:
    driven.source.put("1", "New")
    old = driven.source._told("1", True)
    driven.source.put("1", "Working", BORN + HOUR)
    driven.work()
    turn = driven.turn()
    for late in (old, driven.source._told("1", False)._replace(updated=BORN, fields={"status": "New"})):
        turn.keep([late])
        assert driven.status("1") == ["New", "Working"]


def test_a_ticket_that_is_gone_and_comes_back_as_it_was(driven: Driven) -> None:
    driven.source.put("1", "New")
    driven.work()
    turn = driven.turn()
    driven.source.gone = {"1"}
    turn.read(["1"])
    assert any(event.kind == h.DELETED for event in driven.told("1"))
    driven.source.gone = set()
    turn.read(["1"])
    assert not any(event.kind == h.DELETED for event in driven.told("1"))


def test_a_ticket_that_is_not_told_when_it_is_asked_for_is_a_fault_and_no_endless_loop(
    driven: Driven,
) -> None:
    driven.source.put("1", "New")
    driven.source.read = lambda ids: []  # type: ignore[method-assign]
    driven.work()
    assert Remote.objects.get().fault == "its history was not told"


def test_a_source_that_tells_the_same_page_for_ever_is_odd(driven: Driven) -> None:
    driven.source.put("1", "New")
    driven.source.back = lambda cursor, since: Page((), cursor or "x", True)  # type: ignore[method-assign]
    with pytest.raises(Odd, match="same page again"):
        driven.work()


def test_the_past_leaves_a_fifth_of_the_calls_to_what_happens_now(driven: Driven) -> None:
    driven.limits = Limits(lambda: to_instant(driven.now), 10, HOUR)
    calls = driven.limits

    def count(call: str) -> None:
        with calls.turn("x", True, lambda _: None):
            pass

    driven.source.on = count
    for number in range(40):
        driven.source.put(f"{number:02}", "New")
    driven.work()
    assert calls.left() == 1
    driven.source.put("00", "Working", to_instant(driven.now))
    driven.now += timedelta(minutes=1)
    with pytest.raises(Limited):  # what happens now takes what is left: a look, and no call for the reading
        driven.work()
    assert driven.connection.used == calls.used()


def test_a_set_up_that_may_not_be_read_stops_nothing(driven: Driven) -> None:
    driven.source.put("1", "New")

    def refuse(call: str) -> None:
        if call == "set_up":
            raise Forbidden("may not see the statuses")

    driven.source.on = refuse
    driven.work()
    assert driven.connection.missing == ["may not see the statuses"]
    assert Ticket.objects.count() == 1


def test_trouble_in_the_middle_loses_and_doubles_nothing(driven: Driven) -> None:
    for number in range(1, 8):
        driven.source.put(f"{number}", "New")
    tries = 0

    def now_and_then(call: str) -> None:
        nonlocal tries
        tries += 1
        if tries % 3 == 0:
            raise Down("away")

    driven.source.on = now_and_then
    for _ in range(60):
        try:
            driven.work()
            break
        except Down:
            continue
    assert {t: driven.status(t) for t in map(str, range(1, 8))} == {str(t): ["New"] for t in range(1, 8)}
    assert all(
        len(events) == 2 for t in map(str, range(1, 8)) for events in driven.kept(t).values() if t != "7"
    )


def test_the_night_reads_what_is_missing_and_looks_for_what_is_gone(driven: Driven) -> None:
    driven.source.put("1", "New")
    driven.source.put("2", "New")
    driven.work()
    driven.source.tickets["3"] = BORN, "New"  # no change tells of it
    del driven.source.tickets["2"]
    driven.now += timedelta(days=1)
    driven.work()
    assert driven.status("3") == ["New"]
    assert any(event.kind == h.DELETED for event in driven.told("2"))
    assert proving.Proof.objects.filter(missing=["3"], gone=["2"]).count() == 1
    driven.now += timedelta(days=1)
    driven.work()
    assert not proving.Proof.objects.exclude(missing=[], gone=[]).exists()


def test_each_day_that_was_asked_for_is_proved_and_then_the_latest_alone(driven: Driven) -> None:
    Connection.objects.update(since=driven.now - timedelta(days=proving.RECENT + 5))
    driven.work()
    driven.now += timedelta(days=1)
    driven.work()
    days = list(proving.Proof.objects.order_by("day").values_list("day", flat=True))
    assert (days[0], len(days)) == (driven.connection.since.date(), proving.RECENT + 6)
    driven.now += timedelta(days=1)
    driven.work()
    again = proving.Proof.objects.filter(at=driven.now)
    assert again.count() == proving.RECENT
    assert proving.Proof.objects.count() == proving.RECENT + 7


def test_a_ticket_that_is_open_for_long_and_deleted_there_is_noticed_in_the_night(driven: Driven) -> None:
    """3.9: deleted, it goes out of the figures; no poll says so."""
    driven.source.put("1", "New")
    driven.source.put("2", "New")
    driven.work()
    for _ in range(2):
        driven.now += timedelta(days=proving.RECENT + 5)
        driven.work()
    del driven.source.tickets["2"]
    driven.now += timedelta(days=1)
    driven.work()
    assert any(event.kind == h.DELETED for event in driven.told("2"))
    assert not any(event.kind == h.DELETED for event in driven.told("1"))
    assert proving.Proof.objects.filter(gone=["2"], day=(NOW - timedelta(days=1)).date()).exists()


def test_while_a_source_wants_to_be_left_alone_nudges_wake_nobody(driven: Driven) -> None:
    at = driven.connection
    claim = Claim(1, at.provider_id, PULL, at.pk, LANE, 0, 1, 0)
    Connection.objects.update(waits=driven.now + timedelta(minutes=5))
    assert Pulling().prepare([claim], driven.now) == [Idle(to_instant(driven.now + timedelta(minutes=5)))]
    assert isinstance(Pulling().prepare([claim], driven.now + timedelta(minutes=5))[0], Connection)
    Connection.objects.update(active=False)
    assert Pulling().prepare([claim], driven.now + timedelta(hours=1)) == [Idle(None)]


def test_it_is_asked_for_in_a_lane_of_its_own(driven: Driven) -> None:
    ask(driven.connection, driven.now)
    assert Due.objects.filter(kind=PULL).values_list("key", "lane").get() == (driven.id, LANE)


def test_a_word_that_comes_twice_or_with_a_long_name_is_learnt_once(driven: Driven) -> None:
    words = [Word("status", "1", "New"), Word("status", "1", "N" * 500), Word("board", "2", "Desk")]
    learn(driven.connection, SetUp(words), NOW)
    learn(driven.connection, SetUp([Word("status", "1", "Fresh")]), NOW + timedelta(hours=1))
    assert list(Known.objects.order_by("kind").values_list("kind", "name", "named")) == [
        ("board", "Desk", "Desk"),
        ("status", "N" * 200, "Fresh"),
    ]
    assert Known.objects.get(kind="board").gone is None  # nothing was said of boards
    learn(driven.connection, SetUp([Word("status", "2", "Old")]), NOW + timedelta(hours=2))
    assert Known.objects.get(kind="status", key="1").gone is not None


def test_a_change_in_the_second_in_which_it_was_read_is_not_lost(driven: Driven) -> None:
    driven.source.put("1", "New", BORN + HOUR)
    driven.work()
    driven.source.put("1", "Working", BORN + HOUR)
    driven.now += timedelta(minutes=1)
    driven.work()
    assert driven.status("1")[-1] == "Working"
    asked = len(driven.source.asked)
    driven.source.feed.append("1")  # told again in the overlap: nothing is new, and nothing is read
    driven.now += timedelta(minutes=1)
    driven.work()
    assert driven.source.asked[asked:] == ["changes"]


def test_a_ticket_that_only_asks_to_be_read_is_read(driven: Driven) -> None:
    driven.source.put("1", "New", BORN + HOUR)
    driven.work()
    driven.source.tickets["1"] = BORN + 2 * HOUR, "Working"
    driven.turn().keep([Told("1", 0, deep=False)])
    driven.work()
    assert driven.status("1") == ["New", "Working"]


def test_a_name_is_free_again_once_its_thing_is_gone_and_not_while_it_is_only_called_otherwise(
    driven: Driven,
) -> None:
    learn(driven.connection, SetUp([Word("status", "1", "New"), Word("status", "2", "Open")]), NOW)
    learn(
        driven.connection,
        SetUp([Word("status", "2", "Begun"), Word("status", "3", "New")]),
        NOW + timedelta(hours=1),
    )
    learn(
        driven.connection,
        SetUp([Word("status", "4", "Open"), Word("status", "2", "Begun")]),
        NOW + timedelta(hours=2),
    )
    assert dict(Known.objects.filter(kind="status").values_list("key", "name")) == {
        "1": "New",
        "2": "Open",
        "3": "New",
        "4": "Open (4)",
    }
