"""What a process of rereading.py does. Models are imported only once Django is ready in it."""

import itertools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from beforehand.promises.book import Book

    from .reread import Reread

_books: "list[Book]" = []
"""The agreements, read once for each process."""


def set_up(provider: int, database: str) -> None:
    """Make this process ready to read the tickets of a provider in the database of that name."""
    import django

    django.setup()
    from django.db import connection

    connection.settings_dict["NAME"] = database
    from beforehand.people.models import Provider
    from beforehand.promises.book import Book

    _books[:] = [Book(Provider.objects.get(pk=provider))]


_runs = itertools.count(1)
FOLDED_EVERY = 20
"""Runs after which a process waits for the others and brings the write-ahead log home."""


def fold_log() -> None:
    """Keep SQLite's write-ahead log short: while some process always reads, nothing else would ever begin it anew."""
    from django.db import connection

    if connection.vendor == "sqlite" and next(_runs) % FOLDED_EVERY == 0:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(RESTART)")


def reread(first: int, end: int, key: str, write: bool) -> "Reread":
    """Read one run again, as reread.reread_run does."""
    from .reread import reread_run

    book = _books[0]
    came = reread_run(book.provider.pk, first, end, key, book, write=write)
    if write:
        fold_log()
    return came
