"""The present: tickets that are open when the demo starts and due within the hour.

An MSP of this size has one or two of those on most hours of a working day. So that whoever looks has something to
watch, a few more were opened at just the right time, with clients to whom work is owed at that hour.
"""

from collections import Counter
from collections.abc import Iterator
from random import Random

from beforehand.engine.coverage import Coverage
from beforehand.engine.instants import DAY, MINUTE, SECOND
from beforehand.engine.zones import local_datetime
from beforehand.promises.book import Book

from .arrivals import Birth
from .cast import Cast, Client, Kind
from .promise import promise_of, terms_of

UNANSWERED, UNSOLVED, MOST_P1, PER_CLIENT = 3, 3, 2, 2


def rush(cast: Cast, book: Book, seed: int, now: int, taken: set[str]) -> list[Birth]:
    """The tickets of the rush at `now`; their numbers are put into `taken`, which holds those of earlier ones."""
    rng = Random(f"{seed} rush {now}")
    found: list[Birth] = []
    held: Counter[str] = Counter()
    for wanted, most in (("response", UNANSWERED), ("resolution", UNSOLVED)):
        enough = len(found) + most
        for birth in _candidates(cast, book, rng, now, wanted):
            urgent = birth.fixed["priority"] == "P1"
            if held[birth.client.code] == PER_CLIENT or (urgent and held["P1"] == MOST_P1):
                continue
            held.update([birth.client.code, birth.fixed["priority"]])
            birth.number = _number(birth, taken)
            found.append(birth)
            if len(found) == enough:
                break
    return found


def _candidates(cast: Cast, book: Book, rng: Random, now: int, wanted: str) -> Iterator[Birth]:
    """Tickets that would be due within the hour, of each client in turn, those of usual urgency first."""
    for urgent in (False, True):
        for client in rng.sample(cast.clients, len(cast.clients)):
            for kind in rng.sample(cast.kinds["people"], len(cast.kinds["people"])):
                fitting = {p: weight for p, weight in kind.priorities.items() if (p == "P1") == urgent}
                if not fitting:
                    continue
                priority = rng.choices(list(fitting), list(fitting.values()))[0]
                birth = _near(book, rng, now, wanted, client, kind, priority)
                if birth is not None:
                    yield birth
                    break


def _near(
    book: Book, rng: Random, now: int, wanted: str, client: Client, kind: Kind, priority: str
) -> Birth | None:
    """A ticket of that kind whose answer or resolution is due soon after `now`; None where it cannot be."""
    fixed = {"priority": priority, "site": rng.choice(client.sites), "tier": ""}
    held = terms_of(book, client.name, now)
    fields = {**fixed, "type": kind.type, "board": kind.board}
    line = held.terms.choose(fields).winner
    target = next((t for t in line.targets if t.metric == wanted), None) if line else None
    if target is None or not target.amount:
        return None
    promise = promise_of(held, fields)
    left = int(min(rng.uniform(5, 52) * MINUTE, target.amount * rng.uniform(0.3, 0.8))) // SECOND * SECOND
    if promise.coverage.between(now, now + left) < left:
        return None
    spent = target.amount - left
    opened = before(promise.coverage, now, spent)
    birth = Birth(client, kind, opened, f"{rng.getrandbits(64):016x}", rush=now, fixed=fixed)
    if wanted == "response":
        birth.answered = spent + int(left * rng.uniform(0.3, 1.2))
    else:
        birth.answered = int(min(promise.response * rng.uniform(0.1, 0.8), spent * 0.5))
        birth.solved = spent + int(left * rng.uniform(0.4, 1.2))
    return birth


def before(coverage: Coverage, instant: int, amount: int) -> int:
    """The last whole second from which that much business time passes up to `instant`."""
    low, high = (instant - amount - 60 * DAY) // SECOND, instant // SECOND
    while high - low > 1:
        middle = (low + high) // 2
        if coverage.between(middle * SECOND, instant) >= amount:
            low = middle
        else:
            high = middle
    return low * SECOND


def _number(birth: Birth, taken: set[str]) -> str:
    """A number like those of the day's other tickets, made of the time of day."""
    while True:
        local = local_datetime(birth.client.zone, birth.at)
        found = f"T{local:%Y%m%d}.{20 + local.hour}{local.minute:02}"
        if found not in taken:
            taken.add(found)
            return found
        birth.at -= MINUTE
