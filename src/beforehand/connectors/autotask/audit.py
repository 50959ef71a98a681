"""The history of a ticket, which is text: what it says by the patterns of the owner, and what nobody can read.

Pure. A field is told exactly where its changes join without a gap and no row that cannot be read is about it.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from .names import Item, Names
from .settings import several, value
from .stamps import instant

BREAKS = re.compile(r"[\r\n]+|<br\s*/?>", re.IGNORECASE)
LONGEST = 1_000
"""Characters of a line that are looked at: what is longer is a description, and no field of ours."""
FIELDS = ("status", "assignee", "priority", "board")
KINDS = {"assignee": "person"}
"""Of which kind of word the values of a field are, where that has another name."""
First = Callable[[str, str, str], str]
_PICKS = {"status": "status", "priority": "priority", "board": "queueID"}


def as_told(_kind: str, name: str, _board: str) -> str:
    """Where nothing is known to have had another name."""
    return name


class Change(NamedTuple):
    """A change of a field as the history says it. `row`: its id there; `who`: the resource, None for nobody."""

    field: str
    at: int
    old: str
    new: str
    row: str
    who: str | None


class Audit(NamedTuple):
    """What a history says: changes by field, of fields that are told exactly; `quiet` are fields of which it
    tells none; texts that nobody can read.
    """

    changes: Mapping[str, Sequence[Change]] = {}
    quiet: frozenset[str] = frozenset()
    unread: Sequence[str] = ()


class Patterns:
    """The words of a history."""

    def __init__(self, told: Mapping[str, str]) -> None:
        self.changes = [_compiled(part) for part in value(told, "history").split("|") if part.strip()]
        self.merged = _compiled(value(told, "merged"))
        self.none = value(told, "history_none").casefold()
        self.fields: dict[str, str] = {}
        for pair in several(told, "history_fields"):
            name, _, ours = (part.strip() for part in pair.rpartition("="))
            if name and ours in FIELDS:
                self.fields[name.casefold()] = ours


def read(rows: Iterable[Item], names: Names, patterns: Patterns, first: First = as_told) -> Audit:
    """What the rows of one ticket say. `first` as of abilities.Recalls: a row has the names of its time."""
    by_field: dict[str, list[Change]] = {}
    unread: list[str] = []
    for row in sorted(rows, key=_order):
        at, row_id = instant(row.get("date")), str(row.get("id"))
        action = str(row.get("action") or "")
        for number, line in enumerate(_lines(row)):
            found = _matched(patterns, line)
            if at is None or found is None:
                unread.append(f"{action} {line}".strip())
                continue
            name = patterns.fields.get(found["field"].strip().casefold())
            if name:
                who = row.get("resourceID")
                old, new = (_said(name, found[part], names, patterns) for part in ("old", "new"))
                mark = row_id if number == 0 else f"{row_id}-{number}"
                by_field.setdefault(name, []).append(
                    Change(name, at, old, new, mark, None if who is None else str(who))
                )
    clear = {name for name in FIELDS if not any(_is_about(name, text, names, patterns) for text in unread)}
    sure = {
        name: changes for name, changes in by_field.items() if name in clear and _joined(name, changes, first)
    }
    quiet = frozenset(clear - by_field.keys()) if by_field or unread else frozenset()
    return Audit(sure, quiet, unread)


def merged(rows: Iterable[Item], patterns: Patterns) -> tuple[int, str, str] | None:
    """When a ticket was merged, the number of the ticket it was merged into, and the id of that."""
    for row in sorted(rows, key=_order, reverse=True):
        found = patterns.merged.search(f"{row.get('action') or ''} {row.get('detail') or ''}"[:LONGEST])
        at = instant(row.get("date"))
        if found and at is not None:
            return at, found["ticket"].strip(".,;()"), f"merged-{row.get('id')}"
    return None


def until(changes: Sequence[Change], now: str, updated: int, first: First = as_told) -> Sequence[Change]:
    """The changes up to the stamp of a reading: a history that is read after its ticket may know more."""
    kept = list(changes)
    while kept and kept[-1].at > updated and not _is(kept[-1], now, first):
        kept.pop()
    return kept if kept and _is(kept[-1], now, first) else changes


def _is(change: Change, now: str, first: First) -> bool:
    kind = KINDS.get(change.field, change.field)
    return first(kind, change.new, "") == first(kind, now, "")


def _order(row: Item) -> tuple[int, int]:
    id_ = row.get("id")
    return instant(row.get("date")) or 0, id_ if isinstance(id_, int) else 0


def _lines(row: Item) -> list[str]:
    said = str(row.get("detail") or row.get("action") or "")
    return [line[:LONGEST] for line in (part.strip() for part in BREAKS.split(said)) if line]


def _matched(patterns: Patterns, line: str) -> "re.Match[str] | None":
    return next((found for one in patterns.changes if (found := one.fullmatch(line))), None)


def _compiled(said: str) -> "re.Pattern[str]":
    """A pattern with names in braces, where spaces may be many."""
    parts = re.split(r"\{(field|old|new|ticket)\}", said.strip())
    built = ""
    for number, part in enumerate(parts):
        if number % 2:
            built += rf"(?P<{part}>\S+)" if part == "ticket" else rf"(?P<{part}>.*?)"
        else:
            built += r"\s+".join(re.escape(word) for word in re.split(r"\s+", part))
    return re.compile(built, re.IGNORECASE)


def _said(name: str, text: str, names: Names, patterns: Patterns) -> str:
    """A value of the history in the words in which the ticket itself has it."""
    text = text.strip().strip('"').strip()
    if not text or text.casefold() == patterns.none:
        return ""
    if name == "assignee":
        last, comma, first = text.partition(",")
        whole = f"{first.strip()} {last.strip()}" if comma else text
        known = {person.name.casefold(): person.name for person in names.people.values()}
        return known.get(whole.casefold()) or known.get(text.casefold()) or whole
    labels = {pick.label.casefold(): pick.label for pick in names.picks.get(_PICKS[name], {}).values()}
    return labels.get(text.casefold(), text)


def _joined(field: str, changes: Sequence[Change], first: First) -> bool:
    kind = KINDS.get(field, field)
    return all(first(kind, one.new, "") == first(kind, after.old, "") for one, after in pairwise(changes))


def _is_about(name: str, text: str, names: Names, patterns: Patterns) -> bool:
    """Whether a row that cannot be read is about a field: it names it, or two of its values."""
    low = text.casefold()
    if any(ours == name and _has(low, label) for label, ours in patterns.fields.items()):
        return True
    values = [pick.label.casefold() for pick in names.picks.get(_PICKS.get(name, ""), {}).values()]
    return sum(_has(low, value) for value in values) >= 2


def _has(text: str, words: str) -> bool:
    return bool(words) and re.search(rf"(?<!\w){re.escape(words)}(?!\w)", text) is not None
