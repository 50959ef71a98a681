"""What the page of the first look shows: both figures, what explains the difference, and how far reading has come."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from threading import Lock
from typing import NamedTuple

from django.db.models import Max, Min

from beforehand.connectors.models import Connection
from beforehand.connectors.words import names_of
from beforehand.insight import compared as of
from beforehand.insight.compared import Compared, Figure, compared
from beforehand.insight.eras import Eras
from beforehand.insight.verdicts import WHOLE, name_of
from beforehand.insight.why import Why, why
from beforehand.kernel.models import Due
from beforehand.people.models import Provider
from beforehand.promises.book import Book, current
from beforehand.promises.models import Agreement
from beforehand.tickets.figures import Counts
from beforehand.tickets.mending import touched_by_unmapped
from beforehand.tickets.models import Rereading, Ticket
from beforehand.tickets.reread import RUN, runs
from beforehand.tickets.rereading import key_of
from beforehand.tickets.rereading_due import REREAD

from .first_look_words import Sentence, first_capital, sentence_of, settings_in_words, told_by

SHOWN = 12
"""Tickets that are named under a setting; all others are counted."""
SHOWN_REST = 50
_one_at_a_time = Lock()
"""Held while it is worked out why they differ, a second of work: who asks meanwhile gets the figures alone, and asks
again. So other pages always have threads."""
WHYS: Mapping[str, str] = {
    of.UNCOVERED: "no agreement covers it",
    of.IS_EXCLUDED: "it is excluded from the figures",
    of.UNMAPPED: "it had a status of which nobody has said what it means",
    of.OUT_OF_IT: "it is out of the figures: merged, deleted, a project, internal, noise, or cleared by itself",
    of.IS_OPEN: "it is open, and within its time here",
    of.UNJUDGED: "the source tells too little of its messages to judge it here",
    of.NO_RESPONSE: "a technician, monitoring or a schedule began it, where no response is owed",
    of.NOT_PROMISED: "the agreement promises no time for this",
}


class Side(NamedTuple):
    """A figure as parts/kept.html shows it."""

    counts: Counts
    link: str = ""
    starts: bool = False


class Line(NamedTuple):
    """A figure of both sides; `alone`: how many tickets one of them alone judges, and why."""

    name: str
    theirs: Side
    ours: Side
    cells: Sequence[int]
    alone: Sequence[tuple[int, str]]


class Reason(NamedTuple):
    """A setting that explains tickets, some of which are named."""

    sentence: Sentence
    number: int
    tickets: Sequence[Ticket]
    more: int
    breaks: int
    known: str


class Reasons(NamedTuple):
    """All that was found, and what of it is left."""

    found: Sequence[Reason]
    explained: int
    rest: Sequence[Ticket]
    more: int
    looked: int
    differing: int
    behind: int
    before: int = 0
    """How many came before it was `known` what the source is set to."""
    known: datetime | None = None


class Progress(NamedTuple):
    """Tickets that are read again by now, of all."""

    done: int
    all: int


class Look(NamedTuple):
    """The page of one source."""

    title: str
    said: Compared
    lines: Sequence[Line]
    reasons: Reasons | None
    rereading: Progress | None
    promised: bool
    headline: str
    unmapped: int
    """Tickets with a status of which nobody has said what it means: they are in neither figure."""

    @property
    def both(self) -> int:
        """How many tickets both judge."""
        return self.said.both

    @property
    def alone(self) -> bool:
        """Whether there are tickets that one side alone judges."""
        return any(line.alone for line in self.lines)

    @property
    def unit(self) -> str:
        """What is counted."""
        total = self.said.ours.total
        if len(self.said.figures) == 1:
            return f"Of {total:,} ticket{'' if total == 1 else 's'} that both judge."
        tickets = f"{self.both:,} ticket{'' if self.both == 1 else 's'}"
        return f"Of {total:,} promise{'' if total == 1 else 's'} on {tickets} that both judge."


def look_at(row: Connection, title: str, now: datetime, with_why: bool) -> Look:
    """Both figures of a connection's source as of now; `with_why` what explains them too."""
    book, source = current(row.provider), row.source
    said = compared(source, now)
    reasons = None
    if with_why and said.differ and _one_at_a_time.acquire(blocking=False):
        try:
            eras = Eras(row.provider_id, source.slug)
            reasons = _reasons(row, why(source, said, eras, names_of(row), book, now), title, eras.known)
        finally:
            _one_at_a_time.release()
    promised = Agreement.objects.filter(provider=row.provider_id).exists()
    lines = [_line(figure, title) for figure in said.figures]
    again = rereading(row.provider, book)
    sentence = headline(title, said, reasons)
    return Look(title, said, lines, reasons, again, promised, sentence, touched_by_unmapped(source))


