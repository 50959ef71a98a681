"""From due dates that an Autotask told to the times of a draft, which its API does not tell; each is marked so."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from tests.connectors.autotask.fake import Autotask, iso
from tests.connectors.conftest import NOW, Hand
from tests.support.forms import send_draft, take_draft
from tests.web.test_connect import as_role, text_of
from typer.testing import CliRunner

from beforehand.connectors.due_dates import due_dates
from beforehand.connectors.models import Connection
from beforehand.engine.instants import HOUR, MINUTE
from beforehand.engine.zones import load
from beforehand.people.models import Provider, User
from beforehand.people.roles import Role
from beforehand.promises import models as promises
from beforehand.promises.draft.make import Draft, draft_of
from beforehand.promises.file.dump import dump
from beforehand.promises.models import Client as Customer
from beforehand.promises.psa import set_up_of
from beforehand.tickets.models import Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.program]
BEGUN = NOW - timedelta(days=60)
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
NEW_YORK = ZoneInfo("America/New_York")


def always(start: datetime, minutes: int) -> datetime:
    return start + minutes * timedelta(minutes=1)


def office(start: datetime, minutes: int) -> datetime:
    """Monday to Friday 9 to 17 in New York, minute by minute."""
    at = start
    while minutes:
        wall = at.astimezone(NEW_YORK)
        minutes -= wall.weekday() < 5 and 9 <= wall.hour < 17
        at += timedelta(minutes=1)
    return at


@pytest.fixture(autouse=True)
def desk(autotask: Autotask) -> None:
    """An office in New York; which zone that is Autotask says in words of its own."""
    autotask.picks["timeZoneID"] = {"(GMT-05:00) Eastern Time (US & Canada)": 30}
    ends = {"Start": "1900-01-01T09:00:00Z", "End": "1900-01-01T17:00:00Z"}
    hours = {f"{day}BusinessHours{end}Time": at for day in DAYS for end, at in ends.items()}
    autotask.add(
        "InternalLocationWithBusinessHours", name="Office", id=10, timeZoneID=30, isDefault=True, **hours
    )
    autotask.rows["Contracts"][0] |= {"companyID": 300}


def tickets(
    autotask: Autotask,
    number: int,
    priority: int,
    due: Callable[[datetime], dict[str, datetime]],
    **more: Any,
) -> list[int]:
    """Tickets at all hours, each with its due dates."""
    made = []
    for turn in range(number):
        at = BEGUN + turn * timedelta(hours=31, minutes=7)
        stamps = {name: iso(when) for name, when in due(at).items()}
        made.append(autotask.create(at, priority=priority, serviceLevelAgreementID=2, **stamps, **more))
    return made


def usual(start: datetime) -> dict[str, datetime]:
    return {"firstResponseDueDateTime": always(start, 30), "resolvedDueDateTime": office(start, 480)}


@pytest.fixture
def hand(hand: Hand) -> Hand:
    """Connected for long enough to have all of them."""
    Connection.objects.update(since=BEGUN - timedelta(days=1))
    return hand


def draft(hand: Hand, **answers: str) -> Draft:
    row = hand.connection
    set_up = set_up_of(row.provider_id, row.source.slug)
    given = {key.replace("_", " "): answer for key, answer in answers.items()}
    since = row.since.astimezone(load(row.provider.zone)).date()
    found = draft_of(row.provider, row.source.slug, "Autotask PSA", set_up, since, given, NOW, due_dates(row))
    assert found is not None
    return found


def test_a_draft_has_the_times_and_the_zone_that_due_dates_tell(autotask: Autotask, hand: Hand) -> None:
    tickets(autotask, 31, 1, usual)
    for ticket in tickets(autotask, 31, 1, usual)[:4]:
        moved = autotask.ticket(ticket)
        moved["firstResponseDueDateTime"] = iso(BEGUN + timedelta(days=50))
    hand.pull()

    (plan,) = draft(hand).plans

    assert plan.hours == "Mon-Fri 9:00-17:00, America/New_York"
    assert plan.rows == [
        ("P1", "response", "30m 24x7", "inferred from the due dates of 62 tickets; 4 differ"),
        ("P1", "resolution", "8h", "inferred from the due dates of 62 tickets"),
    ]
    (zone, *_) = draft(hand).questions
    assert (zone.answer, zone.how) == (
        "America/New_York",
        "inferred from 62 due dates; 3 other zones would fit as well",
    )
    assert (
        "# Gold SLA, P1, response 30m 24x7: inferred from the due dates of 62 tickets; 4 differ."
        in draft(hand).text
    )


def test_what_may_have_been_moved_is_left_aside(autotask: Autotask, hand: Hand) -> None:
    """A wait for the client and another priority move due dates; a ticket that only went on keeps its own."""
    some = tickets(autotask, 30, 1, usual)
    for ticket in some[:6]:
        autotask.set(ticket, NOW - timedelta(days=2), status="Waiting Customer")
        autotask.ticket(ticket)["resolvedDueDateTime"] = iso(NOW)
    for ticket in some[6:12]:
        autotask.set(ticket, NOW - timedelta(days=2), priority="Critical")
        autotask.set(ticket, NOW - timedelta(days=1), priority="P1")
        autotask.ticket(ticket)["resolvedDueDateTime"] = iso(NOW)
    for ticket in some[12:20]:
        autotask.set(ticket, NOW - timedelta(days=2), status="In Progress")
    hand.pull()
    how = [one.how for one in draft(hand).questions if one.kind == "time"]
    assert how == ["inferred from the due dates of 18 tickets"] * 2


def test_too_few_tell_nothing_and_the_question_stays_open(autotask: Autotask, hand: Hand) -> None:
    tickets(autotask, 9, 1, usual)
    hand.pull()
    found = draft(hand)
    assert found.plans == ()
    assert [(one.answer, one.how) for one in found.questions] == [
        ("", "not inferred: 9 tickets whose due date nothing moved, and from fewer than 10 nothing is")
    ] * 2


def test_what_fits_in_two_ways_is_said_and_not_taken(autotask: Autotask, hand: Hand) -> None:
    """Created at noon in New York, half an hour in the office is half an hour."""
    for day in range(40):
        at = datetime(2026, 1, 12, 17, 5, tzinfo=UTC) + timedelta(days=day)
        if at.weekday() < 5:
            autotask.create(
                at, priority=1, serviceLevelAgreementID=2, firstResponseDueDateTime=iso(always(at, 30))
            )
    hand.pull()
    zone, one = draft(hand, zone_of_10="America/New_York").questions
    assert (zone.answer, zone.how) == (
        "America/New_York",
        "entered by you; nothing in the draft is in these hours",
    )
    assert one.answer == ""
    assert (
        one.how
        == "30m 24x7 and 30m in the hours of Office give the same due dates on its tickets: which is it?"
    )


def test_what_the_owner_enters_wins_and_is_marked_as_that(autotask: Autotask, hand: Hand) -> None:
    tickets(autotask, 30, 1, usual)
    tickets(autotask, 3, 2, usual)
    hand.pull()
    found = draft(
        hand,
        response_of_P1_under_2="45m",
        resolution_of_P1_under_2="none",
        response_of_Medium_under_2="2h 24x7",
    )
    assert found.plans[0].rows == [
        ("Medium", "response", "2h 24x7", "entered by you"),
        ("P1", "response", "45m", "entered by you"),
    ]
    odd = draft(hand, response_of_P1_under_2="soon", zone_of_10="Asia/Tokyo")
    assert "soon: is no time here; examples are 4h, 1h 30m and 4h 24x7." in odd.notes
    assert odd.plans[0].rows[0][2:] == ("30m 24x7", "inferred from the due dates of 30 tickets")
    assert len(odd.plans[0].rows) == 1, "in the hours of Tokyo nothing gives these due dates"
    assert odd.plans[0].hours == "24x7"


def test_what_was_shown_and_sent_back_is_still_inferred(autotask: Autotask, hand: Hand) -> None:
    tickets(autotask, 30, 1, usual)
    hand.pull()
    shown = draft(hand)
    row = {one.key.replace(" ", "_"): one.answer for one in shown.questions}
    assert draft(hand, **row) == shown


@pytest.mark.usefixtures("nothing_promised")
class TestShown:
    @pytest.fixture
    def page(self, autotask: Autotask, hand: Hand) -> str:
        tickets(autotask, 30, 1, usual)
        tickets(autotask, 3, 2, usual)
        hand.pull()
        return f"/sources/{hand.connection.pk}/"

    @pytest.fixture
    def client(self, provider: Provider) -> Client:
        made = User.objects.create(username="marta", provider=provider, role=Role.OWNER)
        return as_role(made, Role.OWNER)

    def test_on_the_page(self, client: Client, page: str) -> None:
        said = text_of(client, f"{page}compared/?draft=yes")
        assert '30m 24x7 <span class="soft how">inferred from the due dates of 30 tickets</span>' in said
        assert 'value="30m 24x7"' in said
        assert "<option selected>America/New_York</option>" in said
        assert "Inferred from 30 due dates; 3 other zones would fit as well." in said
        assert "Not inferred: 3 tickets whose due date nothing moved" in said

    def test_entered_on_the_page_it_is_promised(self, client: Client, page: str, hand: Hand) -> None:
        answer = take_draft(client, page, asked="&answer-response%20of%20Medium%20under%202=1h")
        assert answer.headers["Location"].endswith("?taken=yes")
        times = promises.Line.objects.values_list("priority", "targets__metric", "targets__amount")
        assert sorted(times) == [
            ("Medium", "response", HOUR),
            ("P1", "resolution", 8 * HOUR),
            ("P1", "response", 30 * MINUTE),
        ]

    def test_taken_it_stays_marked_and_is_the_same_plan_once_more_tickets_tell_it(
        self, client: Client, page: str, hand: Hand, autotask: Autotask
    ) -> None:
        take_draft(client, page, asked="&answer-response%20of%20Medium%20under%202=1h")
        marked = "priority P1 (response and resolution inferred from the due dates of 30 tickets)"
        assert sorted(promises.Line.objects.values_list("name", flat=True)) == [
            "priority Medium (response entered by hand)",
            marked,
        ]
        assert f"name: {marked}" in dump(hand.connection.provider)
        tickets(autotask, 3, 1, usual, lastActivityDate=iso(hand.now + timedelta(minutes=30)))
        hand.later(minutes=60)
        again = draft(hand, response_of_Medium_under_2="1h")
        assert again.plans == (), "what was drafted before is left as it is"
        assert again.text.count("inferred from the due dates of 30 tickets") == 1

    def test_other_times_than_were_shown_are_not_taken(
        self, client: Client, page: str, hand: Hand, autotask: Autotask
    ) -> None:
        shown = text_of(client, f"{page}compared/?draft=yes")
        tickets(autotask, 12, 2, usual, lastActivityDate=iso(hand.now + timedelta(minutes=30)))
        hand.later(minutes=60)
        answer = send_draft(client, page, shown)
        assert answer.status_code == 409
        assert not promises.Agreement.objects.exists()
        said = answer.content.decode()
        assert "Due dates tell something else than when it was shown." in said
        assert "<li>New: Gold SLA, response for Medium: 30m 24x7, inferred</li>" in said
        assert send_draft(client, page, said).headers["Location"].endswith("?taken=yes")

    def test_a_zone_that_makes_other_times_known_takes_nothing_unseen(
        self, client: Client, page: str
    ) -> None:
        """In Tokyo nothing gives the due dates in the office: what was promised there is gone from the draft."""
        answer = take_draft(client, page, {"zone of 10": "Asia/Tokyo"})
        assert answer.status_code == 409
        assert not promises.Agreement.objects.exists()
        said = answer.content.decode()
        assert "You gave other answers than those under which it was shown." in said
        assert "<li>No more in it: Gold SLA, resolution for P1: 8h, inferred</li>" in said
        assert "<option selected>Asia/Tokyo</option>" in said, "though no hours in it are there"
        assert "Entered by you; nothing in the draft is in these hours." in said
        back = send_draft(client, page, said, {"zone of 10": ""}).content.decode()
        assert "<li>New: Gold SLA, resolution for P1: 8h, inferred" in back, "it can be taken back"
        assert "<option selected>America/New_York</option>" in back
        assert send_draft(client, page, said).headers["Location"].endswith("?taken=yes")
        assert [line.name for line in promises.Line.objects.all()] == [
            "priority P1 (response inferred from the due dates of 30 tickets)"
        ]

    def test_more_tickets_that_tell_the_same_are_no_other_draft(
        self, client: Client, page: str, hand: Hand, autotask: Autotask
    ) -> None:
        shown = text_of(client, f"{page}compared/?draft=yes")
        tickets(autotask, 3, 1, usual, lastActivityDate=iso(hand.now + timedelta(minutes=30)))
        hand.later(minutes=60)
        assert send_draft(client, page, shown).headers["Location"].endswith("?taken=yes")

    def test_the_zone_stays_marked_once_it_is_taken(self, client: Client, page: str, hand: Hand) -> None:
        mark = "zone inferred from 30 due dates; 3 other zones would fit as well"
        assert f'<span class="soft how">{mark}</span>' in text_of(client, f"{page}compared/?draft=yes")
        take_draft(client, page)
        assert f'"Office (Autotask PSA) ({mark})":' in dump(hand.connection.provider)
        one = Customer.objects.get(name="Contoso")
        said = text_of(client, f"/clients/{one.pk}/")
        assert f"Mon-Fri 9:00-17:00 (New York, {mark})" in said
        ticket = Ticket.objects.order_by("-created")[0]
        assert f"New York, {mark})" in text_of(client, f"/tickets/{ticket.pk}/")

    def test_in_the_command(self, page: str, hand: Hand) -> None:
        from beforehand.connectors.asked import due_dates_of, names_here, title_and_first_day
        from beforehand.promises.commands import Above, Asked, build

        def asked(provider: Provider, source: str) -> Asked:
            title, since = title_and_first_day(provider, source)
            return Asked(title, since, names_here(provider, source), due_dates_of(provider, source))

        app = build(Above(lambda: None, lambda: NOW, lambda _: (), lambda _: (), lambda _: (), asked))
        done = CliRunner().invoke(app, ["draft", hand.connection.source.slug])
        assert done.exit_code == 0
        assert (
            "Gold SLA, P1: response within (inferred from the due dates of 30 tickets: 30m 24x7;"
            ' --answer "response of P1 under 2=...")' in done.stderr
        )
        assert "Medium: response within (not inferred: 3 tickets" in done.stderr
        assert "# Gold SLA, P1, response 30m 24x7: inferred from the due dates of 30 tickets." in done.stdout
