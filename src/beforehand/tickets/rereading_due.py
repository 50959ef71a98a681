"""A rereading that is asked for on a page: run after run, as an errand of the workers, beside all else they do."""

import time
from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from beforehand.engine.instants import to_instant
from beforehand.kernel.due import queue
from beforehand.kernel.due.handlers import Claim, Going, Next
from beforehand.people.models import Provider
from beforehand.promises.book import Book

from .counting import count_again
from .reread import RUN, done, finish, reread_run, runs
from .rereading import key_of

REREAD = "reread"
LONG_S = 10.0
"""After so long others have their turn."""


def ask(provider: int, now: datetime) -> None:
    """Have all tickets of a provider read again under the terms of now, as part of the caller's transaction."""
    queue.ask(REREAD, provider, [provider], to_instant(now))


class Rereads:
    """The errand (kernel/due/handlers.py)."""

    def prepare(self, claims: Sequence[Claim], _now: datetime) -> list[int]:
        """Whose tickets."""
        return [claim.provider for claim in claims]

    def run(self, job: int, going: Going) -> bool:
        """Read for a while; whether there is more."""
        try:
            provider = Provider.objects.filter(pk=job).first()
            return provider is not None and reread_some(provider, going)
        finally:
            connection.close()

    def note(self, done: Sequence[tuple[int, bool]], now: datetime) -> list[Next]:
        """At once again, or not any more."""
        return [to_instant(now) if more else None for _, more in done]


def reread_some(provider: Provider, going: Going, long: float = LONG_S) -> bool:
    """Read runs of tickets again (reread.py) until it has taken long; whether any are left."""
    began = time.monotonic()
    book = Book(provider)
    key = key_of(book, RUN)
    ready = done(provider.pk, key)
    for first, end in runs(provider.pk):
        if first in ready:
            continue
        if not going.is_fresh() or time.monotonic() - began > long:
            return True
        reread_run(provider.pk, first, end, key, book)
    if Book(provider).revision != book.revision:
        return True
    count_again(provider.pk, book, thorough=False)
    finish(provider.pk)
    return False
