"""Reading what ConnectWise answers, whatever of it is there: nothing that is missing or odd is an error here."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from beforehand.engine.instants import FIRST, LAST, to_instant
from beforehand.tickets.events import LONGEST_MESSAGE

Row = Mapping[str, Any]


def instant(said: object) -> int | None:
    """A stamp such as 2026-03-02T09:00:00Z; None where it is none, or names no zone."""
    if not isinstance(said, str):
        return None
    try:
        moment = datetime.fromisoformat(said.strip())
    except ValueError:
        return None
    if moment.tzinfo is None:
        return None
    at = to_instant(moment.astimezone(UTC))
    return at if FIRST <= at < LAST else None


def stamp(at: int) -> str:
    """An instant as conditions name it, to the second."""
    return datetime.fromtimestamp(at // 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def text(said: object, most: int = 10_000) -> str:
    """A text without what no database keeps; "" where there is none."""
    if said is None or isinstance(said, dict | list):
        return ""
    whole = str(said).replace("\x00", "")
    return whole.encode("utf-8", "replace").decode("utf-8")[:most].strip()


def words(said: object) -> str:
    """The words of a message."""
    return text(said, LONGEST_MESSAGE)


def within(row: Row, name: str) -> Row:
    """An object in an object: empty where there is none."""
    found = row.get(name)
    return found if isinstance(found, Mapping) else {}


def named(row: Row, name: str) -> str:
    """The name of what a field refers to."""
    return text(within(row, name).get("name"))


def key_of(row: Row, name: str = "") -> str:
    """The id of a row, or of what its field refers to; "" for none."""
    found = (within(row, name) if name else row).get("id")
    return "" if found is None or isinstance(found, bool | dict | list) else text(found)


def entered(row: Row) -> int | None:
    """When a row was made, as far as it says so: when it was changed last is something else."""
    info = within(row, "_info")
    stamps = (
        row.get("dateCreated"),
        row.get("dateEntered"),
        info.get("dateEntered"),
        info.get("dateCreated"),
    )
    return next((at for at in map(instant, stamps) if at is not None), None)


def updated(row: Row) -> int | None:
    """When a row was changed last."""
    return instant(within(row, "_info").get("lastUpdated"))
