"""Made-up lives of tickets: scenes of what happens between a client and a provider, some of it told badly."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st
from tests.engine.oracle.counting import MICRO
from tests.engine.oracle.given import Ev

from beforehand.engine.codes import ORIGINS

GRID = 15
"""Minutes: everything in a made-up ticket happens on this grid, so that the oracle's steps may be as long."""
QUARTER = GRID * 60 * MICRO

STATUSES = {
    "": {
        "new": ("working", False, False, False),
        "wait": ("waiting-on-client", False, False, False),
        "vendor": ("waiting-on-vendor", False, False, False),
        "booked": ("scheduled-by-client", False, False, False),
        "ours": ("scheduled-by-us", False, False, False),
        "replied": ("working", True, False, False),
        "planned": ("working", False, True, False),
        "resolved": ("resolved", False, False, False),
        "closed": ("closed", False, False, False),
        "spam": ("closed", False, False, True),
    },
    "b": {
        "wait": ("waiting-on-vendor", False, False, False),
        "vendor": ("waiting-on-client", True, False, False),
        "resolved": ("resolved", False, True, False),
        "closed": ("closed", False, False, False),
    },
}
VALUES = {"priority": ("P1", "P2", "P3"), "type": ("incident", "request"), "board": ("a", "b")}
BY = st.sampled_from(["person", "person", "person", "client", "automation"])
SELDOM = st.integers(0, 3).map(lambda n: n == 3)
GAPS = st.sampled_from([0, 0, 1, 1, 2, 2, 4, 8, 16, 40, 96])
"""Quarters of an hour between two events of a life; some happen at one instant."""


class Pen:
    """Writes the events of one life, each some time after the last."""

    def __init__(self, draw: st.DrawFn, at: int) -> None:
        self.draw, self.at = draw, at
        self.events: list[Ev] = []

    def note(self, kind: str, by: str = "", gap: int | None = None, **more: Any) -> None:
        n = len(self.events)
        self.at += QUARTER * (self.draw(GAPS) if gap is None else gap)
        seq = self.draw(st.sampled_from([0, 0, 0, n]))
        self.events.append(Ev(self.at, kind, f"e{n}", seq, by=by or self.draw(BY), **more))

    def says(self, **more: Any) -> None:
        flags = {name: self.draw(SELDOM) for name in ("automatic", "template", "near_copy", "visit")}
        flags |= {"public": not self.draw(SELDOM), "expectation": self.draw(st.booleans())}
        self.note("message", **{**flags, **more})

    def turns(self, *names: str, **more: Any) -> None:
        """The status becomes one of these."""
        self.note("status", value=self.draw(st.sampled_from(names)), **more)


def answer(pen: Pen) -> None:
    pen.says(by="person", public=True, automatic=False)


def any_message(pen: Pen) -> None:
    pen.says()


def wait(pen: Pen) -> None:
    """A wait on the client, ended by his message, by the status, or by both."""
    pen.turns("wait", "wait", "booked", "booked", "vendor")
    if pen.draw(st.booleans()):
        pen.note("client message", "client", public=True)
    if pen.draw(st.booleans()):
        pen.turns("new", "vendor", "wait", "replied")


def resolve(pen: Pen) -> None:
    pen.turns("resolved", "resolved", "closed")


def reopen(pen: Pen) -> None:
    """A stop and a reopening, perhaps with thanks or with work, perhaps stopped again."""
    resolve(pen)
    if pen.draw(st.booleans()):
        pen.note("client message", "client", public=True)
    pen.turns(
        "new", "wait", "planned", "unknown", by=pen.draw(st.sampled_from(["client", "automation", "person"]))
    )
    if pen.draw(SELDOM):
        pen.says(by="person")
    if pen.draw(st.booleans()):
        resolve(pen)


