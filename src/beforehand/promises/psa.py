"""What a ticket system is set to, in the same words whatever system it is: for drafts of agreements and for comparing.

A connector says it beside each piece as the source has it (`SetUpPiece.plain`), with `stored`; `set_up_of` reads it.
What a source does not tell is None or "", never guessed: who makes a draft of it asks the owner.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date, datetime
from typing import Any, Literal, NamedTuple

from django.db.models import Q

from beforehand.promises.models.set_up import SetUpPiece

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Target(NamedTuple):
    """A promise of an SLA: `metric` response, plan or resolution, `minutes` of it for a priority, "" for every one."""

    metric: str
    minutes: float
    priority: str = ""
    round_the_clock: bool = False


class Sla(NamedTuple):
    """An SLA. `calendar`: the key of its hours, "" where it is whichever serves the client. `targets`: None where the
    source does not tell them."""

    key: str
    name: str
    targets: tuple[Target, ...] | None = None
    calendar: str = ""
    round_the_clock: bool = False


class Calendar(NamedTuple):
    """Hours of work: for each day of DAYS spells of wall time ("08:00", "17:30"), "24:00" for the day's end. `zone` is
    an IANA zone, "" where the source does not say it, with `zone_hint` in its place, the source's own words. `holidays`
    are keys of lists. `default`: it serves whoever has none. `unread`: days of which something is told that nobody can
    read as hours, nor as none."""

    key: str
    name: str
    hours: Mapping[str, tuple[tuple[str, str], ...]]
    zone: str = ""
    zone_hint: str = ""
    holidays: tuple[str, ...] = ()
    default: bool = False
    unread: tuple[str, ...] = ()


class HolidayList(NamedTuple):
    """Days without work: (date as "2026-12-25", name, yearly)."""

    key: str
    name: str
    days: tuple[tuple[str, str, bool], ...]


class Status(NamedTuple):
    """What a status does to the source's own clocks, each None where it does not say."""

    key: str
    name: str
    board: str = ""
    holds: bool | None = None
    responds: bool | None = None
    resolves: bool | None = None


class Serves(NamedTuple):
    """Whom an SLA serves: a client by its name there, under a contract by its name, from and until a date, each "" for
    any; without both, whoever has none of their own. `calendar`: the client's own hours. `stopped`: the source says
    that it serves no more, and not since when; its own end, if that is past, is then the best that is known."""

    key: str
    sla: str
    client: str = ""
    contract: str = ""
    since: str = ""
    until: str = ""
    calendar: str = ""
    stopped: bool = False


Plain = Sla | Calendar | HolidayList | Status | Serves
Kind = Literal["sla", "calendar", "holidays", "status", "serves"]
KINDS: Mapping[Kind, type[Plain]] = {
    "sla": Sla, "calendar": Calendar, "holidays": HolidayList, "status": Status, "serves": Serves,
}  # fmt: skip


class SetUpPlain(NamedTuple):
    """A source's whole set-up in plain words."""

    slas: tuple[Sla, ...] = ()
    calendars: tuple[Calendar, ...] = ()
    holidays: tuple[HolidayList, ...] = ()
    statuses: tuple[Status, ...] = ()
    serves: tuple[Serves, ...] = ()


def in_years(day: date, yearly: bool, years: Iterable[int]) -> list[date]:
    """A holiday: the day itself, or the same of each of these years, where that has a 29th of February."""
    if not yearly:
        return [day]
    found = []
    for year in years:
        with suppress(ValueError):
            found.append(day.replace(year=year))
    return found


def stored(plain: Plain) -> dict[str, Any]:
    """A piece as its row keeps it, without its key, which the row has itself; what is not told is left out."""
    said = plain._asdict()
    if isinstance(plain, Sla) and plain.targets is not None:
        said["targets"] = [target._asdict() for target in plain.targets]
    empty = type(plain)._field_defaults
    return {name: value for name, value in said.items() if name != "key" and value != empty.get(name, ...)}


def set_up_of(provider: int, source: str, at: datetime | None = None) -> SetUpPlain:
    """What a source is set to as of an instant, or as it was read last."""
    rows = SetUpPiece.objects.filter(provider=provider, source=source, kind__in=KINDS).exclude(plain={})
    rows = (
        rows.filter(until=None) if at is None else rows.filter(Q(until=None) | Q(until__gt=at), since__lte=at)
    )
    return plain_of((row.kind, row.key, row.plain) for row in rows.order_by("kind", "key"))


def plain_of(pieces: Iterable[tuple[str, str, Mapping[str, Any]]]) -> SetUpPlain:
    """The same out of (kind, key, what `stored` gave)."""
    found: dict[str, list[Any]] = {kind: [] for kind in KINDS}
    for kind, key, said in pieces:
        if kind in found:
            found[kind].append(_made(kind, key, said))
    return SetUpPlain(*(tuple(found[kind]) for kind in KINDS))


def _made(kind: str, key: str, said: Mapping[str, Any]) -> Plain:
    values = dict(said)
    if kind == "sla" and values.get("targets") is not None:
        values["targets"] = tuple(Target(**one) for one in values["targets"])
    if kind == "calendar":
        values["hours"] = {day: tuple((a, b) for a, b in spells) for day, spells in values["hours"].items()}
        values |= {name: tuple(values.get(name, ())) for name in ("holidays", "unread")}
    if kind == "holidays":
        values["days"] = tuple((day, name, bool(yearly)) for day, name, yearly in values["days"])
    return KINDS[kind](key=key, **values)  # type: ignore[index]


def renamed(set_up: SetUpPlain, names: Mapping[tuple[str, str], str]) -> SetUpPlain:
    """The same in the names that tickets have here, by kind of word and name there: those by which lines, clients and
    contracts are held against tickets."""

    def of(kind: str, name: str) -> str:
        return names.get((kind, name), name)

    def target(one: Target) -> Target:
        return one._replace(priority=of("priority", one.priority))

    slas = (
        sla if sla.targets is None else sla._replace(targets=tuple(map(target, sla.targets)))
        for sla in set_up.slas
    )
    serves = (
        one._replace(client=of("client", one.client), contract=of("contract", one.contract))
        for one in set_up.serves
    )
    return set_up._replace(slas=tuple(slas), serves=tuple(serves))
