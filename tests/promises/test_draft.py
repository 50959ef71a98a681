"""A draft out of a source's own set-up: what it promises, to whom, and what it leaves alone."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from beforehand.engine.instants import HOUR, MINUTE, to_instant
from beforehand.kernel.faults import Refused
from beforehand.people.models import Provider
from beforehand.promises import models
from beforehand.promises.book import Book
from beforehand.promises.draft.make import Draft, draft_of, take
from beforehand.promises.file.check import check_text
from beforehand.promises.file.document import CoveragePart, Dates, Document
from beforehand.promises.file.dump import dump
from beforehand.promises.file.from_rows import document_of
from beforehand.promises.file.load import load_checked
from beforehand.promises.file.notation import Time
from beforehand.promises.file.reader import Reader
from beforehand.promises.meaning_changes import save_statuses
from beforehand.promises.psa import Calendar, HolidayList, Serves, SetUpPlain, Sla, Target
from beforehand.promises.rows import read_rows

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)
SINCE = date(2026, 9, 1)
WEEK = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), (("09:00", "17:30"),))
OFFICE = Calendar("7", "Office", WEEK, "Europe/London", holidays=("h",), default=True)
GOLD = Sla(
    "1",
    "Gold",
    (
        Target("response", 60, "P1", True),
        Target("resolution", 240, "P1", True),
        Target("response", 30, "P2"),
        Target("plan", 90, "P2", True),
        Target("resolution", 480),
    ),
    "7",
)
HOLIDAYS = HolidayList("h", "UK", (("2020-12-25", "Christmas", True), ("2026-11-27", "", False)))
SET_UP = SetUpPlain((GOLD,), (OFFICE,), (HOLIDAYS,), (), (Serves("a", "1", "Acme"), Serves("all", "1")))
OWN = """
provider: {name: Northwind, zone: Europe/London, coverage: Office, holidays: GB-ENG}
statuses: {every board: {New: working, Done: resolved}, Help: {Waiting: waiting-on-client}}
coverages: {Office: {zone: client, hours: Mon-Fri 8:00-18:00}}
plans: {Gold: {editions: [{from: 2025-01-01, lines: [{response: 4h}]}]}}
ladders: {Mine: {for: every ticket, steps: [{at: 50%, tell: assignee}, {at: 10m before, tell: team lead}]}}
clients:
  Acme:
    keys: ["Acme Holding"]
    closures: {2026-12-24: Party}
    agreements: {Support: {versions: [{from: 2026-10-01, plan: Gold}]}}
  Birch: {}
