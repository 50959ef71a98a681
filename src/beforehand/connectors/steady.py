"""The names that things of a source were known by first: a new name there changes no ticket here.

By the source's own id, where a ticket tells it, which alone tells two things of one name apart. Where names are all
that is told, as in a history, by who had that name then; and where that may be several, it stays as it is told.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from django.db.models import F, Q

from beforehand.engine.history import Event
from beforehand.engine.instants import FIRST, LAST, to_instant
from beforehand.tickets.events import TicketEvent, Written

from .abilities import Recalls
from .contract import Told
from .models import Connection, Word
from .telling import field_of

LONGEST = 200
KINDS = {
    "status": "status", "priority": "priority", "type": "type", "board": "board", "team": "team", "client": "client",
    "contract": "contract", "channel": "channel", "assignee": "person", "site": "site",
}  # fmt: skip
"""Of which kind of word the values of a field are."""
MET = ("client", "contract", "person", "site")
"""Kinds that tickets may name before the set-up does, or of which it says nothing at all."""
_Span = tuple[int, int, str]
"""Since when and until when something had a name, and the one by which it was known first."""


class Steady:
    """The first names of one connection's things: by name, and those by id that these tickets name."""

    def __init__(self, connection: Connection, told: Iterable[Told] = ()) -> None:
        rows = Word.objects.filter(provider=connection.provider_id, connection=connection)
        self._spans: dict[tuple[str, str], dict[str, list[_Span]]] = {}
        tickets = list(told)
        keys = {key for one in tickets for field, key in one.keys.items() if field in KINDS}
        keys |= {key for one in tickets for key in one.named.values()}
        named = rows.filter(key__in=keys).order_by(F("gone").desc(nulls_last=True))
        # Of one that is there and one that is gone, the first.
        self._by_key = {(kind, key): name for kind, key, name in named.values_list("kind", "key", "name")}
        short = rows.only("kind", "board", "name", "named", "names", "gone")
        other = list(short.filter(~Q(named=F("name")) | ~Q(names=[]), kind__in=set(KINDS.values())))
        kinds = {row.kind for row in other}
        spans = {row.pk: _spans(row) for row in other}
        involved = {name for some in spans.values() for name, _, _ in some}
        # Who is called so and has never been called otherwise.
        other += short.filter(kind__in=kinds, named__in=involved).exclude(pk__in=spans) if kinds else []
        for row in other:
            for board in {row.board, ""}:
                for name, since, until in spans.get(row.pk) or _spans(row):
                    held = self._spans.setdefault((row.kind, board), {}).setdefault(name, [])
                    held.append((since, until, row.name))

    def first(self, kind: str, name: str, board: str = "", at: int = LAST - 1) -> str:
        """The name that a thing was known by first which is called so at an instant; the same where nobody knows."""
        return self._known(kind, name, board, at) or name

    def _known(self, kind: str, name: str, board: str, at: int) -> str:
        """The same; "" where nothing ever had this name."""
        spans = self._spans.get((kind, board), {}).get(name) or self._spans.get((kind, ""), {}).get(name)
        if spans is None:
            return ""
        then = {known for since, until, known in spans if since <= at < until}
        now = {known for _, until, known in spans if until == LAST}
        for some in (then, now, {known for _, _, known in spans}):
            if some:
                return some.pop() if len(some) == 1 else name
        return ""

    def told(self, told: Told) -> Told:
        """A ticket in first names."""
        board = self._of("board", told.fields.get("board", ""), told.keys.get("board", ""))
        fields = {
            field: self._of(KINDS.get(field, ""), value, told.keys.get(field, ""), board)
            for field, value in told.fields.items()
        }
        # What it has now is called as its history may call it too, before the set-up says so.
        called = {(field, value): fields[field] for field, value in told.fields.items() if field in told.keys}
        # What it has been all along it is by its id, and what its history tells by ids: whoever had the name then.
        changes = Counter(field_of(one.event) for one in told.events)
        sure = {one: first for one, first in called.items() if changes[one[0]] == 1}
        for (field, name), key in told.named.items():
            sure[field, name] = self._of(KINDS.get(field, ""), name, key, board)
        people = {name: sure[field, name] for field, name in told.named if KINDS.get(field) == "person"}
        events = [self._event(one, board, called, sure, people) for one in told.events]
        return told._replace(fields=fields, events=events)

    def _of(self, kind: str, name: str, key: str, board: str = "") -> str:
        known = self._by_key.get((kind, key)) if key else None
        return known or (self.first(kind, name, board) if kind and name else name)

    def _event(
        self,
        one: TicketEvent,
        board: str,
        called: Mapping[tuple[str, str], str],
        sure: Mapping[tuple[str, str], str],
        people: Mapping[str, str],
    ) -> TicketEvent:
        event, field = one.event, field_of(one.event)
        value, person = event.value, event.person
        if value and field in KINDS:
            known = sure.get((field, value)) or self._known(KINDS[field], value, board, event.at)
            value = known or called.get((field, value), value)
        if person:
            person = people.get(person) or self.first("person", person, "", event.at)
        fresh: Event = event._replace(value=value, person=person)
        if isinstance(one, Written):
            return Written(one.ticket, fresh, one.text)
        return TicketEvent(one.ticket, fresh)


