"""Rows that each say from when until when somebody owned a ticket; the first begins it and the last ends it."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from beforehand.connectors.requesters import Asker
from beforehand.engine.codes import ASSIGNED, BY_AUTOMATION, CHANGED, CREATED, STATUS
from beforehand.engine.history import Event

from .cells import Cells, Unusable, Value
from .lines import Row
from .mapping import ASSIGNEE, Shape
from .telling import Outcome, asker_of, who_of
from .told import Memory, Told


class Turn(NamedTuple):
    """A row read. `facts` and `verdicts` are those that have a value; no `assignee`: the log names none."""

    row: Row
    ticket: str
    number: int
    started: int
    ended: int | None
    facts: tuple[tuple[str, str], ...]
    verdicts: tuple[tuple[str, str], ...]
    assignee: str | None
    person: str
    flags: int
    asker: Asker | None = None

    @property
    def at(self) -> int:
        """As of when it says who asked."""
        return self.started


class TurnTeller:
    """Tells a ticket's creation, its owners and its end out of its turns."""

    def __init__(self, shape: Shape, cells: Cells) -> None:
        facts = {name: column for name, column in shape.facts.items() if name != ASSIGNEE}
        self.names = tuple(facts)
        self._facts = [(name, cells.fact(name, column)) for name, column in facts.items()]
        self._assignee = cells.value(shape.facts[ASSIGNEE]) if ASSIGNEE in shape.facts else None
        self._verdicts = [(f"verdict:{v.metric}", cells.value(v.column)) for v in shape.verdicts]
        self._ticket = cells.required(shape.columns["ticket"])
        number = cells.whole(shape.columns["turn"])
        assert number is not None
        self._number = number
        self._started = cells.required_instant(shape.columns["started"])
        self._ended = cells.instant(shape.columns["ended"])
        self._who = who_of(cells, shape.author)
        self._asker = asker_of(cells, shape)
        self._statuses = shape.statuses
        self._fill = [cells.place(column) for column in shape.fill_down]
        self._key, self._name = cells.place(shape.columns["ticket"]), shape.columns["ticket"].names[0]
        self._rejected = cells.rejected
        self._above: list[str] = []

    def read(self, row: Row) -> Turn:
        """The row read, empty cells filled with those above in a ticket's later turns; Unusable if it cannot be."""
        cells = self._filled(row.cells)
        if cells is row.cells:
            return self._turn(row, cells)
        try:
            return self._turn(row, cells)
        except Unusable as unusable:
            raise Unusable(f"{unusable} (ticket {cells[self._key].strip()})") from unusable

    def _filled(self, cells: list[str]) -> list[str]:
        """Among rejected rows only the one that stood right above counts: it may be another ticket's otherwise."""
        if not self._fill or cells[self._key].strip():
            self._above = cells
            return cells
        above = self._above
        if self._rejected and above and not cells[0].strip() == _next(above[0]):
            raise Unusable(
                f"column {self._name}: found nothing, expected the ticket's id; the rows above are gone"
            )
        if above:
            cells = list(cells)
            for place in self._fill:
                cells[place] = cells[place].strip() or above[place]
        self._above = cells
        return cells

    def _turn(self, row: Row, cells: list[str]) -> Turn:
        ended = self._ended(cells)
        turn = Turn(
            row, self._ticket(cells), self._number(cells), self._started(cells)[0],
            None if ended is None else ended[0], _given(self._facts, cells), _given(self._verdicts, cells),
            None if self._assignee is None else self._assignee(cells), *self._who(cells),
        )  # fmt: skip
        if turn.number == 1:  # the others tell no field
            turn = turn._replace(asker=self._asker(cells))
        if turn.ended is not None and turn.ended < turn.started:
            raise Unusable("a turn that ends before it starts")
        return turn

    def named(self, item: Turn, name: str) -> Turn:
        """The row with the name that tickets have for its contact."""
        others = [fact for fact in item.facts if fact[0] != "contact"]
        return item._replace(facts=(*others, ("contact", name)))

    def tell(self, ticket: str, items: Sequence[Turn], told: Told, memory: Memory) -> Iterator[Outcome]:
        """What the turns of one ticket tell. Only its last turn ends it, as far as turns are known."""
        if told.known is None:
            memory.recall(ticket, told, self.names)
        known = told.known or {}
        last = max([turn.number for turn in items] + [_turn_of(event_id) for event_id in known])
        ended = {_turn_of(event_id) for event_id in known if event_id.endswith("/resolved")}
        for turn in items:
            again = any(number < turn.number for number in ended)
            yield Outcome(turn.row, list(self._events(turn, turn.number == last, again)))

    def _events(self, turn: Turn, is_last: bool, again: bool) -> Iterator[Event]:
        person, flags = turn.person, turn.flags
        at, number, start = turn.started, turn.number, f"turn {turn.number}/"
        if number == 1:
            yield Event(at, CREATED, "created", 0, flags=0)
            for name, value in turn.facts:
                yield Event(at, CHANGED, start + name, number, value, name, flags, person)
        if number == 1 or again:
            opened = self._statuses["opened"]
            yield Event(at, STATUS, start + "opened", number, opened, "", BY_AUTOMATION)
        if turn.assignee is not None:
            yield Event(at, ASSIGNED, start + ASSIGNEE, number, turn.assignee, "", flags, person)
        for name, value in turn.verdicts:
            yield Event(at, CHANGED, start + name, number, value, name, flags, person)
        if is_last and turn.ended is not None:
            resolved = self._statuses["resolved"]
            yield Event(turn.ended, STATUS, start + "resolved", number, resolved, "", flags, person)


def _given(facts: Sequence[tuple[str, Value]], cells: list[str]) -> tuple[tuple[str, str], ...]:
    """The facts of a row that have a value."""
    return tuple((name, found) for name, value in facts if (found := value(cells)))


def _next(line: str) -> str:
    """The number of the line below, as a rejected row has it."""
    return str(int(line) + 1) if line.strip().isdecimal() else ""


def _turn_of(event_id: str) -> int:
    """The number of the turn that an event comes from; 0 for an event of none."""
    number = event_id.partition("/")[0].removeprefix("turn ")
    return int(number) if event_id.startswith("turn ") and number.isdigit() else 0
