"""What cannot stand together in an agreement file, though each part alone can be read."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import combinations

from beforehand.engine.terms import Settings
from beforehand.kernel.names import fold
from beforehand.promises.file.document import BUILT_IN, AgreementPart, Document, LinePart, Path, TermsPart
from beforehand.promises.file.hours import ALWAYS
from beforehand.promises.file.notation import Days
from beforehand.promises.file.reader import Reader, closest
from beforehand.promises.settings import settle


def check_document(document: Document, reader: Reader) -> None:
    """Adds the faults of the whole to the reader's."""
    _Checks(document, reader).run()


UNREAD = date.min
"""Stands for a date that had a fault of its own."""


class _Checks:
    def __init__(self, document: Document, reader: Reader) -> None:
        self.document, self.reader = document, reader
        self.always = {BUILT_IN} | {n for n, part in document.coverages.items() if part.hours == ALWAYS}

    def run(self) -> None:
        document = self.document
        if BUILT_IN in document.coverages:
            self.reader.fault(
                ("coverages", BUILT_IN),
                f"{BUILT_IN!r}",
                "another name: this coverage is always there",
                "Emergency line",
            )
        self._provider()
        for name, editions in document.plans.items():
            self._plan(("plans", name, "editions"), editions)
        for path, name, part in document.holders():
            if name:
                self._words(path, name, (*part.keys, *part.aliases))
            for title, agreement in part.agreements.items():
                self._agreement((*path, "agreements", title), agreement)
            self._at_once(path, part.agreements)
        self._same_words()

    def _provider(self) -> None:
        provider = self.document.provider
        self._known_coverage(provider.coverage, ("provider", "coverage"))
        if provider.triage and not provider.triage.round_the_clock and not provider.coverage:
            self.reader.fault(
                ("provider", "triage"),
                "business time, and no coverage",
                "provider.coverage",
                f"coverage: {BUILT_IN}",
            )

    def _known_coverage(self, name: str, path: Path) -> None:
        known = [*self.document.coverages, BUILT_IN]
        if name and name not in known:
            self.reader.fault(path, repr(name), "a coverage: " + ", ".join(known), closest(name, known))

    def _plan(self, path: Path, editions: tuple[TermsPart, ...]) -> None:
        for number, edition in enumerate(editions):
            here = (*path, f"[{number}]")
            before = editions[number - 1] if number else None
            if before is not None and UNREAD < edition.since <= before.since:
                found = f"{edition.since}, not after {before.since}"
                self.reader.fault((*here, "from"), found, "editions in the order of their dates")
            if not edition.lines:
                self.reader.fault((*here, "lines"), "none", "at least one line", "lines: [{response: 4h}]")
            self._known_coverage(edition.coverage, (*here, "coverage"))
            self._lines(here, edition, edition.coverage or self.document.provider.coverage)

    def _lines(self, path: Path, terms: TermsPart, default: str) -> None:
        seen: dict[tuple[tuple[str, str], ...], int] = {}
        for number, line in enumerate(terms.lines):
            here = (*path, "lines", f"[{number}]")
            key = tuple(sorted(line.match.items()))
            if key in seen:
                found = f"the same tickets as line [{seen[key]}]"
                self.reader.fault(here, found, "lines that differ in what they fit", "priority: P2")
            seen.setdefault(key, number)
            self._line(here, line, default)

    def _line(self, path: Path, line: LinePart, default: str) -> None:
        self._known_coverage(line.coverage, (*path, "coverage"))
        priorities = self.document.provider.priorities
        priority = line.match.get("priority", "")
        if priorities and priority and priority not in priorities:
            known = "a priority: " + ", ".join(priorities)
            self.reader.fault((*path, "priority"), repr(priority), known, closest(priority, priorities))
        if not (line.coverage or default):
            expected = "a coverage of the line, its edition or version, or the provider"
            self.reader.fault((*path, "coverage"), "none", expected, f"coverage: {BUILT_IN}")
        for metric, promise in line.targets.items():
            if isinstance(promise, Days):
                self._known_coverage(promise.calendar, (*path, metric))
        self._days((*path,), line, line.coverage or default)

    def _days(self, path: Path, line: LinePart, coverage: str) -> None:
        """A day target needs days on which its coverage opens (2.5)."""
        for metric, promise in line.targets.items():
            if not isinstance(promise, Days) or coverage not in self.always:
                continue
            if not promise.calendar or promise.calendar in self.always:
                found = f"business days, where coverage is {coverage}"
                expected = "a calendar that says which days those are, and is not round the clock"
                self.reader.fault(
                    (*path, metric), found, expected, "next business day, calendar Office hours"
                )

    def _words(self, path: Path, name: str, words: Iterable[str]) -> None:
        for word in words:
            if fold(word) == fold(name):
                self.reader.fault(path, f"{word!r}", "keys and aliases that differ from the name itself")

    def _same_words(self) -> None:
        """No word may mean two clients, case and white space aside (2.3)."""
        owner: dict[str, str] = {}
        for name, part in self.document.clients.items():
            for word in dict.fromkeys(fold(word) for word in (name, *part.keys, *part.aliases)):
                if word in owner:
                    found = f"{word!r}, which means {owner[word]} already"
                    self.reader.fault(("clients", name), found, "names, keys and aliases of one client each")
                owner.setdefault(word, name)

    def _agreement(self, path: Path, agreement: AgreementPart) -> None:
        for number, version in enumerate(agreement.versions):
            here = (*path, "versions", f"[{number}]")
            self._follows(here, version, agreement.versions[number - 1] if number else None)
            self._version(here, version)
            for row, line in enumerate(version.lines):
                named = line.match.get("contract")
                if agreement.contract and named:
                    spot = (*here, "lines", f"[{row}]", "contract")
                    self.reader.fault(
                        spot, repr(named), f"none: the agreement says {agreement.contract!r} for all"
                    )

    def _follows(self, path: Path, version: TermsPart, before: TermsPart | None) -> None:
        if version.until is not None and version.until < version.since:
            self.reader.fault((*path, "until"), str(version.until), f"a day not before {version.since}")
        if before is None or version.since == UNREAD:
            return
        if version.since <= before.since:
            found = f"{version.since}, not after {before.since}"
            self.reader.fault((*path, "from"), found, "versions in the order of their dates")
        elif before.until is not None and version.since <= before.until:
            found = f"{version.since}, before the last version ends on {before.until}"
            self.reader.fault(
                (*path, "from"), found, "a first day after that, or an earlier end of the last version"
            )

    def _version(self, path: Path, version: TermsPart) -> None:
        document = self.document
        self._known_coverage(version.coverage, (*path, "coverage"))
        editions: tuple[TermsPart, ...] = ()
        if version.plan and version.plan not in document.plans:
            known = list(document.plans)
            expected = "a plan: " + ", ".join(known) if known else "a plan, and there is none"
            self.reader.fault((*path, "plan"), repr(version.plan), expected, closest(version.plan, known))
        elif version.plan:
            editions = document.plans[version.plan]
        if not version.plan and not version.lines:
            self.reader.fault(path, "neither plan nor lines", "something that is promised", "plan: Standard")
        if editions and UNREAD < version.since < editions[0].since:
            found = f"{version.since}, before the plan's first edition of {editions[0].since}"
            self.reader.fault((*path, "from"), found, "a day on which the plan is sold")
        sold = list(editions_between(version, editions))
        defaults = {version.coverage or e.coverage or document.provider.coverage for e in sold}
        for default in defaults or {version.coverage or document.provider.coverage}:
            self._lines(path, version, default)
        if version.coverage:
            for line in (line for edition in sold for line in edition.lines if not line.coverage):
                self._days((*path, "coverage"), line, version.coverage)

    def _at_once(self, path: Path, agreements: Mapping[str, AgreementPart]) -> None:
        """Agreements in force together are one set of lines under one set of settings."""
        for (one, first), (other, second) in combinations(agreements.items(), 2):
            here = (*path, "agreements", other)
            for a, b in _together(first, second):
                clash = self._clash(first, a, second, b)
                if clash:
                    found = f"{clash} in force at the same time as {one!r}, from {max(a.since, b.since)}"
                    self.reader.fault(here, found, "agreements that differ by contract, or follow each other")
                    break

    def _clash(self, first: AgreementPart, a: TermsPart, second: AgreementPart, b: TermsPart) -> str:
        for plan_a, plan_b in ((x, y) for x in self._editions(a) for y in self._editions(b)):
            if _settled(a, plan_a) != _settled(b, plan_b):
                return "other settings"
            for lines_a, lines_b in ((a.lines, b.lines), (_lines(plan_a), _lines(plan_b))):
                if _fits(lines_a, first.contract) & _fits(lines_b, second.contract):
                    return "a line for the same tickets"
        return ""

    def _editions(self, version: TermsPart) -> list[TermsPart | None]:
        editions = self.document.plans.get(version.plan, ())
        return [*editions_between(version, editions)] or [None]