"""


@pytest.fixture
def provider() -> Provider:
    return Provider.objects.create(name="Northwind", slug="northwind", zone="Europe/London", created=NOW)


def drafted(provider: Provider, set_up: SetUpPlain = SET_UP, **answers: str) -> Draft:
    given = {key.replace("_", " "): answer for key, answer in answers.items()}
    draft = draft_of(provider, "halo", "HaloPSA", set_up, SINCE, given, NOW)
    assert draft is not None
    checked = check_text(draft.text, Reader("draft"), Path(), NOW.date())
    assert checked.faults == (), draft.text
    assert checked.document == draft.document
    return draft


def load(provider: Provider, text: str) -> None:
    load_checked(check_text(text, Reader("own"), Path(), NOW.date()), provider, NOW)


def at(text: str) -> int:
    return to_instant(datetime.fromisoformat(text).replace(tzinfo=UTC))


def serving(*rows: Serves) -> SetUpPlain:
    return SET_UP._replace(serves=rows)


def stored(provider: Provider) -> Document:
    return document_of(provider, read_rows(provider))


def test_without_an_sla_there_is_nothing_to_make_a_draft_of(provider: Provider) -> None:
    assert draft_of(provider, "halo", "HaloPSA", SetUpPlain(calendars=(OFFICE,)), SINCE, {}, NOW) is None


def test_a_draft_says_in_words_what_it_promises_to_whom(provider: Provider) -> None:
    plan = drafted(provider).plans[0]
    assert plan.name == "Gold"
    assert plan.hours == "Mon-Fri 9:00-17:30, Europe/London"
    assert plan.targets == (
        ("P1", "response", "1h 24x7"),
        ("P1", "resolution", "4h 24x7"),
        ("P2", "response", "30m"),
        ("P2", "plan", "1h 30m 24x7"),
        ("P2", "resolution", "8h"),
        ("every priority", "resolution", "8h"),
    )
    assert plan.serves == ("every client without an agreement of its own", "Acme")


def test_a_draft_that_was_taken_holds_tickets_to_the_sources_targets(provider: Provider) -> None:
    """2.2: the line that names most wins; 1.2: the source's holidays count, and no list besides them."""
    draft = drafted(provider)
    assert take(provider, draft, NOW).changed
    assert stored(provider) == draft.document
    book = Book(provider)
    acme = book.client("acme")
    assert acme is not None
    held = book.in_force(acme.id, at("2026-11-02T12:00"))
    assert held is not None
    assert held.name == "Draft from HaloPSA: Gold"
    first, second = (held.terms.choose({"priority": name}).winner for name in ("P1", "P2"))
    assert first is not None
    assert second is not None
    assert first.coverage is not None
    assert first.coverage.is_always
    assert {t.metric: t.amount for t in first.targets} == {"response": HOUR, "resolution": 4 * HOUR}
    assert {t.metric: (t.amount, t.round_the_clock) for t in second.targets} == {
        "response": (30 * MINUTE, False),
        "plan": (90 * MINUTE, True),
        "resolution": (8 * HOUR, False),
    }
    office = second.coverage
    assert office is not None
    assert office.is_open(at("2026-11-26T12:00"))
    assert not office.is_open(at("2026-11-27T12:00")), "a day of the list, without a name"
    assert not office.is_open(at("2029-12-25T12:00")), "what comes every year, three years ahead"
    assert office.is_open(at("2026-12-28T12:00")), "a bank holiday that the source does not know"


def test_whoever_is_met_in_a_ticket_is_served_where_nothing_was_promised_before(provider: Provider) -> None:
    draft = drafted(provider)
    assert draft.document.provider.take_in_unknown
    assert any("becomes a client" in note for note in draft.notes)


def test_the_priorities_are_the_sources_in_its_order(provider: Provider) -> None:
    assert drafted(provider).document.provider.priorities == ("P1", "P2")


def test_priorities_stay_open_where_own_terms_name_others(provider: Provider) -> None:
    load(provider, OWN.replace("{response: 4h}", "{priority: Major, response: 4h}, {response: 8h}"))
    assert drafted(provider).document.provider.priorities == ()


def test_a_priority_that_own_terms_do_not_have_is_named_and_left_out(provider: Provider) -> None:
    load(provider, OWN.replace("coverage: Office,", "coverage: Office, priorities: [P2],"))
    draft = drafted(provider, serving(Serves("b", "1", "Birch")))
    assert [target[0] for target in draft.plans[0].targets] == ["P2", "P2", "P2", "every priority"]
    assert (
        "Gold: response for P1 is left out: the priority is none of those in your agreements." in draft.notes
    )


def test_taking_a_draft_twice_changes_nothing(provider: Provider) -> None:
    draft = drafted(provider)
    first = take(provider, draft, NOW)
    rows = list(models.Version.objects.values_list("pk", flat=True))
    again = take(provider, draft, NOW)
    assert (again.changed, again.revision) == (False, first.revision)
    assert list(models.Version.objects.values_list("pk", flat=True)) == rows


def test_a_draft_made_again_has_nothing_to_add(provider: Provider) -> None:
    take(provider, drafted(provider), NOW)
    again = drafted(provider)
    assert again.plans == ()
    assert again.document == stored(provider)
    assert any("and Acme: drafted before, and left as that is." in note for note in again.notes)
    assert not take(provider, again, NOW).changed


def test_a_client_that_comes_later_gets_the_plan_that_is_there(provider: Provider) -> None:
    take(provider, drafted(provider), NOW)
    later = drafted(provider, serving(*SET_UP.serves, Serves("c", "1", "Cedar")))
    take(provider, later, NOW)
    assert [plan.serves for plan in later.plans] == [("Cedar",)]
    assert models.Plan.objects.count() == 1


