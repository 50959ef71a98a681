"""What an agreement file says, as plain values: the same whether read from a file or from the database."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from beforehand.engine.terms import Meaning
from beforehand.engine.weekly import Closure, Opening
from beforehand.promises.addressee import NOBODY, Addressee
from beforehand.promises.file.hours import Hours
from beforehand.promises.file.notation import Promise, Time
from beforehand.promises.ladders import Ladder

Tree = str | list["Tree"] | dict[str, "Tree"]
"""A part as it is written: words, lists and tables."""

Path = tuple[str, ...]
"""Where something stands: ("clients", "Acme", "agreements", "Support", "versions", "[0]", "lines", "[2]")."""

BUILT_IN = "24x7"
EVERY_BOARD = "every board"


@dataclass(frozen=True)
class Dates:
    """The closures and openings of one owner. `calendars` has the closures that each iCalendar file says."""

    regions: tuple[str, ...] = ()
    closures: tuple[Closure, ...] = ()
    calendars: Mapping[str, tuple[Closure, ...]] = field(default_factory=dict)
    openings: tuple[Opening, ...] = ()


@dataclass(frozen=True)
class ProviderPart:
    """What holds for all clients."""

    name: str
    zone: str
    coverage: str = ""
    triage: Time | None = None
    take_in_unknown: bool = False
    priorities: tuple[str, ...] = ()
    dates: Dates = Dates()


@dataclass(frozen=True)
class CoveragePart:
    """Weekly hours; `zone` is an IANA zone or "client"."""

    zone: str
    hours: Hours
    dates: Dates = Dates()


@dataclass(frozen=True)
class LinePart:
    """A line: `match` names what the ticket must be, `targets` what it then gets."""

    match: Mapping[str, str]
    targets: Mapping[str, Promise]
    name: str = ""
    coverage: str = ""


@dataclass(frozen=True)
class TermsPart:
    """An edition of a plan (`plan` and `until` unused) or a version of an agreement."""

    since: date
    until: date | None = None
    plan: str = ""
    coverage: str = ""
    holidays: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    lines: tuple[LinePart, ...] = ()


@dataclass(frozen=True)
class AgreementPart:
    """An agreement, with its versions in the order of their dates."""

    versions: tuple[TermsPart, ...]
    contract: str = ""


@dataclass(frozen=True)
class ClientPart:
    """A client: where it is, how sources call it, when it is shut, what it was promised."""

    zone: str
    keys: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    contact: Addressee = NOBODY
    dates: Dates = Dates()
    agreements: Mapping[str, AgreementPart] = field(default_factory=dict)


@dataclass(frozen=True)
class Document:
    """One agreement file."""

    provider: ProviderPart
    statuses: Mapping[str, Mapping[str, Meaning]] = field(default_factory=dict)
    coverages: Mapping[str, CoveragePart] = field(default_factory=dict)
    plans: Mapping[str, tuple[TermsPart, ...]] = field(default_factory=dict)
    ladders: Mapping[str, Ladder] = field(default_factory=dict)
    everyone: Mapping[str, AgreementPart] = field(default_factory=dict)
    clients: Mapping[str, ClientPart] = field(default_factory=dict)

    def earliest(self) -> date | None:
        """The first day on which any version is in force."""
        versions = [v for _, _, part in self.holders() for a in part.agreements.values() for v in a.versions]
        return min((version.since for version in versions), default=None)

    def holders(self) -> list[tuple[Path, str, ClientPart]]:
        """Everybody who has agreements: (path, name, part); every client's stands first, without a name."""
        everyone = ClientPart(self.provider.zone, agreements=self.everyone)
        named = [(("clients", name), name, part) for name, part in self.clients.items()]
        return [(("every client",), "", everyone), *named]
