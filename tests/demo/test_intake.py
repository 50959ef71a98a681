"""The demo from one day to the next: nothing twice, nothing lost, wherever it was broken off."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from tests.demo.moments import SUNDAY, WEDNESDAY

from beforehand.demo import state
from beforehand.demo.intake import prepare
from beforehand.demo.place import Place
from beforehand.demo.state import Scale
from beforehand.kernel.models import Due
from beforehand.people.days import DAY_LIST
from beforehand.people.models import Provider, User
from beforehand.tickets.ledger import Appended
from beforehand.tickets.models import Clock, Conflict, Event, Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.program]
SMALL = Scale(days=14, clients=3)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def go(place: Place, now: datetime) -> Appended:
    return prepare(place, SMALL, now, lambda done, total: None)


def rows() -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """What was told and what came of it, without ids and without when it came in."""
    events = Event.objects.order_by("ticket__external_id", "seq")
    clocks = Clock.objects.order_by("ticket__external_id", "metric", "number")
    return (
        list(events.values_list("ticket__external_id", "event_id", "at", "kind", "field", "value", "person")),
        list(
            clocks.values_list("ticket__external_id", "metric", "number", "verdict", "run", "used", "due_at")
        ),
    )


def test_the_first_start_makes_everything(place: Place) -> None:
    told = go(place, SUNDAY)
    assert told.taken == Event.objects.count() > 1000
    assert told.tickets == Ticket.objects.count() > 50
    assert Provider.objects.get().simulated
    assert User.objects.get().username == "demo"
    # The manager gets the day's list, into the outbox.
    assert Due.objects.filter(kind=DAY_LIST).count() == 1


def test_a_second_start_at_once_tells_nothing_new(place: Place) -> None:
    go(place, SUNDAY)
    before = rows()
    assert go(place, SUNDAY).taken == 0
    assert go(place, SUNDAY - timedelta(days=1)).taken == 0
    assert rows() == before


def test_after_three_days_lives_go_on_as_they_were_planned(place: Place) -> None:
    go(place, SUNDAY)
    open_then = set(Ticket.objects.filter(state__lt=5).values_list("external_id", flat=True))
    told = go(place, SUNDAY + timedelta(days=3))
    assert told.taken > 100
    assert told.known == told.conflicts == Conflict.objects.count() == 0
    still_open = set(Ticket.objects.filter(state__lt=5).values_list("external_id", flat=True))
    assert open_then - still_open
    assert still_open - open_then


def test_told_once_more_from_the_beginning_all_of_it_is_known(place: Place) -> None:
    go(place, SUNDAY)
    taken = go(place, WEDNESDAY).taken
    before = rows()
    known = state.load(place.state)
    assert known is not None
    known.taken = None
    state.save(place.state, known)
    again = go(place, WEDNESDAY)
    assert again.known == len(before[0]) > taken > 0
    assert (again.taken, again.conflicts) == (0, 0)
    assert rows() == before


def test_broken_off_it_goes_on_the_next_time(place: Place) -> None:
    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        prepare(place, SMALL, SUNDAY, stop)
    assert Ticket.objects.count() > 0
    go(place, SUNDAY)
    assert rows()[0]
    assert go(place, SUNDAY).taken == 0


def test_what_another_version_has_made_is_not_gone_on_with(place: Place) -> None:
    known = state.new(SMALL, SUNDAY)
    state.save(place.state, known)
    assert state.load(place.state) == known
    assert not place.is_whole()
    place.database.touch()
    assert place.is_whole()
    known.made_by = "an older one"
    state.save(place.state, known)
    assert not place.is_whole()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"made_by": 1}', '{"scale": {"days": "x"}}'])
def test_a_state_that_cannot_be_read_is_no_state(place: Place, text: str) -> None:
    place.state.write_text(text)
    assert state.load(place.state) is None
