"""The way through the past: what is open, of whatever age, then what was completed, week by week, the newest first.

Rows come by id and can be had in no other order, so that the newest first is made of windows of their creation.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from beforehand.connectors.trouble import Odd
from beforehand.engine.instants import DAY

from .client import Client
from .cost import ROWS
from .names import Item
from .stamps import written
from .translate import COMPLETE

FIRST_DAYS, MOST_DAYS = 7, 112
_FEW = ROWS // 4


class Stretch(NamedTuple):
    """A page of the past."""

    rows: Sequence[Item]
    cursor: str
    more: bool
    total: int | None


def page(client: Client, cursor: str, since: int, now: Callable[[], int]) -> Stretch:
    """The next page of it."""
    total = None
    at: dict[str, Any] = _read(cursor) if cursor else {}
    if not at:
        total = client.count("Tickets", [_OPEN]) + client.count("Tickets", [_DONE, _created("gte", since)])
        at = {"until": 0, "days": FIRST_DAYS, "rows": 0}
    if not at["until"]:
        rows, following = client.page("Tickets", [_OPEN], at.get("next", ""))
        after = {**at, "next": following} if following else {**at, "next": "", "until": now() + DAY}
        return Stretch(rows, json.dumps(after), True, total)
    low = max(at["until"] - at["days"] * DAY, since)
    where = [_DONE, _created("gte", low), _created("lt", at["until"])]
    rows, following = client.page("Tickets", where, at.get("next", ""))
    seen = at["rows"] + len(rows)
    if following:
        return Stretch(rows, json.dumps({**at, "next": following, "rows": seen}), True, None)
    if low <= since:
        return Stretch(rows, "", False, None)
    days = min(at["days"] * 2, MOST_DAYS) if seen < _FEW else at["days"]
    days = max(days // 2, 1) if seen > ROWS else days
    return Stretch(rows, json.dumps({"until": low, "days": days, "rows": 0, "next": ""}), True, None)


_OPEN: Item = {"op": "noteq", "field": "status", "value": int(COMPLETE)}
_DONE: Item = {"op": "eq", "field": "status", "value": int(COMPLETE)}


def _created(op: str, at: int) -> Item:
    return {"op": op, "field": "createDate", "value": written(at)}


def _read(cursor: str) -> dict[str, Any]:
    try:
        at = json.loads(cursor)
    except ValueError:
        at = None
    if not isinstance(at, dict) or not {"until", "days", "rows"} <= at.keys():
        raise Odd("the place where the past goes on cannot be read")
    return at
