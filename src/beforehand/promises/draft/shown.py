"""What a draft said when it was shown, so that nobody takes another one than they have seen. Pure.

How many tickets tell a time counts on while a source is read, and is no difference: what they tell is.
"""

import re
from collections.abc import Collection, Mapping
from hashlib import blake2b
from typing import NamedTuple

from beforehand.promises.draft.adding import additions
from beforehand.promises.draft.hours import ENTERED
from beforehand.promises.draft.make import Draft
from beforehand.promises.draft.plans import DraftPlan

Said = Mapping[str, str]
"""The words of a draft, by what they are about; "" where it is all said by that."""
_COUNTED = re.compile(r"inferred from [^()'\"]*")
UNKNOWN = "not known"


class Different(NamedTuple):
    """What a draft says otherwise than when it was shown: `was` None for what is new, `now` for what is gone."""

    what: str
    was: str | None
    now: str | None

    @property
    def words(self) -> str:
        """It in a line."""
        if self.was is None:
            return f"New: {_joined(self.what, self.now)}"
        if self.now is None:
            return f"No more in it: {_joined(self.what, self.was)}"
        return f"{_joined(self.what, self.now)} (was {self.was})"


def _joined(what: str, said: str | None) -> str:
    return f"{what}: {said}" if said else what


def hours_key(plan: DraftPlan) -> str:
    """By what the hours of a plan are known."""
    return f"{plan.name}, hours"


def target_key(plan: DraftPlan, priority: str, metric: str) -> str:
    """By what a time is known."""
    return f"{plan.name}, {metric} for {priority}"


def said_of(draft: Draft) -> dict[str, str]:
    """All that a draft says, but for answers to it that nobody could read."""
    said: dict[str, str] = {}
    for plan in draft.plans:
        said[hours_key(plan)] = ", ".join(filter(None, (plan.hours, _COUNTED.sub("inferred", plan.zone))))
        if days := _holidays(draft, plan):
            said[f"{plan.name}, days without work"] = days
        for priority, metric, time, how in plan.rows:
            said[target_key(plan, priority, metric)] = ", ".join(filter(None, (time, _known(how))))
        said |= {f"{plan.name} serves {whom}": "" for whom in plan.serves}
    for question in draft.questions:
        said[question.text] = ", ".join(filter(None, (question.answer or UNKNOWN, _known(question.how))))
    return said | {note: "" for note in draft.notes if note not in draft.odd}


def _known(how: str) -> str:
    if how.startswith("inferred"):
        return "inferred"
    return ENTERED if how.startswith(ENTERED) else ""


def _holidays(draft: Draft, plan: DraftPlan) -> str:
    editions = draft.document.plans.get(plan.name, ())
    parts = (draft.document.coverages.get(edition.coverage) for edition in editions)
    return ", ".join(f"{day.first} {day.name}" for part in parts if part for day in part.dates.closures)


def digest(draft: Draft) -> str:
    """By which it is known whether a draft is the one that was shown: all that it says, and all that taking it adds."""
    added = additions(draft.document, [plan.name for plan in draft.plans])
    agreements = {name: part.agreements for name, part in added.clients.items()}
    whole = (
        said_of(draft), added.coverages, added.plans, added.everyone, agreements, added.priorities,
        added.take_in_unknown,
    )  # fmt: skip
    return short_digest(_COUNTED.sub("inferred", repr(whole)))


def short_digest(text: str) -> str:
    """A text in a few characters."""
    return blake2b(text.encode(), digest_size=8).hexdigest()


def differing(before: Said, draft: Draft, given: Collection[str]) -> list[Different]:
    """What a draft says otherwise than before, but for the answers that were given, by their keys."""
    now, own = said_of(draft), {one.text for one in draft.questions if one.key in given}
    found = [
        Different(what, before.get(what), said)
        for what, said in now.items()
        if before.get(what) != said and what not in own
    ]
    return found + [Different(what, was, None) for what, was in before.items() if what not in now]
