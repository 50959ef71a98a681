"""Loading an agreement file: everything in one transaction, or nothing."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from django.db import transaction
from django.db.models import ProtectedError

from beforehand.engine.errors import Invalid
from beforehand.engine.instants import to_instant
from beforehand.engine.terms import Meaning, StatusMap
from beforehand.engine.weekly import Closure
from beforehand.engine.zones import local_datetime
from beforehand.kernel.faults import Fault, Refused, refuse_if_any
from beforehand.kernel.names import fold
from beforehand.people.models import Provider
from beforehand.promises import models
from beforehand.promises.book import Book
from beforehand.promises.file import confirmed as said_before
from beforehand.promises.file.check import Checked, check
from beforehand.promises.file.document import Document
from beforehand.promises.file.from_rows import document_of
from beforehand.promises.file.guard import Terms, Used, changes
from beforehand.promises.file.library import Expanded, Key, expand
from beforehand.promises.file.parse import say_meaning
from beforehand.promises.file.reader import Reader
from beforehand.promises.file.write import Writer
from beforehand.promises.file.write_dates import write_dates, write_ladders, write_provider, write_statuses
from beforehand.promises.holidays import years_needed
from beforehand.promises.ladders import Ladder
from beforehand.promises.rows import Rows, read_rows

WAY_OUT = "a new edition or version from {day} on, or --correct where the past was written down wrongly"
SHOWN = 3


class Loaded(NamedTuple):
    """What a load came to."""

    changed: bool
    revision: str
    warnings: tuple[Fault, ...]
    ladders: tuple[str, ...] = ()
    """What became of ladders, in sentences: one that was changed on its page is not written over in silence."""
    statuses: tuple[str, ...] = ()
    """Statuses that stay as somebody confirmed them, in sentences."""


def load(
    path: Path,
    provider: Provider,
    now: datetime,
    used: Collection[int] = (),
    correct: bool = False,
    used_statuses: Iterable[tuple[str, str]] = (),
    confirmed: Iterable[tuple[str, str]] = (),
) -> Loaded:
    """Writes an agreement file for a provider. The same file again changes nothing, and the revision stays.

    `used` are the ids of the versions that tickets live by: what those promise until today is refused to change,
    unless `correct`. Raises Refused with every fault; nothing is written then.
    """
    today = local_datetime(provider.zone, to_instant(now)).date()
    checked = check(path, today, used_statuses)
    refuse_if_any(checked.faults)
    return load_checked(checked, provider, now, used, correct, confirmed)


def load_checked(
    checked: Checked,
    provider: Provider,
    now: datetime,
    used: Collection[int] = (),
    correct: bool = False,
    confirmed: Iterable[tuple[str, str]] = (),
) -> Loaded:
    """The same for a file that has been checked and has no fault.

    `confirmed` are the (board, status) whose meanings somebody confirmed on a source's page: of which the file says
    nothing they stay, and another meaning is refused, unless `correct`.
    """
    if checked.document is None:
        raise Refused(checked.faults)
    try:
        with transaction.atomic():
            load = _Load(checked.document, checked.reader, provider, now, confirmed)
            return load.run(used, correct, checked.warnings)
    except ProtectedError as error:
        found = f"terms left out that {len(error.protected_objects)} tickets were read by"
        example = "end the version with `until` instead, and keep it in the file"
        raise Refused(Fault(checked.reader.name, found, "terms in use to stay", example)) from error


class _Load:
    def __init__(
        self,
        document: Document,
        reader: Reader,
        provider: Provider,
        now: datetime,
        confirmed: Iterable[tuple[str, str]],
    ) -> None:
        self.reader, self.now = reader, now
        # Two loads at once come one after the other.
        self.provider = Provider.objects.select_for_update().get(pk=provider.pk)
        self.given = provider
        self.today = local_datetime(document.provider.zone, to_instant(now)).date()
        self.rows = read_rows(self.provider)
        stored = document_of(self.provider, self.rows).statuses
        confirmed = set(confirmed)
        self.other = said_before.differing(document.statuses, stored, confirmed)
        self.kept = said_before.kept(document.statuses, stored, confirmed)
        statuses = said_before.with_kept(document.statuses, self.kept)
        self.document = replace(document, statuses=statuses) if self.kept else document

    def run(self, used: Collection[int], correct: bool, warnings: tuple[Fault, ...]) -> Loaded:
        if fold(self.document.provider.name) != fold(self.provider.name):
            place = self.reader.place(("provider", "name"))
            found = f"{self.document.provider.name!r}"
            raise Refused(Fault(place, found, f"the provider that it is loaded for, {self.provider.name!r}"))
        before = document_of(self.provider, self.rows)
        writer = Writer(self.provider, self.document, self.rows)
        stored = stored_library(self.rows)
        years = years_needed(self.document.earliest(), self.today)
        expanded = expand(
            {(self._name_now(writer, client), region): rows for (client, region), rows in stored.items()},
            _wanted(self.document),
            years,
            self.today,
            correct,
        )
        if self.rows.terms is not None and self.document == before and not expanded.changed:
            return Loaded(False, self.rows.revision, warnings)
        if not correct:
            faults = self._changes(before, stored, expanded, writer, used) if used else []
            refuse_if_any([*faults, *self._changed_statuses(before if used else None)])
        writer.write()
        write_statuses(self.provider, self.document.statuses)
        write_ladders(self.provider, self.document.ladders, self.now)
        write_dates(self.provider, self.document, writer.clients, writer.coverages, expanded)
        revision = write_provider(self.provider, self.document, writer.coverages, years[-1], self.now)
        self._try_out()
        self.given.zone = self.provider.zone
        ladders = tuple(_moves(before.ladders, self.document.ladders))
        return Loaded(True, revision, warnings, ladders, tuple(said_before.said(self.kept, self.reader.name)))

    def _name_now(self, writer: Writer, client: str) -> str:
        rows = {row.name: row.pk for row in self.rows.clients}
        names = {row.pk: name for name, row in writer.clients.items()}
        return names.get(rows[client], client) if client else ""

    def _changes(
        self,
        before: Document,
        stored: dict[Key, list[Closure]],
        expanded: Expanded,
        writer: Writer,
        used: Collection[int],
    ) -> list[Fault]:
        """What tickets live by and the file has otherwise."""
        old = Terms(before, Expanded({key: tuple(rows) for key, rows in stored.items()}, False), self.today)
        new = Terms(self.document, expanded, self.today)
        renamed = {row.name: name for name, row in writer.clients.items() if row.name != name}
        faults = []
        way_out = WAY_OUT.format(day=self.today + timedelta(days=1))
        for change in changes(old, new, _used(self.rows, used), renamed):
            whose = ", ".join(change.clients[:SHOWN])
            if len(change.clients) > SHOWN:
                whose += f" and {len(change.clients) - SHOWN} more"
            found = f"{change.now or 'nothing'} for the {change.piece}"
            kept = f"{change.was or 'nothing'}, as promised to {whose} since {change.since} and in use"
            faults.append(Fault(self.reader.place(change.path), found, kept, way_out))
        return faults

    def _changed_statuses(self, before: Document | None) -> list[Fault]:
        """A status that has a meaning keeps it while tickets live by it, and one that somebody confirmed always; one
        without may be given its first. `before`: what is stored, None where no ticket lives by it.
        """
        wrong: dict[tuple[str, str], tuple[Meaning | None, Meaning, str]] = {
            place: (now, was, "as somebody confirmed") for place, (now, was) in self.other.items()
        }
        told = StatusMap(self.document.statuses)
        for board, statuses in before.statuses.items() if before else ():
            for status, meaning in statuses.items():
                now = told.meaning(board, status)
                if now != meaning:
                    wrong.setdefault((board, status), (now, meaning, "as it has meant so far"))
        return [
            self._other_meaning(board, status, now, was, since)
            for (board, status), (now, was, since) in wrong.items()
        ]

    def _other_meaning(self, board: str, status: str, now: Meaning | None, was: Meaning, since: str) -> Fault:
        place = self.reader.place(("statuses", board or "every board", status))
        found = say_meaning(now) if now else "nothing"
        example = "--correct, after which every ticket is read again"
        return Fault(place, found, f"{say_meaning(was)}, {since}", example)

    def _try_out(self) -> None:
        """Builds all that was written, so that nothing is kept that the engine would refuse later."""
        book = Book(self.provider)
        try:
            book.build_all()
        except Invalid as error:
            raise Refused(
                [
                    Fault(f"{self.reader.name}, {f.place}", f.found, f.expected, f.example)
                    for f in error.faults
                ]
            ) from error


def _moves(before: Mapping[str, Ladder], after: Mapping[str, Ladder]) -> Iterator[str]:
    """What becomes of each ladder that is another than before."""
    for name in dict.fromkeys((*before, *after)):
        if name not in after:
            yield f"The ladder {name!r} is not in the file: it is gone."
        elif name not in before:
            yield f"The ladder {name!r} is new: it rehearses until somebody switches it on."
        elif before[name] != after[name]:
            yield f"The ladder {name!r} is now as the file has it."


def stored_library(rows: Rows) -> dict[Key, list[Closure]]:
    """The rows of the holidays library, by client name ("" for the provider's list) and region."""
    names = {row.pk: row.name for row in rows.clients}
    found: dict[Key, list[Closure]] = {}
    for row in rows.closures:
        if row.origin == models.Closure.Origin.LIBRARY:
            owner = names[row.client_id] if row.client_id else ""
            dates = Closure(row.first, row.last, row.name, row.begins, row.ends)
            found.setdefault((owner, row.origin_name), []).append(dates)
    return found


def _wanted(document: Document) -> list[Key]:
    clients = [(name, region) for name, part in document.clients.items() for region in part.dates.regions]
    return [*(("", region) for region in document.provider.dates.regions), *clients]


def _used(rows: Rows, used: Collection[int]) -> list[Used]:
    names = {row.pk: row.name for row in rows.clients}
    found = []
    for client, agreements in rows.agreements.items():
        for agreement in agreements:
            versions = rows.versions.get(agreement.pk, [])
            for number, version in enumerate(versions):
                if version.pk not in used:
                    continue
                until = version.until
                if until is None and number + 1 < len(versions):
                    until = versions[number + 1].since - timedelta(days=1)
                found.append(Used(names[client] if client else "", version.since, until))
    return found


def keep_ahead(provider: Provider, now: datetime) -> bool:
    """Adds the public holidays of years that have come within reach; whether any were added."""
    with transaction.atomic():
        locked = Provider.objects.select_for_update().get(pk=provider.pk)
        rows = read_rows(locked)
        document = document_of(locked, rows)
        today = local_datetime(locked.zone, to_instant(now)).date()
        years = years_needed(document.earliest(), today)
        expanded = expand(stored_library(rows), _wanted(document), years, today)
        if rows.terms is None or not expanded.changed:
            return False
        writer = Writer(locked, document, rows)
        write_dates(locked, document, writer.clients, writer.coverages, expanded)
        write_provider(locked, document, writer.coverages, years[-1], now)
    return True
