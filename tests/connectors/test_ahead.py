"""Pages of the past are read ahead of their turn, and are kept in it as if they had been read then."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence

import pytest
from tests.connectors.conftest import make_connection
from tests.connectors.scripted import BORN, KIND, Driven, Source
from tests.support.toy import registered

from beforehand.connectors import sync
from beforehand.connectors.abilities import Listed
from beforehand.connectors.contract import Page, Told
from beforehand.connectors.limits import Limits
from beforehand.connectors.models import Connection, Nudged
from beforehand.connectors.steps import begin, end, nudged, past
from beforehand.connectors.trouble import Down, Odd, Trouble
from beforehand.connectors.turn import TakenOver, Turn
from beforehand.engine.instants import HOUR, SECOND, to_instant
from beforehand.people.models import Provider
from beforehand.tickets.models import Ticket

pytestmark = pytest.mark.django_db


class Listing(Source):
    """A source that lists a page before it reads it. `faults`: what goes wrong with the page at a cursor."""

    def __init__(self) -> None:
        super().__init__()
        self.listed: list[str] = []
        self.told: list[str] = []
        self.faults: dict[str, Trouble] = {}
        self.threads: set[str] = set()

    def list_back(self, cursor: str, since: int) -> Listed:
        self.listed.append(cursor)
        self.threads.add(threading.current_thread().name)
        page = super().back(cursor, since)

        def read() -> Sequence[Told]:
            self.told.append(cursor)
            if cursor in self.faults:
                raise self.faults[cursor]
            return page.tickets

        return Listed(read, page.cursor, page.more, page.total)

    def back(self, cursor: str, since: int) -> Page:
        raise AssertionError("nobody waits for a page that can be listed")


@pytest.fixture
def source() -> Listing:
    source = Listing()
    for number in range(1, 10):
        source.put(f"{number}", "New", BORN + number * SECOND)
    return source


@pytest.fixture
def driven(provider: Provider, source: Listing) -> Driven:
    driven = Driven(make_connection(provider, "scripted", {}))
    driven.source = source
    return driven


@pytest.fixture
def turn(driven: Driven) -> Iterator[Turn]:
    turn = driven.turn()
    begin(turn)
    turn.learn()
    yield turn
    turn.close()


def until(is_so: Callable[[], bool]) -> None:
    ends = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < ends
        time.sleep(0.001)


def statuses(driven: Driven) -> dict[str, list[str]]:
    return {name: driven.status(name) for name in driven.source.tickets}


def test_while_a_page_is_kept_the_next_two_are_read_and_progress_is_of_what_is_kept(
    driven: Driven, source: Listing, turn: Turn
) -> None:
    assert past(turn)
    until(lambda: source.told == ["", "8", "6"] or source.told == ["", "6", "8"])
    assert Ticket.objects.count() == 2
    assert (driven.connection.back, driven.connection.back_read) == ("8", 2)
    while past(turn):
        pass
    assert source.listed == ["", "8", "6", "4", "2"]
    assert all(name.startswith("ahead") for name in source.threads)
    assert (driven.connection.back_read, Ticket.objects.count()) == (9, 9)


@pytest.mark.parametrize("fault", [Down("away"), Odd("half a page")])
def test_what_goes_wrong_with_a_page_comes_in_its_turn(
    driven: Driven, source: Listing, turn: Turn, fault: Trouble
) -> None:
    source.faults = {"8": fault}
    assert past(turn)
    until(lambda: "6" in source.told)
    with pytest.raises(type(fault)):
        past(turn)
    turn.close()
    assert (driven.connection.back, Ticket.objects.count()) == ("8", 2)
    source.faults = {}
    driven.work()
    assert statuses(driven) == {str(number): ["New"] for number in range(1, 10)}
    assert driven.connection.back_read == 9
    assert {len(driven.told(name)) for name in "123456789"} == {2}


def test_whoever_is_taken_over_keeps_nothing_of_what_was_read_ahead(
    driven: Driven, source: Listing, turn: Turn
) -> None:
    past(turn)
    driven.take()
    with pytest.raises(TakenOver):
        past(turn)
    turn.close()
    assert (driven.connection.back, Ticket.objects.count()) == ("8", 2)
    assert not [one for one in threading.enumerate() if one.name.startswith("ahead")]


def nudge(driven: Driven, ticket: str) -> None:
    at = driven.connection
    Nudged.objects.create(provider=at.provider, connection=at, external_id=ticket, at=driven.now)


def test_a_ticket_that_was_read_after_its_page_is_not_as_the_page_says(
    driven: Driven, source: Listing, turn: Turn
) -> None:
    """One that is gone by then, and one that changed in the second of its stamp: is_old knows neither."""
    deep = source.list_back

    def deeply(cursor: str, since: int) -> Listed:
        listed = deep(cursor, since)
        return listed._replace(read=lambda: [source._told(one.id, True) for one in listed.read()])

    source.list_back = deeply  # type: ignore[method-assign]
    past(turn)
    until(lambda: len(source.told) == 3)
    turn.ahead._held[0].whole.result()
    source.gone.add("7")
    source.put("6", "Working", source.tickets["6"][0])
    for name in "67":
        nudge(driven, name)
    assert nudged(turn)
    while past(turn):
        pass
    assert not driven.kept("7")
    assert driven.status("6")[-1] == "Working"
    assert driven.connection.back_read == 9
    assert sorted(source.listed) == ["", "2", "4", "6", "8"]


def test_names_that_were_learnt_since_are_not_those_of_a_page_that_was_read_before(
    source: Listing, turn: Turn
) -> None:
    past(turn)
    until(lambda: len(source.told) == 3)
    turn.learn()
    past(turn)
    assert source.listed.count("8") == 2


def test_of_a_share_that_runs_low_nothing_is_read_ahead_and_what_was_is_kept(
    driven: Driven, source: Listing, turn: Turn
) -> None:
    limits = Limits(lambda: to_instant(driven.now), most=100, window=HOUR)
    turn.limits = limits
    past(turn)
    until(lambda: len(source.told) == 3)
    for _ in range(85):
        with limits.turn("tickets", True, lambda _: None):
            pass
    assert not turn.has_time
    assert past(turn)
    assert past(turn)
    assert not past(turn)
    assert source.listed == ["", "8", "6"]
    assert driven.connection.back_read == 6


def test_a_turn_that_ends_keeps_what_it_read_ahead_unless_it_may_not(
    driven: Driven, source: Listing, turn: Turn
) -> None:
    past(turn)
    end(turn, lambda: False)
    assert driven.connection.back_read == 2
    end(turn, lambda: True)
    assert source.listed == ["", "8", "6"]
    assert driven.connection.back_read == 6


def test_a_turn_without_time_reads_no_page_but_its_own(driven: Driven, source: Listing) -> None:
    with registered(KIND._replace(open=lambda _settings, _line: source)):
        for _ in range(4):
            sync.pull(driven.take(), driven.going(), 0)
    assert source.listed == ["", "8"]
    assert Connection.objects.get().back_read == 4


def test_a_source_that_sends_round_and_round_is_not_followed_ahead(source: Listing, turn: Turn) -> None:
    source.list_back = lambda cursor, since: Listed(tuple, cursor, True)  # type: ignore[method-assign]
    with pytest.raises(Odd, match="same page again"):
        past(turn)
    assert not turn.ahead.holds
