"""Any times in any hours and zone: due dates counted minute by minute are inferred back as they were made, or not."""

import random
from bisect import bisect_left
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from beforehand.engine.instants import MINUTE, to_instant
from beforehand.promises.draft.due_dates import ENOUGH, Due
from beforehand.promises.draft.inferred import ALWAYS, Cell, Week, infer
from beforehand.promises.psa import DAYS, Calendar

pytestmark = pytest.mark.program
FIRST = datetime(2026, 8, 20, tzinfo=UTC)
SPAN = 100
"""Days in which tickets are created: clocks change meanwhile, in Europe and in America on different days."""
ZONES = (
    "Europe/London",
    "Europe/Berlin",
    "America/New_York",
    "America/Los_Angeles",
    "Asia/Kolkata",
    "Australia/Sydney",
)
SHORT = dict(zip(DAYS, ("mon", "tue", "wed", "thu", "fri", "sat", "sun"), strict=True))
Spells = dict[str, tuple[tuple[str, str], ...]]


class Oracle:
    """Hours as a list of all open minutes, each looked at by itself: no code of the engine's."""

    def __init__(self, zone: str, hours: Spells | None) -> None:
        place = ZoneInfo(zone)
        self.open = []
        for number in range((SPAN + 60) * 1440):
            at = FIRST + timedelta(minutes=number)
            wall = at.astimezone(place)
            if hours is None or any(a <= f"{wall:%H:%M}" < b for a, b in hours.get(DAYS[wall.weekday()], ())):
                self.open.append(number)

    def due(self, start: float, target: int) -> float:
        """The minute at whose end so many open ones have passed since another, which may be a fraction."""
        whole = int(start)
        i = bisect_left(self.open, whole)
        fraction = start - whole if self.open[i] == whole else 0.0
        return self.open[i + target] + fraction if fraction else self.open[i + target - 1] + 1


def week(dice: random.Random) -> Spells:
    opens, closes = dice.choice([7, 8, 9]), dice.choice([16, 17, 18])
    spells = ((f"{opens:02d}:00", f"{closes:02d}:30"),)
    if dice.random() < 0.3:
        spells = ((f"{opens:02d}:00", "12:30"), ("13:30", f"{closes:02d}:30"))
    found = dict.fromkeys(DAYS[:5], spells)
    return found | ({"saturday": (("09:00", "12:00"),)} if dice.random() < 0.3 else {})


def target(dice: random.Random) -> int:
    return dice.choice([dice.randrange(5, 60), 15 * dice.randrange(4, 17), 60 * dice.randrange(4, 40)])


def instant(minute: float) -> int:
    return to_instant(FIRST) + round(minute * 60) * 1_000_000


def made(dice: random.Random, told: Oracle, cell: Cell, amount: int, noise: int, midday: bool) -> list[Due]:
    """Due dates of a cell, so many of a hundred moved by what nobody knows."""
    number, found = dice.randrange(ENOUGH, 150), []
    for turn in range(number):
        start = dice.choice(told.open[: SPAN * 300]) if midday else dice.random() * SPAN * 1440
        start = round(start * 60) / 60
        due = told.due(start, amount)
        if turn < number * noise // 100:
            due += dice.randrange(7, 9000)
        found.append(Due(*cell, instant(start), instant(due)))
    return found


def calendar_of(key: str, hours: Spells, zone: str = "", hint: str = "") -> Week:
    ours = {SHORT[day]: [list(spell) for spell in spells] for day, spells in hours.items()}
    return Week(Calendar(key, key.title(), hours, zone, hint, default=key == "one"), ours, ())


@pytest.mark.parametrize("seed", range(20))
def test_what_made_due_dates_is_inferred_back_or_nothing_is(seed: int) -> None:
    dice = random.Random(seed)
    zone, noise, midday = dice.choice(ZONES), dice.choice([0, 5, 10]), dice.random() < 0.25
    told = dice.random() < 0.5
    one, two = week(dice), week(dice)
    weeks = [calendar_of("one", one, zone if told else ""), calendar_of("two", two, dice.choice(ZONES))]
    oracles = {"one": Oracle(zone, one), ALWAYS: Oracle(zone, None)}
    truth: dict[Cell, tuple[int, str]] = {}
    dues: list[Due] = []
    for priority in ("P1", "P2", "P3"):
        for metric in ("response", "resolution"):
            cell, key = Cell("1", priority, metric), dice.choice(["one", "one", ALWAYS])
            truth[cell] = target(dice), key
            dues += made(dice, oracles[key], cell, truth[cell][0], noise, midday)
    dice.shuffle(dues)

    found = infer(dues, weeks, dice.choice(ZONES))

    assert {*found.found, *found.open} == {*truth}
    for cell, one_found in found.found.items():
        assert (one_found.amount // MINUTE, one_found.calendar) == truth[cell], (cell, noise, zone, told)
    for name in found.zones.values():
        assert same(name.name, zone), name
    for one_open in found.open.values():
        assert one_open.alike or not told, "what is told in known hours is found, or said to be ambiguous"
    if not midday:
        assert len(found.found) >= 5


def same(one: str, other: str) -> bool:
    """Whether two zones show the same at every hour."""
    moments = (FIRST + timedelta(hours=hour) for hour in range(SPAN * 24))
    return all(
        at.astimezone(ZoneInfo(one)).utcoffset() == at.astimezone(ZoneInfo(other)).utcoffset()
        for at in moments
    )
