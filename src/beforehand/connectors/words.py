"""What a source's set-up is, as it was read last: its words, and dated snapshots of what its SLAs are."""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q

from beforehand.engine.codes import ASSIGNED, CHANGED, STATUS
from beforehand.engine.history import Event
from beforehand.promises.models import SetUpPiece
from beforehand.promises.psa import stored
from beforehand.tickets.events import TicketEvent, Written

from .contract import SetUp, Told
from .contract import Word as Said
from .meaning import ORIGINS_BY, PROGRAM, TECHNICIAN, Words
from .meaning import words as looked_up
from .models import Connection, Word
from .registry import connectors

LONGEST = 200
KINDS = {
    "status": "status", "priority": "priority", "type": "type", "board": "board", "team": "team", "client": "client",
    "contract": "contract", "channel": "channel", "assignee": "person",
}  # fmt: skip
"""Of which kind of word the values of a field are."""


def learn(connection: Connection, said: SetUp, now: datetime) -> None:
    """Keep a set-up. A thing with a new name keeps the one that events use; what is there no more stays known."""
    told = [*said.words, *_creators(connection)]
    words = {(word.kind, word.board[:LONGEST], word.key[:LONGEST]): word for word in told}
    with transaction.atomic():
        known = {
            (row.kind, row.board, row.key): row
            for row in Word.objects.filter(provider=connection.provider_id, connection=connection)
        }
        fresh = [_learnt(connection, known.pop(key, None), key, word, now) for key, word in words.items()]
        # Of what nothing was said at all nobody knows what is gone.
        kinds = {kind for kind, _, _ in words}
        gone = [row for row in known.values() if row.gone is None and row.kind in kinds]
        for row in gone:
            row.gone = now
        Word.objects.bulk_create([row for row in fresh if row.pk is None])
        Word.objects.bulk_update(
            [row for row in fresh if row.pk is not None] + gone,
            ["named", "proposed", "why", "said", "seen", "gone"],
            batch_size=100,
        )
        _snapshot(connection, said, now)
    connection.missing = list(said.missing)


def _creators(connection: Connection) -> list[Said]:
    """Who may have typed a ticket in, where the source tells it: no source has them in its set-up."""
    kind = connectors().get(connection.connector)
    if kind is None or not kind.creators:
        return []
    why = "what your own people type in was told to them, or found by them"
    return [Said("creator", TECHNICIAN, TECHNICIAN, "", "provider", why), Said("creator", PROGRAM, PROGRAM)]


def in_use(connection: Connection) -> Words:
    """Of all that is known of a source's words, what makes those of a ticket others than ours."""
    differ = Q(kind="priority") | Q(kind__in=("type", *ORIGINS_BY), confirmed=True)
    return looked_up(Word.objects.filter(differ, provider=connection.provider_id, connection=connection))


def names_of(connection: Connection) -> dict[tuple[str, str], str]:
    """What things of the source (kind of word, its name there) are called in its tickets here, where that is not what
    it calls them now."""
    words = Word.objects.filter(provider=connection.provider_id, connection=connection)
    found = {}
    for kind, named, name, ours, confirmed in words.values_list("kind", "named", "name", "ours", "confirmed"):
        here = ours if kind == "priority" and confirmed and ours else name
        if here != named:
            found[kind, named] = here
    return found


def _learnt(
    connection: Connection, row: Word | None, key: tuple[str, str, str], word: Said, now: datetime
) -> Word:
    name = word.name[:LONGEST]
    if row is None:
        kind, board, own = key
        row = Word(
            provider=connection.provider, connection=connection, kind=kind, key=own, board=board, name=name
        )
    row.named, row.proposed, row.why = name, word.proposed[:LONGEST], word.why[:300]
    row.said, row.seen, row.gone = dict(word.said), now, None
    return row


def are_strange(connection: Connection, told: Iterable[Told]) -> bool:
    """Whether tickets name anything that the set-up does not have, of a kind that it has."""
    known: dict[str, set[str]] = {}
    rows = Word.objects.filter(provider=connection.provider_id, connection=connection)
    for kind, name, named in rows.values_list("kind", "name", "named"):
        known.setdefault(kind, set()).update((name, named))
    return any(
        value and KINDS.get(field) in known and value not in known[KINDS[field]]
        for one in told
        for field, value in one.fields.items()
    )


def steady_names(connection: Connection) -> Callable[[Told], Told]:
    """Puts the names that were known first in place of newer ones, so that a new name changes no ticket."""
    renamed: dict[tuple[str, str], str] = {}
    rows = Word.objects.filter(provider=connection.provider_id, connection=connection)
    for kind, named, name in rows.exclude(named=F("name")).values_list("kind", "named", "name"):
        renamed[kind, named] = name
    # One that boards of their own or others still use is nobody's new name.
    for kind, name in rows.filter(named=F("name")).values_list("kind", "name") if renamed else ():
        renamed.pop((kind, name), None)
    return (lambda told: _steadied(told, renamed)) if renamed else (lambda told: told)


def _steadied(told: Told, renamed: Mapping[tuple[str, str], str]) -> Told:
    def name(field: str, value: str) -> str:
        return renamed.get((KINDS.get(field, ""), value), value)

    def event(one: TicketEvent) -> TicketEvent:
        field = {STATUS: "status", ASSIGNED: "assignee", CHANGED: one.event.field}.get(one.event.kind, "")
        person = renamed.get(("person", one.event.person), one.event.person)
        fresh: Event = one.event._replace(value=name(field, one.event.value), person=person)
        if isinstance(one, Written):
            return Written(one.ticket, fresh, one.text)
        return TicketEvent(one.ticket, fresh)

    fields = {field: name(field, value) for field, value in told.fields.items()}
    return told._replace(fields=fields, events=[event(one) for one in told.events])


def _snapshot(connection: Connection, said: SetUp, now: datetime) -> None:
    slug = connection.source.slug
    held = {
        (row.kind, row.key): row
        for row in SetUpPiece.objects.filter(provider=connection.provider_id, source=slug, until=None)
    }
    for piece in {(piece.kind, piece.key): piece for piece in said.pieces}.values():
        row = held.pop((piece.kind, piece.key), None)
        # As the database gives it back: without tuples and the like.
        now_said = json.loads(json.dumps(dict(piece.said)))
        plain = {} if piece.plain is None else json.loads(json.dumps(stored(piece.plain)))
        if row is not None and row.said == now_said and row.name == piece.name:
            # Said in other words, it is the same set-up.
            SetUpPiece.objects.filter(pk=row.pk).exclude(plain=plain).update(plain=plain)
            continue
        if row is not None:
            _end(row, now)
        SetUpPiece.objects.create(
            provider=connection.provider,
            source=slug,
            kind=piece.kind,
            key=piece.key,
            name=piece.name,
            said=now_said,
            plain=plain,
            since=now,
        )
    kinds = {piece.kind for piece in said.pieces}
    for row in held.values():
        if row.kind in kinds:
            _end(row, now)


def _end(row: SetUpPiece, now: datetime) -> None:
    row.until = now
    row.save(update_fields=["until"])
