"""Which setting explains that a ticket system judges otherwise: the one by which its verdicts were made, and it alone."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from beforehand.engine import history as h
from beforehand.engine.codes import AUTOMATIC, BY_AUTOMATION, PUBLIC, RESOLUTION, RESPONSE
from beforehand.engine.coverage import Coverage
from beforehand.engine.history import Event, History
from beforehand.engine.instants import DAY, HOUR, MINUTE, to_instant
from beforehand.engine.terms import Line, Meaning, Settings, StatusMap, Target, Terms
from beforehand.engine.weekly import Closure
from beforehand.insight import candidates as of
from beforehand.insight.candidates import Candidate, Setting, candidates
from beforehand.insight.eras import Era
from beforehand.insight.explain import Explained, explain
from beforehand.insight.subjects import Served, Subject
from beforehand.insight.verdicts import kept
from beforehand.promises import psa
from beforehand.promises.build import InForce

MONDAY = to_instant(datetime(2026, 3, 2, tzinfo=UTC))
NOW = MONDAY + 90 * DAY
WEEK = ("mon", "tue", "wed", "thu", "fri")
FEAST = Closure(date(2026, 3, 10), date(2026, 3, 10), "Feast")


def coverage(opens: str = "08:00", closes: str = "16:00", *closures: Closure) -> Coverage:
    return Coverage("UTC", {day: [(opens, closes)] for day in WEEK}, closures)


STATUSES = {
    "New": Meaning("working"), "In progress": Meaning("working"), "On site": Meaning("working"),
    "Asked": Meaning("waiting-on-client"), "With vendor": Meaning("waiting-on-vendor"),
    "Answered": Meaning("working"), "Done": Meaning("resolved"),
}  # fmt: skip


def terms(
    hours: Coverage | None = None,
    statuses: Mapping[str, Meaning] = STATUSES,
    p2: float = 16,
    settings: Settings | None = None,
) -> Terms:
    has = hours or coverage("08:00", "16:00", FEAST)
    lines = [
        Line(
            name,
            {"priority": name},
            (Target("response", round(a * HOUR)), Target("resolution", round(b * HOUR))),
            has,
        )
        for name, a, b in (("P1", 1, 6), ("P2", 2, p2), ("P3", 4, 24))
    ]
    return Terms(lines, StatusMap({"": statuses}), settings)


OURS = terms()
CALENDAR = psa.Calendar(
    "1", "Desk", dict.fromkeys(psa.DAYS[:5], (("08:00", "16:00"),)), "UTC", holidays=("h",)
)
SLA = psa.Sla(
    "7",
    "Gold",
    tuple(
        psa.Target(metric, minutes * 60, name)
        for name, a, b in (("P1", 1, 6), ("P2", 2, 16), ("P3", 4, 24))
        for metric, minutes in (("response", a), ("resolution", b))
    ),
    "1",
)
HOLDS = {"Asked": True, "Done": True}
SET_UP = psa.SetUpPlain(
    (SLA,),
    (CALENDAR,),
    (psa.HolidayList("h", "Feasts", (("2026-03-10", "Feast", False),)),),
    tuple(psa.Status(name, name, "", HOLDS.get(name, False), None, name == "Done") for name in STATUSES),
)


def life(chance: random.Random) -> list[Event]:
    """A ticket with something of everything."""
    at = MONDAY + chance.randrange(20) * DAY + chance.randrange(7 * 60, 17 * 60) * MINUTE
    told = [
        h.created(at),
        h.changed(at, "priority", chance.choice(("P1", "P2", "P3")), flags=BY_AUTOMATION),
        h.status(at, "New", flags=BY_AUTOMATION),
    ]

    def later(hours: float) -> int:
        nonlocal at
        at += round(chance.random() * hours * 60) * MINUTE + MINUTE
        return at

    if chance.random() < 0.5:
        told.append(h.message(later(1), PUBLIC | BY_AUTOMATION | AUTOMATIC))
    told.append(h.status(later(4), "Answered"))
    told.append(h.message(later(5)))
    told.append(h.status(later(1), "In progress"))
    if chance.random() < 0.4:
        told.append(h.changed(later(20), "priority", chance.choice(("P1", "P2", "P3"))))
    for _ in range(chance.randrange(4)):
        told.append(h.status(later(8), chance.choice(("Asked", "With vendor", "On site", "In progress"))))
        if chance.random() < 0.4:
            told.append(h.client_message(later(20)))
    told.append(h.status(later(60), "Done"))
    if chance.random() < 0.4:
        told += [h.status(later(24 * chance.choice((1, 20))), "In progress"), h.message(later(6))]
        told.append(h.status(later(20), "Done"))
    return [event._replace(id=str(n), seq=n) for n, event in enumerate(told)]


def subject(number: int, events: Sequence[Event], theirs: Terms, psa_set_up: psa.SetUpPlain) -> Subject:
    """A ticket that the ticket system judges under `theirs`."""
    (sla,), (calendar, *_) = psa_set_up.slas, psa_set_up.calendars
    held = InForce(1, "Standard", OURS, Coverage.always(), "UTC")
    served = Served(sla, None if sla.round_the_clock else calendar, sla.round_the_clock)
    there = Subject(
        number, History(events), replace(held, terms=theirs), {}, served, NOW, Era(0, psa_set_up)
    ).base
    said = {metric: kept(metric, there.latest) for metric in (RESPONSE, RESOLUTION)}
    verdicts = {metric: one for metric, one in said.items() if one is not None}
    return Subject(number, History(events), held, verdicts, served, NOW, Era(0, psa_set_up))


def explained(theirs: Terms, set_up: psa.SetUpPlain = SET_UP, tickets: int = 260) -> tuple[Explained, int]:
    """What is found where all tickets are judged there under `theirs`, and on how many they differ."""
    chance = random.Random(5)
    some = [subject(number, life(chance), theirs, set_up) for number in range(tickets)]
    differing = [one for one in some if not one.agrees(one.base)]
    agreeing = [one for one in some if one.agrees(one.base)]
    return explain(differing, agreeing, candidates(Era(0, set_up), {}, differing)), len(differing)


def settings(**more: Any) -> Terms:
    return terms(settings=replace(Settings(), **more))


def meaning(status: str, means: Meaning) -> Terms:
    return terms(statuses=STATUSES | {status: means})


def says(**more: Any) -> psa.SetUpPlain:
    return SET_UP._replace(**more)


def flags(status: str, **more: bool) -> psa.SetUpPlain:
    return says(
        statuses=tuple(one._replace(**more) if one.name == status else one for one in SET_UP.statuses)
    )


VENDOR = replace(
    Settings(), pauses=dict.fromkeys(("response", "resolution"), ("waiting-on-client", "waiting-on-vendor"))
)
LONGER = SLA._replace(
    targets=tuple(
        one._replace(minutes=8 * 60) if (one.priority, one.metric) == ("P2", "resolution") else one
        for one in SLA.targets or ()
    )
)
CASES = {
    "a status holds there": (terms(settings=VENDOR), flags("With vendor", holds=True), of.HOLDS, "With vendor"),
    "a status holds here": (meaning("Asked", Meaning("working")), flags("Asked", holds=False), of.RUNS, "Asked"),
    "a status ends it there": (
        meaning("On site", Meaning("resolved")), flags("On site", resolves=True), of.ENDS, "On site",
    ),
    "hours": (
        terms(coverage("07:00", "19:00", FEAST)),
        says(calendars=(CALENDAR._replace(hours=dict.fromkeys(psa.DAYS[:5], (("07:00", "19:00"),))),)),
        of.HOURS, "Desk",
    ),
    "round the clock": (
        terms(Coverage.always("UTC")), says(slas=(SLA._replace(round_the_clock=True),)), of.HOURS, "",
    ),
    "holidays": (terms(coverage()), says(calendars=(CALENDAR._replace(holidays=()),)), of.HOLIDAYS, "Desk"),
    "a target": (terms(p2=8), says(slas=(LONGER,)), of.TARGET, "Gold"),
    "the response by a status": (
        terms(statuses=STATUSES | {"Answered": Meaning("working", True)}, settings=Settings("status")),
        flags("Answered", responds=True), of.RESPONSE_BY, "",
    ),
    "the response by any reply": (settings(response_by="any reply"), SET_UP, of.RESPONSE_BY, ""),
    "the end of a wait": (settings(wait_ends="by-status"), SET_UP, of.WAIT, ""),
    "a change of priority": (settings(retarget="keep-first"), SET_UP, of.RETARGET, ""),
    "the time while closed": (settings(closed_time_counts=True), SET_UP, of.CLOSED_TIME, ""),
    "a late reopening": (settings(restart_after=None), SET_UP, of.RESTART, ""),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_the_setting_that_differs_is_named_and_it_alone(case: str) -> None:
    theirs, set_up, kind, name = CASES[case]
    found, differing = explained(theirs, set_up)
    assert differing > 0
    assert [(one.setting.kind, one.setting.name) for one in found.found] == [(kind, name)]
    assert (found.explained, list(found.rest), found.found[0].breaks) == (differing, [], 0)


def test_two_settings_are_found_one_on_top_of_the_other() -> None:
    theirs = terms(coverage("08:00", "16:00", FEAST), p2=8, settings=VENDOR)
    set_up = flags("With vendor", holds=True)._replace(slas=(LONGER,))
    found, differing = explained(theirs, set_up)
    assert {one.setting.kind for one in found.found} == {of.HOLDS, of.TARGET}
    assert found.explained == differing


def test_at_most_three_are_named_and_the_rest_is_left() -> None:
    theirs = terms(coverage("07:00", "19:00"), p2=8, settings=replace(VENDOR, wait_ends="by-status"))
    found, differing = explained(theirs, flags("With vendor", holds=True)._replace(slas=(LONGER,)))
    assert len(found.found) <= 3
    tickets = [number for one in found.found for number in one.tickets] + list(found.rest)
    assert len(tickets) == len(set(tickets)) == differing


def test_what_would_set_apart_more_than_it_explains_is_not_offered() -> None:
    """One verdict in 150 is against all others: by chance the hold of a status would give it."""
    chance = random.Random(5)
    some = [subject(number, life(chance), OURS, SET_UP) for number in range(150)]
    held = [subject(one.ticket, one.history.events, terms(settings=VENDOR), SET_UP) for one in some]
    odd = next(there for here, there in zip(some, held, strict=True) if here.theirs != there.theirs)
    set_up = flags("With vendor", holds=True)
    others = [one for one in some if one.ticket != odd.ticket]
    found = explain([odd], others, candidates(Era(0, set_up), {}, [odd]))
    assert of.HOLDS not in {one.setting.kind for one in found.found}
    assert found.explained + len(found.rest) == 1


def test_a_set_up_that_tells_nothing_leaves_what_verdicts_tell() -> None:
    found, _ = explained(terms(p2=8), SET_UP._replace(slas=(psa.Sla("7", "Gold"),), statuses=()))
    assert of.TARGET not in {one.setting.kind for one in found.found}


def test_holidays_name_the_days_that_differ() -> None:
    found, _ = explained(*CASES["holidays"][:2])
    assert (found.found[0].setting.theirs, found.found[0].setting.ours) == ([], [FEAST.first])


def test_a_target_comes_with_ours() -> None:
    found, _ = explained(*CASES["a target"][:2])
    assert list(found.found[0].ours) == [16 * HOUR]


def under(number: int, theirs: Terms, events: Sequence[Event]) -> Subject:
    return subject(number, [one._replace(id=str(n), seq=n) for n, one in enumerate(events)], theirs, SET_UP)


def made_as(kind: str, change: Callable[[Terms], Terms], *names: int) -> Candidate:
    return Candidate(Setting(kind, True), lambda one: one.ticket in names, change)


def test_what_a_later_setting_sets_apart_again_is_not_claimed() -> None:
    """Three are kept where P2 has 24 hours; two others where it has 8; the first would be broken by that again."""
    at = MONDAY + 8 * HOUR
    told = [h.created(at), h.changed(at, "priority", "P2"), h.message(at + HOUR)]
    slow = [*told, h.status(at + 2 * DAY + 4 * HOUR, "Done")]
    swift = [*told, h.status(at + DAY + 4 * HOUR, "Done")]
    some = [under(n, terms(p2=24), slow) for n in (1, 2, 3)] + [under(n, terms(p2=8), swift) for n in (4, 5)]
    assert not any(one.agrees(one.base) for one in some)
    longer = made_as(of.HOLDS, lambda _: terms(p2=24), 1, 2, 3)
    shorter = made_as(of.RUNS, lambda _: terms(p2=8), 1, 4, 5)
    found = explain(some, [], [longer, shorter])
    assert [(one.setting.kind, one.tickets, one.breaks) for one in found.found] == [
        (of.HOLDS, [2, 3], 0),
        (of.RUNS, [4, 5], 0),
    ]
    assert (found.explained, found.rest) == (4, [1])


def test_a_calendar_without_hours_explains_nothing() -> None:
    """Its hours could not be read. Taken as never open it would keep all: and so does this ticket system."""
    shut = says(calendars=(CALENDAR._replace(hours={}),))
    found, differing = explained(terms(Coverage("UTC", {})), shut)
    assert differing > 0
    assert of.HOURS not in {one.setting.kind for one in found.found}


def test_a_list_of_holidays_that_is_not_told_is_not_an_empty_one() -> None:
    found, _ = explained(terms(coverage()), says(holidays=()))
    assert of.HOLIDAYS not in {one.setting.kind for one in found.found}
