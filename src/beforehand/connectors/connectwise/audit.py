"""The audit trail of a ticket: rows of free text in the tenant's language, read by patterns that the owner may add to.

A field's history counts as told only where its rows form an unbroken chain that ends at what the field is now. A row
that cannot be read breaks it: then nothing of the field is taken from here, and the row is kept to be shown.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from .values import Row, instant, text

FIELDS = ("status", "assignee", "priority")
OF_SUBTYPE = {"status": "status", "owner": "assignee", "priority": "priority"}
"""The field that a row is of, by its auditSubType."""
ENGLISH = """
status: Status has been updated from "{old}" to "{new}".
status: Status has been changed from "{old}" to "{new}".
status: Status changed from "{old}" to "{new}".
status: Ticket status has been updated from "{old}" to "{new}".
status: Ticket status has been changed from "{old}" to "{new}".
assignee: Ticket owner has been set to "{new}".
assignee: Ticket owner has been updated from "{old}" to "{new}".
assignee: Ticket owner has been changed from "{old}" to "{new}".
assignee: Ticket owner "{old}" has been removed.
assignee: Ticket owner has been removed.
priority: Priority has been updated from "{old}" to "{new}".
priority: Priority has been changed from "{old}" to "{new}".
priority: Ticket priority has been updated from "{old}" to "{new}".
priority: Ticket priority has been changed from "{old}" to "{new}".
"""
"""No row of a live tenant has been seen: these are what examples say, and near ways to say it."""
First = Callable[[str], str]
_QUOTES = str.maketrans("“”„«»‘’", '""""""' + '"')
_PLACE = re.compile(r"\\\{(old|new)\\\}")


class Pattern(NamedTuple):
    """How a change of a field is worded: once read from its front, once from its back, since a name may hold the very
    words that stand between two.
    """

    field: str
    lazy: re.Pattern[str]
    greedy: re.Pattern[str]


class Change(NamedTuple):
    """A field became `new`; `old` is None where the row says no more. `turn`: which it is of those of its instant."""

    at: int
    old: str | None
    new: str
    by: str
    turn: int = 0


class Trail(NamedTuple):
    """The changes of each field, and the rows that nobody could read: by field, "" where not even that is known."""

    changes: Mapping[str, Sequence[Change]]
    unread: Mapping[str, Sequence[str]]

    def history(self, field: str, now: str, first: First = str) -> Sequence[Change] | None:
        """All changes of a field until it was as it is `now`; None where they do not add up to that. `first`: the name
        by which a value was known first: a row has the one of its time.
        """
        if self.unread.get(field):
            return None
        changes = self.changes.get(field, ())
        if not changes:
            # One of those that cannot be read may be how it became so.
            return None if now and any(now in row for row in self.unread.get("", ())) else ()
        if changes[0].old is None and field != "assignee":
            return None
        for some in (changes, _ties_turned(changes)):
            joined = all(b.old is None or first(a.new) == first(b.old) for a, b in pairwise(some))
            if joined and first(some[-1].new) == first(now):
                return _numbered(some)
        return None

    def suspects(self, fields: Sequence[str]) -> Sequence[str]:
        """The rows for which the histories of these fields are not known: their own, else all others."""
        own = [row for field in fields for row in self.unread.get(field, ())]
        return own or self.unread.get("", ())


def patterns(added: str = "") -> list[Pattern]:
    """The English ones, after those that the owner added: one a line, or between two bars. Raises ValueError for one
    that is none.
    """
    found = []
    for line in [*re.split(r"\n|\|\|", added), *ENGLISH.splitlines()]:
        if not line.strip():
            continue
        field, colon, wording = line.partition(":")
        name = {"owner": "assignee"}.get(field.strip().lower(), field.strip().lower())
        if not colon or name not in FIELDS or ("{new}" not in wording and name != "assignee"):
            raise ValueError(line.strip())
        found.append(Pattern(name, _compiled(wording, ".*?"), _compiled(wording, ".*")))
    return found


def trail(rows: Iterable[Row], ways: Sequence[Pattern]) -> Trail:
    """What a ticket's audit trail says, whichever end of it comes first."""
    changes: dict[str, list[Change]] = {}
    unread: dict[str, list[str]] = {}
    listed = list(rows)
    for row in _oldest_first(listed):
        field = OF_SUBTYPE.get(text(row.get("auditSubType")).lower(), "")
        said, at = text(row.get("text")), instant(row.get("enteredDate"))
        read = [way for way in ways if field in ("", way.field) and way.lazy.fullmatch(_plain(said))]
        values = _values(read[0], said) if read else None
        if at is None or values is None:
            unread.setdefault(field or (read[0].field if read else ""), []).append(said)
            continue
        changes.setdefault(read[0].field, []).append(Change(at, *values, text(row.get("enteredBy"))))
    return Trail(changes, unread)


def _compiled(wording: str, some: str) -> re.Pattern[str]:
    escaped = re.escape(_plain(wording))
    return re.compile(_PLACE.sub(lambda place: f"(?P<{place[1]}>{some})", escaped), re.IGNORECASE)


def _plain(said: str) -> str:
    """Without what differs for no reason: quotes of another kind, spaces, the full stop."""
    return " ".join(said.translate(_QUOTES).split()).removesuffix(".")


def _values(way: Pattern, said: str) -> tuple[str | None, str] | None:
    """What it was and what it became; None where that can be read in two ways."""
    front, back = way.lazy.fullmatch(_plain(said)), way.greedy.fullmatch(_plain(said))
    if front is None or back is None or front.groupdict() != back.groupdict():
        return None
    parts = {name: value.strip() for name, value in front.groupdict().items()}
    return parts.get("old"), parts.get("new", "")


def _oldest_first(rows: Sequence[Row]) -> Sequence[Row]:
    """Rows as they came to be: those of one instant in the order of the list, whichever way it goes."""
    stamps = [at for at in (instant(row.get("enteredDate")) for row in rows) if at is not None]
    some = rows[::-1] if stamps and stamps[0] > stamps[-1] else rows
    return sorted(some, key=lambda row: instant(row.get("enteredDate")) or 0)


def _ties_turned(changes: Sequence[Change]) -> Sequence[Change]:
    """The same, those of one instant the other way round."""
    turned = list(reversed(changes))
    turned.sort(key=lambda change: change.at)
    return turned


def _numbered(changes: Sequence[Change]) -> Sequence[Change]:
    turns: dict[int, int] = {}
    found = []
    for change in changes:
        turns[change.at] = turns.get(change.at, -1) + 1
        found.append(change._replace(turn=turns[change.at]))
    return found
