"""The sources' questions to the database: is the data whole, and what has to be mended."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Count, Max, QuerySet

from beforehand.connectors.models import Connection
from beforehand.connectors.registry import connectors
from beforehand.engine.codes import CLIENT_MESSAGE, KINDS, MESSAGE, STATES, TOLD
from beforehand.engine.instants import to_instant
from beforehand.engine.saying import Moment, Saying
from beforehand.engine.terms import StatusMap
from beforehand.people.models import Provider
from beforehand.promises.file.dump import scalar
from beforehand.promises.file.notation import say_duration
from beforehand.tickets.events import content
from beforehand.tickets.mending import Unmapped, unmapped
from beforehand.tickets.models import Conflict, Event, ImportRun, Source, Ticket
from beforehand.tickets.store import events_of

from .connect_shown import state_of

LATEST = 20_000
"""So many of the latest events are looked at for each source's last one."""
SHOWN_RUNS, SHOWN_CONFLICTS = 5, 10
GONE = timedelta(minutes=2)
"""An import that has not been heard of for so long was broken off."""
_TEXTS = frozenset({CLIENT_MESSAGE, MESSAGE, TOLD})


class Mend(NamedTuple):
    """A status that nobody mapped, and the line that maps it as it counts now."""

    status: str
    tables: tuple[str, ...]
    """The tables of the agreement file it is missing in."""
    tickets: int
    line: str


class Run(NamedTuple):
    """An import. `state` is running, broken off, stopped or done."""

    row: ImportRun
    state: str
    started: Moment
    ended: Moment | None
    rejects: Sequence[tuple[int, str]]


class Difference(NamedTuple):
    """A field in which two contents of one event differ."""

    name: str
    kept: str
    found: str


class Contradiction(NamedTuple):
    """An event that came again with other content (4.4)."""

    row: Conflict
    received: Moment
    kind: str
    differences: Sequence[Difference]


class Asked(NamedTuple):
    """That a source is asked: by which connection, and how that does (connect_shown.state_of)."""

    pk: int
    state: str
    means: bool
    """Whether its set-up is read, so that a page says what its words mean."""


class SourceView(NamedTuple):
    """A source, ready to be shown. `heard` is None where none of the latest events is its own, `connection` where it
    is not asked.
    """

    row: Source
    tells: str
    tickets: int
    uncovered: int
    heard: Moment | None
    runs: Sequence[Run]
    unmapped: Sequence[Mend]
    conflicts: int
    contradictions: Sequence[Contradiction]
    connection: Asked | None


def sources_of(provider: Provider, statuses: StatusMap, now: datetime, zone: str) -> list[SourceView]:
    """All sources of a provider, by name."""
    how = Saying(to_instant(now), zone, 0, 1)
    tickets = _counts(Ticket.objects.filter(provider=provider).values_list("source"))
    uncovered = _counts(Ticket.objects.filter(provider=provider, covered=False).values_list("source"))
    conflicts = _counts(Conflict.objects.filter(provider=provider).values_list("ticket__source"))
    heard = _heard(provider)
    asked = {
        row.source_id: _asked(row)
        for row in Connection.objects.filter(provider=provider).select_related("source__state")
    }
    views = []
    for source in Source.objects.filter(provider=provider).order_by("name", "pk"):
        last = heard.get(source.pk)
        views.append(
            SourceView(
                source,
                _tells(source),
                tickets.get(source.pk, 0),
                uncovered.get(source.pk, 0),
                None if last is None else how.at(to_instant(last)),
                [_run(run, now, how) for run in _latest_runs(source)],
                [_mend(one, statuses) for one in unmapped(source, statuses)],
                conflicts.get(source.pk, 0),
                _contradictions(source, how) if source.pk in conflicts else [],
                asked.get(source.pk),
            )
        )
    return views


def _asked(row: Connection) -> Asked:
    kind = connectors().get(row.connector)
    state = state_of(row, getattr(row.source, "state", None))
    return Asked(row.pk, state, kind is None or kind.is_asked)


def _counts(rows: QuerySet[Any, Any]) -> dict[int, int]:
    return dict(rows.annotate(count=Count("pk")))


def _heard(provider: Provider) -> dict[int, datetime]:
    newest = Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    latest = Event.objects.filter(pk__gt=newest - LATEST, provider=provider)
    return dict(latest.values_list("ticket__source").annotate(last=Max("received")))


def _tells(source: Source) -> str:
    said = ["messages" if source.messages else "no messages"]
    said.append("their texts" if source.texts and source.messages else "no texts")
    if source.responded:
        said.append("when somebody responded")
    return f"{', '.join(said)}; instants to {say_duration(source.precision) or 'the microsecond'}"


def _latest_runs(source: Source) -> Sequence[ImportRun]:
    runs = ImportRun.objects.filter(provider=source.provider_id, source=source)
    return list(runs.order_by("-started", "-pk")[:SHOWN_RUNS])


def _run(row: ImportRun, now: datetime, how: Saying) -> Run:
    if row.ended is None:
        state = "running" if now - row.seen < GONE else "broken off"
    else:
        state = "stopped" if row.fault else "done"
    ended = None if row.ended is None else how.at(to_instant(row.ended))
    rejects = [(line, reason) for line, reason in row.first_rejects]
    return Run(row, state, how.at(to_instant(row.started)), ended, rejects)


def _mend(one: Unmapped, statuses: StatusMap) -> Mend:
    """A board without a table of its own is served by the one for every board."""
    tables = dict.fromkeys(board if board in statuses.boards else "" for board in one.boards)
    names = tuple(board or "every board" for board in tables)
    return Mend(one.status, names, one.tickets, f"{scalar(one.status)}: {STATES[0]}")


def _contradictions(source: Source, how: Saying) -> list[Contradiction]:
    rows = Conflict.objects.filter(provider=source.provider_id, ticket__source=source).select_related(
        "ticket"
    )
    listed = list(rows.order_by("-pk")[:SHOWN_CONFLICTS])
    kept = events_of(list({row.ticket_id for row in listed}), source.provider_id)
    found = []
    for row in listed:
        event = next(event for event in kept[row.ticket_id] if event.id == row.event_id)
        stored, other = json.loads(content(event)), json.loads(row.content)
        differences = [
            Difference(name, *(_said(name, told, how) for told in (stored, other)))
            for name in stored
            if stored[name] != other.get(name)
        ]
        kind = KINDS[stored["kind"]]
        found.append(Contradiction(row, how.at(to_instant(row.received)), kind, differences))
    return found


def _said(name: str, told: Mapping[str, object], how: Saying) -> str:
    """A field of an event's content; what somebody wrote to somebody is not shown here (tickets hold passwords)."""
    value = told.get(name)
    if value is None or value == "":
        return "nothing"
    if name == "value" and told.get("kind") in _TEXTS:
        return "a text, not shown here"
    if name in ("at", "until", "since") and isinstance(value, int):
        local = how.at(value).local
        return f"{local:%Y-%m-%d %H:%M:%S}"
    return KINDS[value] if name == "kind" and isinstance(value, int) else str(value)
