"""A message as programs read it: what it says of each step, in parts."""

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .models import Alert

TEST, STEP, STEPS, MISSED, DAY, SOURCE = "test", "step", "steps", "missed", "day", "source"
"""What a message is: a test, one step, several that go together, a summary of what was missed, a day's list, word of a
source that cannot be read.
"""


class Link(NamedTuple):
    """An address to go to, and what for."""

    name: str
    url: str


class Note(NamedTuple):
    """What a message says of one step. Client and subject are empty where they must not leave the house."""

    ticket: str
    client: str
    subject: str
    metric: str
    step: str
    urgency: str
    headline: str
    links: tuple[Link, ...]
    thread: str
    """The same for all that is told of one clock in one cycle."""


class Message(NamedTuple):
    """What goes out at once. `key` is the same on every try."""

    event: str
    key: str
    headline: str
    text: str
    notes: tuple[Note, ...]
    at: int
    """Seconds since the epoch."""


def thread_of(alert: "Alert") -> str:
    """What is the same for all that is told of one clock in one cycle."""
    return f"beforehand-{alert.ticket_id}-{alert.metric}-{alert.number}-{alert.cycle}"
