"""Made-up calendars for hypothesis, around the days on which zones do odd things, and their form for the engine."""

from datetime import date, timedelta
from functools import lru_cache

from hypothesis import settings
from hypothesis import strategies as st
from tests.engine.oracle.counting import DAY, Calendar, Counted, day_number
from tests.support.tries import tries

from beforehand.engine.coverage import Coverage
from beforehand.engine.weekly import DAYS, Closure, Opening, wall_text

ODD_DAYS = (
    ("Europe/London", date(2026, 3, 29)),
    ("Europe/London", date(2026, 10, 25)),
    ("America/New_York", date(2025, 3, 9)),
    ("America/New_York", date(2025, 11, 2)),
    ("Australia/Lord_Howe", date(2025, 4, 6)),  # half an hour
    ("Australia/Lord_Howe", date(2025, 10, 5)),
    ("Pacific/Apia", date(2011, 12, 30)),  # a day that never was
    ("Pacific/Kwajalein", date(1993, 8, 21)),
    ("America/Sao_Paulo", date(2018, 11, 4)),  # midnight is skipped
    ("America/Sao_Paulo", date(2018, 2, 18)),  # midnight comes twice
    ("America/Havana", date(2025, 3, 9)),
    ("America/Havana", date(2025, 11, 2)),
    ("America/St_Johns", date(2010, 11, 7)),  # at 00:01, back into yesterday
    ("America/St_Johns", date(2011, 3, 13)),
    ("Europe/Dublin", date(2025, 10, 26)),  # winter time is the exception
    ("Africa/Casablanca", date(2025, 2, 23)),  # Ramadan
    ("Africa/Casablanca", date(2025, 4, 6)),
    ("Pacific/Chatham", date(2025, 4, 6)),  # quarter hours
    ("Pacific/Chatham", date(2025, 9, 28)),
    ("Antarctica/Troll", date(2025, 3, 30)),  # two hours
    ("America/Caracas", date(2016, 5, 1)),
    ("Asia/Kathmandu", date(2024, 2, 29)),
    ("UTC", date(2024, 2, 29)),
)

TIMES = (0, 1, 30, 90, 120, 135, 150, 165, 180, 190, 360, 540, 750, 1020, 1320, 1380, 1410, 1439, 1440)
"""Minutes after midnight at which windows like to begin and end."""


def wall_minutes(grid: int) -> st.SearchStrategy[int]:
    """Minutes after midnight on a grid."""
    liked = sorted({minute - minute % grid for minute in TIMES})
    return st.sampled_from(liked) | st.integers(0, 1440 // grid).map(lambda n: n * grid)


@st.composite
def windows(draw: st.DrawFn, grid: int = 1, scale: int = 60) -> tuple[int, int]:
    """Opening and closing in seconds, over midnight where the closing comes first."""
    opens = draw(wall_minutes(grid).filter(lambda minute: minute < 1440))
    closes = draw(wall_minutes(grid).filter(lambda minute: minute != opens))
    return opens * scale, (closes if closes > opens else closes + 1440) * scale


@st.composite
def weeks(draw: st.DrawFn, grid: int = 1) -> tuple[tuple[int, int, int], ...]:
    """Weekly windows: none on some days, several on others, or the same every day, or round the clock."""
    kind = draw(st.sampled_from(["any", "any", "same", "always"]))
    if kind == "always":
        return tuple((day, 0, DAY) for day in range(7))
    if kind == "same":
        daily = draw(st.lists(windows(grid), min_size=1, max_size=2))
        return tuple((day, *window) for day in range(7) for window in daily)
    found = draw(st.lists(st.tuples(st.integers(0, 6), windows(grid)), min_size=1, max_size=10))
    return tuple((day, *window) for day, window in found)


@st.composite
def calendars(draw: st.DrawFn, zone: str, around: date, days: int = 3, grid: int = 1) -> Calendar:
    """A calendar whose closures and openings lie within some days of one."""
    near = st.integers(-days, days).map(lambda n: around + timedelta(days=n))
    part = windows(grid).map(lambda w: (w[0], min(w[1], DAY)))
    closures = []
    for n in range(draw(st.integers(0, 2))):
        first = draw(near)
        whole = draw(st.booleans())
        last = first + timedelta(days=draw(st.integers(0, 1)))
        closures.append((first, last, *((0, DAY) if whole else draw(part)), f"closure {n}"))
    openings = draw(st.lists(st.tuples(near, windows(grid)), max_size=2))
    return Calendar(
        zone, draw(weeks(grid)), tuple(closures), tuple((day, *window) for day, window in openings)
    )


@lru_cache(maxsize=256)
def usual(zone: str, around: date) -> tuple[Calendar, ...]:
    """Calendars of every kind around a day, on quarters of an hour: the same ones each time, to be laid out once."""
    next_day = around + timedelta(days=1)
    whole, part = (around, around, 0, DAY, "whole"), (around, next_day, 2 * 3600, 4 * 3600, "part")
    office = tuple((day, 32_400, 63_000) for day in range(5))
    split = tuple((day, *window) for day in range(7) for window in ((28_800, 43_200), (46_800, 61_200)))
    nights = tuple((day, 79_200, 108_000) for day in range(7))
    lapping = tuple((day, *window) for day in range(7) for window in ((1800, 45_900), (32_400, 94_500)))
    odd = tuple(
        (day, *window) for day in range(7) for window in ((5400, 9000), (8100, 13_500), (81_000, DAY))
    )
    always = tuple((day, 0, DAY) for day in range(7))
    return (
        Calendar(zone, office, (whole,), ((around, 36_000, 43_200), (next_day, 79_200, 93_600))),
        Calendar(zone, office),
        Calendar(zone, split, (part,)),
        Calendar(zone, nights, (part, whole)),
        Calendar(zone, lapping),
        Calendar(zone, odd, (), ((next_day, 0, 3600),)),
        Calendar(zone, ((1, 5400, 11_700), (3, 5400, 11_700))),
        Calendar(zone, always, (whole,)),
        Calendar(zone, always),
    )


@lru_cache(maxsize=4096)
def coverage_of(calendar: Calendar, name: str = "") -> Coverage:
    """The engine's form of a calendar."""
    hours: dict[str, list[tuple[str, str]]] = {}
    for day, opens, closes in calendar.weekly:
        hours.setdefault(DAYS[day], []).append((wall_text(opens), wall_text(closes)))
    return Coverage(
        calendar.zone,
        hours,
        [Closure(first, last, name, begins, ends) for first, last, begins, ends, name in calendar.closures],
        [Opening(day, opens, closes) for day, opens, closes in calendar.openings],
        name,
    )


@lru_cache(maxsize=512)
def counted(calendar: Calendar, around: date, before: int, after: int, step: int = 60) -> Counted:
    """A calendar counted from some days before a day until some days after it."""
    return Counted(calendar, (day_number(around) - before) * DAY, (day_number(around) + after) * DAY, step)


def examples(count: int) -> settings:
    """So many examples in the suite; with --hypothesis-profile=deep a hundred times as many."""
    return settings(max_examples=tries(count) * (100 if settings.get_current_profile_name() == "deep" else 1))
