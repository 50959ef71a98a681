"""Rows of changes in any order, and rows that were rejected first and mended later: the same history comes of them."""

import random
from collections import defaultdict

import pytest

from beforehand.engine.codes import CHANGED
from beforehand.engine.history import History
from beforehand.tickets.models import Conflict, Event
from beforehand.tickets.store import events_of

from .conftest import HEADER, LOG, Take, counts, told

FIELDS = ("status", "client", "priority", "team", "assignee")
Rows = dict[tuple[str, int, int], tuple[str, ...]]
"""The record after each row, by ticket, minute and sequence."""


def some_rows(chance: random.Random) -> Rows:
    """Tickets that go back and forth between few values, often several times within a minute."""
    rows: Rows = {}
    for ticket in range(8):
        minute = 0
        for sequence in range(chance.randint(1, 6)):
            minute += chance.choice((0, 0, 1, 5))
            values = (("New", "Waiting", "Resolved"), ("Contoso", "Fabrikam"), ("P1", "P3"), ("?", "Network"))
            record = tuple(chance.choice(among) for among in (*values, ("?", "bob")))
            rows[f"T{ticket}", minute, sequence] = record
    return rows


def log_of(rows: Rows) -> str:
    return HEADER + "".join(
        f"{ticket},{sequence},2/3/2026 09:00,2/3/2026 09:{minute:02},ann,{','.join(values)},?\n"
        for (ticket, minute, sequence), values in rows.items()
    )


def records() -> Rows:
    """The record after each row, as the effective events have it."""
    kept = defaultdict(list)
    for row in Event.objects.select_related("ticket"):
        kept[row.ticket].append(row.event_id)
    found: Rows = {}
    for ticket, ids in kept.items():
        events = History(events_of([ticket.pk], ticket.provider_id)[ticket.pk]).events
        for stamp, sequence in sorted({place(event_id) for event_id in ids if "#" in event_id}):
            values = dict.fromkeys(FIELDS, "?")
            for event in events:
                name = event.field if event.kind == CHANGED else event.id.partition("/")[2]
                if name in values and ("/opening/" in event.id or place(event.id) <= (stamp, sequence)):
                    values[name] = event.value or "?"
            found[ticket.external_id, int(stamp[14:16]), sequence] = tuple(values.values())
    return found


def place(event_id: str) -> tuple[str, int]:
    stamp, _, sequence = event_id.partition("/")[0].partition("#")
    return stamp, int(sequence)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("order", ["together", "scattered", "some later"])
def test_the_same_history_comes_of_any_order(take: Take, order: str, seed: int) -> None:
    chance = random.Random(seed)
    rows = some_rows(chance)
    late = {key for key in rows if chance.random() < 0.3} if order == "some later" else set()
    keys = list(rows)
    if order == "scattered":
        chance.shuffle(keys)
    for part in ([key for key in keys if key not in late], [key for key in keys if key in late]):
        came = take(log_of({key: rows[key] for key in part}), run=chance.choice((3, 5_000)), remembered=2)
        assert counts(came) == (len(part), 0, 0)
    assert records() == rows
    assert not Conflict.objects.exists()
    assert counts(take(log_of(rows), run=chance.choice((4, 5_000)))) == (0, len(rows), 0)


def test_a_value_that_only_a_rejected_row_left_comes_back_once_that_row_is_mended(take: Take) -> None:
    row = "T1,{},2/3/2026 09:00,{}/3/2026 09:05,ann,New,Contoso,{},?,?,?\n"
    first, bad, last = row.format(0, 2, "P3"), row.format(1, 31, "P1"), row.format(2, 4, "P3")
    take(HEADER + first + bad.replace("31/3", "31/02") + last)
    take(HEADER + bad.replace("31/3", "3/3"))
    assert [one[1:] for one in told() if one[1].endswith("priority")] == [
        ("2026-03-02T09:05:00Z#0/opening/priority", "02 09:00", "P3"),
        ("2026-03-03T09:05:00Z#1/priority", "03 09:05", "P1"),
        ("2026-03-04T09:05:00Z#2/priority", "04 09:05", "P3"),
    ]


def test_two_rows_of_one_place_are_a_conflict_and_the_first_stays(take: Take) -> None:
    *above, closed = LOG.splitlines(keepends=True)[:5]
    came = take("".join([*above, closed, closed.replace(",Closed,", ",Resolved,")]))
    assert (counts(came), came.conflicts) == ((5, 0, 0), 1)
    assert [one[3] for one in told() if one[1].endswith("/status")] == ["New", "Closed"]
    assert not [one for one in told() if "#4/opening" in one[1]]
