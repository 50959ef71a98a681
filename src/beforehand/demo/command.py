"""`beforehand demo`: makes the simulated MSP where there is none, brings it up to now, and serves it signed in."""

import socket
import time
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from beforehand.config import environ, start
from beforehand.engine.instants import to_datetime
from beforehand.kernel.faults import Refused
from beforehand.web import moment
from beforehand.web.moment import Clock

from .place import USER, Place
from .state import Scale, load

HOST = "127.0.0.1"


def run(port: int | None, fresh: bool, browser: bool, scale: Scale, now: datetime, speed: float) -> None:
    """Serve the demo until it is ended, `speed` times as fast as the wall's clock.

    Refused where another demo runs, or the port is taken.
    """
    place = Place(environ.current().data)
    console = Console(highlight=False, soft_wrap=True)
    with place.alone() as say_where:
        listening = _listen(port)
        address = f"http://{HOST}:{listening.getsockname()[1]}"
        say_where(address)
        environ.use_for_demo(place.url, address, USER)
        clock = make(place, fresh, scale, now, speed, console)
        console.print(
            f"The simulated MSP is at {address}/ (Ctrl-C ends it, beforehand demo --remove deletes it)"
        )
        if browser:
            show(address)
        go_on(listening, clock)


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
        console.print("Making a simulated MSP: two years of tickets of forty clients (once)...")
    # A demo can be made anew, so that no backup of it is worth its room.
    start.open_database(keep=False)
    from .intake import prepare

    known = load(place.state)
    now = max(now, to_datetime(known.reached)) if known else now
    clock = Clock(now, time.monotonic(), speed)
    with _bar(console) as progress:
        told = prepare(place, scale, now, progress)
    if told.taken:
        console.print(f"Took in what was new: events {told.taken:,}, tickets {told.tickets:,}.")
    return clock


def go_on(listening: socket.socket, clock: Clock) -> None:
    """Serve by that clock, while the present tells what happens."""
    from .intake import source_of_demo, token_of
    from .present import beside

    moment.simulate(clock)
    secret = token_of(source_of_demo(clock.start), clock.start)
    with beside(listening.getsockname()[1], secret, clock):
        start.serve(listening)


def remove() -> bool:
    """Deletes the demo; whether there was one. Refused while it runs."""
    place = Place(environ.current().data)
    with place.alone():
        found = place.clear()
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
