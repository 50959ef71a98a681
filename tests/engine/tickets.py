"""Made-up tickets for hypothesis, held to made-up agreements, and their forms for the engine and for the oracle."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from hypothesis import strategies as st
from tests.engine.lives import GRID, QUARTER, STATUSES, VALUES, lives
from tests.engine.made import ODD_DAYS, calendars, counted, coverage_of, usual
from tests.engine.oracle.counting import DAY, MICRO, Calendar, Counted, day_number
from tests.engine.oracle.given import Deal, Ev, Promise, Row, Told

from beforehand.engine import codes
from beforehand.engine.coverage import Coverage
from beforehand.engine.history import Event, History, Source
from beforehand.engine.terms import Line, Meaning, Settings, StatusMap, Target, Terms

HOUR = 3600 * MICRO
STATES = ("waiting-on-client", "waiting-on-vendor", "scheduled-by-client", "scheduled-by-us")
METRICS = ("response", "plan", "resolution", "update", "onsite", "triage")
ALWAYS = Calendar("UTC", tuple((day, 0, DAY) for day in range(7)))


@dataclass(frozen=True)
class Case:
    """A ticket: its events, what it is held to, and when it is looked at. `covers` by name, "own" the agreement's."""

    events: tuple[Ev, ...]
    deal: Deal
    told: Told
    calendars: Mapping[str, Calendar]
    around: date
    as_of: int
    percents: tuple[int, ...]

    def counted(self, days: int = 45) -> dict[str, Counted]:
        return {name: counted(made, self.around, 6, days, GRID * 60) for name, made in self.calendars.items()}


@st.composite
def promises(draw: st.DrawFn) -> Promise:
    if draw(st.integers(0, 4)) == 0:
        by = draw(st.none() | st.sampled_from([9 * 3600, 12 * 3600, 23 * 3600 + 900]))
        cut_offs: list[int | str] = ["", "", "close", 12 * 3600, 17 * 3600]
        cut_off = draw(st.sampled_from(cut_offs))
        return Promise(
            days=draw(st.integers(1, 3)), by=by, cut_off=cut_off, calendar=draw(st.sampled_from(["", "cal"]))
        )
    quarters = draw(st.sampled_from([1, 2, 3, 4, 6, 8, 16, 24, 32, 40]))
    odd = draw(st.sampled_from([0, 0, 0, 1, 7 * 60 * MICRO, -123_457]))
    return Promise(quarters * 900 * MICRO + odd, round_the_clock=draw(st.integers(0, 5)) == 0)


@st.composite
def rows(draw: st.DrawFn) -> tuple[Row, ...]:
    """Rows by priority, one for the rest, and some that name other fields."""
    matches = [{"priority": priority} for priority in VALUES["priority"] if draw(st.integers(0, 3))]
    matches += [{}] if draw(st.integers(0, 3)) else []
    for _ in range(draw(st.sampled_from([0, 0, 1, 2]))):
        fields = draw(st.sampled_from([("type",), ("board",), ("priority", "type")]))
        matches.append({name: draw(st.sampled_from(VALUES[name])) for name in fields})
    found: dict[tuple[tuple[tuple[str, str], ...], bool], Row] = {}
    for n, match in enumerate(matches):
        kept = {metric: draw(promises()) for metric in METRICS if draw(st.integers(0, 5))}
        own, cover = draw(st.booleans()), draw(st.sampled_from(["", "", "", "other", "always"]))
        found.setdefault((tuple(match.items()), own), Row(f"row {n}", match, kept, cover, own))
    return tuple(found.values())


def with_calendars(deal: Deal, made: Mapping[str, Calendar]) -> Deal:
    """The deal with a calendar that shuts under each day target that would have none (2.5)."""
    found = []
    for row in deal.rows:
        bare = coverage_of(made[row.coverage or "own"]).is_always
        kept = {m: replace(p, calendar="cal") if p.days and bare else p for m, p in row.promises.items()}
        found.append(replace(row, promises=kept))
    return replace(deal, rows=tuple(found))


STANDARD = dict.fromkeys(
    ("response", "plan", "resolution", "update"), ("waiting-on-client", "scheduled-by-client")
)
PAUSES = st.just(STANDARD) | st.dictionaries(
    st.sampled_from(METRICS), st.lists(st.sampled_from(STATES[:3]), unique=True, max_size=3).map(tuple)
)


