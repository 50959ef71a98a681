"""Ten thousand tickets of a real Request Tracker, read by a worker that is killed in the middle and gone on for.

Forty are made over RT's API under its clock, 250 of each are in its database then: with their own numbers, and the same
instants. What happened to the forty is known here, and how long their clocks ran is counted by the minute.
"""

import random
from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from tests.support import tracker as trackers
from tests.support.house import House
from tests.support.tracker import Tracker
from tests.support.tracker_lives import WHOLE, Happened, Life, copy, live

from beforehand.engine.codes import KINDS, MEANINGFUL, METRICS, PUBLIC, VERDICTS
from beforehand.engine.instants import MINUTE
from beforehand.kernel.fields import from_micros

pytestmark = pytest.mark.program
MADE, COPIES = 40, 250
TICKETS = MADE * COPIES
SHAPES = (
    WHOLE,
    ("answer", "resolve"),
    ("own", "answer", "resolve", "open", "note", "resolve"),
    ("own", "note"),
    (),
)
MAKE = """
import sys
from datetime import UTC, datetime
from beforehand.config import start
start.open_database()
from beforehand.connectors import sync
from tests.support.tracker_lives import connect
from tests.tickets.conftest import make_provider
at = connect(make_provider("northwind"), *sys.argv[1:])
at.since = datetime(2026, 1, 1, tzinfo=UTC)
at.save()
sync.ask(at, datetime.now(UTC))
"""
EVENTS = """
SELECT t.external_id, e.kind, e.value, e.at, e.flags FROM tickets_event e JOIN tickets_ticket t ON t.id = e.ticket_id
WHERE e.field = '' ORDER BY t.external_id, e.at, e.seq, e.kind
"""
CLOCKS = f"""
SELECT t.external_id, c.metric, c.number, c.start, c.used, c.verdict, c.run, c.deadline, c.stop, c.stops, c.due_at
FROM tickets_clock c JOIN tickets_ticket t ON t.id = c.ticket_id
WHERE c.metric <> {MEANINGFUL} ORDER BY t.external_id, c.metric, c.number
"""
"""All but those that ask whether a text was sent on other tickets before: there the first copy is another than the last.
"""
STOOD = "SELECT external_id, status, assignee, client_name FROM tickets_ticket ORDER BY external_id"


def test_ten_thousand_tickets_are_here_with_their_clocks_though_the_worker_is_killed(tmp_path: Path) -> None:
    if reason := trackers.missing():
        pytest.skip(reason)
    rt = Tracker(tmp_path / "rt")
    rt.make()
    with rt:
        lives = live(rt, random.Random(1), MADE, SHAPES, timedelta(minutes=5))
    assert [one.id for one in lives] == [str(number) for number in range(1, MADE + 1)]
    copy(rt, COPIES)
    rt.fake = False
    with rt, House(f"sqlite:///{tmp_path / 'house.sqlite3'}", tmp_path, 1) as house:
        house.run("-m", "beforehand", "migrate")
        house.run("-c", MAKE, rt.url, rt.tokens["beforehand"])
        first = house.worker()
        house.wait_until(
            f"SELECT count(*) > {TICKETS // 3} FROM tickets_ticket WHERE created IS NOT NULL", 900
        )
        house.kill(first)
        here = house.ask("SELECT count(*) FROM tickets_ticket WHERE created IS NOT NULL")
        assert TICKETS // 3 < here < TICKETS * 2 // 3
        house.worker()
        house.wait_until("SELECT back_done IS NOT NULL FROM connectors_connection", 900)
        assert house.ask("SELECT back_read FROM connectors_connection") == TICKETS
        as_told(house, lives)


def as_told(house: House, lives: Sequence[Life]) -> None:
    names = {str(number) for number in range(1, TICKETS + 1)}
    stood, events, clocks = (by_ticket(house.rows(query)) for query in (STOOD, EVENTS, CLOCKS))
    assert stood.keys() == events.keys() == clocks.keys() == names
    assert house.ask("SELECT count(*) FROM tickets_event WHERE event_id LIKE '%~%' OR retracts <> ''") == 0
    assert house.ask("SELECT count(*) FROM connectors_remote WHERE shallow OR fault <> ''") == 0
    for life in lives:
        wanted = sorted(life.past, key=order)
        for number in range(int(life.id), TICKETS + 1, MADE):
            name = str(number)
            assert stood[name] == [(last(life, "status"), last(life, "assigned"), "contoso.test")]
            assert sorted((happened(*row) for row in events[name]), key=order) == wanted, name
            assert clocks[name] == clocks[life.id], name
        ran = {
            METRICS[metric]: (used, VERDICTS[verdict]) for metric, _, _, used, verdict, *_ in clocks[life.id]
        }
        counted = worked(life.past)
        assert {name: ran[name] for name in counted} == counted, life.past


def by_ticket(rows: Iterable[tuple[Any, ...]]) -> dict[str, list[tuple[Any, ...]]]:
    return {name: [row[1:] for row in some] for name, some in groupby(rows, key=lambda row: row[0])}


def happened(kind: int, value: str, at: int, flags: int) -> Happened:
    name = KINDS[kind]
    message = name in ("message", "client message")
    return Happened(name, "" if message else value, from_micros(at), message and bool(flags & PUBLIC))


def order(one: Happened) -> tuple[datetime, str]:
    return one.at, one.kind


def last(life: Life, kind: str) -> str:
    return next((one.value for one in reversed(life.past) if one.kind == kind), "")


def worked(past: Sequence[Happened]) -> dict[str, tuple[int, str]]:
    """Of the clocks that stopped how long they ran, office minutes one by one, and their verdicts: 4 and 24 hours."""
    found = {}
    answered = next((one.at for one in past if one.kind == "message" and one.public), None)
    if answered is not None:
        used = minutes(past[0].at, answered)
        found["response"] = used * MINUTE, "met" if used <= 4 * 60 else "breached"
    if past[-1].value == "resolved":
        used, since = 0, past[0].at
        for one in (one for one in past if one.kind in ("status", "client message")):
            used += minutes(since, one.at) if since else 0
            since = None if one.value in ("stalled", "resolved") else one.at
        found["resolution"] = used * MINUTE, "met" if used <= 24 * 60 else "breached"
    return found


def minutes(since: datetime, until: datetime) -> int:
    """Minutes from Monday to Friday, 9:00 to 17:30."""
    some = (since + timedelta(minutes=number) for number in range(int((until - since).total_seconds()) // 60))
    return sum(at.weekday() < 5 and time(9) <= at.time() < time(17, 30) for at in some)
