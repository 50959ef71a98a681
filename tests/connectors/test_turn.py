"""What a turn does first, and what of it outlives whatever stops it: by a source that is scripted, in the real database."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from tests.connectors.conftest import NOW, Hand, make_connection

from beforehand.connectors import keep, proving
from beforehand.connectors.contract import Connector, Page, Right, SetUp, Tells, Told, Word, at_creation
from beforehand.connectors.limits import Limits
from beforehand.connectors.models import Connection, Nudged, Remote
from beforehand.connectors.models import Word as Known
from beforehand.connectors.sync import LANE, PULL, Pulling, ask
from beforehand.connectors.trouble import Down, Forbidden, Limited, Odd
from beforehand.connectors.turn import A_READ, STEPS, TakenOver, Turn
from beforehand.connectors.words import learn
from beforehand.engine import history as h
from beforehand.engine.instants import HOUR, SECOND, to_instant
from beforehand.kernel.due.handlers import Claim, Idle
from beforehand.kernel.models import Due
from beforehand.people.models import Provider
from beforehand.tickets.events import TicketEvent
from beforehand.tickets.models import Ticket

pytestmark = pytest.mark.django_db
BORN = to_instant(NOW) - 24 * HOUR


class Source:
    """A ticket system of plain dictionaries, which keeps its histories behind single calls, as most do."""

    def __init__(self) -> None:
        self.tickets: dict[str, tuple[int, str]] = {}
        self.feed: list[str] = []
        self.bad: dict[str, Exception] = {}
        self.asked: list[str] = []
        self.gone: set[str] = set()
        self.page = 2
        self.on: Callable[[str], None] = lambda call: None

    def put(self, ticket: str, status: str, at: int = BORN) -> None:
        self.tickets[ticket] = at, status
        self.feed.append(ticket)

    def _told(self, ticket: str, deep: bool) -> Told:
        updated, status = self.tickets[ticket]
        events = [TicketEvent(ticket, h.created(BORN, id="created", flags=0))]
        if deep:
            events.append(at_creation(ticket, BORN, "status", "New"))
            if status != "New":
                events.append(TicketEvent(ticket, h.status(updated, status, id=f"s-{updated}")))
        return Told(
            ticket, updated, {"status": status}, events, frozenset(["status"]) if deep else frozenset(), deep
        )

    def _ask(self, call: str) -> None:
        self.asked.append(call)
        self.on(call)

    def check(self) -> Sequence[Right]:
        return ()

    def set_up(self) -> SetUp:
        self._ask("set_up")
        return SetUp([Word("status", "1", "New")])

    def begin(self) -> str:
        self._ask("begin")
        return str(len(self.feed))

    def changes(self, cursor: str) -> Page:
        self._ask("changes")
        start = int(cursor)
        some = self.feed[start : start + self.page]
        told = [self._told(ticket, False) for ticket in dict.fromkeys(some)]
        return Page(told, str(start + len(some)), start + len(some) < len(self.feed))

    def back(self, cursor: str, since: int) -> Page:
        self._ask("back")
        left = sorted((t for t in self.tickets if not cursor or t < cursor), reverse=True)
        some = left[: self.page]
        return Page(
            [self._told(t, False) for t in some],
            some[-1] if some else cursor,
            len(left) > len(some),
            len(self.tickets),
        )

    def read(self, ids: Sequence[str]) -> Sequence[Told]:
        self._ask(f"read {' '.join(ids)}")
        for ticket in ids:
            if ticket in self.bad:
                raise self.bad[ticket]
        return [
            Told(t, 0, gone=True) if t in self.gone or t not in self.tickets else self._told(t, True)
            for t in ids
        ]

    def ids_between(self, since: int, until: int) -> Sequence[str] | None:
        return [t for t in self.tickets if since <= BORN < until]


KIND = Connector(
    "scripted", "Scripted", (), Tells(0), lambda _settings, _line: SOURCE, lambda tickets: tickets
)
SOURCE = Source()


class Driven(Hand):
    source: Source
    kind = KIND
    limits: Limits | None = None

    def turn(self) -> Turn:
        limits = self.limits or Limits(lambda: to_instant(self.now))
        return Turn(self.take(), self.kind, self.source, lambda: self.now, limits)  # type: ignore[arg-type]

    def work(self, turn: Turn | None = None, most: int = 500) -> None:
        """Steps until nothing is left to do."""
        turn = turn or self.turn()
        for _ in range(most):
            if not any(step(turn) for step in STEPS):
                return
        raise AssertionError("it never ends")

    def status(self, ticket: str) -> list[str]:
        return [event.value for event in self.told(ticket) if event.kind == h.STATUS]


@pytest.fixture
def driven(provider: Provider) -> Driven:
    driven = Driven(make_connection(provider, "scripted", {}))
    driven.source = Source()
    return driven


def test_the_newest_first_and_histories_after(driven: Driven) -> None:
    for number in range(1, 6):
        driven.source.put(f"{number}", "New")
    driven.work()
    assert driven.source.asked[:6] == ["begin", "set_up", "back", "back", "back", "read 5"]
    assert Ticket.objects.count() == 5
    assert not Remote.objects.filter(shallow=True).exists()
    assert (driven.connection.back_read, driven.connection.back_total) == (5, 5)


def test_what_happens_now_goes_before_the_past(driven: Driven) -> None:
    for number in range(1, 9):
        driven.source.put(f"{number}", "New")

    def change(call: str) -> None:
        if call == "back" and driven.source.asked.count("back") == 2:
            driven.source.put("1", "Working", to_instant(driven.now))
            driven.now += timedelta(minutes=2)

    driven.source.on = change
    driven.work()
    asked = driven.source.asked
    assert asked.index("read 1") < len(asked) - 1 - asked[::-1].index("back")
    assert driven.status("1") == ["New", "Working"]


def test_stopped_anywhere_it_goes_on_and_ends_the_same(driven: Driven) -> None:
    """Each call of a backfill is the last of some worker."""
    for number in range(1, 6):
        driven.source.put(f"{number}", "New" if number % 2 else "Working", BORN + number * SECOND)
    fatal = 1

    def stop(call: str) -> None:
        if len(driven.source.asked) >= fatal:
            raise KeyboardInterrupt

    driven.source.on = stop
    for fatal in range(1, 60):  # noqa: B007
        driven.source.asked = []
        try:
            driven.work()
        except KeyboardInterrupt:
            driven.now += timedelta(seconds=1)
        else:
            break
    assert fatal < 59
    assert {t: driven.status(t) for t in "12345"} == {
        t: ["New"] if t in "135" else ["New", "Working"] for t in "12345"
    }
    ids = [event.id for event in driven.kept("4")["4"]]
    assert len(ids) == len(set(ids))


def test_a_change_while_the_past_is_read_is_not_lost(driven: Driven) -> None:
    for number in range(1, 7):
        driven.source.put(f"{number}", "New")

    def change(call: str) -> None:
        if call == "back":
            driven.source.put("6", f"Status {len(driven.source.asked)}", to_instant(driven.now))

    driven.source.on = change
    driven.work()
    driven.now += timedelta(minutes=2)
    driven.work()
    assert driven.status("6")[-1] == driven.source.tickets["6"][1]


def test_a_ticket_that_cannot_be_read_stops_no_other_and_is_not_asked_for_all_the_time(
    driven: Driven,
) -> None:
    for number in range(1, 4):
        driven.source.put(f"{number}", "New")
    driven.source.bad = {"2": Odd("half a ticket"), "3": KeyError("id")}
    driven.work()
    assert driven.status("1") == ["New"]
    assert driven.source.asked.count("read 2") == 1
    assert Remote.objects.get(external_id="2").fault == "half a ticket"
    for _ in range(10):
        driven.now += timedelta(minutes=10)
        driven.work()
    assert driven.source.asked.count("read 2") == 5
    driven.now += timedelta(days=1)
    driven.source.bad = {}
    driven.work()
    assert not Remote.objects.filter(shallow=True).exists()
    assert not Remote.objects.exclude(fault="").exists()


def test_those_read_together_are_tried_alone_where_one_cannot_be(driven: Driven) -> None:
    driven.kind = KIND._replace(reads=10)
    for number in range(1, 6):
        driven.source.put(f"{number}", "New")
    driven.source.bad = {"3": Forbidden("no")}
    driven.work()
    assert driven.source.asked.count("read 5 4 3 2 1") == 1
    assert Remote.objects.filter(shallow=True).values_list("external_id", flat=True).get() == "3"


def test_a_ticket_that_the_ledger_refuses_stops_no_other(driven: Driven) -> None:
    driven.source.put("1", "New")
    driven.source.put("2", "bad\x00status", BORN + SECOND)
    driven.work()
    assert driven.status("1") == ["New"]
    assert "NUL" in Remote.objects.get(external_id="2").fault


def test_a_nudge_that_comes_while_the_ticket_is_read_is_not_lost(driven: Driven) -> None:
    driven.source.put("1", "New")
    driven.work()
    at = driven.connection
    nudge = Nudged.objects.create(provider=at.provider, connection=at, external_id="1", at=driven.now)
    again = []

    def more(call: str) -> None:
        if call == "read 1" and not again:
            again.append(call)
            Nudged.objects.filter(pk=nudge.pk).update(turn=2)

    driven.source.asked, driven.source.on = [], more
    driven.work()
    assert driven.source.asked == ["read 1", "read 1"]
    assert not Nudged.objects.exists()


def test_many_nudges_are_read_some_at_a_time(driven: Driven) -> None:
    at = driven.connection
    for number in range(A_READ + 5):
        driven.source.put(f"{number}", "New")
        Nudged.objects.create(provider=at.provider, connection=at, external_id=f"{number}", at=driven.now)
    turn = driven.turn()
    STEPS[0](turn)
    assert STEPS[1](turn)
    assert Nudged.objects.count() == 5


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


def test_clients_that_nobody_knows_are_taken_in_where_the_provider_says_so(driven: Driven) -> None:
    told = Told("1", BORN, {"client": "Contoso"}, [TicketEvent("1", h.created(BORN, id="created"))])
    connection = driven.take()
    assert keep.keep(connection, [told], NOW) == 1
    assert Ticket.objects.get().client is not None
