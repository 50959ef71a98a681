"""A contract that no agreement names is shown with its tickets, and is what somebody says that it is."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client
from tests.support.toy import WORDS, Toy, registered, toy
from tests.web.test_connect import as_role, connect, read, text_of

from beforehand.connectors.contract import Word as Said
from beforehand.connectors.models import Connection, Word
from beforehand.people.models import Provider, User
from beforehand.people.roles import Role
from beforehand.promises.file.dump import dump
from beforehand.promises.file.load import load
from beforehand.tickets.models import Event, Ticket
from beforehand.web import moment

pytestmark = pytest.mark.django_db
BORN = datetime(2026, 11, 2, 10, tzinfo=UTC)
OWN = """
  {client}:
    agreements:
      Own:
        contract: {contract}
        versions: [{{from: 2020-01-01, lines: [{{board: {board}, response: 1h}}]}}]
"""


@pytest.fixture
def there() -> Iterator[Toy]:
    with registered(), toy() as kept:
        kept.words = [
            *WORDS,
            Said("contract", "900", "Managed", said={"client": "77"}),
            Said("contract", "901", "Managed", said={"client": "78"}),
            Said("contract", "902", "Block hours", said={"client": "78"}),
        ]
        for ticket, client, contract, key in (
            ("T1", "Oakdale Dental", "Managed", "900"),
            ("T2", "Brightwater Schools", "Managed", "901"),
            ("T3", "Brightwater Schools", "Block hours", "902"),
        ):
            kept.add(ticket, BORN, board="Desk", status="New", client=client, contract=contract)
            kept.tickets[ticket]["keys"] = {"contract": key}
        kept.words = [
            word._replace(name="Oakdale Dental") if word.key == "77" else word for word in kept.words
        ]
        yield kept


@pytest.fixture
def client(marta: User) -> Client:
    return as_role(marta, Role.OWNER)


def promise(provider: Provider, path: Path, contract: str, board: str = "Desk") -> None:
    """Two clients, of whom each has an agreement for a contract."""
    file = path / "own.yaml"
    told = dump(provider)
    own = OWN.format(client="Oakdale Dental", contract=contract, board=board)
    own += OWN.format(client="Brightwater Schools", contract="Managed", board="Desk")
    file.write_text(_with(told, own))
    load(file, provider, moment.now())


def _with(told: str, own: str) -> str:
    """Without clients of its own that have these names."""
    head, _, _ = told.partition("\nclients:")
    return f"{head}\nclients:{own}"


@pytest.fixture
def row(client: Client, there: Toy, provider: Provider, tmp_path: Path) -> Connection:
    promise(provider, tmp_path, "Managed 2026")
    made = connect(client, there, since="2026-11-01")
    client.post(f"/sources/{made.pk}/active/", {"active": "yes"})
    return read(made)


def contract_of(ticket: str) -> tuple[str, bool]:
    found = Ticket.objects.get(external_id=ticket)
    return found.contract, found.covered


def test_a_contract_that_no_agreement_names_is_counted_with_its_tickets(
    client: Client, row: Connection
) -> None:
    """2.3: nobody is given what was promised for another contract."""
    assert (contract_of("T1"), contract_of("T2")) == (("Managed", False), ("Managed", True))
    page = client.get(f"/sources/{row.pk}/meaning/")
    shown = [
        (one.client, one.row.name, one.chosen, one.tickets) for one in page.context["shown"].contracts.open
    ]
    assert shown == [
        ("Brightwater Schools", "Block hours", "", 1),
        ("Oakdale Dental", "Managed", "Managed 2026", 1),
    ]
    text = " ".join(page.content.decode().split())
    assert "2 tickets under a contract that no agreement names." in text
    assert f'<a href="/tickets/{Ticket.objects.get(external_id="T1").pk}/">T1</a>' in text
    assert "Oakdale Dental, agreement “Own”: “Managed 2026”." in text


def test_confirmed_its_tickets_are_under_it_from_creation_on_and_those_of_its_namesake_are_not(
    client: Client, row: Connection
) -> None:
    """4.1: what it is called here is no change of the ticket."""
    word = Word.objects.get(kind="contract", key="900")
    client.post(f"/sources/{row.pk}/meaning/", {"what": "contracts", f"word-{word.pk}": "Managed 2026"})
    read(row)
    assert (contract_of("T1"), contract_of("T2")) == (("Managed 2026", True), ("Managed", True))
    told = Event.objects.filter(ticket__external_id="T1", field="contract").order_by("pk")
    assert [(event.value, event.supersedes, event.at) for event in told][-1] == (
        "Managed 2026", told[0].event_id, told[0].at,
    )  # fmt: skip
    page = client.get(f"/sources/{row.pk}/meaning/")
    assert [one.row.name for one in page.context["shown"].contracts.open] == ["Block hours"]
    assert page.context["shown"].contracts.unmet == []


def test_a_contract_with_a_new_name_in_source_and_agreement_is_proposed_under_it(
    client: Client, row: Connection, there: Toy
) -> None:
    there.words = [word._replace(name="Managed 2026") if word.key == "900" else word for word in there.words]
    Connection.objects.update(looked=None, set_up_read=None)
    read(row)
    found = client.get(f"/sources/{row.pk}/meaning/").context["shown"].contracts
    assert [(one.chosen, one.why) for one in found.open if one.row.key == "900"] == [
        ("Managed 2026", "the source calls it so now")
    ]
    assert "first known by, Managed" in found.unmet[0].hint


def test_a_line_that_names_a_board_by_its_new_name_is_said_to_meet_nothing(
    client: Client, row: Connection, there: Toy, provider: Provider, tmp_path: Path
) -> None:
    there.words = [word._replace(name="Front desk") if word.kind == "board" else word for word in there.words]
    there.change("T1", BORN + timedelta(hours=1), board="Front desk")
    Connection.objects.update(looked=None, set_up_read=None)
    read(row)
    promise(provider, tmp_path, "Managed", board="Front desk")
    text = text_of(client, f"/sources/{row.pk}/meaning/")
    assert "1 line of agreements names what no ticket is told under" in text
    assert "Oakdale Dental, agreement “Own”, line “board Front desk”: board “Front desk”." in text
    assert "It was first known as “Desk”, and tickets have that name." in text
