"""A client's own contact is told, in the step's own words, and of nothing else."""

from datetime import timedelta

import pytest

from beforehand.alerts.models import Delivery, StepTaken, Switch
from beforehand.engine import history as h
from beforehand.engine.instants import to_instant
from beforehand.promises.book import Book
from beforehand.promises.contacts import ContactSaid, learn
from beforehand.promises.ladders import Link, Step
from beforehand.promises.models import Client
from beforehand.tickets.models import Ticket
from tests.support.post import Post

from .conftest import Desk

DAY = "2026-03-10T"
TEXT = "Dear client, {ticket} ({subject}), {priority}, was due {due}. We call you. {client}"


@pytest.fixture
def contoso(desk: Desk) -> Client:
    row = Client.objects.get(name="Contoso")
    row.contact_name, row.contact_email, row.zone = "Jo Smith", "jo@contoso.example", "Europe/Madrid"
    row.save()
    return row


def tells(*parties: str) -> Step:
    return Step(50, None, tuple(Link(((one,),)) for one in parties), client_text=TEXT)


def test_the_contact_is_told_the_steps_own_text_and_nothing_of_our_insides(
    desk: Desk, post: Post, contoso: Client
) -> None:
    desk.ladder(tells("dispatcher", "client contact"))
    desk.open("48213")
    desk.at(DAY + "09:59")
    internal, letter = post.letters
    assert letter["To"] == "jo@contoso.example"
    assert letter["Subject"] == "Your ticket #48213: Mail server down"
    said = letter.get_content()
    assert said.splitlines()[0] == (
        "Dear client, #48213 (Mail server down), P1, was due Tue 10 Mar 11:00. We call you. Contoso"
    )
    for word in ("Dee", "dispatcher", "http", "unassigned", "50%", "I have it"):
        assert word not in said
    assert letter["In-Reply-To"] != internal["In-Reply-To"]


def test_the_tickets_own_contact_goes_first_where_it_has_an_address(
    desk: Desk, post: Post, contoso: Client
) -> None:
    desk.ladder(tells("client contact"))
    desk.open("48213", contact="Ann <ann@contoso.example>")
    desk.open("48214", contact="Ann")
    desk.at(DAY + "09:30")
    to = {letter["Subject"][:18]: letter["To"] for letter in post.letters}
    assert to == {"Your ticket #48213": "ann@contoso.example", "Your ticket #48214": "jo@contoso.example"}


def known(desk: Desk, *said: ContactSaid) -> None:
    learn(desk.provider, "psa", said, desk.now, Book(desk.provider))


def test_a_contact_whom_the_source_knows_is_written_to_as_they_are_known_now(
    desk: Desk, post: Post, contoso: Client
) -> None:
    ann = ContactSaid("17", "Ann Lee", "ann@contoso.example", "Contoso", tier="")
    known(desk, ann)
    desk.ladder(tells("client contact"))
    desk.open("48213", contact="Ann Lee")
    known(desk, ann._replace(name="Ann Miller", email="ann.miller@contoso.example"))
    desk.at(DAY + "09:30")
    assert [letter["To"] for letter in post.letters] == ["ann.miller@contoso.example"]
    row = Delivery.objects.get()
    assert (row.name, row.mailbox.address) == ("Ann Miller", "ann.miller@contoso.example")  # type: ignore[union-attr]
    desk.open("48214", contact="Ann <ann@contoso.example>")
    desk.at(DAY + "10:30")
    assert post.letters[-1]["To"] == "ann@contoso.example"


@pytest.mark.parametrize(
    "who",
    [
        {"in_use": False},
        {"client": "Fabrikam"},
        {"client": ""},
        {"email": ""},
    ],
)
def test_who_is_out_of_use_or_another_clients_is_not_written_to(
    desk: Desk, post: Post, contoso: Client, who: dict[str, object]
) -> None:
    """A contact that is known decides, and then the client's own; never what the ticket's text looks like."""
    ann = ContactSaid("17", "ann@contoso.example", "ann@contoso.example", "Contoso", tier="")
    known(desk, ann._replace(client=str(who.get("client", "Contoso"))))
    known(desk, ann._replace(**who))  # type: ignore[arg-type]
    desk.ladder(tells("client contact"))
    desk.open("48213", contact="ann@contoso.example")
    desk.at(DAY + "09:30")
    assert [letter["To"] for letter in post.letters] == ["jo@contoso.example"]


def test_a_letter_that_waited_goes_to_whom_one_writes_to_by_then(
    desk: Desk, post: Post, contoso: Client
) -> None:
    ann = ContactSaid("17", "Ann Lee", "ann@contoso.example", "Contoso", tier="")
    known(desk, ann)
    desk.ladder(tells("client contact"))
    desk.open("48213", contact="Ann Lee")
    post.refuses = True
    desk.at(DAY + "09:40")
    known(desk, ann._replace(in_use=False))
    post.refuses = False
    desk.at(DAY + "10:30")
    assert [letter["To"] for letter in post.letters] == ["jo@contoso.example"]
    assert "Dear client" in post.letters[0].get_content()
    first, second = Delivery.objects.order_by("pk")
    assert (first.state, first.why) == (
        "dropped",
        "is not the client contact any more: told Jo Smith instead",
    )
    assert (second.state, second.role) == ("sent", "client contact")


