"""`beforehand demo`: makes the simulated MSP where there is none, brings it up to now, and serves it signed in."""

import signal
import socket
import sys
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from time import monotonic
from typing import NamedTuple

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from beforehand.config import environ, start, workers
from beforehand.engine.instants import to_datetime
from beforehand.kernel.faults import Refused
from beforehand.web import moment
from beforehand.web.moment import Clock

from .place import USER, Place
from .state import Scale, load

HOST = "127.0.0.1"
MORNING = time(7, 30)
PAST = 120
"""Days of the past that are made where a day is lived again: more than the longest ticket lives."""


class How(NamedTuple):
    """How a demo is served: at which port (None: one that is free), whether in a browser, how fast."""

    port: int | None
    browser: bool
    speed: float


def run(how: How, fresh: bool, scale: Scale, now: datetime) -> None:
    """Serve the demo until it is ended. Refused where another demo runs, or the port is taken."""
    place = Place(environ.current().data)
    console = Console(highlight=False, soft_wrap=True)
    with served_alone(place, how) as (listening, address):
        clock = make(place, fresh, scale, now, how.speed, console)
        console.print(
            f"The simulated MSP is at {address}/ (Ctrl-C ends it, beforehand demo --remove deletes it)"
        )
        go_on(listening, clock, place, how.browser)


def run_day(how: How, day: date, scale: Scale) -> None:
    """Live a day of the simulation again, from half past seven of the provider's morning on."""
    from beforehand.engine.zones import load as load_zone

    from .cast import load as load_cast

    place = Place(environ.current().data, "demo-day")
    console = Console(highlight=False, soft_wrap=True)
    begins = datetime.combine(day, MORNING, load_zone(load_cast().zone)).astimezone(UTC)
    with served_alone(place, how) as (listening, address):
        try:
            clock = make(place, True, scale, begins, how.speed, console)
            console.print(f"{day:%A, %d %B %Y}, 7:30 in the morning, is at {address}/ (Ctrl-C ends it)")
            go_on(listening, clock, place, how.browser)
        finally:
            place.clear()


@contextmanager
def served_alone(place: Place, how: How) -> Iterator[tuple[socket.socket, str]]:
    """The place held, its settings made, and where its pages are served."""
    with place.alone() as say_where:
        listening = _listen(how.port)
        address = f"http://{HOST}:{listening.getsockname()[1]}"
        say_where(address)
        environ.use_for_demo(place.url, address, USER)
        # The server hands on a signal that ended it; what is made here is to be left as after Ctrl-C.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit())
        yield listening, address


def _listen(port: int | None) -> socket.socket:
    if port is not None:
        return start.listen(HOST, port)
    for tried in range(8000, 8010):
        try:
            return start.listen(HOST, tried)
        except Refused as refused:
            last = refused
    raise last


def make(place: Place, fresh: bool, scale: Scale, now: datetime, speed: float, console: Console) -> Clock:
    """The demo's database as it should be at `now`, with a word on what is done meanwhile; and its clock.

    That begins at `now`, or where it stood last if it has run ahead.
    """
    if fresh or not place.is_whole():
        place.clear()
        clients = f"{scale.clients} clients" if scale.clients else "forty clients"
        console.print(f"Making a simulated MSP: {scale.days} days of tickets of {clients} (once)...")
    # A demo can be made anew, so that no backup of it is worth its room.
    start.open_database(keep=False)
    from .intake import prepare

    known = load(place.state)
    now = max(now, to_datetime(known.reached)) if known else now
    clock = Clock(now, monotonic(), speed)
    with _bar(console) as progress:
        told = prepare(place, scale, now, progress)
    if told.taken:
        console.print(f"Took in what was new: events {told.taken:,}, tickets {told.tickets:,}.")
    return clock


def go_on(listening: socket.socket, clock: Clock, place: Place, browser: bool) -> None:
    """Serve by that clock, while the present tells what happens."""
    from .intake import source_of_demo, token_of
    from .present import beside

    if browser:
        show(f"http://{HOST}:{listening.getsockname()[1]}")
    moment.simulate(clock)
    secret = token_of(source_of_demo(clock.start), clock.start)
    with beside(listening.getsockname()[1], secret, clock, place), workers.in_thread(clock.now):
        start.serve(listening)


def remove() -> bool:
    """Deletes the demo and what was replayed; whether there was anything. Refused while any of it runs."""
    found = False
    for name in ("demo", "demo-day", "replay"):
        place = Place(environ.current().data, name)
        with place.alone():
            found = place.clear() or found
            place.lock.unlink()
    return found


def show(address: str) -> None:
    """Opens a browser that has a window of its own, where there is one."""
    try:
        found = webbrowser.get()
    except webbrowser.Error:
        return
    # One for the terminal would take it away from the server.
    if type(found) is not webbrowser.GenericBrowser:
        found.open(address)


@contextmanager
def _bar(console: Console) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on a terminal, and nothing elsewhere."""
    columns = (TextColumn("Taking in tickets"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", start=False)
        yield lambda done, total: bar.update(task, completed=done, total=total)
