"""Checks a connection: which right is missing, where it is given, and whether the meanings of actions are known."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from beforehand.connectors.contract import Right
from beforehand.connectors.line import Forbidden, Missing, Odd, Unauthorised

from .client import Client
from .literals import Literals, unknown
from .values import Row, key

WHERE = (
    "HaloPSA: Configuration > Integrations > Halo API > the application > Permissions, and the role of the agent that"
    " it signs in as"
)
TICKETS = 5
"""Tickets whose actions are looked at for values of unknown meaning."""


class Need(NamedTuple):
    """A right that reading takes: the scope, what is missing without it, and the calls that show it."""

    scope: str
    purpose: str
    call: Callable[[], object]


def rights(client: Client, literals: Literals, appointments: bool) -> list[Right]:
    """The rights one after the other; without a sign-in the rest is not asked for. Raises Trouble where HaloPSA is
    down.
    """
    try:
        rows = client.tickets(1, TICKETS, order="id", orderdesc="true").rows
    except Unauthorised as trouble:
        return [_signed(False, str(trouble))]
    except Forbidden as trouble:
        rows, told = [], str(trouble)
        if "scope" in told and "(403)" not in told:
            return [_signed(False, told)]
        found = [_signed(True), Right("read:tickets", False, f"nothing can be read: {told}", WHERE)]
    else:
        found = [_signed(True), Right("read:tickets", True, "tickets")]
    found += [_try(need) for need in _needs(client, rows, appointments)]
    if rows and found[2].ok:
        found.append(_placed(client, literals, rows))
    return found


def _needs(client: Client, rows: Sequence[Row], appointments: bool) -> list[Need]:
    ticket = key(rows[0].get("id")) if rows else "1"
    actions = "without actions: no message, no answer, and changes only as fine as the poll"
    set_up = "without it statuses, types and priorities have numbers for names, and nothing is proposed"
    needs = [
        Need("read:tickets (actions)", actions, lambda: client.first_actions(ticket)),
        Need("statuses, types, priorities", set_up, lambda: [client.table(name) for name in _SET_UP]),
        Need(
            "SLAs and working days", "without them there is no draft of an agreement", lambda: _slas(client)
        ),
        Need("agents and teams", "without them people have numbers for names", lambda: _people(client)),
        Need(
            "read:customers", "without it clients and sites are not matched", lambda: _first(client, "Client")
        ),
        Need(
            "read:customers (users)",
            "without it contacts are known by tickets alone, and none is known to be a VIP",
            lambda: _first(client, "Users"),
        ),
        Need(
            "read:contracts", "without it contracts are not matched", lambda: _first(client, "ClientContract")
        ),
    ]
    if appointments:
        what = "without it visits are not seen; or switch off appointments"
        needs.append(Need("read:calendar", what, lambda: client.appointments(ticket)))
    return needs


_SET_UP = ("Status", "TicketType", "Priority")


def _slas(client: Client) -> object:
    return [client.table("SLA"), client.table("Workday")]


def _people(client: Client) -> object:
    return [client.table("Agent"), client.table("Team")]


def _first(client: Client, name: str) -> object:
    return client.listed(name)


def _signed(ok: bool, why: str = "") -> Right:
    how = "HaloPSA: Configuration > Integrations > Halo API, an application with Client ID and Secret (Services)"
    return Right("sign in", ok, why or "client ID and secret are accepted", "" if ok else how)


def _try(need: Need) -> Right:
    """A thing that is not there can be read; one that is refused, or answered by something else, cannot."""
    try:
        need.call()
    except Missing:
        return Right(need.scope, True, need.purpose)
    except (Forbidden, Odd) as trouble:
        return Right(need.scope, False, f"{need.purpose} ({trouble})", WHERE)
    return Right(need.scope, True, need.purpose)


def _placed(client: Client, literals: Literals, rows: Sequence[Row]) -> Right:
    missing = unplaced(client, literals, rows)
    purpose = missing[0] if missing else f"all actions of {min(len(rows), TICKETS)} tickets have known values"
    how = "Settings of this connection: who_type, emaildirection" if missing else ""
    return Right("meaning of actions", not missing, purpose, how)


def unplaced(client: Client, literals: Literals, rows: Sequence[Row]) -> list[str]:
    """How many actions of the latest tickets have values of unknown meaning; nothing where none has."""
    actions: list[Row] = []
    for one in rows[:TICKETS]:
        try:
            actions += client.first_actions(key(one.get("id")))
        except (Forbidden, Missing, Odd):
            continue
    total, odd, by = unknown(actions, literals)
    if not odd:
        return []
    parts = ", ".join(f"{what}: {count}" for what, count in sorted(by.items()))
    return [f"{odd} of {total} actions have values whose meaning is not known ({parts})"]
