"""A draft of agreements out of a source's own SLA set-up: what the first figures can be held against, with one click.

It only ever adds. What is promised already wins: a client with an agreement keeps it, and no plan, coverage, priority
or status that is stored becomes another. What the source does not tell is left out and named, or asked.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from django.db import transaction

from beforehand.engine.instants import to_instant
from beforehand.engine.zones import local_datetime
from beforehand.kernel.faults import Fault
from beforehand.people.models import Provider
from beforehand.promises.draft.adding import Added, added, additions
from beforehand.promises.draft.agreements import Agreed
from beforehand.promises.draft.due_dates import Due
from beforehand.promises.draft.hours import Calendars, Ground, Question
from beforehand.promises.draft.plans import DraftPlan, Plans, known, priorities_of
from beforehand.promises.draft.untold import Untold, completed
from beforehand.promises.draft.words import Notes, name_of
from beforehand.promises.file.check import Checked, check_text
from beforehand.promises.file.document import Document
from beforehand.promises.file.dump import dump_document
from beforehand.promises.file.from_rows import document_of
from beforehand.promises.file.load import Loaded, load_checked
from beforehand.promises.file.reader import Reader
from beforehand.promises.holidays import years_needed
from beforehand.promises.psa import SetUpPlain, Sla
from beforehand.promises.rows import Rows, read_rows

__all__ = ["Draft", "DraftPlan", "Question", "draft_of", "take"]


class Draft(NamedTuple):
    """What is stored with a draft added, as a document and as the text of its file.

    `plans` are those of the draft: none where there is nothing to take, and `notes` say why. `basis`: what due dates
    tell, so that whoever takes it later can see that it is the same. `odd`: those of the notes that are about answers
    which nobody can read.
    """

    document: Document
    text: str
    plans: tuple[DraftPlan, ...]
    notes: tuple[str, ...]
    questions: tuple[Question, ...]
    basis: str = ""
    odd: tuple[str, ...] = ()


def draft_of(
    provider: Provider,
    source: str,
    title: str,
    set_up: SetUpPlain,
    since: date,
    answers: Mapping[str, str],
    now: datetime,
    dues: Iterable[Due] = (),
) -> Draft | None:
    """Agreements in force from `since` on, out of what a source is set to; None where it has no SLA.

    `source` is its slug, `title` what people call it; `answers` are those given to questions, by their keys; `dues`
    are due dates that it told, from which is inferred what it does not tell (untold.py).
    """
    if not set_up.slas:
        return None
    rows = read_rows(provider)
    title = name_of(title) or source
    today = _today(provider, now)
    ground = Ground(title, provider.zone, today, years_needed(since, today), answers)
    untold = completed(set_up, dues, ground)
    set_up, ground = untold.set_up, ground._replace(zones=untold.zones)
    drafting = _Drafting(document_of(provider, rows), rows, since, ground, untold)
    made = drafting.draft(set_up.slas)
    if not _faults(made.text, today):
        return made
    # A target of the source's cannot stand beside, say, a step of the provider's own ladders: that SLA is left out.
    wrong = {sla: _faults(drafting.draft([sla]).text, today) for sla in set_up.slas}
    made = drafting.draft([sla for sla in set_up.slas if not wrong[sla]], wrong)
    faults = _faults(made.text, today)
    return drafting.draft([], dict.fromkeys(set_up.slas, faults)) if faults else made


def take(provider: Provider, draft: Draft, now: datetime) -> Loaded:
    """Writes a draft, as an agreement file is loaded. What was promised since the draft was made wins over it.

    The caller asks for the tickets to be read again. Refused where a plan or hours of its names are others by now.
    """
    with transaction.atomic():
        owner = Provider.objects.select_for_update().get(pk=provider.pk)
        rows = read_rows(owner)
        stored = document_of(owner, rows)
        document = added(stored, additions(draft.document, [plan.name for plan in draft.plans]))
        if document == stored:
            return Loaded(False, rows.revision, ())
        return load_checked(_checked(dump_document(document), _today(owner, now)), provider, now)


class _Drafting:
    """One source's draft, made of all of its SLAs or of some."""

    def __init__(self, stored: Document, rows: Rows, since: date, ground: Ground, untold: Untold) -> None:
        self.stored, self.rows, self.since, self.ground = stored, rows, since, ground
        self.set_up, self.untold = untold.set_up, untold

    def draft(self, slas: Sequence[Sla], wrong: "Mapping[Sla, tuple[Fault, ...]] | None" = None) -> Draft:
        """The draft of these SLAs; of others it says what would be `wrong` with them."""
        notes, title = Notes(), self.ground.title
        for sla, faults in (wrong or {}).items():
            if faults:
                why = f"found {faults[0].found}, expected {faults[0].expected}"
                notes.say(f"left out, since it cannot stand beside what you have: {why}.", sla.name)
        calendars = Calendars(
            self.set_up.calendars, self.set_up.holidays, self.stored.coverages, self.ground, notes
        )
        plans = Plans(self.set_up, self.stored, calendars, title, notes, self.untold.marks)
        plans.make(slas, self.since)
        agreed = Agreed(self.stored, self.rows, plans, self.since, self.ground.today, notes)
        agreed.make(self.set_up.serves)
        calendars.ask_what_was_said()
        document = added(self.stored, self._additions(plans, agreed))
        self._note_unknown(document, notes)
        shown = tuple(
            known(plans.words(plan, agreed.serves.get(key, ())), plan, self.untold.marks)
            for key, plan in plans.found.items()
            if plan.fresh or key in agreed.serves
        )
        odd = (*calendars.odd.all(), *self.untold.notes)
        return Draft(
            document,
            dump_document(
                document, "\n".join([self._head(), *(line for plan in shown for line in plan.remarks)])
            ),
            shown,
            (*notes.all(), *odd),
            (*calendars.questions, *self.untold.questions),
            self.untold.basis,
            odd,
        )

    def _additions(self, plans: Plans, agreed: Agreed) -> Added:
        fresh = {plan.name: (plan.edition,) for plan in plans.found.values() if plan.fresh}
        return Added(
            coverages=plans.used(agreed.coverages),
            plans=fresh,
            everyone=agreed.everyone,
            clients=agreed.clients,
            priorities=priorities_of(plans.found) if fresh else (),
            take_in_unknown=True,
        )

    def _note_unknown(self, document: Document, notes: Notes) -> None:
        """Every client's agreement serves clients that nobody knows only where they become clients (2.3)."""
        if document.everyone == self.stored.everyone:
            return
        if not document.provider.take_in_unknown:
            notes.say(
                "Tickets of clients that nobody knows stay uncovered, as your terms say: "
                "the draft's agreement for every client serves those who are known."
            )
        elif not self.stored.provider.take_in_unknown:
            notes.say(
                "A client that is first met in a ticket becomes a client, "
                "so that the agreement for every client serves it."
            )

    def _head(self) -> str:
        return (
            f"A draft out of what {self.ground.title} is set to. Agreements from it are called Draft: "
            "give them a name of your own when they are right."
        )


def _today(provider: Provider, now: datetime) -> date:
    return local_datetime(provider.zone, to_instant(now)).date()


def _checked(text: str, today: date) -> Checked:
    return check_text(text, Reader("the draft"), Path(), today)


def _faults(text: str, today: date) -> tuple[Fault, ...]:
    return _checked(text, today).faults
