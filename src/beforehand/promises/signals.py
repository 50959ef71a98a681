"""What the rooms above may want to know of what is promised."""

from django.dispatch import Signal

ladders_changed = Signal()
"""Sent with `provider`, `before` and `after` (its ladders by name), `renamed` (new names by old ones) and `now`,
in the transaction in which they are changed, by a file or on a page alike."""
