"""An Autotask's configuration as words, and its hours and holidays as pieces. What the API does not tell is named."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from beforehand.connectors.contract import Piece, SetUp, Word
from beforehand.promises.psa import DAYS

from . import plain
from .names import Item, Names, Pick, name_of
from .stamps import instant

OBJECTIVES = (
    "Autotask's API tells neither the objectives of an SLA (how long for which priority) nor which status means what: "
    "the draft of agreements has what due dates tell of them and asks for the rest; confirm what each status means."
)
ZONES = "The hours of a location come with a zone in Autotask's own words: the draft asks which zone it is."

_STATES = (
    (r"(wait|pending|hold|await).*(customer|client|user|contact|requester)", "waiting-on-client"),
    (r"(customer|client|user|contact|requester).*(wait|pending|hold|await)", "waiting-on-client"),
    (r"(wait|pending|hold).*(vendor|supplier|third|3rd|material|part|rma|carrier|isp\b|deliver)", "waiting-on-vendor"),
    (r"(schedul|appoint|book).*(customer|client|user)", "scheduled-by-client"),
    (r"schedul|appoint|book", "scheduled-by-us"),
    (r"resolved|solved|fixed", "resolved"),
    (r"closed|cancel", "closed"),
    (r"new|progress|assign|dispatch|escalat|open|working|change order|note added|responded", "working"),
)  # fmt: skip
_ORIGINS = (
    (r"alert|monitor|rmm|\baem\b", "machine"),
    (r"recurring|maintenance", "recurring"),
    (r"project", "project"),
    (r"spam|junk", "noise"),
    (r"internal", "internal"),
    (r"phone|call|walk|person|onsite|chat|verbal|voice", "client-live"),
    (r"mail|portal|web", "client-written"),
)


def set_up(
    names: Names, type_field: str, companies: Iterable[Item], contracts: Sequence[Item],
    hours: Iterable[Item], zones: Mapping[str, str], sets: Iterable[Item], holidays: Sequence[Item],
    missing: Sequence[str],
) -> SetUp:  # fmt: skip
    """All of it."""
    hours = list(hours)
    words = [
        *(_status(pick) for pick in _values(names, "status")),
        *(Word("priority", pick.id, pick.label, said=_of(pick)) for pick in _values(names, "priority")),
        *(_proposed("type", pick) for pick in _values(names, type_field)),
        *(Word("board", pick.id, pick.label, said=_of(pick)) for pick in _values(names, "queueID")),
        *(_proposed("channel", pick) for pick in _values(names, "source")),
        *(_person(id_, names) for id_ in names.people),
        *(Word("client", str(one["id"]), name_of("client", one), said=_client(one)) for one in companies),
        *(_contract(one, names) for one in contracts),
    ]
    pieces = [
        *(_sla(pick, contracts) for pick in _values(names, "serviceLevelAgreementID")),
        *(_calendar(one, zones) for one in hours),
        *(_holidays(one, holidays) for one in sets),
        *(
            Piece("status", pick.id, pick.label, _of(pick), plain.status(pick))
            for pick in _values(names, "status")
        ),
        *(Piece("type", pick.id, pick.label, _of(pick)) for pick in _values(names, type_field)),
        *plain.serves(contracts, names),
    ]
    open_then = plain.open_on_holidays(hours)
    unclear = plain.unclear_states(contracts, names)
    return SetUp(words, pieces, [OBJECTIVES, *([ZONES] if hours else []), *open_then, *unclear, *missing])


def proposal(label: str, table: Iterable[tuple[str, str]]) -> str:
    """What a label seems to mean, "" where it says nothing."""
    return next((means for pattern, means in table if re.search(pattern, label.casefold())), "")


def _values(names: Names, field: str) -> Iterable[Pick]:
    return names.picks.get(field, {}).values()


def _of(pick: Pick) -> dict[str, Any]:
    return {"active": pick.active, "system": pick.system}


def _status(pick: Pick) -> Word:
    """1 New and 5 Complete are the same everywhere; all others mean what this provider made of them."""
    own = {"1": "working", "5": "resolved"}
    if pick.id in own:
        return Word("status", pick.id, pick.label, "", own[pick.id], "a status of Autotask's own", _of(pick))
    means = proposal(pick.label, _STATES)
    return Word("status", pick.id, pick.label, "", means, "from its label" if means else "", _of(pick))


def _proposed(kind: str, pick: Pick) -> Word:
    means = proposal(pick.label, _ORIGINS)
    return Word(kind, pick.id, pick.label, "", means, "from its label" if means else "", _of(pick))


def _person(id_: str, names: Names) -> Word:
    person = names.people[id_]
    said = {"email": person.email, "active": person.active, "automatic": person.automatic}
    return Word("person", id_, person.name, said=said)


def _client(company: Item) -> dict[str, Any]:
    return {"number": company.get("companyNumber"), "active": company.get("isActive") is not False}


def _contract(contract: Item, names: Names) -> Word:
    said = {
        "client": contract.get("companyID"),
        "sla": names.label("serviceLevelAgreementID", contract.get("serviceLevelAgreementID")),
        "from": contract.get("startDate"),
        "until": contract.get("endDate"),
        "status": plain.state(contract, names),
    }
    return Word("contract", str(contract["id"]), name_of("contract", contract), said=said)


def _sla(pick: Pick, contracts: Sequence[Item]) -> Piece:
    uses = [str(one["id"]) for one in contracts if str(one.get("serviceLevelAgreementID")) == pick.id]
    said = {**_of(pick), "contracts": uses, "objectives": None}
    return Piece("sla", pick.id, pick.label, said, plain.sla(pick, bool(uses)))


def _calendar(location: Item, zones: Mapping[str, str]) -> Piece:
    """A location's hours, as wall time by day of the week."""
    said: dict[str, Any] = {
        "zone": zones.get(str(location.get("timeZoneID")), ""),
        "holidays": location.get("holidaySetID"),
        "default": bool(location.get("isDefault")),
        "closed_on_holidays": bool(location.get("noHoursOnHolidays")),
        "hours": _week(location, "Business"),
        "extended": _week(location, "Extended"),
    }
    name = str(location.get("name") or location["id"])
    return Piece("calendar", str(location["id"]), name, said, plain.calendar(location, said["zone"]))


def _week(location: Item, kind: str) -> dict[str, list[str]]:
    found = {}
    for day in DAYS:
        ends = [_wall(location.get(f"{day}{kind}Hours{end}Time")) for end in ("Start", "End")]
        if ends[0] and ends[1] and ends[0] != ends[1]:
            found[day] = [str(end) for end in ends]
    return found


def _wall(said: Any) -> str | None:
    """The time of day in a stamp whose date means nothing."""
    found = re.search(r"T(\d\d:\d\d)", said) if isinstance(said, str) else None
    return found[1] if found else None


def _holidays(one: Item, holidays: Sequence[Item]) -> Piece:
    days = sorted(
        (str(day.get("holidayDate"))[:10], str(day.get("holidayName") or ""))
        for day in holidays
        if day.get("holidaySetID") == one["id"] and instant(day.get("holidayDate")) is not None
    )
    name = str(one.get("holidaySetName") or one["id"])
    key = str(one["id"])
    return Piece(
        "holidays", key, name, {"days": [list(day) for day in days]}, plain.holidays(key, name, days)
    )