def test_what_is_promised_already_wins_and_stays_as_it_is(provider: Provider) -> None:
    """2.1: no client with an agreement is given another, and no plan or coverage becomes another."""
    load(provider, OWN)
    save_statuses(provider, {("", "On hold"): "waiting-on-client"}, NOW)
    models.Client.objects.create(provider=provider, name="Met", zone="UTC", listed=False)
    before = stored(provider)
    kept = {model: set(model.objects.values_list("pk", flat=True)) for model in KEPT}
    draft = drafted(provider, serving(Serves("a", "1", "ACME holding"), Serves("b", "1", "birch")))
    take(provider, draft, NOW)
    after = stored(provider)
    for model, rows in kept.items():
        assert rows <= set(model.objects.values_list("pk", flat=True)), model
    assert after.clients["Acme"] == before.clients["Acme"]
    assert after.plans["Gold"] == before.plans["Gold"]
    assert after.coverages["Office"] == before.coverages["Office"]
    assert (after.ladders, after.statuses) == (before.ladders, before.statuses)
    assert {row.name for row in models.Client.objects.filter(listed=False)} == {"Met"}
    assert "Acme: it keeps the agreement that it has with you." in draft.notes
    assert after.clients["Birch"].agreements["Draft from HaloPSA: Gold (HaloPSA)"].versions[0].plan == (
        "Gold (HaloPSA)"
    )
    assert after.plans["Gold (HaloPSA)"][0].coverage == "Office (HaloPSA)"


KEPT = (
    models.Client, models.Coverage, models.Plan, models.Edition, models.Line, models.Target, models.Agreement,
    models.Version, models.Ladder,
)  # fmt: skip


def test_own_terms_for_every_client_win_over_the_sources(provider: Provider) -> None:
    own = "every client: {agreements: {All: {versions: [{from: 2026-01-01, plan: Gold}]}}}\n"
    load(provider, OWN + own)
    draft = drafted(provider, serving(Serves("b", "1", "Birch"), Serves("all", "1")))
    assert draft.document.clients == stored(provider).clients
    assert draft.document.everyone == stored(provider).everyone
    assert "Birch: it keeps what your agreement for every client promises." in draft.notes


def test_a_client_met_in_tickets_gets_its_row_into_the_file(provider: Provider) -> None:
    load(provider, "provider: {name: Northwind, zone: Europe/London, unknown clients: become clients}")
    met = models.Client.objects.create(provider=provider, name="Acme", zone="Asia/Tokyo", listed=False)
    models.ClientKey.objects.create(provider=provider, client=met, kind="name", text="Acme", folded="acme")
    take(provider, drafted(provider, serving(Serves("a", "1", "ACME"))), NOW)
    acme = models.Client.objects.get()
    assert (acme.pk, acme.listed, acme.zone) == (met.pk, True, "Asia/Tokyo")


def test_what_was_promised_since_the_draft_was_made_wins_over_it(provider: Provider) -> None:
    draft = drafted(provider, serving(Serves("a", "1", "Acme"), Serves("d", "1", "Dell")))
    load(provider, OWN.replace("Gold", "Standard").replace("Office", "Desk"))
    before = stored(provider).clients["Acme"]
    take(provider, draft, NOW)
    assert stored(provider).clients["Acme"] == before
    assert list(stored(provider).clients["Dell"].agreements) == ["Draft from HaloPSA: Gold"]


def test_a_plan_that_became_another_meanwhile_is_refused(provider: Provider) -> None:
    draft = drafted(provider)
    load(provider, OWN)
    before = dump(provider)
    with pytest.raises(Refused, match="another by now"):
        take(provider, draft, NOW)
    assert dump(provider) == before


def test_hours_without_a_zone_are_asked_for_and_assumed_meanwhile(provider: Provider) -> None:
    bare = OFFICE._replace(zone="", zone_hint="GMT Standard Time")
    set_up = SET_UP._replace(calendars=(bare,))
    asked = drafted(provider, set_up)
    (question,) = asked.questions
    assert (question.answer, question.assumed) == ("Europe/London", True)
    assert "GMT Standard Time" in question.text
    given = draft_of(provider, "halo", "HaloPSA", set_up, SINCE, {question.key: "Asia/Tokyo"}, NOW)
    assert given is not None
    assert (given.questions[0].answer, given.questions[0].assumed) == ("Asia/Tokyo", False)
    assert given.document.coverages["Office (zone entered by hand)"].zone == "Asia/Tokyo"
    odd = draft_of(provider, "halo", "HaloPSA", set_up, SINCE, {question.key: "Tokio"}, NOW)
    assert odd is not None
    assert odd.questions == asked.questions
    assert any(note.startswith("Tokio: no time zone") for note in odd.notes)


