"""The pages of the ladders: read, copied, made, changed, previewed, taken away; without any script."""

from collections.abc import Mapping
from datetime import datetime
from html import unescape
from html.parser import HTMLParser

import pytest
from django.test import Client
from tests.support import alerted

from beforehand.alerts.models import Alert, Switch
from beforehand.people.models import Provider, User
from beforehand.people.roles import Role
from beforehand.promises.file.dump import dump
from beforehand.promises.ladder_changes import Told, save
from beforehand.promises.ladders import FIRST, Link, Match, Step, from_stored
from beforehand.promises.models import Client as Promised
from beforehand.promises.models import Ladder, Target
from beforehand.promises.revisions import renew
from beforehand.tickets.models import Ticket

pytestmark = pytest.mark.django_db
NAME = "Premium, first"
FORM = {
    "seen": "", "name": NAME, "chain-in": "wall time", "fits": "1", "for-0-plan": "Premium", "for-0-priority": "P1",
    "steps": "2",
    "step-0-at": "40", "step-0-unit": "percent", "step-0-urgency": "normal", "step-0-links": "1",
    "step-1-at": "5", "step-1-unit": "before", "step-1-urgency": "urgent", "step-1-expect": "call the client",
    "step-1-every": "2", "step-1-ends": ["waiting-on-client"], "step-1-channels": "email, sms", "step-1-links": "2",
    "step-1-link-0-party-0": "assignee", "step-1-link-0-join-1": "or", "step-1-link-0-party-1": "dispatcher",
    "step-1-link-0-join-2": "and", "step-1-link-0-party-2": "person Ben Okafor",
    "step-1-link-1-party-0": "service manager", "do": "save",
}  # fmt: skip
TREE = {"for": [{"plan": "Premium", "priority": "P1"}], "steps": [{"at": "50%", "tell": ["service manager"]}]}


