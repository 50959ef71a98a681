"""What a source tells, in our words: pure.

Two things become others on the way in, once they have the names that were known first (steady.py). A priority and a
contract are those that they were confirmed to mean, a contract by the source's id of it: clients have contracts of the
same name. And where the source itself says no origin (clock.md 2.6), a ticket has the one that its type, board, channel
or creator was confirmed to mean, from its creation on: who began it does not change.

What nobody confirmed says nothing. And a note that we wrote ourselves is nobody's work, whoever's key it was written
with.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from typing import NamedTuple, Protocol

from beforehand.engine.codes import BY_AUTOMATION, BY_PERSON, CREATED, PUBLIC
from beforehand.engine.history import Event
from beforehand.tickets.events import TicketEvent, Written

from .contract import OURS, Told, at_creation
from .telling import field_of, in_effect

ORIGINS_BY = ("board", "channel", "creator")
"""Kinds of word beside the type that may say an origin, the first of them first."""
CALLED = ("priority", "contract")
"""Kinds of which it is said what agreements call them."""
TECHNICIAN, PROGRAM = "a technician", "a program"
"""Creators of tickets who are no clients."""


class Known(Protocol):
    """A word as it is kept (models.Word)."""

    kind: str
    key: str
    board: str
    name: str
    ours: str
    was: str
    confirmed: bool


class Contract(NamedTuple):
    """What a contract is called here, and the names that its tickets may have been told under."""

    ours: str
    names: frozenset[str]


class Words(NamedTuple):
    """What differs in our words. `priorities` by theirs; `before`: by one that was told before, where only one can be
    meant; `types`, `boards`, `channels` and `creators`: origins, of types by board and type; `contracts` by their ids.
    """

    priorities: Mapping[str, str]
    before: Mapping[str, str]
    types: Mapping[tuple[str, str], str]
    boards: Mapping[str, str]
    channels: Mapping[str, str] = {}
    creators: Mapping[str, str] = {}
    contracts: Mapping[str, Contract] = {}

    def contract_of(self, told: Told) -> Contract | None:
        """The contract that a ticket names, where it is called otherwise here."""
        return self.contracts.get(told.keys.get("contract", ""))


def words(known: Iterable[Known]) -> Words:
    """Those that are kept, as they are looked up."""
    some = list(known)
    meant = [word for word in some if word.confirmed and word.ours]
    priorities = {word.name: word.ours for word in meant if word.kind == "priority"}
    boards, channels, creators = (
        {word.name: word.ours for word in meant if word.kind == kind} for kind in ORIGINS_BY
    )
    contracts = {
        word.key: Contract(ours(word), frozenset({word.name, word.was} - {""}))
        for word in some
        if word.kind == "contract"
    }
    return Words(
        priorities,
        _before([word for word in some if word.kind == "priority"]),
        {(word.board, word.name): word.ours for word in meant if word.kind == "type"},
        boards,
        channels,
        creators,
        contracts,
    )


def ours(word: Known) -> str:
    """What a priority or contract is called here."""
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
    fields = dict(told.fields)
    if "priority" in fields:
        fields["priority"] = words.priorities.get(fields["priority"], fields["priority"])
    contract = words.contract_of(told)
    if contract is not None and fields.get("contract") in contract.names:
        fields["contract"] = contract.ours
    events = [_event(one, words) for one in told.events]
    return _with_origin(told._replace(fields=fields, events=events), words)


def _event(one: TicketEvent, words: Words) -> TicketEvent:
    if isinstance(one, Written) and one.text.lstrip().startswith(OURS) and not one.event.flags & PUBLIC:
        flags = one.event.flags & ~BY_PERSON | BY_AUTOMATION
        return Written(one.ticket, one.event._replace(flags=flags), one.text)
    value = words.priorities.get(one.event.value) if field_of(one.event) == "priority" else None
    return one if value is None else one._replace(event=one.event._replace(value=value))


def _with_origin(told: Told, words: Words) -> Told:
    if "origin" in told.fields or "origin" in told.exact or told.gone:
        return told
    births = [one.event.at for one in told.events if one.event.kind == CREATED]
    origin, creator = _origin(told, words), _creator(told)
    if not births or (words.creators and not origin and not creator and not told.deep):
        # Who has not told when it was created, or by whom, is read deep soon.
        return told
    origin = origin or words.creators.get(creator, "")
    events = [at_creation(told.id, min(births), "origin", origin)] if origin else []
    return told._replace(
        fields={**told.fields, "origin": origin},
        events=[*told.events, *events],
        exact=told.exact | {"origin"},
    )


def _origin(told: Told, words: Words) -> str:
    """The origin that a ticket's type means, else its board, else its channel; "" for none."""
    board, type_ = told.fields.get("board", ""), told.fields.get("type", "")
    by_type = words.types.get((board, type_)) or words.types.get(("", type_))
    return by_type or words.boards.get(board) or words.channels.get(told.fields.get("channel", "")) or ""


def _creator(told: Told) -> str:
    """Who typed a ticket in, where that was no client; "" where it was, or nobody says."""
    flags = next((one.event.flags for one in told.events if one.event.kind == CREATED), 0)
    if flags & BY_PERSON:
        return TECHNICIAN
    return PROGRAM if flags & BY_AUTOMATION else ""


def retold(told: Told, kept: Sequence[Event], words: Words) -> list[TicketEvent]:
    """The events that say kept ones in the word that we have for them now: a priority or contract does not change
    because its name here does.
    """
    ids = {event.id for event in kept}
    found, contract = [], words.contract_of(told)
    for event in in_effect(kept):
        field, now = field_of(event), None
        if field == "priority":
            now = words.before.get(event.value)
        elif field == "contract" and contract is not None and event.value in contract.names - {contract.ours}:
            now = contract.ours
        if now is not None:
            free = next(id_ for n in count(2) if (id_ := f"{event.id}~{n}") not in ids)
            ids.add(free)
            found.append(TicketEvent(told.id, event._replace(id=free, value=now, supersedes=event.id)))
    return found
