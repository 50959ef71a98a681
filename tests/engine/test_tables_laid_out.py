"""How often coverages are laid out: it takes a thousand times as long as a reading."""

from beforehand.engine import history as h
from beforehand.engine.clock import read
from beforehand.engine.coverage import Coverage
from beforehand.engine.history import History
from beforehand.engine.instants import DAY, HOUR
from beforehand.engine.table import Table
from beforehand.engine.terms import Line, StatusMap, Target, Terms

OFFICE = {day: [("09:00", "17:30")] for day in ("mon", "tue", "wed", "thu", "fri")}
NOW = 20_500 * DAY


def tables(starts: range) -> list[Table]:
    """The tables that were made for tickets that began then, one after another."""
    office = Coverage("Europe/London", OFFICE)
    terms = Terms([Line("all", {}, (Target("response", 4 * HOUR),), office)], StatusMap({}))
    made: list[Table] = []
    for start in starts:
        read(History([h.created(start, id="created")]), terms, office)
        if not made or made[-1] is not office.laid_out:
            made.append(office.laid_out)
    return made


def test_a_past_that_comes_the_newest_first_makes_a_table_a_year() -> None:
    made = tables(range(NOW, NOW - 3 * 366 * DAY, -DAY))
    assert len(made) <= 4
    assert {table.last for table in made} == {made[0].last}


def test_a_day_after_the_other_makes_a_table_a_year() -> None:
    assert len(tables(range(NOW, NOW + 3 * 366 * DAY, DAY))) <= 4
