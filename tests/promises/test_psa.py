"""A source's set-up in plain words comes back as it was said."""

import json

from beforehand.promises.psa import (
    Calendar,
    HolidayList,
    Serves,
    SetUpPlain,
    Sla,
    Status,
    Target,
    plain_of,
    stored,
)

SET_UP = SetUpPlain(
    (
        Sla(
            "1", "Gold", (Target("response", 30, "P1"), Target("resolution", 240, round_the_clock=True)), "7"
        ),
        Sla("2", "Told by nobody", None),
        Sla("3", "Promises nothing", ()),
    ),
    (
        Calendar(
            "7", "Office", {"monday": (("08:00", "12:00"), ("13:00", "17:30"))}, holidays=("x",), default=True
        ),
    ),
    (HolidayList("x", "2026", (("2026-12-25", "Christmas", True),)),),
    (Status("5", "Waiting", "Help", holds=True), Status("6", "Odd")),
    (Serves("client 9", "1", "Contoso"), Serves("all", "2")),
)


def test_a_set_up_comes_back_as_it_was_said() -> None:
    kinds = ("sla", "calendar", "holidays", "status", "serves")
    rows = [
        (kind, piece.key, json.loads(json.dumps(stored(piece))))
        for kind, pieces in zip(kinds, SET_UP, strict=True)
        for piece in pieces
    ]
    assert plain_of(rows) == SET_UP
