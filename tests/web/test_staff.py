"""The staff on pages: what is shown and missing, who may change it, and what cannot be."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.support import msp
from tests.support.receiver import receiver
from tests.support.staff import make_staff

from beforehand.alerts.models import Way
from beforehand.engine.instants import to_instant
from beforehand.kernel.models import Due
from beforehand.people.days import DAY_LIST
from beforehand.people.models import Absence, Provider, Team, Technician, User
from beforehand.people.roles import Role
from beforehand.people.staff import Staff
from beforehand.web import moment

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
FORM = {
    "name": "Ewa Nowak",
    "email": "ewa@northgate.example",
    "channels": "sms, email",
    "hours": "Mon-Fri 9:00-17:30",
}
CHANGES = (
    "/staff/new/", "/staff/{ada}/", "/staff/{ada}/active/", "/staff/teams/", "/staff/teams/{team}/",
    "/staff/absences/", "/staff/absences/{absence}/", "/staff/roster/shifts/", "/staff/roster/shifts/{shift}/",
    "/staff/roster/file/", "/staff/roster/take/", "/staff/roster/forget/",
)  # fmt: skip


@pytest.fixture(autouse=True)
def a_monday(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moment, "now", lambda: MONDAY)


@pytest.fixture
def people(provider: Provider) -> dict[str, Technician]:
    return make_staff(provider, MONDAY)


def says(client: Client, address: str = "/staff/") -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def missing(client: Client) -> list[str]:
    return [gap.says for gap in client.get("/staff/").context["gaps"]]


def test_without_anybody_the_page_says_what_to_do(signed_in: Client, provider: Provider) -> None:
    page = says(signed_in)
    assert "Nobody here yet" in page
    assert 'href="/staff/new/"' in page


def test_the_page_says_who_is_on_duty_and_who_stands_in(
    signed_in: Client, people: dict[str, Technician]
) -> None:
    page = signed_in.get("/staff/")
    now, then = page.context["duty"]
    assert now.names == ["Chiara Lodi (away: Ben Okafor stands in)"]
    assert now.until.local.hour == 15
    assert then.names == ["Ben Okafor"]
    assert [group.team and group.team.name for group in page.context["groups"]] == [
        "Projects",
        "Service desk",
    ]
    assert "Gil Abara" in page.content.decode()


def test_what_is_missing_is_said_in_words(signed_in: Client, people: dict[str, Technician]) -> None:
    nights = "Mon-Fri 0:00-8:00, 18:00-24:00; Sat, Sun 0:00-24:00"
    assert missing(signed_in) == [
        f"Without a dispatcher in the coming seven days: {nights} (London).",
        "Projects has no lead.",
        "Without an e-mail address: Dev Raman.",
    ]


def test_more_that_can_be_missing(
    signed_in: Client, provider: Provider, people: dict[str, Technician]
) -> None:
    Technician.objects.filter(pk__in=[people["ada"].pk, people["ben"].pk]).update(active=False)
    found = missing(signed_in)
    assert "Nobody is the service manager: say so on the page of whoever is." in found
    assert "Service desk is led by Ada Ferrant, who does not work here any more." in found
    assert "Chiara Lodi is away, and nobody stands in." in found
    Technician.objects.update(active=False)
    assert "Nobody is the dispatcher in the coming seven days." in missing(signed_in)


def test_names_on_open_tickets_that_are_nobodys_are_listed(
    signed_in: Client, provider: Provider, people: dict[str, Technician]
) -> None:
    msp.make_tickets(provider, moment.now(), more=40)
    page = signed_in.get("/staff/")
    assert [one.name for one in page.context["unknown"]] == ["Ewa Nowak"]
    assert [one.name for one in page.context["unknown_teams"]] == ["Second line"]
    assert 'value="Ewa Nowak"' in says(signed_in, page.context["unknown"][0].address)
    people["ada"].aliases = ["ewa  NOWAK"]
    people["ada"].save()
    assert signed_in.get("/staff/").context["unknown"] == []


def test_more_people_take_no_more_queries(
    signed_in: Client, provider: Provider, people: dict[str, Technician]
) -> None:
    counts = []
    for turn in range(2):
        with CaptureQueriesContext(connection) as queries:
            signed_in.get("/staff/")
        counts.append(len(queries))
        for n in range(5):
            row = Technician.objects.create(provider=provider, name=f"More {turn} {n}", deputy=people["ada"])
            Team.objects.create(provider=provider, name=f"Team {turn} {n}", lead=row)
            Absence.objects.create(
                provider=provider, technician=row, first=MONDAY, last=MONDAY + timedelta(days=1)
            )
    assert counts[0] == counts[1]


def test_a_technician_is_added_and_changed(
    signed_in: Client, provider: Provider, people: dict[str, Technician]
) -> None:
    asked = FORM | {"aliases": "enowak\r\n\r\n Nowak,  Ewa ", "deputy": people["ben"].pk, "is_manager": "on"}
    assert signed_in.post("/staff/new/", asked).status_code == 302
    ewa = Technician.objects.get(name="Ewa Nowak")
    assert (ewa.provider, ewa.aliases, ewa.channels) == (provider, ["enowak", "Nowak, Ewa"], ["sms", "email"])
    assert ewa.hours["fri"] == [["09:00", "17:30"]]
    assert (ewa.deputy, ewa.is_manager) == (people["ben"], True)
    assert "Mon-Fri 9:00-17:30" in says(signed_in, f"/staff/{ewa.pk}/")
    assert signed_in.post(f"/staff/{ewa.pk}/", FORM | {"hours": ""}).status_code == 302
    ewa.refresh_from_db()
    assert (ewa.hours, ewa.is_manager, ewa.deputy) == ({}, False, None)


def test_everything_that_is_wrong_with_a_technician_is_said_at_once(
    signed_in: Client, people: dict[str, Technician]
) -> None:
    asked = {
        "name": "bokafor", "aliases": "ADA ferrant\nx\nX", "email": "nobody", "channels": "x" * 41,
        "hours": "sometimes", "zone": "Europe/Londn", "deputy": "999", "team": "999", "user": "999",
    }  # fmt: skip
    answer = signed_in.post("/staff/new/", asked)
    assert answer.status_code == 400
    errors = answer.context["form"].errors
    assert set(errors) == set(asked)
    assert errors["name"] == ["A name of their own: “bokafor” already names Ben Okafor."]
    assert len(errors["aliases"]) == 2
    assert Technician.objects.count() == 5


@pytest.mark.parametrize("hours", ["never", "Mon 9-17", "Mon-Fri 9:00-9:00"])
def test_hours_that_cannot_be_are_refused(
    signed_in: Client, people: dict[str, Technician], hours: str
) -> None:
    errors = signed_in.post("/staff/new/", FORM | {"hours": hours}).context["form"].errors
    assert set(errors) == {"hours"}


def test_who_keeps_their_own_names_is_no_collision(signed_in: Client, people: dict[str, Technician]) -> None:
    ada = people["ada"]
    assert (
        signed_in.post(f"/staff/{ada.pk}/", FORM | {"name": "Aferrant", "aliases": "Ada Ferrant"}).status_code
        == 302
    )
    ada.refresh_from_db()
    assert (ada.name, ada.folded) == ("Aferrant", "aferrant")


def test_who_left_is_on_no_roster_and_can_come_back(
    signed_in: Client, provider: Provider, people: dict[str, Technician]
) -> None:
    tomorrow = to_instant(MONDAY + timedelta(days=1))
    for active, on_duty in (("no", []), ("yes", ["Ada Ferrant"])):
        signed_in.post(f"/staff/{people['ada'].pk}/active/", {"active": active})
        assert [one.name for one in Staff(provider).on_duty(tomorrow)] == on_duty


def test_a_team_is_added_changed_and_removed(signed_in: Client, people: dict[str, Technician]) -> None:
    signed_in.post("/staff/teams/", {"name": " Second  line ", "lead": people["ben"].pk})
    team = Team.objects.get(name="Second line")
    assert team.lead == people["ben"]
    assert signed_in.post(f"/staff/teams/{team.pk}/", {"name": "PROJECTS", "lead": ""}).status_code == 400
    signed_in.post(f"/staff/teams/{team.pk}/", {"name": "Third line", "lead": ""})
    team.refresh_from_db()
    assert (team.name, team.lead) == ("Third line", None)
    signed_in.post(f"/staff/teams/{people['ada'].team_id}/", {"what": "remove"})
    people["ada"].refresh_from_db()
    assert people["ada"].team is None


def test_an_absence_is_whole_days_or_part_of_one_in_their_own_zone(
    signed_in: Client, people: dict[str, Technician]
) -> None:
    dev = people["dev"]
    Technician.objects.filter(pk=dev.pk).update(zone="Asia/Kolkata")
    days = {"technician": dev.pk, "first_day": "2026-03-28", "last_day": "2026-03-29"}
    signed_in.post("/staff/absences/", days | {"note": " Wedding "})
    one = Absence.objects.get(technician=dev)
    assert (one.first, one.last, one.note) == (
        datetime(2026, 3, 27, 18, 30, tzinfo=UTC), datetime(2026, 3, 29, 18, 30, tzinfo=UTC), "Wedding"
    )  # fmt: skip
    signed_in.post(f"/staff/absences/{one.pk}/")
    signed_in.post(
        "/staff/absences/",
        days | {"technician": people["ada"].pk, "first_time": "13:00", "last_time": "09:00"},
    )
    one = Absence.objects.get(technician=people["ada"])
    assert (one.first.hour, one.last.hour) == (13, 8)  # the clocks went forward between them


@pytest.mark.parametrize(
    "more", [{"last_day": "2026-03-01"}, {"first_time": "9:00", "last_time": "9:00"}, {"last_day": "soon"}]
)
def test_an_absence_that_ends_before_it_begins_is_refused(
    signed_in: Client, people: dict[str, Technician], more: dict[str, str]
) -> None:
    asked = {"technician": people["ada"].pk, "first_day": "2026-03-02", "last_day": "2026-03-02"}
    answer = signed_in.post("/staff/absences/", asked | more)
    assert answer.status_code == 400
    assert len(answer.context["faults"]) == 1
    assert not Absence.objects.filter(technician=people["ada"]).exists()


@pytest.mark.parametrize("role", [Role.MEMBER, Role.READ_ONLY])
def test_members_see_the_staff_and_change_nothing(
    client: Client, marta: User, people: dict[str, Technician], role: Role
) -> None:
    marta.role = role
    marta.save()
    client.force_login(marta)
    for address in ("/staff/", "/staff/roster/"):
        main = says(client, address).partition("<main")[2]
        assert "<form" not in main
        assert "Ada Ferrant" in main
    keys = {
        "ada": people["ada"].pk,
        "team": people["ada"].team_id,
        "absence": Absence.objects.get().pk,
        "shift": 1,
    }
    for address in CHANGES:
        assert client.post(address.format(**keys), {"what": "remove"}).status_code == 403
    assert (Technician.objects.count(), Team.objects.count(), Absence.objects.count()) == (5, 2, 1)


def test_a_manager_may_change_the_staff(client: Client, marta: User, people: dict[str, Technician]) -> None:
    marta.role = Role.MANAGER
    marta.save()
    client.force_login(marta)
    assert client.post("/staff/new/", FORM).status_code == 302


def test_the_staff_of_another_provider_cannot_be_touched(
    signed_in: Client, people: dict[str, Technician], now: datetime
) -> None:
    other = Provider.objects.create(name="Other", slug="other", zone="UTC", created=now)
    theirs = Technician.objects.create(provider=other, name="Kim")
    team = Team.objects.create(provider=other, name="Theirs")
    away = Absence.objects.create(
        provider=other, technician=theirs, first=MONDAY, last=MONDAY + timedelta(days=1)
    )
    assert "Kim" not in says(signed_in)
    assert signed_in.post(f"/staff/{theirs.pk}/", FORM).status_code == 404
    assert signed_in.post(f"/staff/teams/{team.pk}/", {"name": "Mine", "lead": ""}).status_code == 404
    signed_in.post(f"/staff/{theirs.pk}/active/", {"active": "no"})
    signed_in.post(f"/staff/teams/{team.pk}/", {"what": "remove"})
    signed_in.post(f"/staff/absences/{away.pk}/")
    assert signed_in.post("/staff/new/", FORM | {"deputy": theirs.pk, "team": team.pk}).status_code == 400
    theirs.refresh_from_db()
    assert (theirs.name, theirs.active) == ("Kim", True)
    assert Team.objects.filter(pk=team.pk).exists()
    assert Absence.objects.filter(pk=away.pk).exists()


def test_a_manager_adds_tries_and_removes_a_way_and_its_address_does_not_come_back(
    provider: Provider, marta: User
) -> None:
    marta.role = Role.OWNER
    marta.save()
    client = Client()
    client.force_login(marta)
    ewa = Technician.objects.create(provider=provider, name="Ewa", email="")
    page = f"/staff/{ewa.pk}/"
    with receiver() as there:
        address = f"json://127.0.0.1:{there.port}/hush-hush"
        said = {"way-name": "SMS", "way-address": address, "way-say": "bare", "way-allow_private": "on"}
        assert client.post(f"{page}ways/", {**said, "way-address": "gnome://hush-hush"}).status_code == 400
        assert client.post(f"{page}ways/", said).status_code == 302
        way = Way.objects.get()
        shown = client.post(f"{page}ways/try/", {"way": f"way:{way.pk}"}).content.decode()
        assert "The test by <strong>SMS</strong> was taken" in shown
        assert "JSON: 200 ok" in client.get(page).content.decode()
        assert there.posted[0].said["message"].startswith("A test of a way to Ewa")
    assert "hush-hush" not in shown
    client.post(f"{page}ways/{way.pk}/remove/")
    assert not Way.objects.exists()


def test_whoever_is_to_be_reached_in_a_way_that_they_lack_is_said_to_be_missing_it(
    provider: Provider, marta: User
) -> None:
    client = Client()
    client.force_login(marta)
    for name, email, channels in (("Ewa", "e@x.example", ["email", "sms"]), ("Kim", "", ["sms"])):
        Technician.objects.create(provider=provider, name=name, email=email, channels=channels)
    page = client.get("/staff/").content.decode()
    assert "Ewa is to be reached by sms, and has no such way." in page
    assert "Kim is reached in no way." in page


def test_a_manager_cannot_let_a_way_into_the_private_network(provider: Provider, marta: User) -> None:
    marta.role = Role.MANAGER
    marta.save()
    client = Client()
    client.force_login(marta)
    ewa = Technician.objects.create(provider=provider, name="Ewa")
    said = {
        "way-name": "SMS",
        "way-address": "json://10.0.0.1/x",
        "way-say": "bare",
        "way-allow_private": "on",
    }
    answer = client.post(f"/staff/{ewa.pk}/ways/", said)
    assert "not encrypted" in answer.content.decode()
    assert not Way.objects.exists()


def test_a_service_manager_is_asked_whether_they_want_the_days_list(
    signed_in: Client, people: dict[str, Technician], provider: Provider
) -> None:
    assert re.search('<input [^>]*name="day_list"[^>]* checked', says(signed_in, "/staff/new/"))
    signed_in.post(f"/staff/{people['ada'].pk}/", FORM | {"name": "Ada Ferrant", "is_manager": "on"})
    ada = Technician.objects.get(pk=people["ada"].pk)
    assert (ada.is_manager, ada.day_list) == (True, False)
    assert list(Due.objects.filter(kind=DAY_LIST).values_list("key", flat=True)) == [ada.pk]
