"""What HaloPSA's values mean that no public text of the vendor spells out. An owner can say otherwise (settings)."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from beforehand.connectors.contract import Setting

from .values import Row, flag, key, text, whole

_HELP = "Only where the check of the connection counts actions that it cannot place. Separated by commas."
_UNITS = "Only where the set-up leaves targets out since it does not know their unit. Separated by commas."


class Literals(NamedTuple):
    """Values, in small letters, by what they mean."""

    agents: frozenset[str]
    clients: frozenset[str]
    sent: frozenset[str]
    received: frozenset[str]
    held: frozenset[str]
    running: frozenset[str]
    done: frozenset[str]
    visits: frozenset[str]
    hours: frozenset[str]
    minutes: frozenset[str]
    days: frozenset[str]


DEFAULTS = {
    "agents": ("who_type of an agent", "1"),
    "clients": ("who_type of a client's person", "0, 2"),
    "sent": ("emaildirection of a mail that went out", "S, O"),
    "received": ("emaildirection of a mail that came in", "R, I"),
    "held": ("slaaction of a status that holds the SLA", "H, Hold"),
    "running": ("slaaction of a status that lets the SLA run", "R, Release, N"),
    "done": ("complete_status of an appointment that took place", "0"),
    "visits": ("Words in the type of an appointment on site", "onsite, on-site, on site, visit"),
    "hours": ("Unit of an SLA's targets that is hours", "H"),
    "minutes": ("Unit of an SLA's targets that is minutes", ""),
    "days": ("Unit of an SLA's targets that is working days", "D"),
}
"""Names, labels and defaults. The values are those of public examples, which do not agree with each other."""

SETTINGS = tuple(
    Setting(
        name,
        label,
        _UNITS if name in ("hours", "minutes", "days") else _HELP,
        required=False,
        default=default,
    )
    for name, (label, default) in DEFAULTS.items()
)


def literals_of(settings: Mapping[str, str]) -> Literals:
    """The meanings that hold for a connection."""
    return Literals(**{name: _set(settings.get(name) or default) for name, (_, default) in DEFAULTS.items()})


def _set(said: str) -> frozenset[str]:
    return frozenset(part.strip().casefold() for part in said.split(",") if part.strip())


def unknown_in(action: Row, literals: Literals) -> list[str]:
    """What in an action these meanings do not place, or place otherwise than its ids do."""
    found = []
    who, way = _folded(action.get("who_type")), _folded(action.get("emaildirection"))
    if who and who not in literals.agents | literals.clients:
        found.append(f"who_type {who}")
    if way and way not in literals.sent | literals.received:
        found.append(f"emaildirection {way.upper()}")
    agent, user = agent_of(action), user_of(action)
    if who in literals.agents and user and not agent:
        found.append(f"who_type {who} of a client's person")
    if way in literals.received and agent and not user and who not in literals.clients:
        found.append(f"emaildirection {way.upper()} of an agent")
    return found


def unknown(actions: Iterable[Row], literals: Literals) -> tuple[int, int, dict[str, int]]:
    """How many actions there are, how many of them are not placed, and by what."""
    total = odd = 0
    by: dict[str, int] = {}
    for one in actions:
        total += 1
        found = unknown_in(one, literals)
        odd += bool(found)
        for what in found:
            by[what] = by.get(what, 0) + 1
    return total, odd, by


def agent_of(action: Row) -> str:
    """The agent who did it; "" where none did."""
    return key(action.get("actionby_agent_id")) or key(action.get("who_agentid"))


def user_of(action: Row) -> str:
    """The client's person who did it; "" where none did."""
    return key(action.get("actionby_user_id"))


def is_agents(action: Row, literals: Literals) -> bool:
    """Whether its kind of author is an agent."""
    return _folded(action.get("who_type")) in literals.agents


def is_clients(action: Row, literals: Literals) -> bool:
    """Whether its kind of author is a client's person; where Halo says that no such person did it, it is not."""
    return _folded(action.get("who_type")) in literals.clients and action.get("actionby_user_id") is None


def is_sent(action: Row, literals: Literals) -> bool:
    """Whether it is a mail that went out."""
    return _folded(action.get("emaildirection")) in literals.sent


def is_received(action: Row, literals: Literals) -> bool:
    """Whether it is a mail that came in."""
    return _folded(action.get("emaildirection")) in literals.received


def took_place(appointment: Row, literals: Literals) -> bool:
    """Whether an appointment is over and was kept."""
    return _folded(appointment.get("complete_status")) in literals.done


def is_visit(appointment: Row, literals: Literals) -> bool:
    """Whether an appointment is one at the client's place, by the name of its type."""
    named = text(appointment.get("appointment_type_name")).casefold()
    return any(word in named for word in literals.visits) and not flag(appointment.get("is_task"))


def _folded(said: object) -> str:
    number = whole(said)
    return str(number) if number is not None else text(said).casefold()
