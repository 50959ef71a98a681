"""What can stand in an agreement file and is seldom meant: warnings."""

from collections.abc import Iterable
from datetime import date

from beforehand.engine.coverage import Coverage
from beforehand.engine.weekly import DAYS, overlaps, wall_text
from beforehand.promises.file.document import EVERY_BOARD, Document, LinePart, Path
from beforehand.promises.file.reader import Reader, closest
from beforehand.promises.words import CLIENTS_LIST


def advise(document: Document, reader: Reader, today: date) -> None:
    """Adds the warnings about the whole to the reader's."""
    _coverages(document, reader)
    _statuses(document, reader)
    _next_year(document, reader, today.year + 1)
    _clients(document, reader)
    for path, lines in _all_lines(document):
        _priorities(document.provider.priorities, reader, path, lines)


def unmapped(document: Document, used: Iterable[tuple[str, str]], reader: Reader) -> None:
    """Warns of each (board, status) that tickets use and nobody mapped: it works as `working` (3.2)."""
    everywhere = document.statuses.get("", {})
    for board, status in sorted(set(used)):
        known = document.statuses.get(board, everywhere)
        if status not in known:
            path: Path = ("statuses", board if board in document.statuses and board else EVERY_BOARD)
            found = f"tickets in status {status!r}" + (f" on board {board!r}" if board else "")
            near = closest(status, known)
            expected = "a meaning for it; without one it counts as working"
            reader.warn(
                path, found, expected, f"{status}: {known[near].state if near else 'waiting-on-client'}"
            )


def _coverages(document: Document, reader: Reader) -> None:
    for name, part in document.coverages.items():
        path: Path = ("coverages", name, "hours")
        hours = {day: [(opens, closes) for opens, closes in windows] for day, windows in part.hours.items()}
        if not hours and not part.dates.openings:
            reader.warn(
                path, "never", "hours in which work is owed: no clock will ever run out", "Mon-Fri 9:00-17:30"
            )
        for one, other in overlaps(Coverage("UTC", hours).weekly):
            windows = [
                f"{DAYS[w.day].title()} {wall_text(w.opens)}-{wall_text(w.closes)}" for w in (one, other)
            ]
            reader.warn(path, " and ".join(windows), "windows apart: the time they share counts once")


def _statuses(document: Document, reader: Reader) -> None:
    if not document.statuses:
        reader.warn(
            ("statuses",), "no status map", "what statuses mean: all count as working, and none resolves"
        )
    for board, statuses in document.statuses.items():
        if not any(meaning.state in ("resolved", "closed") for meaning in statuses.values()):
            expected = "a status that is resolved or closed: no clock will ever stop"
            reader.warn(("statuses", board or EVERY_BOARD), "none", expected, "Done: resolved")


def _next_year(document: Document, reader: Reader, year: int) -> None:
    dates = document.provider.dates
    listed = [*dates.closures, *(row for rows in dates.calendars.values() for row in rows)]
    if listed and not dates.regions and not any(row.first.year <= year <= row.last.year for row in listed):
        path: Path = ("provider", "closures" if dates.closures else "calendars")
        reader.warn(
            path, f"no date in {year}", "next year's holidays", "holidays: GB-ENG keeps itself up to date"
        )


def _clients(document: Document, reader: Reader) -> None:
    if document.provider.take_in_unknown and not document.everyone:
        path: Path = ("provider", "unknown clients")
        reader.warn(
            path, "become clients", "an agreement for every client: else they are uncovered all the same"
        )
    for path, name, part in document.holders():
        if name and not part.agreements and not document.everyone:
            reader.warn(path, "no agreement", "one: its tickets are uncovered", "agreements: ...")
        for agreement, title in ((part.agreements[title], title) for title in part.agreements):
            for number, version in enumerate(agreement.versions):
                editions = document.plans.get(version.plan, ())
                lists = {version.holidays or edition.holidays for edition in editions} or {version.holidays}
                if CLIENTS_LIST in lists and not part.dates.regions:
                    spot = (*path, "agreements", title, "versions", f"[{number}]")
                    reader.warn(spot, "holidays of the client, and none listed", "a list", "holidays: DE-BY")


def _all_lines(document: Document) -> list[tuple[Path, tuple[LinePart, ...]]]:
    """The lines that stand alone: each edition's, and those of each version without a plan."""
    found: list[tuple[Path, tuple[LinePart, ...]]] = [
        (("plans", name, "editions", f"[{number}]", "lines"), edition.lines)
        for name, editions in document.plans.items()
        for number, edition in enumerate(editions)
    ]
    for path, _, part in document.holders():
        for title, agreement in part.agreements.items():
            found += [
                ((*path, "agreements", title, "versions", f"[{number}]", "lines"), version.lines)
                for number, version in enumerate(agreement.versions)
                if not version.plan
            ]
    return found


def _priorities(priorities: tuple[str, ...], reader: Reader, path: Path, lines: tuple[LinePart, ...]) -> None:
    plain = [line.match for line in lines if not set(line.match) - {"priority"}]
    if {} in plain:
        return
    missing = [priority for priority in priorities if {"priority": priority} not in plain]
    if missing:
        found = "no line for every ticket of priority " + ", ".join(missing)
        reader.warn(
            path, found, "a line for each priority, or one that names none", f"priority: {missing[0]}"
        )
