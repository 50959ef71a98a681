"""Whatever mix of polls, webhooks and histories came in whatever order, what holds in the end is the history (4.4)."""

from collections.abc import Sequence
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st
from tests.engine.cast import at, held_to, line

from beforehand.connectors.contract import Told, at_creation, field_event
from beforehand.connectors.telling import bring, in_effect, is_old
from beforehand.engine import history as h
from beforehand.engine.clock import read
from beforehand.engine.codes import BY_AUTOMATION, BY_PERSON, CREATED, DELETED, KINDS, MERGED, PUBLIC, STATUS
from beforehand.engine.coverage import Coverage
from beforehand.engine.history import Event, History
from beforehand.engine.instants import HOUR, MINUTE, SECOND
from beforehand.engine.readings import Reading
from beforehand.tickets.events import TicketEvent

BORN = at("mon 9:00")
OFFICE = Coverage("Europe/London", {day: [("09:00", "17:30")] for day in ("mon", "tue", "wed", "thu", "fri")})
TERMS = held_to(
    line("P1", {"priority": "P1"}, response="30m", resolution="2h"), line(response="2h", resolution="8h")
)
VALUES = {
    "status": ("new", "working", "waiting", "resolved", "closed"),
    "assignee": ("", "Bob", "Eve"),
    "priority": ("P1", "P2"),
}
MESSAGES = ("client", "public", "note")


class Step(NamedTuple):
    """What happens at one instant: fields that become values, messages, and that it goes into another ticket or, "", is
    one of its own again.
    """

    after: int
    fields: dict[str, str]
    said: Sequence[str]
    into: str | None = None


class Life:
    """A ticket in its source: what it tells after each of its steps."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self.states: list[tuple[int, dict[str, str], list[Event]]] = []
        self.merges: list[Event | None] = [None]
        now, fields = BORN, {"status": "new", "assignee": "", "priority": "P2"}
        events: list[Event] = [h.created(BORN, id="created", flags=0)]
        self.first, seq = dict(fields), 0
        self.states.append((now, dict(fields), list(events)))
        for step in steps:
            now += step.after
            for name, value in step.fields.items():
                if fields[name] != value:
                    seq, fields[name] = seq + 1, value
                    events.append(field_event(f"audit-{seq}", now, name, value, seq=seq))
            for kind in step.said:
                seq += 1
                events.append(_message(kind, now, seq))
            self.states.append((now, dict(fields), list(events)))
            last = self.merges[-1]
            if step.into is not None:
                last = h.merged(now, step.into, id=f"merged-{step.into}", flags=0) if step.into else None
            self.merges.append(last)

    def told(self, state: int, deep: bool, lag: int = 0) -> Told:
        """A reading of one state; `lag`: so many of the last changes that its history does not tell yet."""
        updated, fields, events = self.states[state]
        merge = self.merges[state]
        ends, into = ([], "") if merge is None else ([TicketEvent("7", merge)], merge.value)
        if not deep:
            return Told("7", updated, fields, [TicketEvent("7", events[0]), *ends], deep=False, into=into)
        changes = [event for event in events if event.id.startswith("audit-")]
        late = {event.id for event in changes[len(changes) - lag :]} if lag else set()
        since = [at_creation("7", BORN, name, value) for name, value in self.first.items() if value]
        told = [TicketEvent("7", event) for event in events if event.id not in late]
        return Told("7", updated, fields, since + told + ends, frozenset(VALUES), into=into)


def _message(kind: str, now: int, seq: int) -> Event:
    if kind == "client":
        return h.client_message(now, id=f"note-{seq}", seq=seq)
    return h.message(now, BY_PERSON | (PUBLIC if kind == "public" else 0), id=f"note-{seq}", seq=seq)


class Ours:
    """What is kept of the ticket."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.updated, self.deep = 0, None

    def hear(self, told: Told) -> list[Event]:
        if self.updated and is_old(told, self.updated, self.deep):
            return []
        fresh = [one.event for one in bring(self.events, told, self.updated or None)]
        for event in fresh:
            assert event.id not in {kept.id for kept in self.events}
            assert event.until is None or event.until >= event.at
        self.events += fresh
        if not told.gone:
            self.updated = max(self.updated, told.updated)
            self.deep = told.updated if told.deep else self.deep
        return fresh