@pytest.mark.parametrize(
    ("hours", "time"), [(2.05, "2h 3m"), (4.15, "4h 9m"), (0.25, "15m"), (16.35, "16h 21m")]
)
def test_hours_as_decimals_come_to_whole_minutes(provider: Provider, hours: float, time: str) -> None:
    """2.05 * 60 is 122.99999999999999."""
    sla = GOLD._replace(targets=(Target("response", hours * 60),))
    draft = drafted(provider, SET_UP._replace(slas=(sla,)))
    assert draft.plans[0].targets == (("every priority", "response", time),)


def test_targets_that_nobody_told_are_named_and_left_out(provider: Provider) -> None:
    silent = Sla("2", "Silver", None)
    odd = Sla(
        "3", "Bronze", (Target("response", 0), Target("plan", 7.5), Target("resolution", 1e9), Target("x", 1))
    )
    draft = drafted(provider, SET_UP._replace(slas=(silent, odd), serves=(Serves("a", "2", "Acme"),)))
    assert draft.plans == ()
    assert not take(provider, draft, NOW).changed
    assert draft.notes == (
        "Silver: its targets are not told by the source; answer what is asked, or enter them in the agreement file.",
        "Bronze: response is left out: 0 minutes.",
        "Bronze: plan is left out: 7.5 minutes are not whole.",
        "Bronze: resolution is left out: 1e+09 minutes.",
        "Bronze: x is left out: no metric of these: response, plan, resolution.",
        "Acme: served by an SLA that is left out; if every client gets an agreement, that holds in its place.",
    )


def test_an_sla_without_hours_is_left_out_and_named(provider: Provider) -> None:
    draft = drafted(provider, SET_UP._replace(calendars=()))
    assert draft.plans == ()
    assert "Gold: it is left out, since its hours are not known." in draft.notes


def test_hours_that_lack_a_day_are_in_no_draft_until_somebody_said_that_it_is_closed(
    provider: Provider,
) -> None:
    broken = SET_UP._replace(calendars=(OFFICE._replace(unread=("saturday", "sunday")),))
    draft = drafted(provider, broken)
    assert draft.plans == ()
    asked = next(one for one in draft.questions if one.key == "days of 7")
    assert (asked.answer, asked.assumed) == (asked.choices[0], True)
    assert "Saturday and Sunday" in asked.text
    assert any("Saturday and Sunday cannot be read" in note for note in draft.notes)
    told = drafted(provider, broken, days_of_7=asked.choices[1])
    assert told.plans[0].hours == "Mon-Fri 9:00-17:30, Europe/London"
    assert next(one for one in told.questions if one.key == "days of 7").assumed is False


def test_what_was_said_of_hours_that_nothing_needs_is_asked_still(provider: Provider) -> None:
    spare = OFFICE._replace(key="8", name="Spare", zone="", unread=("sunday",), default=False)
    two = SET_UP._replace(calendars=(OFFICE, spare))
    assert drafted(provider, two).questions == ()
    draft = drafted(provider, two, days_of_8="Closed on these days", zone_of_8="Asia/Tokyo")
    assert [(one.key, one.answer, one.assumed) for one in draft.questions] == [
        ("days of 8", "Closed on these days", False),
        ("zone of 8", "Asia/Tokyo", False),
    ]
    assert {one.how for one in draft.questions} == {"entered by you; nothing in the draft is in these hours"}
    assert list(draft.document.coverages) == ["Office"]
    assert drafted(provider, two, zone_of_8="Atlantis").questions == ()


def test_a_contract_that_ended_in_the_drafted_past_is_drafted_until_then(provider: Provider) -> None:
    draft = drafted(provider, serving(Serves("a", "1", "Acme", until="2026-10-31"), Serves("all", "1")))
    versions = next(iter(draft.document.clients["Acme"].agreements.values())).versions
    assert (str(versions[0].since), str(versions[0].until)) == ("2026-09-01", "2026-10-31")


