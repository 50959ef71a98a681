"""Lines of agreements that name what no ticket is told under: a line that meets nothing promises nothing."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from beforehand.connectors.meaning import ours
from beforehand.connectors.models import Word
from beforehand.promises.book import Book
from beforehand.promises.build import line_name
from beforehand.promises.models import Line
from beforehand.tickets.models import Ticket

FIELDS = ("site", "type", "board", "channel", "priority")
"""Contracts are held against those of their client (meaning_contracts.py); no source has words for tiers."""


class Unmet(NamedTuple):
    """What a line names and no ticket has, in words; `first`: the name under which it would meet something."""

    where: str
    field: str
    value: str
    first: str


def unmet(book: Book) -> list[Unmet]:
    """All of them, of whatever source: where the sources say what there is, and no ticket has had it."""
    known, now = _words(book)
    found: dict[tuple[str, str], list[str]] = {}
    for where, line in _lines(book):
        for field in FIELDS:
            value = getattr(line, field)
            if not value or field not in known or value in known[field]:
                continue
            # What priorities nobody has said anything of are called is asked where they stand.
            if field != "priority" or (field, value) in now:
                found.setdefault((field, value), []).append(where)
    met = _met(book, found)
    return [
        Unmet(where, field, value, now.get((field, value), ""))
        for (field, value), places in found.items()
        if (field, value) not in met
        for where in places
    ]


def _met(book: Book, asked: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those of which there are tickets after all."""
    values: dict[str, list[str]] = {}
    for field, value in asked:
        values.setdefault(field, []).append(value)
    tickets = Ticket.objects.filter(provider=book.provider)
    return {
        (field, value)
        for field, some in values.items()
        for value in tickets.filter(**{f"{field}__in": some}).values_list(field, flat=True).distinct()
    }


def _words(book: Book) -> tuple[dict[str, set[str]], Mapping[tuple[str, str], str]]:
    """What things are called here, by kind; and the names that they have now, by which nothing is met."""
    known: dict[str, set[str]] = {}
    now: dict[tuple[str, str], str] = {}
    for row in Word.objects.filter(provider=book.provider, kind__in=FIELDS):
        name = ours(row) if row.kind == "priority" else row.name
        known.setdefault(row.kind, set()).add(name)
        now.setdefault((row.kind, row.named), name)
    return known, now


def _lines(book: Book) -> Iterator[tuple[str, Line]]:
    rows = book.rows
    for plan in rows.plans:
        for edition in rows.editions.get(plan.pk, []):
            for line in rows.edition_lines.get(edition.pk, []):
                yield f"Plan “{plan.name}” from {edition.since}, line “{line_name(line)}”", line
    clients = {client.id: client.name for client in book.clients}
    for client, agreements in rows.agreements.items():
        whose = "Every client" if client is None else clients.get(client, "")
        for agreement in agreements:
            for version in rows.versions.get(agreement.pk, []):
                for line in rows.version_lines.get(version.pk, []):
                    yield f"{whose}, agreement “{agreement.name}”, line “{line_name(line)}”", line