steps = st.lists(
    st.builds(
        Step,
        st.sampled_from([SECOND, 7 * MINUTE, HOUR, 20 * HOUR]),
        st.dictionaries(st.sampled_from(list(VALUES)), st.just(""), max_size=3).flatmap(
            lambda some: st.fixed_dictionaries({name: st.sampled_from(VALUES[name]) for name in some})
        ),
        st.lists(st.sampled_from(MESSAGES), max_size=2),
        st.sampled_from([None, None, "", "8", "9"]),
    ),
    max_size=8,
)
readings = st.lists(
    st.tuples(st.integers(0, 8), st.sampled_from(["poll", "deep", "late", "gone"])), max_size=10
)


def said(events: Sequence[Event]) -> list[tuple[object, ...]]:
    return [tuple(event._replace(id="", supersedes="", retracts="")) for event in in_effect(events)]


def clocks(events: Sequence[Event]) -> list[Reading]:
    """All that the clocks have come to, whatever the ids of the events that stopped them."""

    def unnamed(event: Event | None) -> Event | None:
        return None if event is None else event._replace(id="")

    return [
        one._replace(stop_event=unnamed(one.stop_event), finding=unnamed(one.finding))
        for one in read(History(events), TERMS, OFFICE, at("fri 17:00"))
    ]


@given(steps, readings)
def test_any_mix_in_any_order_ends_in_the_history_once_it_is_read(
    lived: Sequence[Step], came: Sequence[tuple[int, str]]
) -> None:
    """Whatever was lost: the last reading is deep, as a nudge's, the nightly proof's or the backfill's is."""
    life, ours, alone = Life(lived), Ours(), Ours()
    for state, how in came:
        if how == "gone":
            if ours.events:
                ours.hear(Told("7", ours.updated + SECOND, gone=True))
            continue
        ours.hear(life.told(min(state, len(lived)), how != "poll", lag=1 if how == "late" else 0))
    last = life.told(len(lived), deep=True)
    ours.hear(last)
    alone.hear(last)
    assert said(ours.events) == said(alone.events)
    assert clocks(ours.events) == clocks(alone.events)
    assert ours.hear(last) == []


@given(steps, st.lists(st.integers(0, 8), max_size=10))
def test_polls_in_their_order_leave_what_the_source_says_now(
    lived: Sequence[Step], looks: Sequence[int]
) -> None:
    life, ours = Life(lived), Ours()
    for state in sorted(looks):
        state = min(state, len(lived))
        ours.hear(life.told(state, deep=False))
        standing = in_effect(ours.events)
        values = dict.fromkeys(VALUES, "")
        for event in standing:
            if event.kind not in (CREATED, MERGED):
                values[{STATUS: "status", h.ASSIGNED: "assignee"}.get(event.kind, "priority")] = event.value
        assert values == life.states[state][1]
        now = life.merges[state]
        assert [event.value for event in standing if event.kind == MERGED] == ([now.value] if now else [])


def _status(events: Sequence[Event]) -> list[tuple[str, int, int | None]]:
    return [(e.value, e.at, e.until) for e in in_effect(events) if e.kind == STATUS]


def test_what_two_polls_saw_lies_between_them_until_the_history_tells() -> None:
    life, ours = Life([Step(HOUR, {"status": "working"}, ()), Step(HOUR, {"status": "resolved"}, ())]), Ours()
    ours.hear(life.told(0, deep=False))
    ours.hear(life.told(2, deep=False))
    assert _status(ours.events) == [("new", BORN, None), ("resolved", BORN, BORN + 2 * HOUR)]
    ours.hear(life.told(2, deep=True))
    assert _status(ours.events) == [
        ("new", BORN, None), ("working", BORN + HOUR, None), ("resolved", BORN + 2 * HOUR, None),
    ]  # fmt: skip