@st.composite
def deals(draw: st.DrawFn) -> Deal:
    return Deal(
        draw(rows()),
        STATUSES,
        draw(st.sampled_from([0, 2 * HOUR])),
        draw(st.sampled_from(["human contact", "human contact", "any reply", "status", "meaningful"])),
        draw(PAUSES),
        draw(st.sampled_from(["client message", "client message", "by-status"])),
        draw(st.sampled_from(["from-creation"] * 3 + ["from-change"] * 2 + ["keep-first"])),
        draw(st.booleans()),
        draw(st.sampled_from([None, 0, 24 * HOUR, 7 * 24 * HOUR])),
        draw(st.sampled_from(["earliest", "own"])),
        draw(st.sampled_from(["no response clock", "first human touch"])),
    )


@st.composite
def cases(draw: st.DrawFn) -> Case:
    on_the_grid = [odd for odd in ODD_DAYS if odd[0] != "America/St_Johns"]
    zone, around = draw(st.sampled_from(on_the_grid))
    known = st.sampled_from(usual(zone, around))
    made = {
        name: draw(calendars(zone, around, grid=GRID) if draw(st.integers(0, 9)) == 9 else known)
        for name in ("own", "other", "cal")
    }
    made["always"] = ALWAYS
    if coverage_of(made["cal"]).is_always:
        made["cal"] = usual(zone, around)[1]
    base = (day_number(around) * DAY + draw(st.integers(-48, 72)) * GRID * 60) * MICRO
    events = draw(lives(base))
    last = max(event.at for event in events)
    after = draw(st.sampled_from([0, 0, 1, 3, 8, 30, 96, 400]))
    as_of = (
        last + after * GRID * 60 * MICRO
        if draw(st.integers(0, 5))
        else base + draw(st.integers(0, 200)) * QUARTER
    )
    return Case(
        tuple(events),
        with_calendars(draw(deals()), made),
        Told(
            draw(st.sampled_from([0, 0, 60 * MICRO, HOUR])),
            draw(st.integers(0, 3)) > 0,
            draw(st.integers(0, 3)) > 0,
            draw(st.integers(0, 3)) > 0,
        ),
        made,
        around,
        as_of,
        tuple(sorted({50, 75, 90, 100} | draw(st.sets(st.sampled_from([1, 33, 99, 120, 200]), max_size=2)))),
    )


# For the engine

FLAGS = {
    "public": codes.PUBLIC,
    "automatic": codes.AUTOMATIC,
    "template": codes.TEMPLATE,
    "near_copy": codes.NEAR_COPY,
    "expectation": codes.EXPECTATION,
    "visit": codes.VISIT,
}
ACTORS = {"person": codes.BY_PERSON, "client": codes.BY_CLIENT, "automation": codes.BY_AUTOMATION}


def event_of(event: Ev) -> Event:
    flags = ACTORS[event.by] | sum(bit for name, bit in FLAGS.items() if getattr(event, name))
    return Event(
        event.at, codes.KINDS.index(event.kind), event.id, event.seq, event.value, event.field, flags, "", event.until,
        event.since, event.supersedes, event.retracts,
    )  # fmt: skip


def history_of(case: Case) -> History:
    return History([event_of(event) for event in case.events], Source(*_told(case.told)))


def _told(told: Told) -> tuple[int, bool, bool, bool]:
    return told.precision, told.messages, told.responded, told.texts


def _target(metric: str, p: Promise, covers: Mapping[str, Coverage]) -> Target:
    calendar = covers[p.calendar] if p.calendar else None
    return Target(metric, p.amount, p.days, p.by, p.cut_off, calendar, p.round_the_clock)  # type: ignore[arg-type]


def terms_of(case: Case, covers: Mapping[str, Coverage]) -> Terms:
    deal = case.deal
    lines = [
        Line(
            row.name,
            row.match,
            tuple(_target(metric, promise, covers) for metric, promise in row.promises.items()),
            covers[row.coverage] if row.coverage else None,
            row.own,
        )
        for row in deal.rows
    ]
    statuses = {
        board: {name: Meaning(*meaning) for name, meaning in known.items()}
        for board, known in deal.statuses.items()
    }
    settings = Settings(
        deal.response_by, deal.pauses, deal.wait_ends, deal.retarget, deal.closed_time_counts, deal.restart_after,  # type: ignore[arg-type]
        deal.merge_start, deal.found_by_provider,  # type: ignore[arg-type]
    )  # fmt: skip
    return Terms(lines, StatusMap(statuses), settings, Target("triage", deal.triage) if deal.triage else None)


def coverages_of(case: Case) -> dict[str, Coverage]:
    return {name: coverage_of(made, name) for name, made in case.calendars.items()}
