"""What ConnectWise leaves of its rows, by the conditions that it is asked with."""

import re
from typing import Any

Row = dict[str, Any]


def filtered(rows: list[Row], query: dict[str, str]) -> list[Row]:
    conditions = query.get("conditions", "")
    return [row for row in rows if not conditions or _holds(row, conditions)]


def _holds(row: Row, conditions: str) -> bool:
    """What a row is asked: comparisons, joined by `and`; one in brackets is of several joined by `or`."""
    for one in re.split(r" and (?![^(]*\))", conditions):
        some = one[1:-1].split(" or ") if one.startswith("(") else [one]
        if not any(_fits(row, each) for each in some):
            return False
    return True


def _fits(row: Row, one: str) -> bool:
    found = re.fullmatch(r"([\w/]+) ?(>=|<=|=|<|>|in) ?(.+)", one)
    assert found is not None, one
    value = _value(row, found[1])
    said = found[3]
    if found[2] == "in":
        return str(value) in [each.strip() for each in said.strip("()").split(",")]
    wanted: Any = said.strip('"[]')
    if isinstance(value, bool):
        value = str(value).lower()
    elif isinstance(value, int):
        wanted = int(wanted)
    if value is None:
        return False
    return {
        "=": value == wanted, ">": value > wanted, "<": value < wanted, ">=": value >= wanted, "<=": value <= wanted,
    }[found[2]]  # fmt: skip


def _value(row: Row, name: str) -> Any:
    if name in ("lastUpdated", "dateEntered"):
        return row["_info"].get(name)
    value: Any = row
    for part in name.split("/"):
        value = value.get(part) if isinstance(value, dict) else None
    return value
