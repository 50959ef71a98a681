"""An Autotask's set-up in the words that are one for all sources. What an SLA promises is not told, nor what a status
does to it.
"""

from collections.abc import Iterable, Iterator, Sequence

from beforehand.connectors.contract import Piece, serving
from beforehand.connectors.hours import date_of, listed, week
from beforehand.kernel.zones import known_zones
from beforehand.promises.psa import DAYS, Calendar, HolidayList, Serves, Sla, Status

from .names import Item, Names, Pick, name_of


def sla(pick: Pick, is_used: bool) -> Sla | None:
    """An SLA by its name alone; None for one that is neither active nor used."""
    return Sla(pick.id, pick.label) if pick.active or is_used else None


def status(pick: Pick) -> Status:
    """A status by its name alone."""
    return Status(pick.id, pick.label)


def calendar(location: Item, zone: str) -> Calendar:
    """A location's business hours. Its holidays are days without work only where it says that it has no hours then."""
    start, end = "BusinessHoursStartTime", "BusinessHoursEndTime"
    hours, odd = week({day: (location.get(f"{day}{start}"), location.get(f"{day}{end}")) for day in DAYS})
    known = zone if zone in known_zones() else ""
    lists = [location.get("holidaySetID")] if location.get("noHoursOnHolidays") is True else []
    return Calendar(
        str(location["id"]),
        str(location.get("name") or location["id"]),
        hours,
        known,
        "" if known else zone,
        tuple(str(one) for one in lists if one is not None),
        location.get("isDefault") is True,
        tuple(odd),
    )


def open_on_holidays(locations: Iterable[Item]) -> list[str]:
    """What is to be said of locations that may have hours on their holidays."""
    some = [
        str(one.get("name") or one["id"])
        for one in locations
        if one.get("holidaySetID") is not None and one.get("noHoursOnHolidays") is not True
    ]
    return (
        [f"on their holidays these locations may have hours, which no draft has: {listed(some)}"]
        if some
        else []
    )


def holidays(key: str, name: str, days: Iterable[tuple[str, str]]) -> HolidayList:
    """A set of holidays, each a whole day."""
    return HolidayList(key, name, tuple((date, said, False) for date, said in days if date_of(date)))


def serves(contracts: Sequence[Item], names: Names) -> Iterator[Piece]:
    """Which SLA serves which client under which contract. Autotask tells no SLA for whoever has no contract."""
    for one in contracts:
        sla_id, company = one.get("serviceLevelAgreementID"), one.get("companyID")
        if sla_id is None or company is None:
            continue
        yield serving(
            Serves(
                f"contract {one['id']}", str(sla_id), names.named("client", company), name_of("contract", one),
                date_of(one.get("startDate")), date_of(one.get("endDate")),
            )
        )  # fmt: skip
