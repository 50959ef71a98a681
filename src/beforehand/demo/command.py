"""`beforehand demo`: makes the simulated MSP where there is none, brings it up to now, and serves it signed in."""

import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from beforehand.config import environ, start

from .place import Place
from .state import Scale

USER = "demo"
HOST = "127.0.0.1"


def run(port: int, fresh: bool, browser: bool, scale: Scale, now: datetime) -> None:
    """Serve the demo until it is ended. Refused where another demo runs, or the port is taken."""
    address = f"http://{HOST}:{port}/"
    place = Place(environ.current().data)
    console = Console(highlight=False, soft_wrap=True)
    with place.alone(address):
        listening = start.listen(HOST, port)
        if fresh:
            place.clear()
        prepare(place, scale, now, console)
        console.print(f"The demo is at {address} (Ctrl-C ends it; beforehand demo --remove deletes it)")
        if browser:
            show(address)
        start.serve(listening)


def remove() -> bool:
    """Deletes the demo; whether there was one. Refused while it runs."""
    place = Place(environ.current().data)
    with place.alone(""):
        found = place.clear()
    place.lock.unlink()
    return found