def test_what_begins_before_the_plan_that_is_there_is_named(provider: Provider) -> None:
    take(provider, drafted(provider), NOW)
    rows = (Serves("a", "1", "Birch", until="2026-08-15"), Serves("all", "1"))
    draft = draft_of(provider, "halo", "HaloPSA", serving(*rows), date(2026, 8, 1), {}, NOW)
    assert draft is not None
    assert any(note.startswith("Birch: the plan Gold is there from 2026-09-01 on") for note in draft.notes)


def test_an_sla_round_the_clock_needs_no_hours(provider: Provider) -> None:
    always = Sla("1", "Gold", (Target("response", 60),), round_the_clock=True)
    draft = drafted(provider, SET_UP._replace(slas=(always,), calendars=()))
    assert (draft.plans[0].hours, draft.plans[0].targets) == (
        "24x7",
        (("every priority", "response", "1h 24x7"),),
    )


def test_a_clients_own_hours_stand_in_for_those_of_an_sla_without(provider: Provider) -> None:
    late = Calendar("8", "Late", {"monday": (("20:00", "26:00"), ("22:00", "24:00"))}, "UTC")
    free = GOLD._replace(calendar="")
    set_up = SetUpPlain((free,), (OFFICE, late), (HOLIDAYS,), (), (Serves("a", "1", "Acme", calendar="8"),))
    document = drafted(provider, set_up).document
    version = document.clients["Acme"].agreements["Draft from HaloPSA: Gold"].versions[0]
    assert (version.coverage, version.holidays) == ("Late", "none")
    assert document.plans["Gold"][0].coverage == "Office"
    assert document.coverages["Late"] == CoveragePart(
        "UTC", {"mon": [["20:00", "02:00"], ["22:00", "24:00"]]}, Dates()
    )


def test_hours_that_are_one_clients_are_not_taken_for_others_in_silence(provider: Provider) -> None:
    """Two calendars, neither of them the default one, and an SLA that has none."""
    late = Calendar("8", "Late", WEEK, "UTC")
    rows = (Serves("a", "1", "Acme", calendar="8"), Serves("all", "1"))
    free = (GOLD._replace(calendar=""),)
    draft = drafted(provider, SetUpPlain(free, (OFFICE._replace(default=False), late), (HOLIDAYS,), (), rows))
    assert draft.document.plans["Gold"][0].coverage == "Late"
    assert "Gold: for whoever has no hours of their own, those of one client are taken." in draft.notes


def test_a_target_that_a_ladder_of_ones_own_cannot_serve_keeps_its_sla_out(provider: Provider) -> None:
    load(provider, OWN)
    quick = Sla("2", "Quick", (Target("response", 5),), "7")
    set_up = SET_UP._replace(
        slas=(GOLD, quick), serves=(Serves("b", "2", "Birch"), Serves("c", "1", "Cedar"))
    )
    draft = drafted(provider, set_up)
    assert [plan.serves for plan in draft.plans] == [("Cedar",)]
    assert any(note.startswith("Quick: left out, since it cannot stand") for note in draft.notes)


def test_contracts_are_agreements_of_their_own_with_their_dates(provider: Provider) -> None:
    silver = Sla("2", "Silver", (Target("response", 240),), "7")
    rows = (
        Serves("c1", "1", "Acme", "Retail", "2026-10-01", "2026-12-31"),
        Serves("c2", "2", "Acme", "Retail", "2026-12-01"),
        Serves("all", "2"),
    )
    draft = drafted(provider, SET_UP._replace(slas=(GOLD, silver), serves=rows))
    agreements = draft.document.clients["Acme"].agreements
    assert {
        (name, part.contract): [(str(v.since), str(v.until or "")) for v in part.versions]
        for name, part in agreements.items()
    } == {
        ("Draft from HaloPSA: Gold, contract Retail", "Retail"): [("2026-10-01", "2026-11-30")],
        ("Draft from HaloPSA: Silver, contract Retail", "Retail"): [("2026-12-01", "")],
        ("Draft from HaloPSA: Silver", ""): [("2026-09-01", "")],
    }
    assert any("from then on the later one" in note for note in draft.notes)
    assert draft.plans[0].serves == ("Acme, contract Retail, from 2026-10-01, until 2026-11-30",)