def rereading(provider: Provider, book: Book) -> Progress | None:
    """How far the rereading is that somebody has asked for; None where there is none."""
    if not Due.objects.filter(provider_id=provider.pk, kind=REREAD).exists():
        return None
    tickets = Ticket.objects.filter(provider=provider)
    every = tickets.count()
    ready = Rereading.objects.filter(provider=provider, key=key_of(book, RUN)).count()
    ends = tickets.aggregate(first=Min("pk"), last=Max("pk"))
    ranges = len(runs(provider.pk)) if ends["first"] is not None else 0
    return Progress(every * ready // ranges if ranges else every, every)


def _line(figure: Figure, title: str) -> Line:
    alone = [
        (count, f"{title} alone judges it: {WHYS[reason]}") for reason, count in _by_count(figure.only_theirs)
    ]
    if figure.only_ours:
        alone.append((figure.only_ours, f"your agreements alone judge it: {title} gives no verdict"))
    name = "The ticket as a whole" if figure.metric == WHOLE else first_capital(name_of(figure.metric))
    return Line(name, Side(figure.theirs), Side(figure.ours), figure.cells, alone)


def _by_count(some: Mapping[str, int]) -> Iterable[tuple[str, int]]:
    return sorted(some.items(), key=lambda one: (-one[1], one[0]))


def _reasons(row: Connection, found: Why, title: str, known: datetime | None) -> Reasons:
    rest = found.explained.rest
    ids = [pk for one in found.explained.found for pk in one.tickets[:SHOWN]] + list(rest[:SHOWN_REST])
    tickets = Ticket.objects.filter(provider=row.provider_id).in_bulk(ids)

    def named(some: Sequence[int]) -> list[Ticket]:
        return [tickets[pk] for pk in some if pk in tickets]

    return Reasons(
        [
            Reason(
                _capital(sentence_of(one, title)),
                len(one.tickets),
                named(one.tickets[:SHOWN]),
                max(len(one.tickets) - SHOWN, 0),
                one.breaks,
                told_by(one, title),
            )
            for one in found.explained.found
        ],
        found.explained.explained,
        named(rest[:SHOWN_REST]),
        max(len(rest) - SHOWN_REST, 0),
        found.looked,
        found.differing,
        found.behind,
        found.before,
        known,
    )


def _capital(sentence: Sentence) -> Sentence:
    return sentence._replace(text=first_capital(sentence.text))


def headline(title: str, said: Compared, reasons: Reasons | None) -> str:
    """Both figures in a sentence, and what explains them as far as that was looked for."""
    theirs, ours, differ = said.theirs, said.ours, said.differ
    if not ours.total:
        return ""
    if not differ:
        return f"{title} and your agreements say the same, ticket by ticket: {_figure(ours)}"
    both = f"{title} says {_figure(theirs)}, your agreements say {_figure(ours)}: "
    on = f"{differ:,} ticket{'' if differ == 1 else 's'} on which they differ"
    if reasons is None:
        return f"{both}there {'is' if differ == 1 else 'are'} {on}."
    newest = f"the newest {reasons.looked:,} of " if reasons.looked < differ else ""
    if reasons.behind == reasons.looked:
        are = "is" if reasons.looked == 1 else "are"
        return f"{both}{newest}the {on} {are} still to be read again under the agreements of now."
    if not reasons.found:
        return f"{both}no setting that we know of explains {newest}the {on}."
    if differ == 1:
        return f"{both}this setting explains the ticket on which they differ."
    many = "all" if reasons.explained == differ else f"{reasons.explained:,} of"
    return f"{both}{settings_in_words(len(reasons.found))} {many} {newest}the {on}."


def _figure(counts: Counts) -> str:
    """Under ten the words lead (6.2)."""
    if counts.few:
        return f"{counts.met} of {counts.total} kept ({counts.percent})"
    return counts.percent
