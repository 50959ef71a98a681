"""The present of the demo: a program beside its server, which tells it what happens through POST /api/events.

It is a source like any other: it has a token, tells by HTTP, tries again where it is not heard, and may tell twice
what it is not sure was kept. It ends with the server, whose end of the pipe it hears close.
"""

import http.client
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Protocol, TypedDict

from beforehand.config import environ
from beforehand.connectors.plain.writing import told
from beforehand.engine.instants import to_instant
from beforehand.kernel.faults import Fault, Refused
from beforehand.tickets.events import TicketEvent
from beforehand.web.moment import Clock

from .feed import Feed
from .intake import world_of
from .place import Place
from .state import load, save
from .story import Story

TICK = 1.0
"""Seconds of the wall's clock between two looks at what has happened."""
AHEAD = 15
"""A clock that was broken off is held to have run so many seconds of the wall's longer than was kept of it."""
_AT_ONCE = 1000
_PATIENCE = (0.25, 0.5, 1.0, 2.0, 4.0)
_TIMEOUT = 5.0


class Orders(TypedDict):
    """What the program is told when it begins; by a pipe, since a secret stands in no list of processes."""

    port: int
    secret: str
    start: str
    steady: float
    speed: float
    name: str


class Unheard(Exception):
    """The server did not take what it was told, for now."""


def post(port: int, secret: str, events: list[TicketEvent]) -> None:
    """Tell the server at that port of this machine. Unheard if it may do so later; Refused if it never will."""
    body = json.dumps([told(event) for event in events]).encode()
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT)
    try:
        connection.request("POST", "/api/events", body, headers)
        answer = connection.getresponse()
        said = answer.read()
    except (OSError, http.client.HTTPException) as error:
        raise Unheard(str(error)) from error
    finally:
        connection.close()
    if answer.status >= 500 or answer.status == 429:
        raise Unheard(f"answered {answer.status}")
    if answer.status != 200:
        found = f"the answer {answer.status}: {said[:300].decode(errors='replace')}"
        raise Refused(Fault("the demo's events", found, "the answer 200"))


class Told(Protocol):
    """What has something to tell."""

    def until(self, now: int) -> list[TicketEvent]:
        """What happened up to and at `now` and was not told before."""


def go_on(
    feed: Told,
    clock: Clock,
    tell: Callable[[list[TicketEvent]], None],
    keep: Callable[[datetime | None, datetime], None],
    ended: threading.Event,
) -> None:
    """Tell at each tick what has happened since the last, until `ended` is set.

    `keep` is handed the instant up to which all is told (None: as before) and the one that the clock cannot pass
    before it is called again. What is not heard is told again, later by and by.
    """
    waiting: list[TicketEvent] = []
    failed, upto = 0, clock.now()
    while True:
        reached = clock.now() + timedelta(seconds=AHEAD * clock.speed)
        try:
            if not waiting:
                upto = clock.now()
                waiting = feed.until(to_instant(upto))
            while waiting and not ended.is_set():
                tell(waiting[:_AT_ONCE])
                waiting = waiting[_AT_ONCE:]
            failed = 0
        except Unheard:
            failed += 1
        keep(None if waiting else upto, reached)
        if ended.wait(_PATIENCE[min(failed, len(_PATIENCE)) - 1] if failed else TICK):
            return


@contextmanager
def beside(port: int, secret: str, clock: Clock, place: Place) -> Iterator[None]:
    """The program, beside this one for as long as this goes on; it tells the story in the place, if there is one."""
    orders = Orders(
        port=port, secret=secret, start=clock.start.isoformat(), steady=clock.steady, speed=clock.speed,
        name=place.name,
    )  # fmt: skip
    command = [sys.executable, "-m", __package__]
    program = subprocess.Popen(command, stdin=subprocess.PIPE, text=True)  # noqa: S603  (ourselves)
    assert program.stdin is not None
    try:
        program.stdin.write(json.dumps(orders) + "\n")
        program.stdin.flush()
        yield
    finally:
        program.stdin.close()
        try:
            program.wait(timeout=1)
        except subprocess.TimeoutExpired:
            program.kill()
            program.wait()


def work(orders: Orders, ended: threading.Event) -> None:
    """Be the present until `ended` is set; refused where there is no demo to go on with."""
    place = Place(environ.current().data, orders["name"])
    clock = Clock(datetime.fromisoformat(orders["start"]), orders["steady"], orders["speed"])

    def tell(events: list[TicketEvent]) -> None:
        post(orders["port"], orders["secret"], events)

    if place.story.exists():
        with place.story.open(encoding="utf-8") as lines:
            go_on(Story(lines), clock, tell, lambda *_: None, ended)
        return
    known = load(place.state)
    if known is None or known.taken is None:
        raise Refused(Fault("the demo's present", "no demo", "one that has its past"))

    def keep(upto: datetime | None, reached: datetime) -> None:
        known.taken = to_instant(upto) if upto else known.taken
        known.reached = max(known.reached, to_instant(reached))
        save(place.state, known)

    feed = Feed(world_of(known), known.taken)
    go_on(feed, clock, tell, keep, ended)