def test_a_letter_that_waited_goes_to_the_same_where_nothing_changed(
    desk: Desk, post: Post, contoso: Client
) -> None:
    known(desk, ContactSaid("17", "Ann Lee", "ann@contoso.example", "Contoso", tier=""))
    desk.ladder(tells("client contact"))
    desk.open("48213", contact="Ann Lee")
    post.refuses = True
    desk.at(DAY + "09:40")
    post.refuses = False
    desk.at(DAY + "10:30")
    assert [letter["To"] for letter in post.letters] == ["ann@contoso.example"]
    assert Delivery.objects.count() == 1


def test_another_sources_contact_of_that_name_is_somebody_else(
    desk: Desk, post: Post, contoso: Client
) -> None:
    said = ContactSaid("17", "Ann Lee", "ann@contoso.example", "Contoso", tier="")
    learn(desk.provider, "other", [said], desk.now, Book(desk.provider))
    desk.ladder(tells("client contact"))
    desk.open("48213", contact="Ann Lee")
    desk.at(DAY + "09:30")
    assert [letter["To"] for letter in post.letters] == ["jo@contoso.example"]


def test_without_an_address_it_is_nobody_and_the_chain_moves_on_at_once(desk: Desk, post: Post) -> None:
    desk.ladder(tells("client contact", "service manager"))
    desk.open("48213", contact="Ann")
    desk.at(DAY + "09:30")
    assert [one["To"] for one in post.letters] == ["cleo@northwind.test"]
    assert StepTaken.objects.get().nobody == [0]


def test_two_tickets_are_two_letters_and_no_summary_after_an_outage(
    desk: Desk, post: Post, contoso: Client
) -> None:
    desk.ladder(tells("client contact"))
    desk.open("48213")
    desk.open("48214")
    desk.work()
    desk.now += timedelta(minutes=55)
    desk.work()
    said = {letter["Subject"][:18]: letter.get_content() for letter in post.letters}
    assert said.keys() == {"Your ticket #48213", "Your ticket #48214"}
    assert "48214" not in said["Your ticket #48213"]


def test_rehearsal_holds_for_clients_too(desk: Desk, post: Post, contoso: Client) -> None:
    desk.ladder(tells("client contact"))
    desk.open("48213")
    Switch.objects.all().delete()
    desk.at(DAY + "09:30")
    assert post.letters == []
    assert Delivery.objects.get().state == "rehearsed"


def test_the_subject_stays_out_of_the_first_line_where_mail_is_to_say_less(
    desk: Desk, post: Post, contoso: Client
) -> None:
    desk.provider.mail_bare = True
    desk.provider.save()
    desk.ladder(tells("client contact", "dispatcher"))
    desk.open("48213")
    desk.at(DAY + "09:59")
    assert post.letters[0]["Subject"] == "Your ticket #48213"
    assert post.letters[1]["Subject"] == "P1, response due in 15 minutes, unassigned (#48213)"
    assert "Contoso" not in post.letters[1].get_content()


def test_what_a_ticket_says_cannot_write_another_letter(desk: Desk, post: Post, contoso: Client) -> None:
    desk.ladder(tells("client contact"))
    desk.open("48213", subject="Down\r\nBcc: all@contoso.example", contact="x@y.example\r\nBcc: z@y.example")
    desk.at(DAY + "09:30")
    assert Ticket.objects.get().contact
    assert (post.letters[0]["To"], post.letters[0]["Bcc"]) == ("jo@contoso.example", None)


def test_letters_that_go_to_the_contact_in_a_technicians_place_are_each_of_one_ticket_and_wait_for_none(
    desk: Desk, post: Post, contoso: Client
) -> None:
    ada = desk.people["Ada"]
    ada.hours = {day: [["12:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
    ada.save()
    desk.ladder(Step(50, None, (Link((("assignee", "client contact"),)),), "quiet", client_text=TEXT))
    tickets = ("48213", "48214")
    for ticket in tickets:
        desk.open(ticket)
        desk.tell(ticket, h.assigned(to_instant(desk.now), "Ada", id="to Ada"))
    desk.at(DAY + "10:00")
    assert post.letters == []
    for ticket in tickets:
        desk.tell(ticket, h.assigned(to_instant(desk.now), "", id="to nobody"))
    desk.at(DAY + "12:00")
    assert sorted(letter["Subject"] for letter in post.letters) == [
        f"Your ticket #{ticket}: Mail server down" for ticket in tickets
    ]
    assert {letter["To"] for letter in post.letters} == {"jo@contoso.example"}
    assert set(Delivery.objects.values_list("state", flat=True)) == {"dropped", "sent"}
