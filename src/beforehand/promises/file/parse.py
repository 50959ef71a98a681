"""From nodes to a Document: what each part of an agreement file says, with every fault kept by the reader."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeVar

import yaml

from beforehand.engine.codes import STATES
from beforehand.engine.terms import Meaning
from beforehand.engine.zones import known_zones
from beforehand.promises.addressee import NOBODY, Addressee, addressee_in
from beforehand.promises.file.checks import UNREAD
from beforehand.promises.file.dated import CalendarFile, read_dates
from beforehand.promises.file.document import (
    EVERY_BOARD,
    AgreementPart,
    ClientPart,
    CoveragePart,
    Document,
    Path,
    ProviderPart,
    TermsPart,
)
from beforehand.promises.file.hours import Hours, collect, read_days, read_hours, read_windows
from beforehand.promises.file.keys import KEYS
from beforehand.promises.file.ladders import read_ladder
from beforehand.promises.file.lines import read_line
from beforehand.promises.file.notation import Misread, Time, read_date, read_promise
from beforehand.promises.file.reader import Reader, closest
from beforehand.promises.file.settings import read_settings
from beforehand.promises.words import CLIENT_ZONE, HOLIDAY_LISTS

Part = TypeVar("Part")
Table = Mapping[str, yaml.Node]
UNKNOWN = {"stay uncovered": False, "become clients": True}
_MARKS = ("responded", "planned", "noise")


class Parser:
    """Reads one composed file. What has a fault is left out, so that all faults are found."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.zone = "UTC"
        self.files: list[CalendarFile] = []

    def document(self, root: yaml.Node) -> Document:
        """All of it."""
        table = self.reader.table(root, (), KEYS["file"])
        if "provider" not in table:
            self.reader.fault(
                ("provider",), "none", "a provider", "provider: {name: ..., zone: Europe/London}"
            )
        provider = self._provider(table.get("provider"))
        return Document(
            provider=provider,
            statuses=self._statuses(table.get("statuses")),
            coverages=self._each(table, "coverages", self._coverage),
            plans=self._each(table, "plans", self._plan),
            ladders=self._each(table, "ladders", partial(read_ladder, self.reader)),
            everyone=self._every_client(table.get("every client")),
            clients=self._each(table, "clients", self._client),
        )

    def _each(
        self, table: Table, key: str, read: Callable[[yaml.Node, Path], Part], path: Path = ()
    ) -> dict[str, Part]:
        """The parts of a table from names to parts."""
        if key not in table:
            return {}
        here = (*path, key)
        entries = self.reader.table(table[key], here)
        return {name: read(node, (*here, name)) for name, node in entries.items()}

    def _one(self, table: Table, key: str, path: Path, read: Callable[[str], Part], default: Part) -> Part:
        if key not in table:
            return default
        found = self.reader.read(table[key], (*path, key), read)
        return default if found is None else found

    def _provider(self, node: yaml.Node | None) -> ProviderPart:
        path: Path = ("provider",)
        table = self.reader.table(node, path, KEYS["provider"]) if node is not None else {}
        for key, example in (("name", "name: Northwind IT"), ("zone", "zone: Europe/London")):
            if node is not None and key not in table:
                self.reader.fault((*path, key), "none", f"the provider's {key}", example)
        self.zone = self._one(table, "zone", path, read_zone, "UTC")
        return ProviderPart(
            name=self._one(table, "name", path, str, ""),
            zone=self.zone,
            coverage=self._one(table, "coverage", path, str, ""),
            triage=self._one(table, "triage", path, _triage, None),
            take_in_unknown=self._one(table, "unknown clients", path, _unknown_clients, False),
            priorities=self._words(table, "priorities", path),
            dates=read_dates(self.reader, table, path, self.zone, self.files),
        )

    def _words(self, table: Table, key: str, path: Path) -> tuple[str, ...]:
        """A list of words, or a single one; each once."""
        if key not in table:
            return ()
        words: list[str] = []
        for here, node in self.reader.items(table[key], (*path, key)):
            word = self.reader.text(node, here)
            if word is not None and word in words:
                self.reader.fault(here, f"{word!r} again", "each of them once")
            elif word is not None:
                words.append(word)
        return tuple(words)

    def _statuses(self, node: yaml.Node | None) -> dict[str, dict[str, Meaning]]:
        if node is None:
            return {}
        boards = {}
        for board, statuses in self.reader.table(node, ("statuses",)).items():
            path = ("statuses", board)
            found = {
                status: self.reader.read(meaning, (*path, status), read_meaning)
                for status, meaning in self.reader.table(statuses, path).items()
            }
            boards["" if board == EVERY_BOARD else board] = {
                status: meaning for status, meaning in found.items() if meaning is not None
            }
        return boards

    def _coverage(self, node: yaml.Node, path: Path) -> CoveragePart:
        table = self.reader.table(node, path, KEYS["coverage"])
        if "hours" not in table:
            self.reader.fault((*path, "hours"), "none", "the weekly hours", 'hours: "Mon-Fri 9:00-17:30"')
        zone = self._one(table, "zone", path, _zone_or_client, self.zone)
        own = self.zone if zone == CLIENT_ZONE else zone
        dates = read_dates(self.reader, table, path, own, self.files)
        return CoveragePart(zone, self._hours(table.get("hours"), (*path, "hours")), dates)

    def _hours(self, node: yaml.Node | None, path: Path) -> Hours:
        if node is None:
            return {}
        if not isinstance(node, yaml.MappingNode):
            return self.reader.read(node, path, read_hours) or {}
        groups = []
        for key, value in self.reader.table(node, path).items():
            here = (*path, key)
            windows = [
                found
                for spot, member in self.reader.items(value, here)
                for found in self.reader.read(member, spot, read_windows) or []
            ]
            try:
                groups.append((read_days(key), windows))
            except Misread as wrong:
                self.reader.fault(here, repr(key), wrong.expected, wrong.example)
        return collect(groups)

    def _plan(self, node: yaml.Node, path: Path) -> tuple[TermsPart, ...]:
        table = self.reader.table(node, path, ["editions"])
        if "editions" not in table:
            self.reader.fault(
                (*path, "editions"), "none", "at least one edition", "editions: [{from: 2026-01-01}]"
            )
        return self._terms_list(table, "editions", "edition", path)

    def _terms_list(self, table: Table, key: str, kind: str, path: Path) -> tuple[TermsPart, ...]:
        if key not in table:
            return ()
        found = [self._terms(node, here, kind) for here, node in self.reader.items(table[key], (*path, key))]
        return tuple(terms for terms in found if terms is not None)

    def _terms(self, node: yaml.Node, path: Path, kind: str) -> TermsPart:
        table = self.reader.table(node, path, KEYS[kind])
        if "from" not in table:
            self.reader.fault((*path, "from"), "none", "the first day it is in force", "from: 2026-01-01")
        lines = self.reader.items(table["lines"], (*path, "lines")) if "lines" in table else ()
        return TermsPart(
            since=self._one(table, "from", path, read_date, UNREAD),
            until=self._one(table, "until", path, read_date, None),
            plan=self._one(table, "plan", path, str, ""),
            coverage=self._one(table, "coverage", path, str, ""),
            holidays=self._one(table, "holidays", path, _one_of(*HOLIDAY_LISTS), ""),
            settings=read_settings(self.reader, table.get("settings"), (*path, "settings")),
            lines=tuple(read_line(self.reader, line, here) for here, line in lines),
        )

    def _agreement(self, node: yaml.Node, path: Path) -> AgreementPart:
        table = self.reader.table(node, path, KEYS["agreement"])
        if "versions" not in table:
            self.reader.fault(
                (*path, "versions"), "none", "at least one version", "versions: [{from: 2026-01-01}]"
            )
        versions = self._terms_list(table, "versions", "version", path)
        return AgreementPart(versions, self._one(table, "contract", path, str, ""))

    def _every_client(self, node: yaml.Node | None) -> dict[str, AgreementPart]:
        if node is None:
            return {}
        path: Path = ("every client",)
        return self._each(
            self.reader.table(node, path, KEYS["every client"]), "agreements", self._agreement, path
        )

    def _client(self, node: yaml.Node, path: Path) -> ClientPart:
        table = self.reader.table(node, path, KEYS["client"])
        zone = self._one(table, "zone", path, read_zone, self.zone)
        return ClientPart(
            zone=zone,
            keys=self._words(table, "keys", path),
            aliases=self._words(table, "aliases", path),
            contact=self._one(table, "contact", path, _contact, NOBODY),
            dates=read_dates(self.reader, table, path, zone, self.files),
            agreements=self._each(table, "agreements", self._agreement, path),
        )


