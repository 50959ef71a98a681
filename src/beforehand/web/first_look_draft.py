"""The draft of agreements that a source's own set-up gives, as the page of the first look shows and takes it."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from json import dumps, loads
from threading import Lock
from typing import NamedTuple

from django.db import transaction

from beforehand.connectors.due_dates import due_dates
from beforehand.connectors.models import Connection
from beforehand.connectors.words import names_of
from beforehand.engine.zones import load
from beforehand.kernel.zones import known_zones
from beforehand.promises.draft import make as drafts
from beforehand.promises.draft.shown import (
    Different,
    differing,
    digest,
    hours_key,
    said_of,
    short_digest,
    target_key,
)
from beforehand.promises.psa import SetUpPlain, renamed
from beforehand.tickets import mending, rereading_due

from .first_look_words import first_capital

SHOWN = 20
"""So much of what is another is said in lines; all of it is marked."""
ANSWER = "answer-"
"""With what the fields of answers begin."""
one_at_a_time = Lock()
"""Held while a draft is made to be shown, seconds of work where much is inferred: who asks meanwhile gets the page
without it, and asks again. So other pages always have threads."""


class Asked(NamedTuple):
    """A question, the name of its field, and what it can be answered with: one of these, mostly zones, else a time.
    `is_loose`: the zone is assumed without a ground, so that saying the same is an answer; `is_entered`: it was said.
    """

    field: str
    text: str
    answer: str
    assumed: bool
    zones: Sequence[str]
    how: str
    is_loose: bool = False
    is_entered: bool = False


class Seen(NamedTuple):
    """A draft as it was shown, and what it was made of, each in a few characters."""

    whole: str = ""
    set_up: str = ""
    basis: str = ""
    answers: str = ""

    def __str__(self) -> str:
        return "-".join(self)

    def why(self, then: "Seen", title: str) -> list[str]:
        """Why a draft is another one than then, in sentences."""
        if not then.whole:
            return ["Nothing says which one that was."]
        found = [
            (self.answers != then.answers, "You gave other answers than those under which it was shown."),
            (self.set_up != then.set_up, f"{title} is set to something else than when it was shown."),
            (self.basis != then.basis, "Due dates tell something else than when it was shown."),
        ]
        return [words for other, words in found if other] or ["What is promised here is another than then."]


class Before(NamedTuple):
    """A draft as it was shown to whoever sends it back; `assumed`: answers that it went by and nobody had given."""

    seen: Seen
    said: Mapping[str, str]
    assumed: Mapping[str, str]


def before_of(seen: str, shown: str) -> Before:
    """What a form says of the draft that it was shown with; of none where that cannot be read."""
    parts = seen.split("-")
    with suppress(ValueError, TypeError, AttributeError):
        told = loads(shown)
        said, assumed = ({str(k): str(v) for k, v in told[name].items()} for name in ("said", "assumed"))
        if len(parts) == len(Seen._fields):
            return Before(Seen(*parts), said, assumed)
    return Before(Seen(), {}, {})


class Changed(NamedTuple):
    """What is another than when a draft was shown: why, the first of it, how much, and marks by what they are about."""

    why: Sequence[str]
    first: Sequence[Different]
    number: int
    marks: Mapping[str, str]

    @property
    def more(self) -> int:
        """How much there is besides the first."""
        return self.number - len(self.first)


class ShownPlan(NamedTuple):
    """A plan on the page; `rows` are its targets (priority, metric, time, how it is known, what it was)."""

    plan: drafts.DraftPlan
    was: str
    rows: Sequence[tuple[str, str, str, str, str]]


class Drafted(NamedTuple):
    """A draft, with its questions; `uncovered`: whether there are tickets of clients without an agreement; `seen`: by
    which it is known later whether it is the one that was shown, and what has changed else."""

    draft: drafts.Draft
    questions: Sequence[Asked]
    uncovered: bool
    seen: Seen
    changed: Changed | None = None

    @property
    def shown(self) -> str:
        """What the page says of it, for whoever takes it."""
        assumed = {one.key: one.answer for one in self.draft.questions if one.assumed and not _is_loose(one)}
        return dumps({"said": said_of(self.draft), "assumed": assumed}, ensure_ascii=False)

    @property
    def plans(self) -> list[ShownPlan]:
        """The plans as the page has them, with what is another than it was when they were shown."""
        marks = self.changed.marks if self.changed else {}
        return [
            ShownPlan(
                plan,
                marks.get(hours_key(plan), ""),
                [(*row, marks.get(target_key(plan, row[0], row[1]), "")) for row in plan.rows],
            )
            for plan in self.draft.plans
        ]

    def beside(self, before: Before, title: str, given: Collection[str]) -> "Drafted":
        """The same with what it says otherwise than when it was shown, and why."""
        found = differing(before.said, self.draft, given)
        marks = {
            one.what: "new" if one.was is None else f"was {one.was}" for one in found if one.now is not None
        }
        return self._replace(
            changed=Changed(self.seen.why(before.seen, title), found[:SHOWN], len(found), marks)
        )

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
    given = {key: text.strip() for key, text in answers.items() if text.strip()}
    questions = [
        Asked(
            f"{ANSWER}{one.key}",
            one.text,
            one.answer,
            one.assumed,
            one.choices or (zones if one.kind == "zone" else []),
            first_capital(one.how),
            _is_loose(one),
            one.kind == "zone" and not one.assumed,
        )
        for one in found.questions
    ]
    parts = (repr(set_up), found.basis, repr(sorted(given.items())))
    seen = Seen(digest(found), *map(short_digest, parts))
    return Drafted(found, questions, any_bare(row), seen)


def _is_loose(question: drafts.Question) -> bool:
    return question.kind == "zone" and question.assumed and not question.how


def any_bare(row: Connection) -> bool:
    """Whether there are tickets of clients without an agreement."""
    uncovered = mending.uncovered(row.provider, row.source)
    return uncovered.filter(mending.WHY[mending.AGREEMENT] | mending.WHY[mending.CLIENT]).exists()


def take(row: Connection, drafted: Drafted, now: datetime) -> None:
    """Make it agreements, and have all tickets read again under them."""
    with transaction.atomic():
        drafts.take(row.provider, drafted.draft, now)
        rereading_due.ask(row.provider_id, now)
