"""HaloPSA's set-up in the words that are one for all sources: what they can say of it, and what has no place there."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from beforehand.connectors.contract import Piece, serving
from beforehand.connectors.hours import date_of, dates, day_length, is_whole_week, listed, wall, week
from beforehand.promises.psa import DAYS, Calendar, HolidayList, Serves, Sla, Status, Target

from .literals import Literals
from .names import UNASSIGNED, contract_name
from .values import Row, flag, key, rows_of, text, zone_of

HOUR = 60.0
LONGEST_DAYS = 366
"""A promise of more days than these stands for none."""
METRICS = (("response", "trackslaresponsetime"), ("resolution", "trackslafixbytime"))
_TIMES = {"response": ("responsetime", "responseunits"), "resolution": ("fixtime", "fixunits")}
_MOVED = {
    "response": ("responsestartofday", "responseendofday"),
    "resolution": ("startofday", "fixendofday", "setfixtostartdate", "setfixtotargetdate"),
}
"""Flags that put a deadline somewhere else than its time alone does."""


class Notes:
    """What could not be said, by why; each is said once, in words for the owner."""

    def __init__(self, missing: list[str]) -> None:
        self._missing, self._of = missing, dict[str, list[str]]()

    def add(self, why: str, what: str) -> None:
        """That something of a thing could not be said."""
        self._of.setdefault(why, []).append(what)

    def tell(self) -> None:
        """Put them with what is missing."""
        self._missing += [f"{why}: {listed(some)}" for why, some in self._of.items()]


def sla(
    row: Row, policies: Sequence[Row] | None, hours: Mapping[str, Calendar], literals: Literals, notes: Notes
) -> Sla:
    """An SLA with the priorities it has; None: those could not be read."""
    id_, name, calendar = key(row.get("id")), text(row.get("name")), key(row.get("workday_id"))
    if flag(row.get("hoursaretechslocaltime")):
        notes.add("SLAs count the hours of a technician's own zone, not of their working days'", name)
    if flag(row.get("responsereset")):
        notes.add("SLAs promise a response to each reply of the client, not to the first words alone", name)
    if policies is None:
        return Sla(id_, name, None, calendar)
    found: list[Target] = []
    for policy in policies:
        found += _targets(row, policy, hours, literals, notes)
    return Sla(id_, name, tuple(found), calendar)


def _targets(
    row: Row, policy: Row, hours: Mapping[str, Calendar], literals: Literals, notes: Notes
) -> Iterator[Target]:
    calendar, own = key(row.get("workday_id")), key(policy.get("workdaysoverride"))
    priority, what = text(policy.get("name")), f"{text(row.get('name'))}, {text(policy.get('name'))}"
    other = hours.get(own) if own and own != calendar else None
    always = other is not None and is_whole_week(other.hours)
    if own and own != calendar and not always:
        notes.add("priorities with working days of their own are left out of their SLAs", what)
        return
    for metric, tracked in METRICS:
        if row.get(tracked) is not None and not flag(row.get(tracked)):
            continue
        time, units = _TIMES[metric]
        if any(flag(policy.get(name)) for name in _MOVED[metric]):
            notes.add(
                f"{metric} targets that are put off to another time of day or to a date are left out", what
            )
            continue
        number = policy.get(time)
        if isinstance(number, bool) or not isinstance(number, int | float) or number <= 0:
            continue
        each, why = _unit(text(policy.get(units)), number, hours.get(own or calendar), literals)
        if each is None:
            notes.add(f"{metric} targets {why} are left out", what)
        else:
            yield Target(metric, number * each, priority, always)


def _unit(
    said: str, number: float, calendar: Calendar | None, literals: Literals
) -> tuple[float | None, str]:
    """How many minutes a unit has; None, and why, where that is not known."""
    folded = said.casefold()
    if folded in literals.hours:
        return HOUR, ""
    if folded in literals.minutes:
        return 1.0, ""
    if folded not in literals.days:
        return None, f"in a unit that is not known ({said or 'none'})"
    if number > LONGEST_DAYS:
        return None, "of more than a year"
    length = None if calendar is None else day_length(calendar.hours)
    return length, "in days where working days are not all equally long"


def calendar(row: Row, lists: Sequence[str], notes: Notes) -> Calendar:
    """A working day. `lists`: the keys of its holidays."""
    name, zone = text(row.get("name")), zone_of(row.get("timezone"))
    of = dict.fromkeys(DAYS, "") if flag(row.get("alldayssame")) else {day: day for day in DAYS}
    ends = {
        day: (row.get(f"start{of[day]}"), row.get(f"end{of[day]}"))
        for day in DAYS
        if flag(row.get(f"inc{day}"))
    }
    found, odd = week(ends)
    if odd or (ends and not found):
        notes.add("working days of which the hours of some days are not known", name)
    if rows_of(row.get("timeslots")):
        notes.add("working days have time slots, which are not taken for hours", name)
    hint = "" if zone else text(row.get("timezone"))
    return Calendar(key(row.get("id")), name, found, zone, hint, tuple(lists), unread=tuple(odd))


def holidays(id_: str, name: str, rows: Iterable[Row], notes: Notes) -> HolidayList | None:
    """Days on which nobody works; None where there are none. An agent's own days are left out."""
    found: list[tuple[str, str, bool]] = []
    for row in rows:
        said = text(row.get("name"))
        if key(row.get("agent_id")) not in ("", UNASSIGNED):
            continue
        if flag(row.get("isrecurring")):
            notes.add("holidays come again, and it is not told when: their date alone is taken", said)
        part = row.get("allday") is not None and not flag(row.get("allday"))
        if part or wall(row.get("date")) not in ("", "00:00") or not date_of(row.get("date")):
            notes.add("holidays that are not whole days are left out", said)
            continue
        days, end = dates(row.get("date"), row.get("end_date")), row.get("end_date")
        if len(days) > 1 and wall(end) == "00:00":
            notes.add("holidays end at midnight: the day that begins then is taken for work", said)
            days = days[:-1]
        found += [(day, said, False) for day in days]
    return HolidayList(id_, name, tuple(sorted(set(found)))) if found else None


