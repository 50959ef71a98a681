"""What is written back to a source, as the page of its connection shows it: what is on, what waits, what failed."""

from collections.abc import Sequence
from typing import NamedTuple

from beforehand.connectors.models import Connection
from beforehand.connectors.models import Written as Row
from beforehand.connectors.writing import FIELDS
from beforehand.engine.instants import to_instant
from beforehand.engine.saying import Moment, Saying

SHOWN = 20
_OPEN = (Row.State.WAITING, Row.State.SENDING)


class Failed(NamedTuple):
    """What was not written, to which ticket, and why."""

    ticket: int
    called: str
    what: str
    fault: str
    at: Moment


class WrittenBack(NamedTuple):
    """`fields`: ours and the source's name of each; `waiting`: how many are to be written yet; `repeats`: how many
    notes may stand there more than once.
    """

    notes: bool
    fields: Sequence[tuple[str, str]]
    waiting: int
    repeats: int
    failed: Sequence[Failed]
    more: int


def written(row: Connection, how: Saying) -> WrittenBack:
    """What is written to the tickets of a connection, the latest failures first."""
    rows = Row.objects.filter(provider=row.provider_id, connection=row)
    lost = rows.filter(state=Row.State.FAILED)
    return WrittenBack(
        row.write_notes,
        [(name, row.write_fields[name]) for name in FIELDS if row.write_fields.get(name)],
        rows.filter(state__in=_OPEN).count(),
        rows.filter(repeats__gt=0).count(),
        [_failed(one, how) for one in lost.select_related("ticket").order_by("-asked", "-pk")[:SHOWN]],
        max(lost.count() - SHOWN, 0),
    )


def _failed(one: Row, how: Saying) -> Failed:
    what = "fields" if one.key == Row.FIELDS else "note"
    return Failed(one.ticket_id, str(one.ticket), what, one.fault, how.at(to_instant(one.asked)))
