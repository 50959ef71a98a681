"""What the rooms above say of tickets to each other, which do not know one another."""

from typing import NamedTuple

from django.dispatch import Signal


class Remark(NamedTuple):
    """Something that is worth a note on a ticket, once: `key` is the same whenever it is said again."""

    ticket: int
    key: str
    text: str


clocks_read = Signal()
"""Sent with `provider` and `tickets` (ids), `running` (those with an open clock) and `at`, in the transaction in which
their clocks were read again."""

remarked = Signal()
"""Sent with `provider` (its id), `remarks` and `now`, in the transaction in which what they say came to be."""