def status(row: Row, literals: Literals) -> Status:
    """A status: whether it holds. A response is an action in HaloPSA, and no status says that it resolves."""
    action = text(row.get("slaaction")).casefold()
    holds = True if action in literals.held else False if action in literals.running else None
    return Status(key(row.get("id")), text(row.get("name")), holds=holds)


def serves(
    contracts: Iterable[Row],
    sites: Sequence[Row],
    types: Iterable[Row],
    clients: Mapping[str, str],
    notes: Notes,
) -> Iterator[Piece]:
    """Whom SLAs serve: clients under contracts, clients by all their sites, and whoever has none of their own. A
    contract that is over served until its end: tickets of that time are held to it.
    """
    for one in contracts:
        sla_id, client = key(one.get("sla_id")), key(one.get("client_id"))
        named = clients.get(client) or text(one.get("client_name"))
        if not sla_id or not named:
            continue
        yield serving(_under(one, sla_id, named))
    for client, named in clients.items():
        own = [one for one in sites if key(one.get("client_id")) == client and not flag(one.get("inactive"))]
        slas = {key(one.get("sla_id")) for one in own}
        if len(slas) > 1:
            notes.add("clients whose sites have different SLAs are left out", named)
        elif slas - {""}:
            yield serving(Serves(f"client {client}", slas.pop(), named))
    defaults = {
        key(one.get("default_sla"))
        for one in types
        if text(one.get("use")).casefold() == "ticket" and not flag(one.get("default_excludefromsla"))
    } - {""}
    if len(defaults) > 1:
        notes.add("the SLA that ticket types begin with differs between them", "default SLA")
    elif defaults:
        yield serving(Serves("default", defaults.pop()))


def _under(contract: Row, sla_id: str, client: str) -> Serves:
    """Whom an SLA serves under a contract, and whether that is over, since when its end alone may say."""
    since, until = date_of(contract.get("start_date")), date_of(contract.get("end_date"))
    stopped = flag(contract.get("expired")) or contract.get("active") not in (None, True)
    key_ = f"contract {key(contract.get('id'))}"
    return Serves(key_, sla_id, client, contract_name(contract), since, until, stopped=stopped)
