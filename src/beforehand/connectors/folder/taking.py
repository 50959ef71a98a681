"""A turn of a watched folder: files that have stopped growing are taken in and moved away.

Nothing is lost or doubled by an end in the middle: a file is moved once all of it is kept, and taken again until then,
which tells nothing that is not known (log/importing.py).
"""

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from django.db import DatabaseError

from beforehand.connectors.log.importing import Came, Import, Opened, open_logs
from beforehand.connectors.log.mapping import LogMapping
from beforehand.connectors.log.record import recorded
from beforehand.connectors.log.rejects import default_path
from beforehand.connectors.models import Connection
from beforehand.connectors.secrets import opened
from beforehand.connectors.trouble import Trouble
from beforehand.connectors.turn import TakenOver
from beforehand.engine.instants import SECOND, to_instant
from beforehand.kernel.due.handlers import Going
from beforehand.kernel.faults import Refused
from beforehand.tickets.models import Source, Ticket

from .place import DONE, FAILED, Found, Place, files_in, free, place_of

QUIET = 10 * SECOND
"""A file that was the same for so long, as looked at twice, has stopped growing. No clock of its own is believed."""
RUN = 1_000
"""Rows that share a transaction: on SQLite nobody else writes meanwhile."""
LONG_S = 10.0
"""A turn that has taken longer begins no other file."""
Seen = Mapping[str, Sequence[int]]


def turn(connection: Connection, going: Going) -> int:
    """Take in what is whole; when to look again. Raises Trouble."""
    place = place_of(opened(connection))
    _fit(connection.source, place.mapping)
    began, found = time.monotonic(), files_in(place.folder)
    seen = _seen(connection.cursor, found, to_instant(going.clock()))
    whole = [one for one in found if to_instant(going.clock()) - seen[one.path.name][2] >= QUIET]
    _save(connection, going, seen)
    logs = _opened(connection.source, place, whole, going)
    for count, log in enumerate(logs):
        if count and time.monotonic() - began > LONG_S:
            return to_instant(going.clock())
        _take(connection, place, log, going)
    now = to_instant(going.clock())
    return now + (
        min(connection.interval * SECOND, QUIET) if len(found) > len(whole) else connection.interval * SECOND
    )


def _seen(cursor: str, found: Iterable[Found], now: int) -> Seen:
    """Size, stamp, and since when both are the same, by the names of the files that are there."""
    before: Seen = json.loads(cursor) if cursor else {}
    seen = {}
    for one in found:
        known = before.get(one.path.name)
        same = known is not None and list(known[:2]) == [one.size, one.changed]
        seen[one.path.name] = [one.size, one.changed, known[2] if known is not None and same else now]
    return seen


def _save(connection: Connection, going: Going, seen: Seen) -> None:
    now = going.clock()
    ours = Connection.objects.filter(pk=connection.pk, turn=connection.turn)
    done = connection.back_done or now
    if not ours.update(cursor=json.dumps(seen), looked=now, back_done=done):
        raise TakenOver


def _fit(source: Source, mapping: LogMapping) -> None:
    """The source tells what its mapping says, unless tickets came by one that says otherwise: readings stand on it."""
    tells = mapping.tells
    said = {name: getattr(tells, name) for name in ("precision", "messages", "responded", "texts")}
    if all(getattr(source, name) == value for name, value in said.items()):
        return
    if Ticket.objects.filter(provider=source.provider_id, source=source).exists():
        raise Trouble(
            f"the tickets of {source.name} came by a mapping that tells otherwise than {mapping.file}: "
            "connect that folder as another source",
            900,
        )
    for name, value in said.items():
        setattr(source, name, value)
    source.save(update_fields=list(said))


def _opened(source: Source, place: Place, whole: Iterable[Found], going: Going) -> list[Opened]:
    """Files looked at from end to end, in the order of their kinds; those that are none of them are moved away."""
    logs = []
    for one in whole:
        try:
            logs += open_logs([str(one.path)], place.mapping)
        except Refused as refused:
            _refuse(source, place, one.path, refused, going)
    return sorted(logs, key=lambda log: place.mapping.shapes.index(log.shape))


def _refuse(source: Source, place: Place, path: Path, refused: Refused, going: Going) -> None:
    """A file of which nothing can be taken: recorded, and moved away."""
    _raise_if_ours(refused)
    try:
        with recorded(source, Came(path.name), going.clock):
            raise refused
    except Refused:
        _move(path, _target(place, FAILED, path.name))


def _take(connection: Connection, place: Place, log: Opened, going: Going) -> None:
    path, came = Path(log.log.given), Came(Path(log.log.given).name)
    target = _target(place, DONE, path.name)
    work = Import(connection.source, place.mapping, going.clock())
    try:
        with recorded(connection.source, came, going.clock) as record:

            def tell(_log: str, _done: int, _of: int) -> None:
                record.note()
                if not going.is_fresh():
                    raise TakenOver

            work.take(log.log, log.lines, default_path(str(target)), tell, RUN, came)
            if came.rows and not came.taken and not came.known:
                target = _with_rejects(came, _target(place, FAILED, path.name))
    except Refused as refused:
        _raise_if_ours(refused)
        target = _target(place, FAILED, path.name)
    _move(path, target)


def _with_rejects(came: Came, target: Path) -> Path:
    """Nothing of it could be taken: its rejected rows go where it goes."""
    if came.rejects is not None:
        beside = default_path(str(target))
        _move(came.rejects, beside)
        came.rejects = beside
    return target


def _raise_if_ours(refused: Refused) -> None:
    """What is wrong with the database or the disk is not wrong with the file: it is taken later."""
    cause = refused.__cause__
    if isinstance(cause, DatabaseError) or (isinstance(cause, OSError) and cause.errno is not None):
        raise Trouble(str(refused)) from refused


def _target(place: Place, name: str, file: str) -> Path:
    folder = place.folder / name
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise Trouble(f"{folder} cannot be made: {error.strerror}") from None
    return free(folder, file)


def _move(path: Path, target: Path) -> None:
    """Where another worker has moved it already, that is well too."""
    try:
        path.rename(target)
    except FileNotFoundError:
        return
    except OSError as error:
        raise Trouble(f"{path} cannot be moved to {target.parent}: {error.strerror}") from None
