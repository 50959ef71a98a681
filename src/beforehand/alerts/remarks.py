"""What is worth a note on the ticket itself: that a step was reached, and that a chain is over.

Said to whoever writes to ticket systems (tickets/signals.py). What is only rehearsed is not.
"""

from collections.abc import Sequence
from datetime import datetime

from beforehand.engine.codes import METRICS
from beforehand.engine.instants import to_instant
from beforehand.tickets.signals import Remark, remarked

from .models import Alert, StepTaken
from .words import DUE, at_wall

MARK = "[Beforehand]"
"""By this a note is known as ours, by people and programs."""


STOPPED = "the clock stopped"
"""How what ended a chain begins where its clock did. The ticket shows it: a note on one that is resolved is not worth
that some systems open it again.
"""


def reached(alert: Alert, row: StepTaken, deadline: int | None, zone: str) -> Remark:
    """A step was reached, and somebody is told of it."""
    what = DUE[METRICS[alert.metric]]
    said = f"{row.said} of the {what} target reached at {at_wall(to_instant(row.at), zone)}"
    if row.said.endswith("before"):
        said = f"{row.said} the {what} is due"
    due = "the clock is paused" if deadline is None else f"due at {at_wall(deadline, zone)} ({zone})"
    parts = [f"{MARK} {said}; {due}."]
    if alert.expects:
        parts.append(f"Expected: {alert.expects}.")
    if row.links:
        parts.append(f"Told: {', then '.join(row.links)}.")
    return Remark(alert.ticket_id, _key(alert, row), " ".join(parts))


def over(alert: Alert, row: StepTaken) -> Remark:
    """The chain of a step has ended."""
    what = DUE[METRICS[alert.metric]]
    text = f"{MARK} Nobody else is told of {row.said} of the {what} target: {row.ended_by}."
    return Remark(alert.ticket_id, f"{_key(alert, row)} over", text)


def _key(alert: Alert, row: StepTaken) -> str:
    return f"step {alert.metric}.{alert.number}.{alert.cycle}.{row.step}"


def say(provider: int, remarks: Sequence[Remark], now: datetime) -> None:
    """Say it, in the transaction in which it came to be."""
    if remarks:
        remarked.send(sender=None, provider=provider, remarks=remarks, now=now)