def change(pen: Pen) -> None:
    """A field or two change, perhaps at one instant."""
    for gap in (None, 0)[: pen.draw(st.integers(1, 2))]:
        name = pen.draw(st.sampled_from(["priority", "priority", "priority", "type", "board", "client"]))
        pen.note("changed", gap=gap, field=name, value=pen.draw(st.sampled_from(VALUES.get(name, ("Acme",)))))


def triage(pen: Pen) -> None:
    for name in ("client", "priority"):
        pen.note(
            "changed", "person", field=name, value=pen.draw(st.sampled_from(VALUES.get(name, ("Acme",))))
        )
    pen.note("assigned", "person", value="Bob")


def assign(pen: Pen) -> None:
    pen.note("assigned", value=pen.draw(st.sampled_from(["Bob", "Bob", ""])))


def plan(pen: Pen) -> None:
    pen.note("plan")


def told(pen: Pen) -> None:
    pen.note("told")


def origin(pen: Pen) -> None:
    pen.note("changed", field="origin", value=pen.draw(st.sampled_from([*ORIGINS, "pigeon"])))


def status(pen: Pen) -> None:
    pen.turns(*STATUSES[""], "unknown")


def aside(pen: Pen) -> None:
    """Something rare: a merge, a deletion, a planned start."""
    kind = pen.draw(st.sampled_from(["absorbed", "absorbed", "starts", "starts", "merged", "deleted"]))
    pen.note(
        kind,
        since=pen.at + pen.draw(st.integers(-60, 40)) * QUARTER if kind in ("absorbed", "starts") else None,
    )


COMMON: tuple[Callable[[Pen], None], ...] = (answer, any_message, wait, reopen, change, change, status)
RARE: tuple[Callable[[Pen], None], ...] = (triage, assign, plan, told, told, origin, aside, resolve)


@st.composite
def lives(draw: st.DrawFn, base: int) -> list[Ev]:
    """The events of a ticket created at an instant, in the order in which they are told."""
    pen = Pen(draw, base)
    if draw(st.integers(0, 5)) == 5:
        pen.note("changed", gap=0, field="origin", value=draw(st.sampled_from(ORIGINS)))
    if draw(st.integers(0, 4)):
        pen.note("changed", gap=0, field="priority", value=draw(st.sampled_from(VALUES["priority"])))
    pen.turns(*["new"] * 7, "wait", "booked", "resolved", gap=0)
    for _ in range(draw(st.integers(2, 7))):
        scenes = RARE if draw(SELDOM) else COMMON
        draw(st.sampled_from(scenes))(pen)
    events = [
        replace(event, at=event.at - draw(GAPS) * QUARTER) if draw(SELDOM) else event for event in pen.events
    ]
    events = [Ev(base, "created", "c", by=draw(BY)), *events]
    return draw(twisted(events)) if draw(SELDOM) else events


@st.composite
def twisted(draw: st.DrawFn, events: list[Ev]) -> list[Ev]:
    """The events with some told twice, corrected, taken back, or known only to lie between two instants (4.4)."""
    told = list(events)
    for _ in range(draw(st.integers(1, 3))):
        n = draw(st.integers(1, len(told) - 1))
        event, later = told[n], draw(st.integers(1, 20)) * QUARTER
        twist = draw(
            st.sampled_from(["twice", "uncertain", "uncertain", "polled", "superseded", "retracted"])
        )
        name = f"{event.id}/{len(told)}"
        if twist == "twice":
            told.append(event)
        elif twist == "uncertain":
            told[n] = replace(event, until=event.at + later)
        elif twist == "polled":
            seen = range(n, min(n + 3, len(told)))
            first, last = min(told[k].at for k in seen), max(told[k].at for k in seen)
            for k in seen:
                told[k] = replace(told[k], at=first, until=last + later, seq=k)
        elif twist == "superseded":
            told.append(replace(event, id=name, at=event.at + later, until=None, supersedes=event.id))
        else:
            told.append(Ev(event.at + later, "status", name, value="new", retracts=event.id))
    return draw(st.permutations(told))