def remind(connection: Connection, reader: object) -> None:
    """Let a reader of histories that are texts know what had another name then."""
    if isinstance(reader, Recalls):
        reader.recall(Steady(connection).first)


def _spans(row: Word) -> list[tuple[str, int, int]]:
    """The names that a thing has had, each since when and until when."""
    found, since = [], FIRST
    for name, until in row.names:
        if name:
            found.append((name, since, until))
        since = until
    if not row.names and row.named != row.name:
        found.append((row.name, FIRST, LAST - 1))  # until some time
    return [*found, (row.named, since, LAST if row.gone is None else to_instant(row.gone))]


def free_name(word: Word, others: Iterable[Word]) -> str:
    """What something new is called in events, where others may have the name.

    One that something else gave up stands for that one still. Two clients of one name are never the same until
    somebody says so (2.3); contracts of one name are those of their clients.
    """
    rows = [one for one in others if word.name in (one.name, one.named)]
    still = [one for one in rows if one.gone is None and one.named == word.name]
    given_up = any(one.name == word.name != one.named for one in rows)
    given_up = given_up and not any(one.name == word.name for one in still)
    twice = word.kind == "client" and any(map(in_use, still)) and in_use(word)
    if word.kind == "contract" or not (given_up or twice):
        return word.name
    ending = f" ({word.key})"
    return word.name[: LONGEST - len(ending)] + ending


def in_use(word: Word) -> bool:
    """Whether it is used there still, as far as the source says so."""
    return word.said.get("in use") is not False and word.said.get("active") is not False


def renamed(word: Word, named: str, now: datetime) -> None:
    """It has another name from now on."""
    if named != word.named:
        word.names = [*word.names, [word.named, to_instant(now)]]
        word.named = named


def meet(connection: Connection, told: Sequence[Told], now: datetime) -> None:
    """Know the clients, contracts, people and sites that tickets name by ids, whatever the set-up says of them."""
    named: dict[tuple[str, str], str] = {}
    for field, name, key in (said for one in told for said in _identified(one)):
        # A name that is but the id is told where the source does not tell the name.
        if KINDS.get(field) in MET and name and key and not name.endswith(f" {key}"):
            named[KINDS[field], key[:LONGEST]] = name
    if not named:
        return
    rows = Word.objects.filter(provider=connection.provider_id, connection=connection, kind__in=MET, board="")
    told_of = rows.filter(key__in={key for _, key in named}).values_list(
        "pk", "kind", "key", "name", "named", "names"
    )
    # Every page asks: of nearly all of them nothing is another, so no more than this is read.
    known = {
        (kind, key): (pk, {last, first, *(was for was, _ in old)})
        for pk, kind, key, first, last, old in told_of
    }
    others: dict[int, str] = {}
    for (kind, key), name in named.items():
        pk, names = known.get((kind, key), (None, set()))
        if pk is None:
            _make(connection, kind, key, name, now)
        elif name not in names:
            others[pk] = name
    other = list(rows.filter(pk__in=others)) if others else []
    for row in other:
        renamed(row, others[row.pk], now)
    Word.objects.bulk_update(other, ["named", "names"], batch_size=100)


def _identified(told: Told) -> Iterator[tuple[str, str, str]]:
    """What a ticket tells ids of: the field, the name, and the id; as things stand now last."""
    for (field, name), key in told.named.items():
        yield field, name[:LONGEST], key
    for field, key in told.keys.items():
        yield field, told.fields.get(field, "")[:LONGEST], key


def new_word(connection: Connection, kind: str, key: str, name: str, board: str = "") -> Word:
    """Something that nobody has known; not saved."""
    return Word(
        provider=connection.provider,
        connection=connection,
        kind=kind,
        key=key,
        board=board,
        name=name,
        named=name,
    )


def _make(connection: Connection, kind: str, key: str, name: str, now: datetime) -> None:
    row = new_word(connection, kind, key, name)
    row.seen = now
    rows = Word.objects.filter(provider=connection.provider_id, connection=connection, kind=kind, board="")
    row.name = free_name(row, rows.filter(Q(name=name) | Q(named=name)))
    Word.objects.bulk_create([row], ignore_conflicts=True)