def read_zone(text: str) -> str:
    """An IANA zone."""
    if text not in known_zones():
        raise Misread("a zone of the IANA database", f'"{closest(text, known_zones()) or "Europe/London"}"')
    return text


def read_meaning(text: str) -> Meaning:
    """What a status means: "working", "working, responded", "closed noise"."""
    state, *marks = text.replace(",", " ").split() or [""]
    if state not in STATES:
        raise Misread("a state: " + ", ".join(STATES), f'"{closest(state, STATES) or STATES[0]}"')
    wrong = [mark for mark in marks if mark not in _MARKS or marks.count(mark) > 1]
    if wrong:
        raise Misread("after the state any of " + ", ".join(_MARKS), '"working, responded"')
    return Meaning(state, *(mark in marks for mark in _MARKS))


def say_meaning(meaning: Meaning) -> str:
    """The meaning as it is written."""
    marks = [mark for mark, on in zip(_MARKS, meaning[1:], strict=True) if on]
    return ", ".join([meaning.state, *marks])


def _contact(text: str) -> Addressee:
    found = addressee_in(text)
    if not found.email:
        raise Misread("an e-mail address, perhaps behind a name", '"Jo Smith <jo@contoso.example>"')
    return found


def _zone_or_client(text: str) -> str:
    return text if text == CLIENT_ZONE else read_zone(text)


def _triage(text: str) -> Time | None:
    promise = read_promise(text)
    if not isinstance(promise, Time):
        raise Misread("a time, not business days", '"30m"')
    return promise


def _unknown_clients(text: str) -> bool:
    _one_of(*UNKNOWN)(text)
    return UNKNOWN[text]


def _one_of(*words: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in words:
            raise Misread("one of " + ", ".join(words), f'"{closest(text, words) or words[0]}"')
        return text

    return read