def test_names_that_are_taken_get_the_sources_title(provider: Provider) -> None:
    """Round the clock no holidays count (1.2), and the coverage that is built in keeps its name."""
    always = Calendar(
        "7", "24x7", dict.fromkeys(WEEK, (("00:00", "24:00"),)) | ALL_WEEKEND, "UTC", holidays=("h",)
    )
    draft = drafted(provider, SET_UP._replace(calendars=(always,)))
    assert list(draft.document.coverages) == ["24x7 (HaloPSA)"]
    assert draft.document.coverages["24x7 (HaloPSA)"].dates == Dates()
    assert any("holidays do not count" in note for note in draft.notes)


ALL_WEEKEND = dict.fromkeys(("saturday", "sunday"), (("00:00", "24:00"),))


def test_statuses_are_left_to_their_own_page(provider: Provider) -> None:
    assert drafted(provider).document.statuses == {}


def test_triage_and_zones_of_ones_own_stay(provider: Provider) -> None:
    load(provider, OWN.replace("coverage: Office,", "coverage: Office, triage: 30m,"))
    part = drafted(provider).document.provider
    assert (part.triage, part.coverage) == (Time(30 * MINUTE), "Office")
    assert replace(part, priorities=()) == stored(provider).provider


BARE = SET_UP._replace(calendars=(OFFICE._replace(zone="", zone_hint="GMT Standard Time"),))


def test_a_zone_that_nobody_told_is_marked_in_the_name_of_the_hours(provider: Provider) -> None:
    """1.2: through the agreement file and back, until somebody takes the mark away."""
    assumed = drafted(provider, BARE)
    assert assumed.plans[0].zone == "zone not told, assumed"
    entered = drafted(provider, BARE, zone_of_7="Asia/Tokyo")
    assert "# Gold, Mon-Fri 9:00-17:30, Asia/Tokyo: zone entered by hand." in entered.text
    take(provider, entered, NOW)
    file = dump(provider)
    assert "Office (zone entered by hand):\n" in file
    load(provider, file)
    assert dump(provider) == file
    load(provider, file.replace("Office (zone entered by hand)", "Office"))
    assert list(stored(provider).coverages) == ["Office"]


@pytest.mark.parametrize("called", ["Office", "Office (zone not told, assumed)"])
def test_hours_that_are_the_same_by_now_are_not_drafted_anew_for_their_mark(
    provider: Provider, called: str
) -> None:
    """Somebody took the mark away; or the zone was assumed, and now it was entered."""
    take(provider, drafted(provider, BARE), NOW)
    load(provider, dump(provider).replace("Office (zone not told, assumed)", called))
    asked = BARE._replace(serves=(*SET_UP.serves, Serves("c", "1", "Cedar")))
    again = drafted(provider, asked, zone_of_7="Europe/London")
    assert list(again.document.coverages) == [called]
    assert [plan.name for plan in again.plans] == ["Gold"]


def test_hours_of_ones_own_of_that_name_stay_beside_those_that_are_marked(provider: Provider) -> None:
    load(provider, OWN)
    coverages = drafted(provider, BARE._replace(serves=(Serves("b", "1", "Birch"),))).document.coverages
    assert list(coverages) == ["Office", "Office (HaloPSA) (zone not told, assumed)"]


def test_a_zone_that_the_source_tells_has_no_mark(provider: Provider) -> None:
    assert drafted(provider).plans[0].zone == ""
    assert list(drafted(provider).document.coverages) == ["Office"]


def test_what_was_taken_is_known_again_under_whatever_number_and_a_sources_name_is_no_mark(
    provider: Provider,
) -> None:
    office = OFFICE._replace(zone="", name="Office (zone entered by hand)")
    set_up = SET_UP._replace(calendars=(office,))
    for zone in ("Europe/London", "Asia/Tokyo", "Europe/Paris", "Europe/Paris", "Asia/Tokyo"):
        take(provider, drafted(provider, set_up, zone_of_7=zone), NOW)
    assert set(models.Coverage.objects.values_list("name", flat=True)) == {
        "24x7",
        "Office (zone entered by hand)",
        "Office (HaloPSA) (zone entered by hand)",
        "Office (HaloPSA 2) (zone entered by hand)",
    }
    assert models.Plan.objects.count() == 3
