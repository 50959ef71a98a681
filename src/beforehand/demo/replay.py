"""`beforehand replay`: a real log as if it happened now: its past in the ledger, the rest told as its time comes."""

from datetime import date, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import NamedTuple

from rich.console import Console

from beforehand.config import environ, start
from beforehand.web.moment import Clock

from .command import How, go_on, served_alone
from .place import Place

WEEK = timedelta(days=7)


class Log(NamedTuple):
    """A log to be played, with what it is read and judged by. `around`: a day of it whose week becomes this one."""

    file: str
    mapping: str
    agreements: Path
    around: date | None


def replay(log: Log, how: How, now: datetime) -> None:
    """Serve a log, shifted so that one of its weeks is this one, until it is ended. Refused for what cannot be read."""
    place = Place(environ.current().data, "replay")
    console = Console(highlight=False, soft_wrap=True, markup=False)
    with served_alone(place, how) as (listening, address):
        try:
            place.clear()
            start.open_database(keep=False)
            from .hearing import hear, shift, take_in

            console.print(f"Reading {log.file} ...")
            events, source = hear(log, place, now)
            by = shift(events, log.around, now, source.provider.zone)
            past = take_in(events, by, source, now, place)
            weeks = round(timedelta(microseconds=by) / WEEK)
            console.print(
                f"Took in what lies before now: events {past.taken:,} of {len(events):,}, tickets {past.tickets:,}."
                f" {weeks:,} weeks later than it was, it is at {address}/ (Ctrl-C ends it and deletes it)"
            )
            why = f"{Path(log.file).name}, {weeks:,} weeks later than it happened."
            go_on(listening, Clock(now, monotonic(), how.speed, "Replay", why), place, how.browser)
        finally:
            place.clear()
