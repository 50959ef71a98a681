"""The present: it tells a real server what the past would have been told, whatever comes between."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st
from tests.demo.moments import SUNDAY
from tests.demo.test_intake import SMALL, rows
from tests.web.api.conftest import port

from beforehand.connectors.plain.reading import read_event
from beforehand.connectors.plain.writing import told
from beforehand.demo import state
from beforehand.demo.feed import Feed
from beforehand.demo.intake import prepare, source_of_demo, take_in, token_of, world_of
from beforehand.demo.place import Place
from beforehand.demo.present import Unheard, go_on, post
from beforehand.demo.world import World
from beforehand.engine.codes import BY_CLIENT, BY_PERSON, EXPECTATION, MESSAGE, PUBLIC, VISIT
from beforehand.engine.history import Event
from beforehand.engine.instants import DAY, MINUTE, to_instant
from beforehand.kernel.faults import Refused
from beforehand.tickets.events import TicketEvent
from beforehand.web import moment
from beforehand.web.moment import Clock

__all__ = ["port"]
LATER = SUNDAY + timedelta(days=2)


@pytest.fixture
def known(transactional_db: None, tmp_path: Path) -> state.State:
    """A demo whose past has been taken in."""
    return past(tmp_path)


def past(folder: Path) -> state.State:
    folder.mkdir(exist_ok=True)
    place = Place(folder)
    prepare(place, SMALL, SUNDAY, lambda done, total: None)
    found = state.load(place.state)
    assert found is not None
    return found


@pytest.mark.program
def test_what_is_posted_makes_what_the_bulk_path_makes(known: state.State, port: int, tmp_path: Path) -> None:
    secret = token_of(source_of_demo(SUNDAY), SUNDAY)
    feed = Feed(world_of(known), to_instant(SUNDAY))
    for step in range(1, 9):
        if events := feed.until(to_instant(SUNDAY + step * timedelta(hours=6))):
            post(port, secret, events)
            post(port, secret, events)  # unsure whether it was heard: told twice, kept once
    posted = rows()
    call_command("flush", interactive=False, verbosity=0)
    again = past(tmp_path / "another")
    take_in(world_of(again), source_of_demo(SUNDAY), to_instant(SUNDAY), LATER, lambda done, total: None)
    assert posted == rows()
    assert len(posted[0]) > 300


@pytest.mark.program
def test_a_token_that_lets_nobody_in_is_no_reason_to_try_again(known: state.State, port: int) -> None:
    events = [TicketEvent("1", Event(to_instant(SUNDAY), 0, "1"))]
    with pytest.raises(Refused, match="401"):
        post(port, "bfh_nobody", events)
    with pytest.raises(Unheard):
        post(1, "bfh_nobody", events)


@pytest.mark.django_db
@pytest.mark.program
def test_a_feed_begun_anywhere_tells_what_the_world_tells(month: World) -> None:
    month = replace(month, rushes=())  # those are of a start
    since = to_instant(SUNDAY)
    until = since + 3 * DAY
    feed = Feed(month, since)
    step = 7 * 60 * MINUTE
    parts = [event for at in range(since + step, until, step) for event in feed.until(at)]
    parts += feed.until(until)
    births = month.births(since, until)
    assert sorted(parts) == sorted(e for birth in births for e in month.told(birth, since, until))


@pytest.mark.django_db
@pytest.mark.program
def test_what_is_not_heard_is_told_again_before_anything_new(month: World) -> None:
    """And the state says that all is told only when it is."""
    heard: list[TicketEvent] = []
    kept: list[datetime | None] = []
    ended = threading.Event()
    times: Iterator[int] = iter(range(100))

    def tell(events: list[TicketEvent]) -> None:
        if next(times) < 2:
            raise Unheard("not ready")
        heard.extend(events)
        ended.set()

    clock = Clock(SUNDAY + timedelta(days=1), time.monotonic(), 1)
    feed = Feed(month, to_instant(SUNDAY))
    go_on(feed, clock, tell, lambda upto, reached: kept.append(upto), ended)
    assert kept[:2] == [None, None]
    assert heard
    assert heard == Feed(month, to_instant(SUNDAY)).until(to_instant(clock.start))[: len(heard)]


@given(
    event=st.builds(
        Event,
        at=st.integers(0, 2 * 10**15),
        kind=st.just(MESSAGE),
        id=st.text("abc123", min_size=1),
        seq=st.integers(0, 9999),
        value=st.text("äb c", max_size=9),
        field=st.sampled_from(["", "priority"]),
        flags=st.sampled_from([0, BY_PERSON, BY_CLIENT | PUBLIC, BY_PERSON | PUBLIC | VISIT | EXPECTATION]),
        person=st.sampled_from(["", "Ada Ferrant"]),
        until=st.none() | st.just(3 * 10**15),
        since=st.none(),
        supersedes=st.sampled_from(["", "7"]),
        retracts=st.just(""),
    )
)
def test_an_event_told_in_json_is_read_as_it_was(event: Event) -> None:
    known = TicketEvent("T1", event)
    assert read_event(dict(told(known)), "event") == known


def test_a_clock_runs_so_many_times_as_fast() -> None:
    clock = Clock(SUNDAY, time.monotonic() - 10, 60)
    assert timedelta(minutes=10) <= clock.now() - SUNDAY < timedelta(minutes=20)
    try:
        moment.simulate(clock)
        assert moment.now() < SUNDAY + timedelta(minutes=20)
        assert moment.rate() == 60
    finally:
        moment.simulate(None)
    assert abs(moment.now() - datetime.now(UTC)) < timedelta(seconds=5)
    assert moment.rate() == 1
