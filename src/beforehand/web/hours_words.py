"""The hours of agreements in words, with how their zone is known where nobody told it."""

from beforehand.engine.coverage import Coverage
from beforehand.engine.english import hours
from beforehand.engine.saying import Hours
from beforehand.promises.book import Book
from beforehand.promises.draft.words import mark_of


def in_words(coverage: Coverage) -> str:
    """ "Mon-Fri 9:00-17:00 (New York, zone inferred from 62 due dates)"."""
    if coverage.is_always:
        return "round the clock"
    if not coverage.weekly:
        return "on single days only"
    said, mark = hours(Hours(coverage.weekly, coverage.zone)), mark_of(coverage.name)
    return f"{said[:-1]}, {mark})" if mark else said


def hours_of(book: Book, client: int, now: int) -> list[str]:
    """The hours in which a client is owed work for tickets that come now; none without an agreement."""
    held = book.in_force(client, now)
    if held is None:
        return []
    return list(dict.fromkeys(in_words(line.coverage) for line in held.terms.lines if line.coverage))