class Filled(HTMLParser):
    """What a form would send, as a browser reads it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: dict[str, list[str]] = {}
        self._in, self._select, self._first = False, "", ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._in = said.get("id") == "ladder"
        if not self._in:
            return
        if (tag == "input" and said.get("type") != "checkbox") or (tag == "input" and "checked" in said):
            self.fields.setdefault(said["name"], []).append(said.get("value", ""))
        if tag == "select":
            self._select, self._first = said["name"], ""
        if tag == "option" and self._select:
            value = said.get("value", "or")
            if "selected" in said or not self.fields.get(self._select):
                self.fields[self._select] = [value]


def as_role(user: User, role: Role) -> Client:
    user.role = role
    user.save()
    client = Client()
    client.force_login(user)
    return client


def text(client: Client, address: str) -> str:
    return unescape(client.get(address).content.decode())


@pytest.fixture
def manager(marta: User, provider: Provider) -> Client:
    alerted.make_staff(provider)
    return as_role(marta, Role.MANAGER)


@pytest.fixture
def row(provider: Provider, now: datetime) -> Ladder:
    save(provider, "", "", Told(NAME, TREE), now)
    return Ladder.objects.get()


def test_everybody_reads_the_ladders_and_managers_change_them(
    marta: User, provider: Provider, row: Ladder
) -> None:
    for role in (Role.READ_ONLY, Role.MEMBER):
        client = as_role(marta, role)
        page = text(client, "/ladders/")
        assert "For plan Premium, priority P1." in page
        assert FIRST.name in page
        assert "Make it yours" not in page
        assert client.get("/ladders/preview/").status_code == 200
        for address in ("new/", f"{row.pk}/", f"{row.pk}/remove/"):
            assert client.post(f"/ladders/{address}", FORM).status_code == 403
    assert "Make it yours" in text(as_role(marta, Role.MANAGER), "/ladders/")


def test_a_ladder_is_made_and_rehearses_until_it_is_switched_on(manager: Client, provider: Provider) -> None:
    answer = manager.post("/ladders/new/", FORM)
    made = Ladder.objects.get()
    assert answer.headers["Location"] == f"/ladders/{made.pk}/?kept=new"
    ladder = from_stored(made.name, made.said, made.in_hours)
    assert ladder.fits == (Match(plan="Premium", priority="P1"),)
    assert ladder.steps == (
        Step(40, None, ()),
        Step(
            None, 300_000_000,
            (Link((("assignee", "dispatcher"), ("person Ben Okafor",))), Link((("service manager",),))),
            "urgent", ("email", "sms"), "call the client", ("waiting-on-client",), 120_000_000,
        ),
    )  # fmt: skip
    assert "tell: [assignee or dispatcher and person Ben Okafor, service manager]" in dump(provider)
    page = text(manager, f"/ladders/{made.pk}/?kept=new")
    assert "It is new, so it rehearses" in page
    assert not Switch.objects.exists()


def test_what_the_page_shows_saves_as_it_was(manager: Client, provider: Provider) -> None:
    manager.post("/ladders/new/", FORM)
    made = Ladder.objects.get()
    before = dump(provider)
    fields = Filled(manager.get(f"/ladders/{made.pk}/").content.decode()).fields
    answer = manager.post(f"/ladders/{made.pk}/", {**fields, "do": "save"})
    assert answer.status_code == 302
    assert dump(provider) == before


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": ""}, "a short name of visible characters"),
        ({"name": FIRST.name}, "a name that no other ladder has"),
        ({"step-1-at": "x"}, "a duration"),
        ({"step-0-at": "501"}, "a percentage from 1% to 500%"),
        ({"step-0-at": ""}, "where it stands"),
        ({"step-1-every": "0"}, "a duration"),
        ({"for-0-plan": "Gone"}, "a plan: Standard, Premium"),
        ({"step-1-link-0-party-0": "whoever"}, "who is told"),
        ({"step-1-ends": ["asleep"]}, "a state"),
        ({"step-1-text": "Hello", "step-1-unit": "before"}, "client contact in `tell`"),
        ({"chain-in": "moon time"}, "one of wall time, provider hours"),
        ({"step-1-unit": "percent", "step-1-at": "40"}, "one step at a time"),
        ({"step-1-at": "20"}, "a time shorter than each target it is for"),
        ({"fits": "0"}, "which tickets climb it"),
        ({"steps": "0"}, "at least one step"),
    ],
)
def test_what_the_file_refuses_the_page_refuses(
    manager: Client, wrong: Mapping[str, object], said: str
) -> None:
    answer = manager.post("/ladders/new/", {**FORM, **wrong})
    assert answer.status_code == 400
    assert said in unescape(answer.content.decode())
    assert not Ladder.objects.exists()


def test_a_chain_whose_last_person_hears_too_late_is_refused_by_its_step(manager: Client) -> None:
    links = {f"step-0-link-{n}-party-0": "team lead" for n in range(5)}
    said = {**FORM, **links, "step-0-at": "75", "step-0-links": "5", "steps": "1"}
    page = unescape(manager.post("/ladders/new/", said).content.decode())
    place = page.index("5 to tell one after the other in the 3m 45s left at 75%")
    assert page.index('id="step-0"') < place < page.index('id="preview"')


def test_everything_that_is_wrong_is_said_at_once(manager: Client) -> None:
    page = manager.post("/ladders/new/", {**FORM, "name": "", "step-0-at": "x", "step-1-every": "x"})
    assert page.content.decode().count('aria-invalid="true"') == 3


def test_steps_turns_and_tickets_are_added_and_taken_away_without_a_script(manager: Client) -> None:
    def sent(do: str) -> dict[str, list[str]]:
        answer = manager.post("/ladders/new/", {**FORM, "do": do})
        assert (answer.status_code, "Nothing is kept" in answer.content.decode()) == (200, False)
        return Filled(answer.content.decode()).fields

    assert sent("step+")["steps"] == ["3"]
    fewer = sent("step-:0")
    assert (fewer["steps"], fewer["step-0-at"]) == (["1"], ["5"])
    assert sent("link+:1")["step-1-links"] == ["3"]
    assert sent("link-:1:0")["step-1-link-0-party-0"] == ["service manager"]
    assert sent("fit+")["fits"] == ["2"]
    assert sent("fit-:0")["fits"] == ["0"]
    for nonsense in ("step-:9", "link-:9:9", "link-:0:9", "fit-:x", "step-:", "link+:-1"):
        assert sent(nonsense)["steps"] == ["2"]
    assert not Ladder.objects.exists()


def test_one_that_is_built_in_is_copied_as_a_start(manager: Client) -> None:
    fields = Filled(manager.get(f"/ladders/new/?like={FIRST.name}").content.decode()).fields
    assert fields["for-0-priority"] == ["P1"]
    assert manager.post("/ladders/new/", {**fields, "do": "save"}).status_code == 302
    made = Ladder.objects.get()
    assert from_stored(made.name, made.said, False).steps == FIRST.steps
    assert manager.get("/ladders/new/?like=nothing").status_code == 404


def test_a_change_of_somebody_else_is_shown_and_written_over_knowingly_alone(
    manager: Client, provider: Provider, row: Ladder, now: datetime
) -> None:
    seen = Filled(manager.get(f"/ladders/{row.pk}/").content.decode()).fields["seen"]
    theirs = {**TREE, "steps": [{"at": "60%", "tell": "person Chiara Lodi"}]}
    save(provider, NAME, seen[0], Told(NAME, theirs), now)
    answer = manager.post(f"/ladders/{row.pk}/", {**FORM, "seen": seen})
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "somebody has changed this ladder" in page
    assert '<th role="rowheader" scope="row">60%</th>' in page
    assert '"60%"' not in str(Ladder.objects.get().said)
    again = Filled(page).fields
    assert again["step-0-at"] == ["40"]
    assert manager.post(f"/ladders/{row.pk}/", {**again, "do": "save"}).status_code == 302
    row.refresh_from_db()
    assert row.said["steps"][0]["percent"] == 40


def test_another_name_takes_switch_and_alerts_along(
    manager: Client, provider: Provider, row: Ladder, now: datetime, tickets: object
) -> None:
    Switch.objects.create(provider=provider, kind="ladder", key=NAME, since=now)
    alert = alerted.make_alert(Ticket.objects.filter(runs__gt=0)[0], now, ladder=NAME)
    page = manager.get(f"/ladders/{row.pk}/").content.decode()
    assert "it goes on ringing as it does" in page
    fields = Filled(page).fields
    manager.post(f"/ladders/{row.pk}/", {**fields, "name": "Another", "do": "save"})
    alert.refresh_from_db()
    assert (Ladder.objects.get().name, Switch.objects.get().key, alert.ladder) == ("Another",) * 3


def test_taking_one_away_asks_first(manager: Client, provider: Provider, row: Ladder, now: datetime) -> None:
    Switch.objects.create(provider=provider, kind="ladder", key=NAME, since=now)
    page = manager.get(f"/ladders/{row.pk}/remove/").content.decode()
    assert "Take this ladder away?" in page
    assert manager.post(f"/ladders/{row.pk}/remove/", {"seen": "of another day"}).status_code == 409
    assert Ladder.objects.exists()
    seen = page.split('name="seen" value="')[1].split('"')[0]
    answer = manager.post(f"/ladders/{row.pk}/remove/", {"seen": seen})
    assert (answer.status_code, Ladder.objects.exists(), Switch.objects.exists()) == (302, False, False)
    assert f"{NAME}</strong> is taken away" in text(manager, answer.headers["Location"])


def test_unsaved_edits_are_previewed_and_not_kept(manager: Client, row: Ladder) -> None:
    calder = Promised.objects.get(name__startswith="Calder").pk
    asked = {"pv-client": calder, "pv-priority": "P1", "pv-at": "2026-03-10T09:00", "do": "preview"}
    page = unescape(manager.post(f"/ladders/{row.pk}/", {**FORM, **asked}).content.decode())
    assert "A P1 of Calder & Fenn Solicitors</strong>, created" in page
    # A quarter of an hour from nine on.
    for said in ("10 Mar", "9:06", "it only shows on the board", "9:10", "Ben Okafor</strong>", "9:12"):
        assert said in page.replace("\u00a0", " "), said
    row.refresh_from_db()
    assert row.said["steps"][0]["percent"] == 50


def test_the_preview_of_a_ticket_says_what_rings_and_what_does_not(
    manager: Client, provider: Provider, now: datetime
) -> None:
    calder = Promised.objects.get(name__startswith="Calder")
    address = f"/ladders/preview/?client={calder.pk}&priority=P1&assignee=Ada+Ferrant&at=2026-03-10T09:00"
    page = text(manager, address)
    assert "there is no source yet" in page
    assert "Ada Ferrant</strong>" in page
    assert f"/ladders/preview/?client={calder.pk}" in text(manager, f"/clients/{calder.pk}/")
    assert "Expected is a day and a time" in text(manager, "/ladders/preview/?at=yesterday")
    assert "No agreement covers it" in text(manager, "/ladders/preview/?client=")
    assert not Alert.objects.exists()


def test_another_providers_ladder_is_none_of_ours(manager: Client, row: Ladder, now: datetime) -> None:
    row.provider = Provider.objects.create(name="Other", slug="other", zone="UTC", created=now)
    row.save()
    assert NAME not in text(manager, "/ladders/")
    for address in ("", "remove/"):
        assert manager.post(f"/ladders/{row.pk}/{address}", FORM).status_code == 404


def test_taking_one_away_is_refused_where_another_would_then_be_too_slow(
    manager: Client, provider: Provider, row: Ladder, now: datetime
) -> None:
    many = ["team lead", "service manager", "assignee", "dispatcher", "person Ada Ferrant"]
    slow = {"for": [{"plan": "Premium"}], "steps": [{"at": "75%", "tell": many}]}
    save(provider, "", "", Told("Slow", slow), now)  # type: ignore[arg-type]
    page = manager.get(f"/ladders/{row.pk}/remove/").content.decode()
    seen = page.split('name="seen" value="')[1].split('"')[0]
    answer = manager.post(f"/ladders/{row.pk}/remove/", {"seen": seen})
    assert answer.status_code == 400
    assert "The ladder “Slow” could not stay" in unescape(answer.content.decode())
    assert Ladder.objects.filter(name=NAME).exists()
    # And so is leaving the first priority to it.
    fields = Filled(manager.get(f"/ladders/{row.pk}/").content.decode()).fields
    answer = manager.post(f"/ladders/{row.pk}/", {**fields, "for-0-priority": "P2", "do": "save"})
    assert (answer.status_code, "The ladder “Slow” could not stay" in answer.content.decode()) == (400, True)


def test_a_chain_that_stands_still_while_its_clock_runs_is_warned_of(manager: Client) -> None:
    Target.objects.filter(line__priority="P1", metric="response").update(round_the_clock=True)
    renew("default")
    page = manager.post("/ladders/new/", {**FORM, "chain-in": "provider hours", "do": "preview"})
    assert "nobody further is told before the deadline" in page.content.decode()
