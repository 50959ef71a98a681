"""What a source's set-up is, as it was read last: its words, and dated snapshots of what its SLAs are."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from beforehand.engine.instants import LAST, to_instant
from beforehand.promises.models import SetUpPiece
from beforehand.promises.psa import stored
from beforehand.tickets.models import Event

from .contract import SetUp, Told
from .contract import Word as Said
from .meaning import CALLED, ORIGINS_BY, PROGRAM, TECHNICIAN, Words, ours
from .meaning import words as looked_up
from .models import Connection, Remote, Word
from .registry import connectors
from .steady import KINDS, LONGEST, free_name, new_word, renamed
from .telling import field_of

AT_ONCE = 400
UNLISTED = ("site",)
"""Fields whose words most set-ups do not have: one that is new says nothing."""


def learn(connection: Connection, said: SetUp, now: datetime) -> None:
    """Keep a set-up. A thing with a new name keeps the one that events use; what is there no more stays known."""
    told = [*said.words, *_creators(connection)]
    with transaction.atomic():
        # Boards first: what is a board's own is under the name by which that is known here, a new one's too.
        for boards in (True, False):
            _learn_words(connection, [word for word in told if (word.kind == "board") == boards], now)
        _snapshot(connection, said, now)
    connection.missing = list(said.missing)


def _learn_words(connection: Connection, told: Iterable[Said], now: datetime) -> None:
    rows = Word.objects.filter(provider=connection.provider_id, connection=connection)
    known = {(row.kind, row.board, row.key): row for row in rows}
    words = _by_key(told, known.values())
    changed = [row for key, row in known.items() if key in words and _is_renamed(row, words[key], now)]
    kept = [_learnt(row, words[key], now) for key, row in known.items() if key in words]
    # Of what nothing was said at all nobody knows what is gone.
    kinds = {kind for kind, _, _ in words}
    gone = [row for key, row in known.items() if key not in words and row.gone is None and row.kind in kinds]
    for row in gone:
        row.gone = now
    Word.objects.bulk_update(
        kept + gone, ["named", "names", "proposed", "why", "said", "seen", "gone"], batch_size=100
    )
    _begin(connection, {key: word for key, word in words.items() if key not in known}, known.values(), now)
    _read_again(connection, changed)


def _by_key(told: Iterable[Said], known: Collection[Word]) -> dict[tuple[str, str, str], Said]:
    """Words by kind, board and id. A board's own are under the name by which it was known first."""
    first = {row.named: row.name for row in known if row.kind == "board" and row.gone is None}
    return {
        (word.kind, first.get(word.board[:LONGEST], word.board)[:LONGEST], word.key[:LONGEST]): word
        for word in told
    }


def _is_renamed(row: Word, word: Said, now: datetime) -> bool:
    before = row.named
    renamed(row, word.name[:LONGEST], now)
    return row.named != before


def _begin(
    connection: Connection,
    fresh: Mapping[tuple[str, str, str], Said],
    known: Iterable[Word],
    now: datetime,
) -> None:
    """Things that nobody has known."""
    same: dict[tuple[str, str, str], list[Word]] = {}
    for row in known:
        for name in {row.name, row.named, *(before for before, _ in row.names)}:
            same.setdefault((row.kind, row.board, name), []).append(row)
    made = []
    for (kind, board, key), word in fresh.items():
        name = word.name[:LONGEST]
        row = new_word(connection, kind, key, name, board)
        made.append(_learnt(row, word, now))
        same.setdefault((kind, board, name), []).append(row)
    names = [
        free_name(row, (one for one in same[row.kind, row.board, row.named] if one is not row))
        for row in made
    ]
    for row, name in zip(made, names, strict=True):
        others = same[row.kind, row.board, row.named]
        if any(one.pk is not None and one.named != row.named for one in others):
            row.names = [["", to_instant(now)]]  # another had this name before
        row.name = name
    Word.objects.bulk_create(made)


def _read_again(connection: Connection, changed: Collection[Word]) -> None:
    """Have tickets read again that may have been told under a new name before anybody knew of it."""
    if connection.set_up_read is None or not changed:
        return
    names = {name for row in changed if row.kind in KINDS.values() for name in (row.name, row.named)}
    told = Remote.objects.filter(
        provider=connection.provider_id,
        connection=connection,
        read__gte=connection.set_up_read,
        deep__isnull=False,
    )
    ids = list(told.values_list("external_id", flat=True))
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        events = Event.objects.filter(
            provider=connection.provider_id,
            ticket__source=connection.source_id,
            ticket__external_id__in=some,
            value__in=names,
        )
        touched = events.values_list("ticket__external_id", flat=True).distinct()
        told.filter(external_id__in=list(touched)).update(shallow=True)


def _creators(connection: Connection) -> list[Said]:
    """Who may have typed a ticket in, where the source tells it: no source has them in its set-up."""
    kind = connectors().get(connection.connector)
    if kind is None or not kind.creators:
        return []
    why = "what your own people type in was told to them, or found by them"
    return [Said("creator", TECHNICIAN, TECHNICIAN, "", "provider", why), Said("creator", PROGRAM, PROGRAM)]


def in_use(connection: Connection) -> Words:
    """Of all that is known of a source's words, what makes those of a ticket others than ours."""
    contracts = Q(kind="contract") & (Q(confirmed=True) | ~Q(was=""))
    differ = Q(kind="priority") | contracts | Q(kind__in=("type", *ORIGINS_BY), confirmed=True)
    return looked_up(Word.objects.filter(differ, provider=connection.provider_id, connection=connection))


def names_of(connection: Connection) -> dict[tuple[str, str], str]:
    """What things of the source (kind of word, its name there) are called in its tickets here, where that is not what
    it calls them now."""
    words = Word.objects.filter(provider=connection.provider_id, connection=connection)
    found: dict[tuple[str, str], set[str]] = {}
    for row in words:
        here = ours(row) if row.kind in CALLED else row.name
        found.setdefault((row.kind, row.named), set()).add(here)
    # Where several are called the same there, and not here, a name alone does not say which.
    single = {key: here.pop() for key, here in found.items() if len(here) == 1}
    return {key: here for key, here in single.items() if here != key[1]}


def _learnt(row: Word, word: Said, now: datetime) -> Word:
    row.proposed, row.why = word.proposed[:LONGEST], word.why[:300]
    row.said, row.seen, row.gone = dict(word.said), now, None
    return row


def are_strange(connection: Connection, told: Iterable[Told]) -> bool:
    """Whether tickets name anything that the set-up does not have, of a kind that it has; of their histories what
    happened since it was read last.
    """
    known: dict[str, set[str]] = {}
    keys: set[tuple[str, str]] = set()
    rows = Word.objects.filter(provider=connection.provider_id, connection=connection)
    for kind, name, named, key in rows.values_list("kind", "name", "named", "key"):
        known.setdefault(kind, set()).update((name, named))
        keys.add((kind, key))
    since = LAST if connection.set_up_read is None else to_instant(connection.set_up_read)
    listed = {field: kind for field, kind in KINDS.items() if kind in known and field not in UNLISTED}
    return any(
        value and (value not in known[listed[field]] or (bool(key) and (listed[field], key) not in keys))
        for one in told
        for field, value, key in _named(one, since)
        if field in listed
    )


def _named(told: Told, since: int) -> Iterator[tuple[str, str, str]]:
    """What a ticket names, by field, with its id where that is told."""
    for field, value in told.fields.items():
        yield field, value, told.keys.get(field, "")
    for one in told.events:
        if one.event.at >= since:
            yield field_of(one.event), one.event.value, ""


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
