"""Bundled tickets: what of a parent's conversation is a child's own (clock.md 3.9), and that children are read with it.

A status is each ticket's own: ConnectWise closes the children of a parent by itself, and says so of each of them. What
was said on a parent counts for a child only where ConnectWise put it there, and what was said on a child never for its
parent: the clients of the others have not heard it.
"""

from collections.abc import Iterable, Mapping

from ..contract import Told
from ..trouble import Odd
from .client import Client
from .values import Row, entered, instant, key_of, text, updated

OWN, PARENTS, OTHERS = "own", "parent's", "another's"


def parent_of(row: Row) -> str:
    """The ticket that it is bundled under; "" for none."""
    parent = text(row.get("parentTicketId"))
    return "" if parent == "0" else parent


def whose(note: Row, ticket: str, parent: str) -> str:
    """Whose a note is that stands with a ticket in allNotes. That of a ticket merged into it is its own."""
    if note.get("createdByParentFlag") is True:
        return PARENTS if parent else OWN
    of = key_of(note, "ticket")
    if note.get("mergedFlag") is True or of == ticket or not (of or note.get("bundledFlag") is True):
        return OWN
    return PARENTS if parent and of in ("", parent) else OTHERS


def merged_from(note: Row, ticket: str) -> str:
    """The ticket with which a note came along into this one, where it is told; "" for a note of its own."""
    of = key_of(note, "ticket") if note.get("mergedFlag") is True else ""
    return "" if of == ticket else of


def is_applied(note: Row, born: int) -> bool:
    """Whether ConnectWise put a parent's note on a child for its client to see: not what was said before the child was
    there, nor what the parent's client said, nor what is shown beside it and no more.
    """
    at = instant(note.get("timeEnd")) or instant(note.get("timeStart")) or entered(note) or updated(note)
    shown = note.get("createdByParentFlag") is not False
    return shown and at is not None and at >= born and not key_of(note, "contact")


class Children:
    """The children of the parents that changed: whether ConnectWise saves them too, its documents do not say."""

    def __init__(self, client: Client, tickets: str, at: Mapping[str, object]) -> None:
        known = at.get("parents")
        self._client, self._tickets = client, tickets
        self.seen: dict[str, int] = dict(known) if isinstance(known, dict) else {}

    def of(self, rows: Iterable[Row]) -> list[Told]:
        """Those of the parents among these that were saved since they were looked at last, to be read again."""
        moved = {
            key: at
            for row in rows
            if row.get("hasChildTicket") is True and (key := key_of(row)) and (at := updated(row)) is not None
            if self.seen.get(key) != at
        }
        if not moved:
            return []
        asked = {"conditions": f"parentTicketId in ({','.join(moved)})", "fields": "id"}
        try:
            found = list(self._client.all(self._tickets, asked, forward=True))
        except Odd:
            return []  # no other change waits for it; it is asked again while the parents come
        self.seen |= moved
        return [Told(key, 0, deep=False) for row in found if (key := key_of(row))]

    def since(self, mark: int) -> dict[str, int]:
        """The parents that may come again, by when they were saved."""
        return {key: at for key, at in self.seen.items() if at >= mark}
