"""Who is the dispatcher at an instant: the weekly roster, and the dated shifts that go before it. No database."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from beforehand.engine.coverage import Coverage
from beforehand.engine.weekly import DAY_S, DAYS, wall_text


class Weekly(NamedTuple):
    """A shift of each week: seconds after local midnight of `day` (0 is Monday); over midnight unless ends > begins."""

    who: int
    day: int
    begins: int
    ends: int


class Dated(NamedTuple):
    """A shift from one instant until another."""

    since: int
    until: int
    who: int


class Stretch(NamedTuple):
    """Time during which the same people are on duty, or nobody is."""

    since: int
    until: int
    who: tuple[int, ...]


class Roster:
    """The shifts of one provider. While any dated shift runs, the weekly ones say nothing."""

    def __init__(self, zone: str, weekly: Iterable[Weekly], dated: Iterable[Dated]) -> None:
        hours: dict[int, dict[str, list[tuple[str, str]]]] = {}
        for shift in weekly:
            week = hours.setdefault(shift.who, {})
            for day, begins, ends in _windows(shift):
                week.setdefault(DAYS[day], []).append((wall_text(begins), wall_text(ends)))
        self._weekly = {who: Coverage(zone, week) for who, week in hours.items()}
        self._dated = sorted(dated)

    def on_duty(self, at: int) -> tuple[int, ...]:
        """Who is on duty at an instant; shifts are half open."""
        dated = {who for since, until, who in self._dated if since <= at < until}
        if dated:
            return tuple(sorted(dated))
        return tuple(sorted(who for who, week in self._weekly.items() if week.is_open(at)))

    def stretches(self, since: int, until: int) -> Iterator[Stretch]:
        """All of the time between two instants, in order, cut where somebody comes or goes."""
        edges = {since, until}
        edges |= {edge for one in self._dated for edge in one[:2] if since < edge < until}
        for week in self._weekly.values():
            edges |= {edge for window in week.windows(since, until) for edge in window}
        begins, who = since, self.on_duty(since)
        for edge in sorted(edges)[1:-1]:
            then = self.on_duty(edge)
            if then != who:
                yield Stretch(begins, edge, who)
                begins, who = edge, then
        yield Stretch(begins, until, who)


def _windows(shift: Weekly) -> Iterator[tuple[int, int, int]]:
    """(day, begins, ends) as weekly hours have them: a shift of 24 hours is two of them."""
    if shift.begins != shift.ends % DAY_S:
        yield shift.day, shift.begins, shift.ends
        return
    yield shift.day, shift.begins, DAY_S
    if shift.begins:
        yield (shift.day + 1) % 7, 0, shift.begins
