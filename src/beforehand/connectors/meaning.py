"""What a source tells, in our words: pure.

Three things become others on the way in. A name that was changed in the source stays the one that events use, so that
a new name is no new priority. A priority is the one that it was confirmed to mean. And where the source itself says no
origin (clock.md 2.6), a ticket has the one that its type or board was confirmed to mean, from its creation on: who
began it does not change.

What nobody confirmed says nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from typing import NamedTuple, Protocol

from beforehand.engine.codes import CREATED
from beforehand.engine.history import Event
from beforehand.tickets.events import TicketEvent

from .contract import Told, at_creation
from .telling import field_of, in_effect

KIND_OF = {
    "status": "status",
    "priority": "priority",
    "type": "type",
    "board": "board",
    "team": "team",
    "assignee": "person",
    "client": "client",
    "contract": "contract",
    "channel": "channel",
}
"""The kind of word that a field's value is."""


class Known(Protocol):
    """A word as it is kept (models.Word)."""

    kind: str
    board: str
    name: str
    named: str
    ours: str
    was: str
    confirmed: bool


class Words(NamedTuple):
    """What differs in our words. `names`: by kind, board and the name it has now, the one that events use;
    `priorities` by theirs; `before`: by one that was told before, where only one can be meant; `types` and `boards`:
    origins, of types by board and type.
    """

    names: Mapping[tuple[str, str, str], str]
    priorities: Mapping[str, str]
    before: Mapping[str, str]
    types: Mapping[tuple[str, str], str]
    boards: Mapping[str, str]


def words(known: Iterable[Known]) -> Words:
    """Those that are kept, as they are looked up."""
    some = list(known)
    meant = [word for word in some if word.confirmed and word.ours]
    priorities = {word.name: word.ours for word in meant if word.kind == "priority"}
    return Words(
        {(word.kind, word.board, word.named): word.name for word in some if word.named != word.name},
        priorities,
        _before([word for word in some if word.kind == "priority"]),
        {(word.board, word.name): word.ours for word in meant if word.kind == "type"},
        {word.name: word.ours for word in meant if word.kind == "board"},
    )


def ours(word: Known) -> str:
    """What a priority is called here."""
    return word.ours if word.confirmed and word.ours else word.name


def _before(priorities: Sequence[Known]) -> dict[str, str]:
    """What a priority was called here before, and is now; without those that may have been one of several."""
    could: dict[str, set[str]] = {}
    for word in priorities:
        for told in {word.name, word.was, ours(word)} - {""}:
            could.setdefault(told, set()).add(ours(word))
    single = {told: now.pop() for told, now in could.items() if len(now) == 1}
    return {told: now for told, now in single.items() if told != now}


def in_our_words(told: Told, words: Words) -> Told:
    """A ticket in our words."""
    board = told.fields.get("board", "")
    board = words.names.get(("board", "", board), board)
    fields = {name: _value(name, value, board, words) for name, value in told.fields.items()}
    events = [_event(one, board, words) for one in told.events]
    told = told._replace(fields=fields, events=events)
    return _with_origin(told, board, words)


def _value(field: str, value: str, board: str, words: Words) -> str:
    kind = KIND_OF.get(field, "")
    for place in (board, ""):
        value = words.names.get((kind, place, value), value)
    return words.priorities.get(value, value) if field == "priority" else value


def _event(one: TicketEvent, board: str, words: Words) -> TicketEvent:
    field = field_of(one.event)
    if not field:
        return one
    value = _value(field, one.event.value, board, words)
    return one if value == one.event.value else one._replace(event=one.event._replace(value=value))


def _with_origin(told: Told, board: str, words: Words) -> Told:
    if "origin" in told.fields or "origin" in told.exact or told.gone:
        return told
    type_ = told.fields.get("type", "")
    origin = words.types.get((board, type_)) or words.types.get(("", type_)) or words.boards.get(board) or ""
    births = [one.event.at for one in told.events if one.event.kind == CREATED]
    if not births:
        # Who has not told when it was created is read deep soon.
        return told
    events = [at_creation(told.id, min(births), "origin", origin)] if origin else []
    return told._replace(
        fields={**told.fields, "origin": origin},
        events=[*told.events, *events],
        exact=told.exact | {"origin"},
    )


def retold(ticket: str, kept: Sequence[Event], words: Words) -> list[TicketEvent]:
    """The events that say kept ones in the word that we have for them now: a priority does not change because its
    name here does.
    """
    ids = {event.id for event in kept}
    found = []
    for event in in_effect(kept):
        now = words.before.get(event.value) if field_of(event) == "priority" else None
        if now is not None:
            free = next(id_ for n in count(2) if (id_ := f"{event.id}~{n}") not in ids)
            ids.add(free)
            found.append(TicketEvent(ticket, event._replace(id=free, value=now, supersedes=event.id)))
    return found
