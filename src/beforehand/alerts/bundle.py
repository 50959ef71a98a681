"""What goes out of a mailbox now, and in how many messages: a pure function over what waits in it."""

from collections.abc import Sequence
from typing import NamedTuple

from beforehand.engine.instants import HOUR, MINUTE


class Waiting(NamedTuple):
    """A delivery that waits: its id, how urgent it is, if it belongs in a summary of what was missed; since when,
    and the message in which it may have gone already.
    """

    id: int
    urgency: str
    summary: bool = False
    since: int | None = None
    gone_as: str = ""


class Limits(NamedTuple):
    """How much somebody is asked to read. `together`: after a message, others that are not urgent wait so long and go
    as one. `an_hour`: messages in an hour after which the rest goes as one, at its end.
    """

    together: int = MINUTE
    an_hour: int = 12


class Recently(NamedTuple):
    """What went to the mailbox: the last message's instant, and those of the last hour's that were not urgent."""

    last: int | None
    hour: Sequence[int]


class Quiet(NamedTuple):
    """Until when messages of some urgency wait: quiet ones until work begins, normal ones until the night ends."""

    quiet_until: int | None = None
    normal_until: int | None = None


class Batch(NamedTuple):
    """Deliveries that go as one message."""

    ids: tuple[int, ...]
    summary: bool = False


class Plan(NamedTuple):
    """What goes now, and when the rest is to be looked at."""

    batches: tuple[Batch, ...]
    again: int | None


def plan(waiting: Sequence[Waiting], recently: Recently, quiet: Quiet, limits: Limits, now: int) -> Plan:
    """Urgent ones go now, each by itself; what was missed goes as one summary; the rest as the limits say."""
    batches = [Batch((one.id,)) for one in waiting if one.urgency == "urgent" and not one.summary]
    batches += _together([one for one in waiting if one.summary], summary=True)
    rest = [one for one in waiting if one.urgency != "urgent" and not one.summary]
    until = {"quiet": quiet.quiet_until, "normal": quiet.normal_until}
    ready = [one for one in rest if (until.get(one.urgency) or now) <= now]
    again = [at for one in rest if one not in ready and (at := until[one.urgency]) is not None]
    if ready:
        since = min((one.since for one in ready if one.since is not None), default=None)
        at = _when(recently, limits, now, since)
        if at <= now:
            batches += _together(ready)
        else:
            again.append(at)
    return Plan(tuple(batches), min(again, default=None))


def _together(some: Sequence[Waiting], summary: bool = False) -> list[Batch]:
    """As one message; but what may have gone already goes as it did, so that mail programs know it again."""
    by_message: dict[str, list[int]] = {}
    for one in some:
        by_message.setdefault(one.gone_as, []).append(one.id)
    return [Batch(tuple(ids), summary) for ids in by_message.values()]


def _when(recently: Recently, limits: Limits, now: int, since: int | None) -> int:
    """When a message that is not urgent may go, of which the first has waited since an instant."""
    at = now
    # What went in a time to come went before the machine's clock was set back: nobody waits until that comes again.
    if recently.last is not None and recently.last <= now:
        # Urgent ones, however many go meanwhile, put it off no further than by its own minute.
        first = recently.last if since is None else min(recently.last, since)
        at = max(at, first + limits.together)
    hour = sorted(sent for sent in recently.hour if now - HOUR < sent <= now)
    if len(hour) >= limits.an_hour:
        at = max(at, hour[-limits.an_hour] + HOUR)
    return at
