"""An Autotask's set-up in the words that are one for all sources. What an SLA promises is not told, nor what a status
does to it.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from beforehand.connectors.contract import Piece, serving
from beforehand.connectors.hours import date_of, listed, week
from beforehand.kernel.zones import known_zones
from beforehand.promises.psa import DAYS, Calendar, HolidayList, Serves, Sla, Status

from .names import Item, Names, Pick, name_of

_STOPPED = re.compile(r"\bina[ck]ti|not active|cancel|terminat|expired|ended|closed")
_ACTIVE = re.compile(r"^a[ck]ti")
"""Labels of a contract's status, which is a picklist: no document says its values."""


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
    """Which SLA serves which client under which contract. Autotask tells no SLA for whoever has no contract, and of one
    that is not active any more not since when.
    """
    for one in contracts:
        sla_id, company = one.get("serviceLevelAgreementID"), one.get("companyID")
        if sla_id is None or company is None:
            continue
        yield serving(
            Serves(
                f"contract {one['id']}", str(sla_id), names.named("client", company), name_of("contract", one),
                date_of(one.get("startDate")), date_of(one.get("endDate")),
                stopped=bool(_STOPPED.search(state(one, names).casefold())),
            )
        )  # fmt: skip


def state(contract: Item, names: Names) -> str:
    """What the status of a contract is called; "" where that is not known."""
    pick = names.contract_states.get(str(contract.get("status")))
    return pick.label if pick else ""


def unclear_states(contracts: Iterable[Item], names: Names) -> list[str]:
    """What is to be said of contracts whose status nobody can read: they are taken to serve until they end."""
    unclear = [
        name_of("contract", one)
        for one in contracts
        if one.get("status") is not None and one.get("serviceLevelAgreementID") is not None
        and not (_STOPPED.search(said := state(one, names).casefold()) or _ACTIVE.search(said))
    ]  # fmt: skip
    why = "contracts with a status of which it is not known whether it ends them are taken to serve until their end"
    return [f"{why}: {listed(unclear)}"] if unclear else []
