"""Many tickets at once: the readings, and the business time, of one at a time."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.engine.cast import OFFICE, at
from tests.engine.made import ODD_DAYS, calendars, coverage_of, examples
from tests.engine.oracle.counting import day_number
from tests.engine.tickets import Case, cases, coverages_of, history_of, terms_of

from beforehand.engine import history as h
from beforehand.engine.clock import Readings, compile_terms, read, records_of
from beforehand.engine.columns import CHUNK, Batch, Columns, add_many, between_many, encode, read_columns
from beforehand.engine.coverage import Coverage
from beforehand.engine.errors import Invalid
from beforehand.engine.history import History
from beforehand.engine.instants import DAY, HOUR, MINUTE, NEVER
from beforehand.engine.record import AT, THRESHOLDS
from beforehand.engine.terms import Line, Target, Terms
from beforehand.engine.weekly import Opening

TERMS = Terms([Line("all", {}, (Target("response", 4 * HOUR), Target("resolution", 16 * HOUR)))])
UPDATES = Terms([Line("all", {}, (Target("update", HOUR),))])


def batch_of(histories: list[History], terms: Terms, coverage: Coverage, as_of: int | None = None) -> Batch:
    compiled = compile_terms(terms, coverage)
    return read_columns(encode(histories, compiled), compiled, as_of)


def ticket(start: int, answered: int = HOUR) -> History:
    return History([h.created(start), h.message(start + answered)])


def same(found: Readings, wanted: Readings) -> bool:
    return all(getattr(found, name) == getattr(wanted, name) for name in Readings.__slots__)


@examples(60)
@given(st.lists(cases(), min_size=1, max_size=4), st.booleans())
def test_a_batch_gives_the_readings_of_each_ticket(batch: list[Case], stored: bool) -> None:
    case, coverages = batch[0], coverages_of(batch[0])
    as_of = None if stored else case.as_of
    try:
        terms, histories = terms_of(case, coverages), [history_of(case) for case in batch]
        compiled = compile_terms(terms, coverages["own"])
    except Invalid:
        assume(False)
    found = read_columns(encode(histories, compiled), compiled, as_of, case.percents)
    for k, history in enumerate(histories):
        wanted = read(history, terms, coverages["own"], as_of, thresholds=case.percents)
        assert same(found.readings(k, history), wanted)


@examples(20)
@given(cases())
def test_it_gives_the_records_that_are_stored(case: Case) -> None:
    coverages = coverages_of(case)
    try:
        terms, history = terms_of(case, coverages), history_of(case)
        compiled = compile_terms(terms, coverages["own"])
    except Invalid:
        assume(False)
    ((_, found),) = read_columns(encode([history], compiled), compiled).tickets()
    _, wanted = records_of(compiled, history, history.events[-1].at)
    assert [(r[:AT], r[THRESHOLDS:]) for r in found] == [(r[:AT], r[THRESHOLDS:]) for r in wanted]


def test_more_tickets_than_are_walked_at_once() -> None:
    histories = [ticket(at("mon 9:00") + k * MINUTE, k % 50 * HOUR) for k in range(CHUNK + 5)]
    found = batch_of(histories, TERMS, OFFICE)
    assert len(found) == len(histories) == len(list(found.tickets()))
    for k in (0, 1, CHUNK - 1, CHUNK, CHUNK + 4):
        assert same(found.readings(k, histories[k]), read(histories[k], TERMS, OFFICE))


def test_a_ticket_with_more_clocks_than_there_was_room_for() -> None:
    start = at("mon 9:00")
    talkative = History([h.created(start), *(h.message(start + k * MINUTE) for k in range(CHUNK + 10))])
    found = batch_of([ticket(start), talkative, ticket(start)], UPDATES, OFFICE)
    assert np.diff(found.begins).tolist() == [2, CHUNK + 11, 2]
    assert same(found.readings(1, talkative), read(talkative, UPDATES, OFFICE))


def test_before_its_creation_a_ticket_has_no_clocks() -> None:
    found = batch_of([ticket(at("wed 9:00")), ticket(at("mon 9:00"))], TERMS, OFFICE, at("tue 9:00"))
    assert np.diff(found.begins).tolist() == [0, 4]
    assert found.heads["created"].tolist() == [NEVER, at("mon 9:00")]


def test_no_tickets_give_no_readings() -> None:
    found = batch_of([], TERMS, OFFICE)
    assert (len(found), len(found.records), list(found.tickets())) == (0, 0, [])


def test_columns_can_be_looked_at_by_name() -> None:
    found = batch_of([ticket(at("mon 9:00"), 3 * HOUR), ticket(at("mon 9:00"), 6 * HOUR)], TERMS, OFFICE)
    response = found.records[found.records["metric"] == 0]
    assert response["used"].tolist() == [3 * HOUR, 6 * HOUR]


def made(**changed: list[int]) -> Columns:
    good = {"offsets": [0, 1, 3], "at": [DAY, 2 * DAY, 3 * DAY], "kind": [0, 0, 1], "flags": [1, 1, 2]}
    rest = {"code": [0, 0, 0], "source": [1, 1], "precision": [0, 0]}
    return Columns(**{name: np.array(column) for name, column in {**good, **rest, **changed}.items()})


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"at": [DAY, 3 * DAY, 2 * DAY]}, "ticket 1 of the batch: found an event earlier"),
        ({"at": [-9 * 366 * 10 * DAY, DAY, DAY]}, "ticket 0 of the batch: found an instant outside"),
        ({"kind": [0, 0]}, "events, 2 sources"),
        ({"source": [1]}, "1 sources"),
        ({"offsets": [0, 1, 2]}, "offsets from 0 up"),
        ({"offsets": [0, 4, 3]}, "offsets from 0 up"),
    ],
)
def test_columns_that_cannot_be_are_refused(changed: dict[str, list[int]], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_columns(made(**changed), compile_terms(TERMS, OFFICE))


@examples(40)
@given(st.data())
def test_add_and_between_are_those_of_one_at_a_time(data: st.DataObject) -> None:
    zone, around = data.draw(st.sampled_from(ODD_DAYS))
    calendar = data.draw(calendars(zone, around))
    coverage, fresh = coverage_of(calendar), coverage_of(calendar)
    near = st.integers(-30 * DAY, 30 * DAY).map(lambda n: n + day_number(around) * DAY)
    starts = data.draw(st.lists(near, min_size=1, max_size=20))
    others = data.draw(st.lists(near, min_size=len(starts), max_size=len(starts)))
    amounts = data.draw(
        st.lists(st.integers(0, 90 * DAY), min_size=len(starts), max_size=len(starts)) | st.just([400 * DAY])
    )
    each = [coverage.add(s, a) for s, a in zip(starts, amounts * len(starts), strict=False)]
    assert add_many(fresh, starts, amounts).tolist() == [NEVER if end is None else end for end in each]
    each_between = [coverage.between(s, o) for s, o in zip(starts, others, strict=True)]
    assert between_many(fresh, starts, others).tolist() == each_between


def test_coverage_that_never_opens_again_adds_up_to_never() -> None:
    once = Coverage("UTC", {}, openings=[Opening(ODD_DAYS[0][1], 0, 3600)])
    start = day_number(ODD_DAYS[0][1]) * DAY
    assert add_many(once, start, [0, HOUR, HOUR + 1]).tolist() == [start, start + HOUR, NEVER]
    with pytest.raises(ValueError, match="not negative"):
        add_many(once, start, -1)
