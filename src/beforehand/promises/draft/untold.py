"""What a source does not tell of its SLAs' times and its calendars' zones: as the owner entered it, else as its due
dates say it, each marked so."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from beforehand.engine.instants import MINUTE
from beforehand.kernel.names import fold
from beforehand.promises.draft.due_dates import ENOUGH, Due
from beforehand.promises.draft.hours import ENTERED, Calendars, Ground, Question
from beforehand.promises.draft.inferred import ALWAYS, Cell, Found, Inferred, Open, Week, remembered
from beforehand.promises.draft.plans import Marks
from beforehand.promises.draft.terms import METRICS
from beforehand.promises.draft.words import Notes, short
from beforehand.promises.file.notation import Misread, Time, read_promise, say_promise
from beforehand.promises.psa import SetUpPlain, Sla, Target

NONE = "none"
"""The answer by which nothing is promised, whatever due dates say."""


class Untold(NamedTuple):
    """A set-up with what was entered or inferred in it. `zones`: how many due dates tell a calendar's zone, by its key,
    as (zone, words). `basis`: all that due dates tell whatever was entered, for who asks whether it is another by now.
    """

    set_up: SetUpPlain
    marks: Marks = {}
    zones: Mapping[str, tuple[str, str]] = {}
    questions: tuple[Question, ...] = ()
    notes: tuple[str, ...] = ()
    basis: str = ""


def completed(set_up: SetUpPlain, dues: Iterable[Due], ground: Ground) -> Untold:
    """A set-up with the times that its source does not tell, and what is asked of them."""
    untold = {fold(sla.name): sla for sla in set_up.slas if sla.targets is None}
    mine = [due._replace(sla=untold[fold(due.sla)].key) for due in dues if fold(due.sla) in untold]
    if not mine:
        return Untold(set_up)
    by_itself, told = _inferred(mine, set_up, ground)
    asking = _Asking(set_up, told, ground)
    slas = tuple(sla if sla.targets is not None else asking.asked(sla) for sla in set_up.slas)
    return Untold(
        set_up._replace(slas=slas),
        asking.marks,
        {
            key: (zone.name, _of(zone.of, "due date", zone.differ, zone.others))
            for key, zone in told.zones.items()
        },
        tuple(asking.questions),
        asking.notes.all(),
        _basis(by_itself),
    )


def _basis(told: Inferred) -> str:
    times = sorted((cell, one.amount, one.calendar) for cell, one in told.found.items())
    return repr((times, sorted((key, zone.name) for key, zone in told.zones.items())))


def _inferred(dues: Sequence[Due], set_up: SetUpPlain, ground: Ground) -> tuple[Inferred, Inferred]:
    """What due dates tell by themselves, and with the zones that were entered where these are others than they say."""
    calendars = Calendars(set_up.calendars, set_up.holidays, {}, ground, Notes())
    weeks = [
        Week(calendar, *week)
        for key, calendar in calendars.calendars.items()
        if (week := calendars.week(key)) is not None
    ]
    told = remembered(dues, weeks, ground.zone)
    entered = {
        week.calendar.key: zone
        for week in weeks
        if (zone := calendars.entered(week.calendar))
        and not (week.calendar.key in told.zones and told.zones[week.calendar.key].name == zone)
    }
    if not entered:
        return told, told
    placed = [
        week._replace(calendar=week.calendar._replace(zone=entered[week.calendar.key]))
        if week.calendar.key in entered
        else week
        for week in weeks
    ]
    return told, remembered(dues, placed, ground.zone)


class _Asking:
    """Goes through SLAs whose times are not told. `marks`, `questions` and `notes` are what comes of it."""

    def __init__(self, set_up: SetUpPlain, told: Inferred, ground: Ground) -> None:
        self._names = {calendar.key: short(calendar.name) for calendar in set_up.calendars}
        self._told, self._ground = told, ground
        self.marks: dict[tuple[str, str, str], str] = {}
        self.questions: list[Question] = []
        self.notes = Notes()

    def asked(self, sla: Sla) -> Sla:
        """The SLA with what is known of its times; as it is where that is nothing."""
        cells = sorted(
            (cell for cell in {*self._told.found, *self._told.open} if cell.sla == sla.key),
            key=lambda cell: (cell.priority, METRICS.index(cell.metric)),
        )
        targets = [target for cell in cells if (target := self._target(sla, cell))]
        if not targets:
            return sla
        calendar = sla.calendar or self._told.hours.get(sla.key, "")
        return sla._replace(targets=tuple(targets), calendar=calendar)

    def _target(self, sla: Sla, cell: Cell) -> Target | None:
        key = f"{cell.metric} of {cell.priority.replace('=', ' ') or 'any priority'} under {sla.key}"
        told = self._told.found.get(cell)
        inferred = None if told is None else Time(told.amount, told.calendar == ALWAYS)
        entered, given = self._given(self._ground.answers.get(key, "").strip(), inferred)
        time = entered if given else inferred
        how = ENTERED if given else self._how(cell, told)
        text = f"{short(sla.name)}, {short(cell.priority) if cell.priority else 'any priority'}: {cell.metric} within"
        answer = say_promise(time) if time else NONE if given else ""
        self.questions.append(Question(key, text, answer, time is not None and not given, how, "time"))
        if time is None:
            return None
        self.marks[sla.key, cell.priority, cell.metric] = how
        return Target(cell.metric, time.amount / MINUTE, cell.priority, time.round_the_clock)

    def _given(self, answer: str, inferred: Time | None) -> tuple[Time | None, bool]:
        """What was entered, and whether anything was: what was inferred, shown and sent back is not."""
        if answer.casefold() == NONE:
            return None, True
        if not answer:
            return None, False
        try:
            time = read_promise(answer)
        except Misread:
            time = None
        if isinstance(time, Time) and not time.amount % MINUTE:
            return time, time != inferred
        self.notes.say("is no time here; examples are 4h, 1h 30m and 4h 24x7.", answer)
        return None, False

    def _how(self, cell: Cell, told: Found | None) -> str:
        if told is not None:
            return _of(told.of, "ticket", told.differ)
        unknown = self._told.open[cell]
        if len(unknown.alike) == 1:
            return f"not inferred: {self._times(unknown)[0]} may be it, once their zone is known"
        if unknown.alike:
            return f"{self._either(unknown)} give the same due dates on its tickets: which is it?"
        if unknown.of < ENOUGH:
            of = f"{unknown.of} ticket{'' if unknown.of == 1 else 's'} whose due date nothing moved"
            return f"not inferred: {of}, and from fewer than {ENOUGH} nothing is"
        return (
            f"not inferred: no time in hours that are known gives the due dates of its {unknown.of} tickets"
        )

    def _either(self, unknown: Open) -> str:
        *times, last = self._times(unknown)
        return f"{', '.join(times)} and {last}"

    def _times(self, unknown: Open) -> list[str]:
        return [
            say_promise(Time(amount, not key)) + (f" in the hours of {self._names[key]}" if key else "")
            for amount, key in unknown.alike
        ]


def _of(of: int, what: str, differ: int, others: int = 0) -> str:
    """ "inferred from the due dates of 31 tickets; 2 differ"."""
    many = f"{of:,} {what}{'' if of == 1 else 's'}"
    said = f"inferred from {many if what == 'due date' else f'the due dates of {many}'}"
    said += f"; {differ:,} differ{'s' if differ == 1 else ''}" if differ else ""
    return said + (f"; {others:,} other zone{'' if others == 1 else 's'} would fit as well" if others else "")
