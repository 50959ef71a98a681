"""The events of a ticket for its page: all that were ever told, in order, with the fate of those that do not count."""

import json
from collections.abc import Sequence
from typing import NamedTuple

from beforehand.connectors.telling import NEW, SEEN, field_of
from beforehand.engine.codes import CHANGED, FIELDS
from beforehand.engine.history import Event, History, order
from beforehand.engine.saying import Moment, Saying
from beforehand.engine.terms import StatusMap
from beforehand.tickets.models import Conflict

from .event_words import EventWords, words_of
from .timeline import Mark

SUPERSEDED, RETRACTED, RETRACTS = (
    "replaced by a later telling",
    "taken back by the source",
    "takes back another event",
)
SECOND_BIRTH, CONFLICT = (
    "a second creation; the earliest holds",
    "the same event id told again with other content",
)
FROM_HISTORY = "from history"
"""What is said of a change that was first only seen to lie between two looks."""


class EventView(NamedTuple):
    """An event in the list, with its instant in the viewer's zone and in the client's."""

    at: Moment
    theirs: Moment
    event: Event
    words: EventWords
    fate: str
    """"" for one that counts, else why it does not."""
    said: str = ""
    """What a message says, where texts are kept."""
    between: Moment | None = None
    """Of a change that was seen to lie between two looks, the later of them; `at` is the earlier."""


class Eyes(NamedTuple):
    """Who looks: instants as the viewer reads them, as the client reads them, and what statuses mean."""

    ours: Saying
    theirs: Saying
    statuses: StatusMap


def event_views(
    arrived: Sequence[Event], conflicts: Sequence[Conflict], history: History | None, eyes: Eyes
) -> list[EventView]:
    """Every event ever told, in effective order, those that contradict another among them."""
    fates = _fates(arrived, history)
    told = [(event, fates.get(id(event), "")) for event in arrived]
    told += [(Event(**json.loads(row.content)), CONFLICT) for row in conflicts]
    looks = _sightings(arrived)
    views: list[EventView] = []
    board = ""
    for event, fate in sorted(told, key=lambda pair: order(pair[0])):
        if event.kind == CHANGED and event.field == "board" and not fate:
            board = event.value
        words = words_of(event, eyes.statuses, board)
        if not fate and _is_from_history(event, looks):
            words = words._replace(notes=(*words.notes, FROM_HISTORY))
        seen = event.until if event.id.startswith(SEEN) else None
        between = None if seen is None else eyes.ours.at(seen)
        view = EventView(
            eyes.ours.at(event.at), eyes.theirs.at(event.at), event, words, fate, between=between
        )
        if views and _belongs(view, views[-1]):
            joined = views[-1].words._replace(what=f"{views[-1].words.what}; {words.what}")
            views[-1] = views[-1]._replace(words=joined)
        else:
            views.append(view)
    return views


def _sightings(arrived: Sequence[Event]) -> list[Event]:
    """Changes that were seen to lie between two looks, and taken back since, because a history told them exactly."""
    gone = {event.retracts for event in arrived}
    return [event for event in arrived if event.id.startswith(SEEN) and event.id in gone]


def _is_from_history(event: Event, looks: Sequence[Event]) -> bool:
    """Whether an exact change stands in the place of one that was only seen."""
    field = field_of(event)
    if not field or event.id.startswith((SEEN, NEW)):
        return False
    return any(
        field == field_of(look) and look.at <= event.at <= (look.at if look.until is None else look.until)
        for look in looks
    )


def _belongs(view: EventView, before: EventView) -> bool:
    """Whether two changes of fields were one act: at one instant, by one hand."""
    return all(v.event.kind == CHANGED and not v.fate and v.event.until is None for v in (view, before)) and (
        (view.event.at, view.words.by) == (before.event.at, before.words.by)
    )


def marks_of(views: Sequence[EventView], limit: int = 200) -> list[Mark]:
    """The events that count, for the timeline; of very many the latest. Fields that no line names say little there."""
    kept = [view for view in views if not view.fate and _tells(view.event, views[0].event)]
    return [
        Mark(view.event.at, view.words.lane, f"{view.words.what}, {view.words.by}") for view in kept[-limit:]
    ]


def _tells(event: Event, first: Event) -> bool:
    return event.kind != CHANGED or (event.field in FIELDS and event.at > first.at)


def _fates(arrived: Sequence[Event], history: History | None) -> dict[int, str]:
    """Why an event does not count, by the identity of the event."""
    if history is None:
        return {}
    retracted = {event.retracts for event in arrived if event.retracts}
    fates = {id(e): RETRACTED if e.id in retracted else SUPERSEDED for e in history.replaced}
    fates |= {id(e): RETRACTS for e in arrived if e.retracts}
    return fates | {id(e): SECOND_BIRTH for e in history.conflicts}
