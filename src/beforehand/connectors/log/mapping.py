"""What a mapping file says, as plain values (docs/guide/import.md has every key)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from beforehand.engine.codes import BY_AUTOMATION, BY_CLIENT, BY_PERSON, FIELDS
from beforehand.promises.file.document import Path

CHANGES, TICKETS, TURNS, MESSAGES = "changes", "tickets", "turns", "messages"
SHAPES = (CHANGES, TICKETS, TURNS, MESSAGES)
STATUS, ASSIGNEE = "status", "assignee"
FACTS = (STATUS, ASSIGNEE, "client", *FIELDS, "origin", "team", "contact", "subject", "number", "url")
"""What a column can say of a ticket: its status, its owner, and the fields of CHANGED events."""
MOMENTS = ("contacted", "responded", "planned", "resolved", "closed")
"""Dates that a row for a whole ticket can have."""
WHO = {"people": BY_PERSON, "clients": BY_CLIENT, "automation": BY_AUTOMATION}


class Column(NamedTuple):
    """Where a value stands: in one column, or in several, joined.

    `part` keeps the first group that it finds in the text; `values` gives values their new names; `empty`
    stands for a missing one.
    """

    names: tuple[str, ...]
    part: re.Pattern[str] | None = None
    joined: str = " / "
    values: Mapping[str, str] = MappingProxyType({})
    empty: str = ""
    path: Path = ()


class Author(NamedTuple):
    """Who did it. `who` gives the flags of names, of the roles in the column `role`, and of beginnings ("svc-*")."""

    name: Column | None
    role: Column | None
    who: Mapping[str, int]
    otherwise: int = BY_PERSON


class Verdict(NamedTuple):
    """What the system itself says of a metric, kept beside our own reading of it and never used by it."""

    metric: str
    column: Column


class Private(NamedTuple):
    """Which messages no client sees."""

    column: Column
    yes: frozenset[str]


class Requester(NamedTuple):
    """Which columns say who the contact of a ticket is, beside the name."""

    id: Column | None
    email: Column | None


class Waits(NamedTuple):
    """The status that a public answer puts a ticket in, and the one it is back in with the client's next message."""

    status: str
    back: str


UNKNOWN = Author(None, None, {})


@dataclass(frozen=True)
class Shape:
    """One kind of file: what a row of it is, and which column is what."""

    name: str
    rows: str
    columns: Mapping[str, Column]
    """By role: ticket, created, changed, sequence, started, ended, turn, message, at."""
    facts: Mapping[str, Column] = field(default_factory=dict)
    moments: Mapping[str, Column] = field(default_factory=dict)
    statuses: Mapping[str, str] = field(default_factory=dict)
    verdicts: tuple[Verdict, ...] = ()
    author: Author = UNKNOWN
    contact: Requester | None = None
    private: Private | None = None
    waits: Waits | None = None
    description: bool = False
    fill_down: tuple[Column, ...] = ()
    ignore: tuple[Column, ...] = ()

    def used(self) -> Iterator[Column]:
        """Every column that is read."""
        yield from self.columns.values()
        yield from self.facts.values()
        yield from self.moments.values()
        yield from (verdict.column for verdict in self.verdicts)
        yield from (column for column in (self.author.name, self.author.role) if column)
        yield from (self.private.column,) if self.private else ()
        yield from (column for column in self.contact or () if column)
        yield from self.fill_down


@dataclass(frozen=True)
class Tells:
    """What the source tells besides (clock.md 1.5, 3.4): `precision` in microseconds."""

    precision: int = 0
    messages: bool = False
    responded: bool = False
    texts: bool = False


@dataclass(frozen=True)
class LogMapping:
    """A whole mapping file."""

    file: str
    name: str
    source: str
    zone: str
    dates: tuple[str, ...]
    shapes: tuple[Shape, ...]
    tells: Tells = Tells()
    missing: frozenset[str] = frozenset()
    delimiter: str = ","
    encoding: str = "utf-8"
    whole: frozenset[str] = frozenset()
    """Columns of whole numbers that the log may write as decimals ("1004298.0")."""
