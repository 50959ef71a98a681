"""When tickets arrive: the rhythm of a working day and week at each client, and of machines around the clock."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from math import exp
from random import Random

from beforehand.engine.coverage import Coverage, Segment
from beforehand.engine.instants import DAY, HOUR, MINUTE, SECOND, to_instant
from beforehand.engine.zones import load as load_zone
from beforehand.promises.book import Book

from .cast import Cast, Client, Kind
from .promise import hours_of, later, terms_of

WEEKDAYS = (1.28, 1.08, 1.0, 0.98, 0.82, 0.8, 0.7)
MONTHS = (1.1, 1.0, 1.02, 0.98, 1.0, 1.0, 0.92, 0.84, 1.08, 1.04, 1.04, 0.9)
# How much of a day's tickets have come after each tenth of the working hours: a morning peak, lunch, an afternoon.
BY_TENTH = (0.0, 0.13, 0.29, 0.42, 0.52, 0.59, 0.66, 0.76, 0.86, 0.94, 1.0)


@dataclass(slots=True)
class Birth:
    """A ticket that comes to be at `at`. `seed` draws the rest of its life.

    `family`: tickets that report the same and are merged into this one, `into` the one that this is merged into, and
    `merged` when. `rush`: the start of the demo for which it was opened. `fixed`: fields that are not drawn.
    `answered` and `solved`: business time to the answer and the resolution where they are not drawn.
    """

    client: Client
    kind: Kind
    at: int
    seed: str
    number: str = ""
    live: bool = False
    stranger: str = ""
    family: list["Birth"] = field(default_factory=list)
    into: "Birth | None" = None
    merged: int = 0
    rush: int = 0
    fixed: dict[str, str] = field(default_factory=dict)
    answered: int = 0
    solved: int = 0


def births(cast: Cast, book: Book, seed: int, days: Iterable[date]) -> list[Birth]:
    """All tickets of some local days. A day's tickets are the same whatever other days are asked for."""
    found: list[Birth] = []
    for day in days:
        for place, client in enumerate(cast.clients, 1):
            rng = Random(f"{seed} {client.code} {day}")
            of_day = sorted(_day(cast, book, client, day, rng), key=lambda birth: (birth.at, birth.seed))
            for rank, birth in enumerate(of_day, 1):
                birth.number = number(day, place, rank)
            found += of_day
        found += _stranger(cast, seed, day)
    return sorted(found, key=lambda birth: (birth.at, birth.number))


def number(day: date, place: int, rank: int) -> str:
    """The number that the simulated PSA gives: the day and four digits that are nobody else's."""
    return f"T{day:%Y%m%d}.{place:02}{rank:02}"


def _day(cast: Cast, book: Book, client: Client, day: date, rng: Random) -> Iterator[Birth]:
    midnight = _midnight(client.zone, day)
    hours = hours_of(terms_of(book, client.name, midnight))
    windows = list(hours.windows(midnight, _midnight(client.zone, day + timedelta(days=1))))
    seeds = _seeds(rng)
    busy = client.rate * WEEKDAYS[day.weekday()] * MONTHS[day.month - 1] * (1.15 if day.day <= 2 else 1.0)
    for _ in range(_poisson(rng, busy if windows else busy * 0.05)):
        kind = _kind(rng, cast, "people")
        out_of_hours = not windows or rng.random() < 0.05
        at = midnight + _evening(rng) if out_of_hours else _within(rng, windows)
        live = not out_of_hours and rng.random() < kind.phone
        birth = Birth(client, kind, at, next(seeds), live=live)
        yield birth
        yield from _family(rng, birth, hours, seeds)
    for _ in range(_poisson(rng, client.alerts)):
        kind = _kind(rng, cast, "machine")
        hour = rng.uniform(1, 5) if kind.when == "night" else rng.uniform(0, 24)
        yield Birth(client, kind, midnight + _whole(hour * HOUR), next(seeds))
    yield from _of_our_own(cast, client, day, midnight, bool(windows), rng, seeds)


