"""A source that is asked, by its short name: for commands."""

from datetime import date

from beforehand.engine.zones import load
from beforehand.kernel.faults import Fault, Refused
from beforehand.people.models import Provider
from beforehand.promises.draft.due_dates import Due

from .due_dates import due_dates
from .models import Connection, Word
from .registry import connectors
from .words import names_of


def title_and_first_day(provider: Provider, slug: str) -> tuple[str, date]:
    """What people call its kind, and the day from which on its tickets are read. Refused where it is not asked."""
    rows = {
        row.source.slug: row for row in Connection.objects.filter(provider=provider).select_related("source")
    }
    row = rows.get(slug)
    if row is None:
        known = ", ".join(sorted(rows)) or "there is none yet"
        raise Refused(Fault("source", repr(slug), f"one of the sources that are asked: {known}"))
    kind = connectors().get(row.connector)
    title = kind.title if kind else row.source.name
    return title, row.since.astimezone(load(provider.zone)).date()


def names_here(provider: Provider, slug: str) -> dict[tuple[str, str], str]:
    """What its things are called in tickets here, where that is not what it calls them now."""
    return names_of(Connection.objects.get(provider=provider, source__slug=slug))


def due_dates_of(provider: Provider, slug: str) -> list[Due]:
    """The due dates that it told, for what its set-up does not tell."""
    return due_dates(Connection.objects.get(provider=provider, source__slug=slug))


def confirmed_statuses(provider: Provider) -> set[tuple[str, str]]:
    """The (board, status) whose meanings somebody confirmed on the page of a source."""
    rows = Word.objects.filter(provider=provider, kind="status", confirmed=True)
    return set(rows.values_list("board", "name"))
