"""How a source's tickets stand: what it says of each and what the agreements say, put together by the database.

There are a few dozen ways to stand however many tickets there are: the database counts them, and only those ways are
judged here. Which of our clocks count is as in all figures (tickets/rollups.py): what counts in a roll-up, and open
ones that have run out since.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, TypeVar

from django.db import connection

from beforehand.engine.codes import BREACHED, MET, PLAN_METRIC, RESOLUTION, RESPONSE, STOPPED
from beforehand.tickets.models import PsaView, Source
from beforehand.tickets.rollups import EXCLUDED

from .verdicts import JUDGED, WHOLE

T = TypeVar("T")
_JUDGED, _NUMBER = 2**40, 64
"""What it weighs in the choice of the clock that holds that it has a verdict, and the clock's number (`latest`)."""
_CLOCK = f"""
    CASE WHEN c.tally IS NULL AND c.run <> {STOPPED} AND c.late_at < %s
              THEN {_JUDGED} + c.number * {_NUMBER} + {BREACHED}
         WHEN c.verdict NOT IN ({MET}, {BREACHED}) THEN c.number * {_NUMBER} + c.verdict
         WHEN c.tally IS NOT NULL THEN {_JUDGED} + c.number * {_NUMBER} + c.verdict END"""
_THEIRS = ("v.response_kept", "v.resolution_kept", "v.kept")
_OURS = (RESPONSE, PLAN_METRIC, RESOLUTION)
_TICKET = (
    f"t.excluded = {EXCLUDED}", "t.client_id IS NULL", "t.version_id IS NULL", "t.covered", "t.out", "t.origin",
    "t.unmapped",
)  # fmt: skip
_COLUMNS = ", ".join(f"k{n}" for n in range(len(_THEIRS) + len(_TICKET) + len(_OURS)))


class Stand(NamedTuple):
    """How a ticket stands: its ticket system's verdicts, what may keep it out of ours, and by metric of
    verdicts.OF_WHOLE the code of the verdict that holds here."""

    response: bool | None
    resolution: bool | None
    whole: bool | None
    excluded: bool
    nobodys: bool
    without_version: bool
    covered: bool
    out: int
    origin: int
    unmapped: int
    ours: dict[int, int]

    @property
    def theirs(self) -> dict[int, bool]:
        """Its ticket system's verdicts; the one of the whole only where there is none of a part."""
        said = {metric: one for metric, one in zip(JUDGED, self[:3], strict=True) if one is not None}
        if len(said) > 1:
            said.pop(WHOLE, None)
        return said


def counted(source: Source, now: int) -> list[tuple[Stand, int]]:
    """Each way in which tickets of a source stand, and how many do."""
    if not _judges(source):
        return []
    sql = f"SELECT {_COLUMNS}, COUNT(*) FROM ({_each()}) one GROUP BY {_COLUMNS}"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, _values(source, now))
        return [(_stand(row), row[-1]) for row in cursor.fetchall()]


def newest(source: Source, now: int, of: Callable[[Stand], T]) -> Iterator[tuple[int, T]]:
    """The tickets that its source judges, the newest first, each with what `of` makes of how it stands."""
    judged = " OR ".join(f"{column} IS NOT NULL" for column in _THEIRS)
    sql = f"{_each(judged)} ORDER BY t.created IS NULL, t.created DESC, t.id DESC"
    known: dict[tuple[Any, ...], T] = {}
    with connection.cursor() as cursor:
        cursor.execute(sql, _values(source, now))
        for ticket, *row in cursor:
            key = tuple(row)
            if key not in known:
                known[key] = of(_stand(key))
            yield ticket, known[key]


def _judges(source: Source) -> bool:
    """Whether a source has given any verdict: most systems that have no SLAs give none."""
    views = PsaView.objects.filter(provider=source.provider_id, ticket__source=source)
    return views.exclude(response_kept=None, resolution_kept=None, kept=None).exists()


def _each(where: str = "") -> str:
    """A row for each ticket of a source. The clocks are joined by their ticket alone: both databases hash them."""
    holds = [f"MAX(CASE WHEN c.metric = {metric} THEN {_CLOCK} END) %% {_NUMBER}" for metric in _OURS]
    columns = ", ".join(f"{one} AS k{n}" for n, one in enumerate((*_THEIRS, *_TICKET, *holds)))
    metrics = ", ".join(str(metric) for metric in _OURS)
    return (
        f"SELECT t.id, {columns} FROM tickets_ticket t"  # noqa: S608
        " LEFT JOIN tickets_psaview v ON v.ticket_id = t.id AND v.provider_id = t.provider_id"
        " LEFT JOIN tickets_clock c ON c.ticket_id = t.id AND c.provider_id = t.provider_id"
        f" AND c.metric IN ({metrics})"
        f" WHERE t.provider_id = %s AND t.source_id = %s{f' AND ({where})' if where else ''} GROUP BY t.id, v.id"
    )


def _values(source: Source, now: int) -> list[int]:
    return [*([now] * len(_OURS)), source.provider_id, source.pk]


def _stand(row: tuple[Any, ...]) -> Stand:
    says = (None if one is None else bool(one) for one in row[:3])
    ours = {metric: code for metric, code in zip(_OURS, row[10:13], strict=True) if code is not None}
    return Stand._make((*says, *(bool(one) for one in row[3:7]), *row[7:10], ours))
