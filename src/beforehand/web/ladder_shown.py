"""A ladder as pages show it to read: what it is for, whether it rings, a row for each step."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from beforehand.alerts.ladders import in_words
from beforehand.alerts.models import Switch
from beforehand.engine.instants import to_instant
from beforehand.engine.saying import Amount, Moment, Saying
from beforehand.people.models import Provider
from beforehand.promises.file.ladders import say_at, say_match
from beforehand.promises.ladders import BUILT_IN, BY_RANK, LOWER, TRIAGE, Ladder, Step, rank

_PLACES = {1: "first", 2: "second"}


class StepRow(NamedTuple):
    """A step: where it stands, those told one after the other, and how long each has; "" where nobody is told."""

    at: str
    chain: list[str]
    every: Amount | None
    step: Step


class Shown(NamedTuple):
    """A ladder. `pk` is None of one that is built in; `since`: from when it rings, None while it rehearses."""

    pk: int | None
    name: str
    fits: list[str]
    since: Moment | None
    in_hours: bool
    steps: list[StepRow]


def steps_of(ladder: Ladder) -> list[StepRow]:
    """The steps of a ladder, in words."""
    return [
        StepRow(
            say_at(step), [in_words(link) for link in step.chain], Amount(step.every) if len(step.chain) > 1 else None,
            step,
        )
        for step in ladder.steps
    ]  # fmt: skip


def all_ladders(
    provider: Provider, own: Mapping[int, Ladder], priorities: Sequence[str], now: datetime, zone: str
) -> list[Shown]:
    """The provider's own ladders (by key) by name, then those built in."""
    how = Saying(to_instant(now), zone, 0, 1)
    rows = Switch.objects.filter(provider=provider, kind=Switch.Kind.LADDER)
    on = {row.key: how.at(to_instant(row.since)) for row in rows}
    mine = sorted(own.items(), key=lambda item: item[1].name.casefold())
    found = [_shown(pk, ladder, list(map(say_match, ladder.fits)), on) for pk, ladder in mine]
    return found + [_shown(None, one, [built_in_for(one, priorities)], on) for one in BUILT_IN]


def _shown(pk: int | None, ladder: Ladder, fits: Iterable[str], on: Mapping[str, Moment]) -> Shown:
    return Shown(pk, ladder.name, list(fits), on.get(ladder.name), ladder.in_hours, steps_of(ladder))


def built_in_for(ladder: Ladder, priorities: Sequence[str]) -> str:
    """The tickets that climb a ladder that is built in, where no own one fits them."""
    if ladder == TRIAGE:
        return "triage: tickets that no agreement covers, and those that nobody has looked at"
    named = [one for one in priorities if BY_RANK.get(rank(one, priorities), LOWER) == ladder]
    place = next((place for place, one in BY_RANK.items() if one == ladder), None)
    what = "lower priorities" if place is None else f"the {_PLACES[place]} priority"
    return what + (f" ({', '.join(named)})" if named else "")
