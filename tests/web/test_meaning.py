"""What a source's words mean: proposals that count nowhere until somebody confirms them, and what follows then."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from tests.support.toy import WORDS, Toy, registered, toy
from tests.web.test_connect import as_role, connect, read, text_of

from beforehand.connectors.models import Connection, Remote, Word
from beforehand.engine import history as h
from beforehand.engine.codes import MACHINE, ORIGINS
from beforehand.engine.instants import MINUTE, to_instant
from beforehand.kernel.due.handlers import Going
from beforehand.kernel.models import Due
from beforehand.people.models import Provider, Team, Technician, User
from beforehand.people.roles import Role
from beforehand.people.staff import Staff
from beforehand.promises.book import Book
from beforehand.promises.file.dump import dump
from beforehand.promises.models import Client as OurClient
from beforehand.promises.models import ClientKey, StatusMapping
from beforehand.tickets.events import TicketEvent
from beforehand.tickets.ledger import append
from beforehand.tickets.models import Event, Ticket
from beforehand.tickets.rereading_due import REREAD, reread_some
from beforehand.web import moment

pytestmark = pytest.mark.django_db
BORN = datetime(2026, 11, 2, 10, tzinfo=UTC)
DESK = {"board": "Desk", "status": "Awaiting parts", "client": "Ashcombe Dental Ltd."}


@pytest.fixture
def there() -> Iterator[Toy]:
    with registered(), toy() as kept:
        kept.words = list(WORDS)
        kept.add("T1", BORN, **DESK, priority="Priority 1 - Critical", type="Alert", assignee="Ada Ferrant")
        yield kept


@pytest.fixture
def client(marta: User) -> Client:
    return as_role(marta, Role.OWNER)


@pytest.fixture
def row(client: Client, there: Toy) -> Connection:
    """A connection that has been read once."""
    made = connect(client, there)
    client.post(f"/sources/{made.pk}/active/", {"active": "yes"})
    return read(made)


def word(kind: str, name: str) -> Word:
    return Word.objects.get(kind=kind, name=name)


def confirm(client: Client, row: Connection, what: str, **said: str) -> str:
    """Say what words mean, by kind and name of each; what the page says then."""
    kind = {"statuses": "status", "priorities": "priority", "people": "person"}.get(what, what.rstrip("s"))
    values = {f"word-{word(kind, name).pk}": value for name, value in said.items()}
    answer = client.post(f"/sources/{row.pk}/meaning/", {"what": what, **values}, follow=True)
    return " ".join(answer.content.decode().split())


def reread(provider: Provider) -> None:
    assert Due.objects.filter(kind=REREAD, key=provider.pk).exists()
    assert not reread_some(provider, Going(lambda: moment.now(), lambda: True))


def test_before_its_set_up_is_read_the_page_says_so(client: Client, there: Toy) -> None:
    row = connect(client, there)
    assert "Its set-up has not been read yet" in text_of(client, f"/sources/{row.pk}/meaning/")


def test_a_proposal_counts_nowhere_and_says_why(client: Client, row: Connection) -> None:
    text = text_of(client, f"/sources/{row.pk}/meaning/")
    assert "1 status that nobody mapped" in text
    assert f'<a href="/tickets/{Ticket.objects.get().pk}/">T1</a>' in text
    assert "Awaiting parts (1 ticket)" in text
    assert "its flag NoEscalation is set" in text
    assert not StatusMapping.objects.filter(status="Awaiting parts").exists()
    assert Ticket.objects.get().unmapped
    assert Ticket.objects.get().origin == 0


def test_who_may_change_nothing_reads_what_each_is_called(row: Connection, marta: User) -> None:
    Word.objects.filter(kind="priority").update(proposed="")
    text = text_of(as_role(marta, Role.READ_ONLY), f"/sources/{row.pk}/meaning/")
    assert "Priority 1 - Critical" in text
    assert "(its own name)" in text
    assert "Confirm these" not in text


@pytest.mark.django_db(transaction=True)
def test_a_confirmed_status_is_promised_by_board_and_its_tickets_are_read_again(
    client: Client, row: Connection, provider: Provider
) -> None:
    before = Book(provider)
    said = confirm(
        client, row, "statuses", **{"Awaiting parts": "waiting-on-vendor", "New": "", "Resolved": ""}
    )
    assert "The clocks of all tickets are read again" in said
    after = Book(provider)
    assert before.revision != after.revision
    statuses = after.uncovered.terms.statuses
    meaning = statuses.meaning("Desk", "Awaiting parts")
    assert meaning is not None
    assert meaning.state == "waiting-on-vendor"
    # A board with a table of its own keeps what every board's said before (3.2).
    assert statuses.meaning("Desk", "In progress") == before.uncovered.terms.statuses.meaning(
        "", "In progress"
    )
    assert statuses.meaning("Other", "Awaiting parts") is None
    reread(provider)
    assert not Ticket.objects.get().unmapped
    assert "Awaiting parts: waiting-on-vendor" in dump(provider)


def test_a_status_may_say_besides_that_a_ticket_was_answered_or_planned(
    client: Client, row: Connection, provider: Provider
) -> None:
    """3.2: unless the boxes are there, what it has said stays."""
    parts = word("status", "Awaiting parts")
    there = {"what": "statuses", f"word-{parts.pk}": "waiting-on-vendor", "says-": "yes"}
    client.post(f"/sources/{row.pk}/meaning/", {**there, f"says-{parts.pk}": ["responded", "planned"]})
    assert "Awaiting parts: waiting-on-vendor, responded, planned" in dump(provider)
    page = " ".join(client.get(f"/sources/{row.pk}/meaning/").content.decode().split())
    assert f'name="says-{parts.pk}" value="planned" checked' in page
    confirm(client, row, "statuses", **{"Awaiting parts": "waiting-on-client"})
    assert "Awaiting parts: waiting-on-client, responded, planned" in dump(provider)
    client.post(f"/sources/{row.pk}/meaning/", {**there, f"says-{parts.pk}": ["planned"]})
    assert "Awaiting parts: waiting-on-vendor, planned" in dump(provider)


def test_the_same_again_changes_nothing(client: Client, row: Connection, provider: Provider) -> None:
    confirm(client, row, "statuses", **{"Awaiting parts": "waiting-on-vendor"})
    revision = Book(provider).revision
    said = confirm(client, row, "statuses", **{"Awaiting parts": "waiting-on-vendor"})
    assert "Nothing is another than before" in said
    assert Book(provider).revision == revision


def test_a_state_that_is_none_is_refused_and_nothing_kept(client: Client, row: Connection) -> None:
    said = confirm(client, row, "statuses", **{"Awaiting parts": "waiting", "New": "working"})
    assert "Nothing is kept yet" in said
    assert not StatusMapping.objects.exclude(board="").exists()


def test_a_priority_is_told_as_it_is_called_here(client: Client, row: Connection, provider: Provider) -> None:
    assert Ticket.objects.get().priority == "Priority 1 - Critical"
    said = confirm(client, row, "priorities", **{"Priority 1 - Critical": "P1", "Priority 3 - Medium": "P3"})
    assert "read from the source again" in said
    assert Remote.objects.get().shallow
    read(row)
    assert Ticket.objects.get().priority == "P1"
    # It has been so since its creation: no priority has changed.
    (since,) = [
        event.at
        for event in Event.objects.filter(field="priority")
        if event.value == "P1" and not event.retracts
    ]
    assert since == BORN
    confirm(client, row, "priorities", **{"Priority 1 - Critical": "P2", "Priority 3 - Medium": "P3"})
    read(row)
    assert Ticket.objects.get().priority == "P2"


def test_a_change_that_a_poll_saw_keeps_its_instants_under_another_name(
    client: Client, row: Connection, there: Toy
) -> None:
    later = BORN + timedelta(minutes=30)
    there.change("T1", later, priority="Priority 3 - Medium")
    Connection.objects.update(looked=None)
    read(row)
    confirm(client, row, "priorities", **{"Priority 1 - Critical": "P1", "Priority 3 - Medium": "P3"})
    read(row)
    told = {event.event_id: event for event in Event.objects.filter(field="priority")}
    replaced = {event.supersedes for event in told.values()}
    standing = [event for name, event in told.items() if name not in replaced]
    assert [(event.value, event.at, event.until) for event in sorted(standing, key=lambda e: e.pk)] == [
        ("P1", BORN, None),
        ("P3", BORN, later),
    ]


def test_a_type_gives_its_tickets_their_origin_from_creation_on(
    client: Client, row: Connection, there: Toy
) -> None:
    confirm(client, row, "types", Alert="machine", Incident="client-written")
    read(row)
    ticket = Ticket.objects.get()
    assert ORIGINS[ticket.origin] == "machine"
    assert ticket.origin == MACHINE
    there.change("T1", BORN + timedelta(hours=1), type="Incident")
    Connection.objects.update(looked=None)
    read(row)
    assert ORIGINS[Ticket.objects.get().origin] == "client-written"
    confirm(client, row, "types", Alert="", Incident="")
    read(row)
    assert Ticket.objects.get().origin == 0


def test_an_origin_that_is_none_is_refused(client: Client, row: Connection) -> None:
    assert "Nothing is kept yet" in confirm(client, row, "types", Alert="robots")


@pytest.mark.django_db(transaction=True)
def test_a_client_of_a_like_name_is_proposed_and_confirmed(
    client: Client, row: Connection, provider: Provider
) -> None:
    assert Ticket.objects.get().client is None
    page = client.get(f"/sources/{row.pk}/meaning/")
    found = {one.row.name: one.ours for one in page.context["clients"]}
    # Brightwater Schools is ours by its very name.
    assert found == {"Ashcombe Dental Ltd.": "Ashcombe Dental", "Nobody Knows Inc": ""}
    confirm(client, row, "clients", **{"Ashcombe Dental Ltd.": "Ashcombe Dental", "Nobody Knows Inc": ""})
    key = ClientKey.objects.get(folded="ashcombe dental ltd.")
    assert (key.kind, key.client.name) == ("key", "Ashcombe Dental")
    reread(provider)
    assert Ticket.objects.get().client == OurClient.objects.get(name="Ashcombe Dental")


def test_a_client_whose_key_the_agreement_file_has_is_proposed_by_it(
    client: Client, row: Connection, provider: Provider
) -> None:
    ours = OurClient.objects.get(name="Elbtal Logistik")
    ClientKey.objects.create(provider=provider, client=ours, kind="key", text="79", folded="79")
    page = client.get(f"/sources/{row.pk}/meaning/")
    assert {one.row.name: one.ours for one in page.context["clients"]}["Nobody Knows Inc"] == ours.name
    assert "its key stands in the agreement file" in page.content.decode()


def test_a_name_that_is_nobodys_is_refused(client: Client, row: Connection) -> None:
    assert "the name of a client of ours" in confirm(client, row, "clients", **{"Nobody Knows Inc": "Nobody"})


def test_people_and_teams_join_when_they_are_confirmed(client: Client, row: Connection) -> None:
    assert "They are on the staff now" in confirm(client, row, "people", **{"Ada Ferrant": "yes"})
    ada = Technician.objects.get()
    assert (ada.name, ada.email) == ("Ada Ferrant", "ada@example.com")
    confirm(client, row, "teams", **{"Service desk": "yes"})
    assert Team.objects.get().name == "Service desk"
    confirm(client, row, "people", **{"Ada Ferrant": "yes", "Zoe Quill": "yes"})
    assert Technician.objects.count() == 2


def test_who_follows_a_new_name_here_is_found_by_that_of_the_tickets_again(
    client: Client, row: Connection, there: Toy, provider: Provider
) -> None:
    """Tickets have the first name; the staff has the new one already."""
    there.words[11] = there.words[11]._replace(name="Ada Brandt")
    there.words[13] = there.words[13]._replace(name="Front desk")
    Connection.objects.update(looked=None, set_up_read=None)
    read(row)
    ada = Technician.objects.create(provider=provider, name="Ada Brandt", email="ada@example.com")
    Team.objects.create(provider=provider, name="Front desk", lead=ada)
    text = text_of(client, f"/sources/{row.pk}/meaning/")
    assert "is Ada Brandt here, by a second name" in text
    assert "is Front desk here: call it so again" in text
    confirm(client, row, "people", **{"Ada Ferrant": "yes"})
    confirm(client, row, "teams", **{"Service desk": "yes"})
    staff = Staff(provider)
    assert staff.named("Ada Ferrant") == staff.lead_of("Service desk") == staff.by_id(ada.pk)
    assert (Technician.objects.count(), Team.objects.count()) == (1, 1)


def test_a_new_name_in_the_source_is_no_new_priority(client: Client, row: Connection, there: Toy) -> None:
    there.words[3] = there.words[3]._replace(name="Urgent")
    there.change("T1", BORN + timedelta(hours=1), priority="Urgent")
    Connection.objects.update(looked=None, set_up_read=None)
    read(row)
    there.change("T1", BORN + timedelta(hours=2), subject="Again")
    Connection.objects.update(looked=None)
    read(row)
    assert Ticket.objects.get().priority == "Priority 1 - Critical"
    assert "Urgent now" in text_of(client, f"/sources/{row.pk}/meaning/")


def test_statuses_gone_from_the_source_are_named(client: Client, row: Connection, there: Toy) -> None:
    there.add("T2", BORN, board="Desk", status="Of old")
    Connection.objects.update(looked=None)
    read(row)
    text = text_of(client, f"/sources/{row.pk}/meaning/")
    assert "to be mapped in the agreement file: Of old." in text


def test_the_ticket_page_shows_the_sources_own_view_and_what_was_seen_between(
    client: Client, row: Connection, there: Toy
) -> None:
    there.change("T1", BORN + timedelta(minutes=30), status="Resolved")
    Connection.objects.update(looked=None)
    read(row)
    ticket = Ticket.objects.get()
    text = text_of(client, f"/tickets/{ticket.pk}/")
    assert "What does Our desk itself say?" in text
    assert "<dt>SLA, name</dt><dd>Gold</dd>" in text
    assert '<time datetime="2026-03-02T10:00:00Z">' in text
    assert "seen between Mon 2 Nov 10:00 and Mon 2 Nov 10:30" in text
    assert "from history" not in text
    at = to_instant(BORN) + 12 * MINUTE
    seen = Event.objects.filter(event_id__startswith="seen-status").order_by("-pk")[0]
    taken = h.Event(at, seen.kind, "not-" + seen.event_id, retracts=seen.event_id)
    told = [h.status(at, "Resolved", id="audit-7"), taken]
    append(row.source, [TicketEvent("T1", event) for event in told], moment.now())
    text = text_of(client, f"/tickets/{ticket.pk}/")
    assert "from history" in text
