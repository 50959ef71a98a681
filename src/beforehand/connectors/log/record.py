"""The record of an import: who took in what, when, and what came of it, for the page of sources."""

import os
import pwd
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime

from django.db import DatabaseError

from beforehand.kernel.faults import Refused
from beforehand.tickets.models import ImportRun, Source

from .importing import Came

KEPT = 100
"""Records kept of each source, the latest."""
COUNTS = ("rows", "taken", "known", "rejected", "events", "conflicts", "tickets")


class Record:
    """The row of one log that is being taken in."""

    def __init__(self, row: ImportRun, came: Came, clock: Callable[[], datetime]) -> None:
        self._row, self._came, self._clock = row, came, clock

    def note(self) -> None:
        """Writes down how far it is."""
        row, came = self._row, self._came
        for name in COUNTS:
            setattr(row, name, getattr(came, name))
        row.rejects = str(came.rejects or "")
        row.first_rejects = [list(one) for one in came.first_rejects]
        row.seen = self._clock()
        row.save()

    def end(self, fault: str = "") -> None:
        """Writes down that it has ended, and why if it could not go on."""
        self._row.fault, self._row.ended = fault, self._clock()
        self.note()


@contextmanager
def recorded(source: Source, came: Came, clock: Callable[[], datetime]) -> Iterator[Record]:
    """Keeps a record of the import that is done within. What ends it otherwise than by Refused leaves it open."""
    began = clock()
    row = ImportRun.objects.create(
        provider_id=source.provider_id, source=source, log=came.log, by=_who(), started=began, seen=began
    )
    _forget_old(source)
    record = Record(row, came, clock)
    try:
        yield record
    except Refused as refused:
        # Where the database is full this cannot be written either; the record then tells of an import broken off.
        with suppress(DatabaseError):
            record.end(str(refused))
        raise
    record.end()


def _who() -> str:
    """The user of this machine who runs the command."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"user {os.getuid()}"


def _forget_old(source: Source) -> None:
    runs = ImportRun.objects.filter(provider=source.provider_id, source=source)
    kept = runs.order_by("-started", "-pk").values_list("pk", flat=True)[:KEPT]
    runs.exclude(pk__in=list(kept)).delete()