def _of_our_own(
    cast: Cast, client: Client, day: date, midnight: int, open_today: bool, rng: Random, seeds: Iterator[str]
) -> Iterator[Birth]:
    """What the provider itself opens: upkeep at the start of months and quarters, finds, projects; and junk mail."""
    early = midnight + 6 * HOUR + _whole(rng.uniform(0, 4) * MINUTE)
    if day.day == 1:
        for kind in cast.kinds["recurring"]:
            if kind.name != "quarter" or day.month % 3 == 1:
                yield Birth(client, kind, early, next(seeds))
    for group, chance in (("provider", 0.07), ("project", 0.012), ("internal", 0.03)):
        if open_today and rng.random() < chance:
            at = midnight + _whole(rng.uniform(9.2, 16) * HOUR)
            yield Birth(client, _kind(rng, cast, group), at, next(seeds))
    if rng.random() < 0.04:
        yield Birth(client, _kind(rng, cast, "noise"), midnight + _whole(rng.uniform(0, DAY)), next(seeds))


def _family(rng: Random, birth: Birth, hours: Coverage, seeds: Iterator[str]) -> Iterator[Birth]:
    """Colleagues who report the same within the hour; in an outage many, and the desk is quick to see it."""
    if birth.live or rng.random() >= birth.kind.family:
        return
    outage = birth.kind.family > 0.1
    for _ in range(rng.randint(1, 4) if outage else 1):
        at = birth.at + _whole(rng.uniform(2, 30 if outage else 55) * MINUTE)
        quick = _whole(rng.uniform(2, 12) * MINUTE)
        merged = at + quick if outage else later(hours, at, 3 * quick)
        other = Birth(birth.client, birth.kind, at, next(seeds), into=birth, merged=merged)
        birth.family.append(other)
        yield other


def _stranger(cast: Cast, seed: int, day: date) -> Iterator[Birth]:
    """Every few days somebody writes whom nobody knows."""
    if day.toordinal() % 6 == 2:
        rng = Random(f"{seed} stranger {day}")
        at = _midnight(cast.zone, day) + _whole(rng.uniform(8.5, 18) * HOUR)
        client, kind = rng.choice(cast.clients), _kind(rng, cast, "people")
        name = rng.choice(cast.strangers)
        yield Birth(client, kind, at, f"{seed} {at}", number(day, 99, 1), stranger=name)


def _kind(rng: Random, cast: Cast, group: str) -> Kind:
    kinds = cast.kinds[group]
    return rng.choices(kinds, [kind.weight for kind in kinds])[0]


def _within(rng: Random, windows: list[Segment]) -> int:
    opens, closes = rng.choices(windows, [end - start for start, end in windows])[0]
    share = rng.random()
    tenth = max(k for k in range(10) if BY_TENTH[k] <= share)
    part = (tenth + (share - BY_TENTH[tenth]) / (BY_TENTH[tenth + 1] - BY_TENTH[tenth])) / 10
    return opens + _whole(part * (closes - opens))


def _evening(rng: Random) -> int:
    """Early, late, or on a day off: when people write who should not be working."""
    return _whole(rng.choice((rng.uniform(6, 9), rng.uniform(18, 23), rng.uniform(10, 20))) * HOUR)


def _seeds(rng: Random) -> Iterator[str]:
    while True:
        yield f"{rng.getrandbits(64):016x}"


def _poisson(rng: Random, mean: float) -> int:
    limit, count, product = exp(-mean), 0, rng.random()
    while product > limit:
        count += 1
        product *= rng.random()
    return count


def _whole(microseconds: float) -> int:
    """To the whole second, as the simulated PSA keeps its stamps."""
    return int(microseconds) // SECOND * SECOND


def _midnight(zone: str, day: date) -> int:
    return to_instant(datetime.combine(day, time(), load_zone(zone)))
