"""The draft of agreements that a source's own set-up gives, as the page of the first look shows and takes it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from threading import Lock
from typing import NamedTuple

from django.db import transaction

from beforehand.connectors.due_dates import due_dates
from beforehand.connectors.models import Connection
from beforehand.connectors.words import names_of
from beforehand.engine.zones import load
from beforehand.kernel.zones import known_zones
from beforehand.promises.draft import make as drafts
from beforehand.promises.psa import SetUpPlain, renamed
from beforehand.tickets import mending, rereading_due

from .first_look_words import first_capital

ANSWER = "answer-"
"""With what the fields of answers begin."""
one_at_a_time = Lock()
"""Held while a draft is made to be shown, seconds of work where much is inferred: who asks meanwhile gets the page
without it, and asks again. So other pages always have threads."""


class Asked(NamedTuple):
    """A question, the name of its field, and what it can be answered with: one of these, mostly zones, else a time."""

    field: str
    text: str
    answer: str
    assumed: bool
    zones: Sequence[str]
    how: str


class Drafted(NamedTuple):
    """A draft, with its questions; `uncovered`: whether there are tickets of clients without an agreement; `seen`: by
    which it is known later whether the set-up is still the one that was shown."""

    draft: drafts.Draft
    questions: Sequence[Asked]
    uncovered: bool
    seen: str

    @property
    def helps(self) -> bool:
        """Whether it has something for clients without an agreement, where others have theirs."""
        return self.uncovered and bool(self.draft.plans or self.questions)

    @property
    def places(self) -> list[Asked]:
        """What is asked of zones."""
        return [one for one in self.questions if one.zones]

    @property
    def times(self) -> list[Asked]:
        """What is asked of times that an SLA promises."""
        return [one for one in self.questions if not one.zones]

    @property
    def text(self) -> str:
        """The agreement file."""
        return self.draft.text


def drafted(
    row: Connection, title: str, set_up: SetUpPlain, answers: Mapping[str, str], now: datetime
) -> Drafted | None:
    """The draft that a source's set-up gives under these answers; None where it gives none."""
    since = row.since.astimezone(load(row.provider.zone)).date()
    set_up = renamed(set_up, names_of(row))
    dues = due_dates(row) if any(sla.targets is None for sla in set_up.slas) else []
    found = drafts.draft_of(row.provider, row.source.slug, title, set_up, since, answers, now, dues)
    if found is None:
        return None
    zones = sorted(known_zones()) if found.questions else []
    questions = [
        Asked(
            f"{ANSWER}{one.key}",
            one.text,
            one.answer,
            one.assumed,
            one.choices or (zones if one.kind == "zone" else []),
            first_capital(one.how),
        )
        for one in found.questions
    ]
    seen = blake2b((repr(set_up) + found.basis).encode(), digest_size=12).hexdigest()
    return Drafted(found, questions, any_bare(row), seen)


def any_bare(row: Connection) -> bool:
    """Whether there are tickets of clients without an agreement."""
    uncovered = mending.uncovered(row.provider, row.source)
    return uncovered.filter(mending.WHY[mending.AGREEMENT] | mending.WHY[mending.CLIENT]).exists()


def take(row: Connection, drafted: Drafted, now: datetime) -> None:
    """Make it agreements, and have all tickets read again under them."""
    with transaction.atomic():
        drafts.take(row.provider, drafted.draft, now)
        rereading_due.ask(row.provider_id, now)
