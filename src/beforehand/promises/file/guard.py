"""Holding terms that tickets already live by: what was promised on each day until today must stay (2.1, 6.3)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

from beforehand.engine.weekly import Closure
from beforehand.promises.build import describe
from beforehand.promises.file.checks import spans
from beforehand.promises.file.document import (
    BUILT_IN,
    AgreementPart,
    ClientPart,
    Dates,
    Document,
    LinePart,
    Path,
    TermsPart,
)
from beforehand.promises.file.hours import ALWAYS, say_hours
from beforehand.promises.file.library import Expanded
from beforehand.promises.file.notation import Days, say_closure, say_opening, say_promise
from beforehand.promises.settings import settle
from beforehand.promises.words import CLIENT_ZONE, CLIENTS_LIST, PROVIDERS_LIST

_SHUT, _OPEN = "shut", "open"
Promise = dict[str, tuple[str, Path]]
"""What is promised, piece by piece: its words, and where they stand."""


class Change(NamedTuple):
    """One piece of what was promised that would be otherwise from now on, for some clients."""

    piece: str
    was: str
    now: str
    path: Path
    clients: tuple[str, ...]
    since: date


@dataclass(frozen=True)
class Used:
    """A version that tickets live by: whose ("" for every client's), and its days."""

    client: str
    since: date
    until: date | None


class Terms:
    """What a document promises to a client on a day."""

    def __init__(self, document: Document, library: Expanded, today: date) -> None:
        self.document, self.library, self.today = document, library, today
        self._dates = cache(self._dates_uncached)

    def part(self, client: str) -> ClientPart:
        """The client's part; one that is not listed has none of its own."""
        return self.document.clients.get(client) or ClientPart(self.document.provider.zone)

    def edges(self, client: str) -> set[date]:
        """The days on which another version or edition begins to hold."""
        days = set()
        for _, agreement in self._agreements(client):
            for version, until in spans(agreement):
                days |= {version.since} | ({until + timedelta(1)} if until else set())
                days |= {edition.since for edition in self.document.plans.get(version.plan, ())}
        first = _first_own(self.part(client))
        return days | ({first} if first else set())

    def on(self, client: str, day: date) -> Promise:
        """Piece by piece what is promised to the client for tickets created on that day."""
        promise: Promise = {}
        for path, agreement in self._agreements(client, day):
            for number, (version, until) in enumerate(spans(agreement)):
                if version.since <= day and (until is None or day <= until):
                    here = (*path, "versions", f"[{number}]")
                    self._version(promise, client, agreement, version, here, day)
        return promise

    def _agreements(self, client: str, day: date | None = None) -> Iterator[tuple[Path, AgreementPart]]:
        """The client's own and, before the first of them begins, every client's."""
        part = self.part(client)
        first = _first_own(part)
        if first is None or day is None or day < first:
            for name, agreement in self.document.everyone.items():
                yield ("every client", "agreements", name), agreement
        for name, agreement in part.agreements.items():
            yield ("clients", client, "agreements", name), agreement

    def _version(
        self,
        promise: Promise,
        client: str,
        agreement: AgreementPart,
        version: TermsPart,
        path: Path,
        day: date,
    ) -> None:
        editions = self.document.plans.get(version.plan, ())
        sold = [(n, e) for n, e in enumerate(editions) if e.since <= day]
        number, edition = sold[-1] if sold else (0, None)
        agreed = settle(edition.settings if edition else {}, version.settings)
        for item in fields(agreed):
            promise[f"setting {item.name}"] = (str(getattr(agreed, item.name)), (*path, "settings"))
        promise["zone of the client"] = (self.part(client).zone, path)
        default = version.coverage or (edition.coverage if edition else "") or self.document.provider.coverage
        holidays = version.holidays or (edition.holidays if edition else "") or PROVIDERS_LIST
        plan_path: Path = ("plans", version.plan, "editions", f"[{number}]")
        kinds = [("", edition.lines if edition else (), plan_path), ("own ", version.lines, path)]
        for kind, lines, spot in kinds:
            for row, line in enumerate(lines):
                label = f"{kind}line for {_fits(line, agreement.contract)}"
                self._line(promise, label, line, (*spot, "lines", f"[{row}]"), client, default)
        promise |= self._dates(client, holidays, day)

    def _line(
        self, promise: Promise, label: str, line: LinePart, path: Path, client: str, default: str
    ) -> None:
        promise[f"{label}, hours"] = self._hours_of(line.coverage or default, client)
        for metric, target in line.targets.items():
            plain = target._replace(calendar="") if isinstance(target, Days) else target
            promise[f"{label}, {metric}"] = (say_promise(plain), (*path, metric))
            if isinstance(target, Days) and target.calendar:
                promise[f"{label}, {metric}, calendar"] = self._hours_of(target.calendar, client)

    def _hours_of(self, name: str, client: str) -> tuple[str, Path]:
        part = self.document.coverages.get(name)
        if name == BUILT_IN or part is None or part.hours == ALWAYS:
            return "24x7", ("coverages", name)
        zone = self.part(client).zone if part.zone == CLIENT_ZONE else part.zone
        return f"{say_hours(part.hours)} ({zone})", ("coverages", name)

    def _dates_uncached(self, client: str, holidays: str, day: date) -> Promise:
        """Closures and openings from that day until today: later ones may still change (1.2)."""
        own, provider = self.part(client).dates, self.document.provider.dates
        owners: list[tuple[str, Dates, Path]] = [("", own, ("clients", client))]
        owners += [(f"{n}: ", part.dates, ("coverages", n)) for n, part in self.document.coverages.items()]
        library = {PROVIDERS_LIST: "", CLIENTS_LIST: client}.get(holidays)
        if holidays == PROVIDERS_LIST:
            owners.append(("", provider, ("provider",)))
        shut = [(label, row, path) for label, dates, path in owners for row in _closures(dates)]
        if library is not None:
            shut += [("", row, ("provider", "holidays")) for row in self.library.of(library)]
        promise: Promise = {
            f"{label}closed {say_closure(row)}": (_SHUT, path)
            for label, row, path in shut
            if day <= row.last and row.first <= self.today
        }
        openings = owners if holidays == PROVIDERS_LIST else [*owners, ("", provider, ("provider",))]
        return promise | {
            f"{label}open {say_opening(row)}": (_OPEN, path)
            for label, dates, path in openings
            for row in dates.openings
            if day <= row.date <= self.today
        }


def changes(before: Terms, after: Terms, used: Iterable[Used], renamed: Mapping[str, str]) -> list[Change]:
    """What would be otherwise for tickets of the used versions; `renamed` gives a client's new name by its old."""
    found: dict[tuple[str, str, str], list[tuple[str, date, Path]]] = {}
    for version in used:
        for old in _clients(version, before, after, renamed):
            new = renamed.get(old, old)
            last = min(version.until or before.today, before.today)
            edges = {d for d in before.edges(old) | after.edges(new) if version.since < d <= last}
            for day in sorted({version.since, *edges} if version.since <= last else ()):
                for piece, was, now, path in _differs(before.on(old, day), after.on(new, day)):
                    found.setdefault((piece, was, now), []).append((new or "every client", day, path))
    return [
        Change(
            piece,
            was,
            now,
            places[0][2],
            tuple(dict.fromkeys(p[0] for p in places)),
            min(p[1] for p in places),
        )
        for (piece, was, now), places in found.items()
    ]


def _clients(used: Used, before: Terms, after: Terms, renamed: Mapping[str, str]) -> list[str]:
    """Whose tickets may live by a version: every client's serves those who have none of their own."""
    if used.client:
        return [used.client]
    back = {new: old for old, new in renamed.items()}
    names = {*before.document.clients, *(back.get(name, name) for name in after.document.clients)}
    return ["", *sorted(name for name in names if not before.part(name).agreements)]


def _differs(before: Promise, after: Promise) -> Iterator[tuple[str, str, str, Path]]:
    for piece in dict.fromkeys((*before, *after)):
        was, now = before.get(piece, ("", ())), after.get(piece, ("", ()))
        if was[0] != now[0]:
            yield piece, was[0], now[0], now[1] or was[1]


def _closures(dates: Dates) -> list[Closure]:
    return [*dates.closures, *(row for rows in dates.calendars.values() for row in rows)]


def _first_own(part: ClientPart) -> date | None:
    return min((v.since for a in part.agreements.values() for v in a.versions), default=None)


def _fits(line: LinePart, contract: str) -> str:
    return describe({**({"contract": contract} if contract else {}), **line.match})
