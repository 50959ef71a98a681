"""What a source's set-up is, as it was read last: its words, and dated snapshots of what its SLAs are."""

from datetime import datetime

from django.db import transaction
from django.db.models import F, Q

from beforehand.promises.models import SetUpPiece

from .contract import SetUp
from .meaning import Words
from .meaning import words as looked_up
from .models import Connection, Word


def learn(connection: Connection, said: SetUp, now: datetime) -> None:
    """Keep a set-up. A thing with a new name keeps the one that events use; what is there no more stays known."""
    with transaction.atomic():
        known = {
            (row.kind, row.board, row.key): row
            for row in Word.objects.filter(provider=connection.provider_id, connection=connection)
        }
        fresh = []
        for word in said.words:
            row = known.pop((word.kind, word.board, word.key), None)
            if row is None:
                row = Word(
                    provider=connection.provider,
                    connection=connection,
                    kind=word.kind,
                    key=word.key,
                    board=word.board,
                    name=word.name,
                )
            row.named, row.proposed, row.why, row.said = (
                word.name,
                word.proposed,
                word.why[:300],
                dict(word.said),
            )
            row.seen, row.gone = now, None
            fresh.append(row)
        gone = [row for row in known.values() if row.gone is None]
        for row in gone:
            row.gone = now
        Word.objects.bulk_create([row for row in fresh if row.pk is None])
        Word.objects.bulk_update(
            [row for row in fresh if row.pk is not None] + gone,
            ["named", "proposed", "why", "said", "seen", "gone"],
            batch_size=200,
        )
        _snapshot(connection, said, now)
    connection.missing = list(said.missing)


def in_use(connection: Connection) -> Words:
    """Of all that is known of a source's words, what makes those of a ticket others than ours."""
    differ = ~Q(named=F("name")) | Q(kind="priority") | Q(kind__in=("type", "board"), confirmed=True)
    return looked_up(Word.objects.filter(differ, provider=connection.provider_id, connection=connection))


def _snapshot(connection: Connection, said: SetUp, now: datetime) -> None:
    slug = connection.source.slug
    held = {
        (row.kind, row.key): row
        for row in SetUpPiece.objects.filter(provider=connection.provider_id, source=slug, until=None)
    }
    for piece in said.pieces:
        row = held.pop((piece.kind, piece.key), None)
        if row is not None and row.said == piece.said and row.name == piece.name:
            continue
        if row is not None:
            _end(row, now)
        SetUpPiece.objects.create(
            provider=connection.provider,
            source=slug,
            kind=piece.kind,
            key=piece.key,
            name=piece.name,
            said=dict(piece.said),
            since=now,
        )
    for row in held.values():
        _end(row, now)


def _end(row: SetUpPiece, now: datetime) -> None:
    row.until = now
    row.save(update_fields=["until"])