def test_a_status_seen_first_in_the_middle_of_a_life_was_not_so_from_creation_on() -> None:
    ours = Ours()
    ours.hear(Life([Step(HOUR, {"status": "resolved"}, ())]).told(1, deep=False))
    assert _status(ours.events) == [("resolved", BORN, BORN + HOUR)]


def test_a_history_that_comes_late_narrows_what_was_seen() -> None:
    life, ours = Life([Step(HOUR, {"status": "working"}, ()), Step(HOUR, {"status": "waiting"}, ())]), Ours()
    ours.hear(life.told(0, deep=False))
    ours.hear(life.told(2, deep=True, lag=1))
    assert _status(ours.events)[1:] == [
        ("working", BORN + HOUR, None),
        ("waiting", BORN + HOUR, BORN + 2 * HOUR),
    ]


def test_a_field_that_no_clock_asks_for_makes_nothing_uncertain() -> None:
    ours = Ours()
    ours.hear(
        Told("7", BORN, {"subject": "a"}, [TicketEvent("7", h.created(BORN, id="created"))], deep=False)
    )
    ours.hear(Told("7", BORN + HOUR, {"subject": "b"}, deep=False))
    assert [(e.value, e.at, e.until) for e in in_effect(ours.events)[1:]] == [
        ("a", BORN, None),
        ("b", BORN + HOUR, None),
    ]
    assert not History(ours.events).uncertain


def test_a_ticket_that_comes_back_is_not_deleted_and_can_go_again() -> None:
    life, ours = Life([]), Ours()
    ours.hear(life.told(0, deep=True))
    for round_ in (1, 2):
        ours.hear(Told("7", BORN + round_ * HOUR, gone=True))
        assert [e for e in in_effect(ours.events) if e.kind == DELETED]
        assert ours.hear(Told("7", BORN + round_ * HOUR, gone=True)) == []
        ours.hear(life.told(0, deep=True))
        assert not [e for e in in_effect(ours.events) if e.kind == DELETED]


def test_what_people_here_said_is_never_taken_back() -> None:
    life, ours = Life([Step(HOUR, {}, (), "8"), Step(HOUR, {}, (), "")]), Ours()
    ours.hear(life.told(0, deep=True))
    mine = h.excluded(BORN, "duplicate", id="ours-1")
    ours.events.append(mine)
    for state in (0, 1, 2):
        ours.hear(life.told(state, deep=True))
        assert mine in in_effect(ours.events)


def test_a_merge_that_was_only_seen_moves_none_whose_instant_is_known() -> None:
    life, ours = Life([Step(HOUR, {}, (), "8")]), Ours()
    ours.hear(life.told(1, deep=False))
    told = life.told(1, deep=True)._replace(updated=BORN + 2 * HOUR)
    seen = TicketEvent("7", h.merged(BORN + 2 * HOUR, "8", id="seen-merged-8", flags=0))
    before = [event for event in ours.events if event.kind == MERGED]
    ours.hear(told._replace(events=[*told.events[:-1], seen]))
    ours.hear(told._replace(events=told.events[:-1], into=None))  # it does not say
    assert [event for event in ours.events if event.kind == MERGED] == before


def test_a_judged_message_and_a_person_with_a_new_name_change_nothing() -> None:
    ours = Ours()
    told = [
        TicketEvent("7", h.created(BORN, id="created")),
        TicketEvent("7", field_event("audit-1", BORN, "status", "new", person="A. Old")),
    ]
    ours.hear(Told("7", BORN, {"status": "new"}, told, frozenset(["status"])))
    told[1] = TicketEvent("7", told[1].event._replace(person="A. New"))
    assert ours.hear(Told("7", BORN, {"status": "new"}, told, frozenset(["status"]))) == []


def test_a_creation_that_the_source_moved_is_moved() -> None:
    ours = Ours()
    ours.hear(Life([]).told(0, deep=True))
    earlier = TicketEvent("7", h.created(BORN - HOUR, id="created", flags=BY_AUTOMATION))
    ours.hear(Told("7", BORN + SECOND, {}, [earlier]))
    assert [(KINDS[e.kind], e.at) for e in in_effect(ours.events) if e.kind == CREATED] == [
        ("created", BORN - HOUR)
    ]
