"""Closures, openings, holidays and calendar files of a provider, a coverage or a client."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path as File
from typing import TypeVar

import yaml

from beforehand.engine.weekly import Closure, Opening
from beforehand.promises.file.document import Dates, Document, Path
from beforehand.promises.file.notation import Misread, read_closure, read_opening
from beforehand.promises.file.reader import Reader
from beforehand.promises.holidays import read_calendar, read_region, years_needed

Row = TypeVar("Row", Closure, Opening)
LARGEST = 10_000_000


@dataclass(frozen=True)
class CalendarFile:
    """An iCalendar file named in the agreement file and still to be read."""

    owner: Path
    path: Path
    name: str
    zone: str


def read_dates(
    reader: Reader, table: Mapping[str, yaml.Node], owner: Path, zone: str, files: list[CalendarFile]
) -> Dates:
    """The dated part of an owner's table. The calendar files that it names are added to `files`."""
    regions = []
    if "holidays" in table:
        for here, node in reader.items(table["holidays"], (*owner, "holidays")):
            region = reader.read(node, here, read_region)
            if region in regions:
                reader.fault(here, f"{region!r} again", "each of them once")
            elif region is not None:
                regions.append(region)
    return Dates(
        regions=tuple(regions),
        closures=_named(reader, table.get("closures"), (*owner, "closures"), read_closure),
        calendars=_calendars(reader, table.get("calendars"), owner, zone, files),
        openings=_named(reader, table.get("openings"), (*owner, "openings"), read_opening),
    )


def _named(
    reader: Reader, node: yaml.Node | None, path: Path, read: Callable[[str, str], Row]
) -> tuple[Row, ...]:
    """Rows of {dates: name}, in order; a fault where two mean the same dates."""
    rows: dict[tuple[object, ...], Row] = {}
    for when, value in reader.table(node, path).items() if node is not None else ():
        here = (*path, when)
        name = reader.text(value, here)
        if name is None:
            continue
        try:
            row = read(when, name)
        except Misread as wrong:
            reader.fault(here, repr(when), wrong.expected, f"{wrong.example}, then a colon and the name")
            continue
        key = tuple(part for part in row if part != name)
        if key in rows:
            reader.fault(here, f"{when!r}, the dates of {rows[key].name!r}", "each of them once")
        rows[key] = row
    return tuple(sorted(rows.values()))


def _calendars(
    reader: Reader, node: yaml.Node | None, owner: Path, zone: str, files: list[CalendarFile]
) -> dict[str, tuple[Closure, ...]]:
    """Closures by calendar: {file: {dates: name}} as they were read once, or a list of files to read now."""
    path = (*owner, "calendars")
    if isinstance(node, yaml.MappingNode):
        return {
            name: _named(reader, rows, (*path, name), read_closure)
            for name, rows in reader.table(node, path).items()
        }
    for here, member in reader.items(node, path) if node is not None else ():
        name = reader.text(member, here)
        if name is not None:
            files.append(CalendarFile(owner, here, name, zone))
    return {}


def fill_calendars(
    document: Document, reader: Reader, files: list[CalendarFile], folder: File, today: date
) -> Document:
    """The document with what its calendar files say, found relative to `folder`."""
    if not files:
        return document
    years = years_needed(document.earliest(), today)
    first, last = date(years[0], 1, 1), date(years[-1], 12, 31)
    read: dict[Path, dict[str, tuple[Closure, ...]]] = {}
    for file in files:
        closures = _read_file(reader, file, folder, first, last)
        if closures:
            read.setdefault(file.owner, {})[file.name] = closures

    def filled(dates: Dates, owner: Path) -> Dates:
        return replace(dates, calendars=read[owner]) if owner in read else dates

    provider = document.provider
    return replace(
        document,
        provider=replace(provider, dates=filled(provider.dates, ("provider",))),
        coverages={
            name: replace(part, dates=filled(part.dates, ("coverages", name)))
            for name, part in document.coverages.items()
        },
        clients={
            name: replace(part, dates=filled(part.dates, ("clients", name)))
            for name, part in document.clients.items()
        },
    )


def _read_file(
    reader: Reader, file: CalendarFile, folder: File, first: date, last: date
) -> tuple[Closure, ...]:
    place = folder / file.name
    try:
        if place.stat().st_size > LARGEST:
            reader.fault(
                file.path, f"{place}, over {LARGEST // 1_000_000} MB", "a calendar of closures alone"
            )
            return ()
        closures = read_calendar(place.read_bytes(), file.zone, first, last)
    except OSError as error:
        reader.fault(
            file.path, f"{place}: {error.strerror}", "an iCalendar file beside this one", "closures.ics"
        )
        return ()
    except Misread as wrong:
        reader.fault(file.path, str(place), wrong.expected, wrong.example)
        return ()
    if not closures:
        reader.warn(file.path, f"{place}, without an event from {first} to {last}", "closures in these years")
    return tuple(closures)
