"""What must be known of a demo to go on with it another day: a small file beside its database."""

import hashlib
import json
import os
import sys
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path

from beforehand.engine.zones import tzdata_version

_GENERATOR = (
    *("arrivals.py", "cast.py", "life.py", "pen.py", "promise.py", "rush.py", "way.py", "world.py"),
    *("cast.yaml", "kinds.yaml", "msp.yaml"),
)


@dataclass(frozen=True, slots=True)
class Scale:
    """How large a world is made: days before the first start, and clients (0: all)."""

    days: int = 730
    clients: int = 0
    seed: int = 7


@dataclass(slots=True)
class State:
    """A demo's world. `first` is its first day, `rushes` the starts for which a rush was made, in microseconds.

    `taken`: the instant up to which everything has been taken in; None while the first year has not. `reached`: one
    that the demo's clock has not passed.
    """

    made_by: str
    scale: Scale
    first: str
    rushes: list[int] = field(default_factory=list)
    taken: int | None = None
    reached: int = 0

    @property
    def day(self) -> date:
        """The first day."""
        return date.fromisoformat(self.first)


def new(scale: Scale, now: datetime) -> State:
    """The state of a world that is still to be made, with its past up to `now`."""
    return State(generator(), scale, str(now.date() - timedelta(days=scale.days)))


@cache
def generator() -> str:
    """A fingerprint of all that decides what the simulation tells: another one makes another world."""
    told = hashlib.sha256(f"{sys.version_info[:2]} {tzdata_version()}".encode())
    for name in _GENERATOR:
        told.update(files(__package__).joinpath(name).read_bytes())
    return told.hexdigest()


def load(file: Path) -> State | None:
    """The state kept in a file; None where there is none that this program can go on with."""
    try:
        raw = json.loads(file.read_text(encoding="utf-8"))
        state = State(**{**raw, "scale": Scale(**raw["scale"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return state if state.made_by == generator() else None


def save(file: Path, state: State) -> None:
    """Keep the state; whoever reads the file finds the old one or the new one whole."""
    draft = file.with_suffix(".new")
    with draft.open("w", encoding="utf-8") as out:
        json.dump(asdict(state), out)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(file)
