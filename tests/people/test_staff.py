"""Who is meant by a name, leads, is there, and works when."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import IntegrityError
from django.test.utils import CaptureQueriesContext
from tests.people.conftest import at

from beforehand.people.models import Absence, DutyDate, DutyShift, Provider, Team, Technician
from beforehand.people.staff import Person, Staff

pytestmark = pytest.mark.django_db
OFFICE = {day: [["09:00", "17:30"]] for day in ("mon", "tue", "wed", "thu", "fri")}


@pytest.fixture
def ada(provider: Provider) -> Technician:
    return Technician.objects.create(
        provider=provider, name="Ada Ferrant", aliases=["aferrant"], hours=OFFICE
    )


def hire(provider: Provider, name: str, **more: Any) -> Technician:
    return Technician.objects.create(provider=provider, name=name, **more)


def person(staff: Staff, row: Technician) -> Person:
    found = staff.by_id(row.pk)
    assert found is not None
    return found


@pytest.mark.parametrize("name", ["Ada Ferrant", " ada  FERRANT ", "AFerrant", "Ａda Ferrant"])
def test_case_width_and_white_space_of_a_name_do_not_matter(
    provider: Provider, ada: Technician, name: str
) -> None:
    found = Staff(provider).named(name)
    assert found is not None
    assert found.id == ada.pk


@pytest.mark.parametrize("name", ["", "Ada", "Ben Okafor"])
def test_nobody_is_guessed(provider: Provider, ada: Technician, name: str) -> None:
    assert Staff(provider).named(name) is None


def test_a_person_is_what_a_warning_needs(provider: Provider) -> None:
    hire(provider, "Ada", email="ada@northgate.example", phone="+44 20", channels=["sms", "email"])
    ada = Staff(provider).named("ada")
    assert ada is not None
    assert ada[1:] == ("Ada", "ada@northgate.example", "+44 20", ("sms", "email"), None)


def test_names_of_one_provider_say_nothing_of_another(provider: Provider, ada: Technician) -> None:
    other = Provider.objects.create(
        name="Other", slug="other", zone="UTC", created=datetime(2026, 1, 1, tzinfo=UTC)
    )
    assert Staff(other).named("Ada Ferrant") is None
    hire(other, "Ada Ferrant")
    with pytest.raises(IntegrityError):
        hire(provider, "ADA  Ferrant")


def test_an_alias_never_takes_the_name_of_somebody_else(provider: Provider, ada: Technician) -> None:
    hire(provider, "Zed", aliases=["Ada Ferrant"])
    found = Staff(provider).named("Ada Ferrant")
    assert found is not None
    assert found.id == ada.pk


def test_a_team_has_the_lead_it_was_given(provider: Provider, ada: Technician) -> None:
    Team.objects.create(provider=provider, name="Service Desk", lead=ada)
    Team.objects.create(provider=provider, name="Projects")
    staff = Staff(provider)
    lead = staff.lead_of("service  desk")
    assert lead is not None
    assert lead.id == ada.pk
    assert staff.lead_of("Projects") is staff.lead_of("Second line") is None


def test_managers_are_those_who_are_and_still_work_here(provider: Provider) -> None:
    hire(provider, "Zoe", is_manager=True)
    hire(provider, "Ben", is_manager=True)
    hire(provider, "Gone", is_manager=True, active=False)
    assert [one.name for one in Staff(provider).managers()] == ["Ben", "Zoe"]


def test_the_deputy_stands_in_from_the_first_instant_to_the_last(provider: Provider, ada: Technician) -> None:
    ada.deputy = hire(provider, "Ben")
    ada.save()
    first, last = at("2026-03-02 09:00"), at("2026-03-04 09:00")
    Absence.objects.create(
        provider=provider,
        technician=ada,
        first=datetime(2026, 3, 2, 9, tzinfo=UTC),
        last=datetime(2026, 3, 4, 9, tzinfo=UTC),
    )
    staff = Staff(provider)
    who = [staff.present(person(staff, ada), instant) for instant in (first - 1, first, last - 1, last)]
    assert [one and one.name for one in who] == ["Ada Ferrant", "Ben", "Ben", "Ada Ferrant"]


def test_the_deputy_of_the_deputy_stands_in(provider: Provider, ada: Technician) -> None:
    ben = hire(provider, "Ben", active=False, deputy=hire(provider, "Chiara"))
    ada.active, ada.deputy = False, ben
    ada.save()
    staff = Staff(provider)
    found = staff.present(person(staff, ada), at("2026-03-02 09:00"))
    assert found is not None
    assert found.name == "Chiara"


def test_deputies_in_a_ring_who_are_all_away_leave_nobody(provider: Provider, ada: Technician) -> None:
    chiara = hire(provider, "Chiara", active=False, deputy=ada)
    ada.active, ada.deputy = False, hire(provider, "Ben", active=False, deputy=chiara)
    ada.save()
    staff = Staff(provider)
    assert [staff.present(person(staff, row), 0) for row in (ada, chiara)] == [None, None]


def test_nobody_is_their_own_deputy(provider: Provider, ada: Technician) -> None:
    ada.deputy = ada
    with pytest.raises(IntegrityError):
        ada.save()


def test_working_hours_are_in_the_zone_of_the_person(provider: Provider, ada: Technician) -> None:
    dev = hire(provider, "Dev", hours=OFFICE, zone="Asia/Kolkata")
    staff = Staff(provider)
    early = at("2026-03-02 04:00")
    assert staff.works(person(staff, dev), early)
    assert not staff.works(person(staff, ada), early)
    assert staff.next_start(person(staff, ada), early) == at("2026-03-02 09:00")


def test_the_next_hours_begin_after_the_weekend_and_after_those_that_run(
    provider: Provider, ada: Technician
) -> None:
    staff = Staff(provider)
    who = person(staff, ada)
    assert staff.next_start(who, at("2026-03-06 17:30")) == at("2026-03-09 09:00")
    assert staff.next_start(who, at("2026-03-06 12:00")) == at("2026-03-09 09:00")
    # The clocks go forward on 29 March: nine in London is then eight in UTC.
    assert staff.next_start(who, at("2026-03-27 18:00")) == at("2026-03-30 08:00")


@pytest.mark.parametrize(
    ("hours", "works"),
    [({}, True), ({day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}, True),
     ({"mon": []}, False)],
)  # fmt: skip
def test_always_and_never_have_no_next_start(provider: Provider, hours: dict[str, Any], works: bool) -> None:
    kim = hire(provider, "Kim", hours=hours)
    staff = Staff(provider)
    assert staff.works(person(staff, kim), 0) is works
    assert staff.next_start(person(staff, kim), 0) is None


def test_a_dated_shift_wins_over_the_weekly_roster_while_it_runs(provider: Provider, ada: Technician) -> None:
    ben = hire(provider, "Ben")
    DutyShift.objects.create(provider=provider, technician=ada, day=0, begins=8 * 3600, ends=18 * 3600)
    DutyDate.objects.create(
        provider=provider,
        technician=ben,
        since=datetime(2026, 3, 2, 10, tzinfo=UTC),
        until=datetime(2026, 3, 2, 12, tzinfo=UTC),
    )
    staff = Staff(provider)
    hours = ("07:59", "09:00", "10:00", "11:59", "12:00", "18:00")
    on_duty = [[one.name for one in staff.on_duty(at(f"2026-03-02 {hour}"))] for hour in hours]
    assert on_duty == [[], ["Ada Ferrant"], ["Ben"], ["Ben"], ["Ada Ferrant"], []]


def test_who_is_not_active_is_on_no_roster(provider: Provider) -> None:
    gone = hire(provider, "Gone", active=False)
    DutyShift.objects.create(provider=provider, technician=gone, day=0, begins=0, ends=86_400)
    assert Staff(provider).on_duty(at("2026-03-02 12:00")) == ()


def test_everything_is_read_in_five_queries(provider: Provider, ada: Technician) -> None:
    from django.db import connection

    with CaptureQueriesContext(connection) as queries:
        staff = Staff(provider)
        staff.on_duty(0)
        staff.managers()
        staff.present(person(staff, ada), 0)
    assert len(queries) <= 5
