"""A rereading of everything on all cores: hands the runs of reread.py to processes and counts what comes back."""

import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from importlib.metadata import version

from django.db import connection

from beforehand.engine.zones import tzdata_version
from beforehand.people.models import Provider
from beforehand.promises.book import Book

from . import process
from .counting import count_again
from .reread import NOTHING, RUN, Reread, done, finish, reread_run, runs

Progress = Callable[[Reread, int, int], None]
"""Called after each run with the sum so far, the number of runs done and of all runs."""


def reread_all(
    provider: Provider,
    *,
    cores: int = 1,
    write: bool = True,
    thorough: bool = False,
    size: int = RUN,
    tell: Progress | None = None,
) -> Reread:
    """Read all tickets of a provider again and write the rows that differ (5.4), on so many processes.

    Roll-ups that differ from the clocks even then are counted afresh (`thorough`: see count_again). What an interrupted
    rereading under the same terms has done is not done again. When the terms change meanwhile, it begins anew, so that
    all rows end under the same terms.
    """
    while True:
        book = Book(provider)
        key = key_of(book, size)
        ready = done(provider.pk, key) if write else set()
        every = runs(provider.pk, size)
        left = [run for run in every if run[0] not in ready]
        total = NOTHING
        for number, came in enumerate(
            _work(provider, left, key, write, cores, book), len(every) - len(left) + 1
        ):
            total += came
            if tell:
                tell(total, number, len(every))
        if Book(provider).revision == book.revision:
            if write:
                count_again(provider.pk, book, thorough)
                finish(provider.pk)
            return total


def key_of(book: Book, size: int) -> str:
    """What must be the same for a rereading to go on where another was broken off: terms, zone rules, program, runs."""
    return f"{book.revision}/{tzdata_version()}/{version('beforehand')}/{size}"


def _work(
    provider: Provider, left: Iterable[tuple[int, int]], key: str, write: bool, cores: int, book: Book
) -> Iterator[Reread]:
    if cores == 1:
        for first, end in left:
            yield reread_run(provider.pk, first, end, key, book, write=write)
        return
    from beforehand.engine import columns

    columns.compile_ahead()
    context = multiprocessing.get_context("spawn")
    where = (provider.pk, str(connection.settings_dict["NAME"]))
    with ProcessPoolExecutor(cores, mp_context=context, initializer=process.set_up, initargs=where) as pool:
        futures = [pool.submit(process.reread, first, end, key, write) for first, end in left]
        try:
            for future in as_completed(futures):
                yield future.result()
        finally:
            pool.shutdown(cancel_futures=True)
