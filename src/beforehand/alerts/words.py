"""What a message says: all of it in its first line."""

from collections.abc import Sequence
from typing import NamedTuple

from beforehand.engine.codes import METRICS
from beforehand.engine.instants import MINUTE, to_instant
from beforehand.engine.zones import local_datetime
from beforehand.tickets.models import Ticket

from .models import Alert

DUE = {
    "response": "response", "plan": "plan", "resolution": "resolution", "update": "update",
    "onsite": "arrival on site", "triage": "triage",
}  # fmt: skip
LONGEST_SUBJECT = 180


class Clock(NamedTuple):
    """What a message says of a clock, out of its row: deadline and instant after which it is late, or it waits."""

    deadline: int | None
    late_at: int | None
    paused: bool


class Told(NamedTuple):
    """Somebody who was told before: name, role, and when."""

    name: str
    role: str
    at: int


def headline(ticket: Ticket, alert: Alert, clock: Clock, now: int, zone: str, bare: bool = False) -> str:
    """The first line: "Contoso, Priority 1, response due in 45 minutes, unassigned: Mail server down (#48213)".

    A `bare` one is without client and subject.
    """
    return about(ticket, standing(alert, clock, now, zone), bare)


def about(ticket: Ticket, how: str, bare: bool = False) -> str:
    """A line on a ticket that says how it stands: client, priority, how, assignee, subject and number."""
    who = ticket.client_name or "Unknown client"
    priority = ticket.priority or "no priority"
    owner = ticket.assignee or "unassigned"
    said = f"{priority}, {how}, {owner}"
    if not bare:
        said = f"{who}, {said}: {ticket.subject or 'no subject'}"
    number = f" (#{(ticket.number or ticket.external_id).lstrip('#')})"
    if len(said) + len(number) > LONGEST_SUBJECT:
        said = said[: LONGEST_SUBJECT - len(number) - 1].rstrip() + "…"
    return " ".join((said + number).split())


def standing(alert: Alert, clock: Clock, now: int, zone: str) -> str:
    """The clock in a few words: "response due in 45 minutes", "response late since Mon 02 Mar 14:05"."""
    what = DUE[METRICS[alert.metric]]
    if clock.late_at is not None and clock.late_at < now:
        return f"{what} late since {at_wall(clock.late_at, zone)}"
    if clock.paused or clock.deadline is None:
        return f"{what} paused"
    if clock.deadline <= now:
        return f"{what} due now"
    return f"{what} due in {_minutes((clock.deadline - now) // MINUTE)}"


def _minutes(minutes: int) -> str:
    """Minutes by the wall, cut: time left is never said to be more than it is (1.4)."""
    if minutes < 1:
        return "less than a minute"
    if minutes < 120:
        return f"{minutes} minute{'s' if minutes != 1 else ''}"
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest} m" if hours < 48 else f"{hours // 24} days {hours % 24} h"


def body(
    line: str, alert: Alert, clock: Clock, told: Sequence[Told], links: Sequence[tuple[str, str]], zone: str
) -> str:
    """The rest of a message: what is expected, who was told, the clock in a sentence, where to go."""
    parts = [line, ""]
    if alert.expects:
        parts.append(f"Expected of you: {alert.expects}.")
    if told:
        said = "; ".join(f"{one.name} ({one.role}) at {at_wall(one.at, zone)}" for one in told)
        parts.append(f"Told before: {said}.")
    else:
        parts.append("You are the first to be told.")
    parts.append(f"{_sentence(alert, clock, zone)}")
    parts.append("")
    parts += [f"{name}: {address}" for name, address in links if address]
    return "\n".join(parts) + "\n"


def _sentence(alert: Alert, clock: Clock, zone: str) -> str:
    what = DUE[METRICS[alert.metric]]
    reached = f"{alert.reached} of the {what} target reached at {at_wall(to_instant(alert.reached_at), zone)}"
    if alert.reached.endswith("before"):
        reached = f"{alert.reached} the {what} is due"
    if clock.paused or clock.deadline is None:
        return f"{reached}; the clock is paused."
    return f"{reached}; due at {at_wall(clock.deadline, zone)}."


def at_wall(instant: int, zone: str) -> str:
    """An instant by the clocks of a zone: Tue 10 Mar 14:05."""
    return f"{local_datetime(zone, instant):%a %d %b %H:%M}"