def editions_between(
    version: TermsPart, editions: tuple[TermsPart, ...], last: date | None = None
) -> Iterator[TermsPart]:
    """The editions that are sold at some time in the version's life, or until `last`."""
    ends = min((day for day in (version.until, last) if day is not None), default=None)
    for number, edition in enumerate(editions):
        ceases = editions[number + 1].since if number + 1 < len(editions) else None
        if (ends is None or edition.since <= ends) and (ceases is None or ceases > version.since):
            yield edition


def spans(agreement: AgreementPart) -> list[tuple[TermsPart, date | None]]:
    """Each version with its last day: its own, or the day before the next one begins."""
    found = []
    for number, version in enumerate(agreement.versions):
        following = agreement.versions[number + 1 : number + 2]
        until = version.until
        if following and (until is None or until >= following[0].since):
            until = date.fromordinal(following[0].since.toordinal() - 1)
        found.append((version, until))
    return found


def _fits(lines: Iterable[LinePart], contract: str) -> set[tuple[tuple[str, str], ...]]:
    """What the lines fit in an agreement for that contract ("" for any); those for another contract do not serve."""
    own = {"contract": contract} if contract else {}
    return {
        tuple(sorted({**line.match, **own}.items()))
        for line in lines
        if not contract or line.match.get("contract", contract) == contract
    }


def _together(first: AgreementPart, second: AgreementPart) -> Iterator[tuple[TermsPart, TermsPart]]:
    for a, a_until in spans(first):
        for b, b_until in spans(second):
            if (a_until is None or b.since <= a_until) and (b_until is None or a.since <= b_until):
                yield a, b


def _settled(version: TermsPart, edition: TermsPart | None) -> Settings:
    return settle(edition.settings if edition else {}, version.settings)


def _lines(edition: TermsPart | None) -> tuple[LinePart, ...]:
    return edition.lines if edition else ()
