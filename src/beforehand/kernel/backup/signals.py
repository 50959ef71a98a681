"""What the rooms above may want to know of a restore."""

from django.dispatch import Signal

restored = Signal()
"""Sent with `using`, the database, in the transaction of a restore and at its end: what is remembered of rows is
from then on another database's."""
