"""Companies, agreements, boards, statuses and people get new names in ConnectWise: here everything stays as it was."""

from pathlib import Path

import pytest
from tests.connectors.connectwise.conftest import AGREEMENT, Hand
from tests.connectors.connectwise.fake import Tenant, status_of
from tests.support.renaming import facts, judged, renamed

from beforehand.connectors.models import Connection, Remote, Word
from beforehand.engine.codes import KINDS
from beforehand.people.models import Team, Technician
from beforehand.people.staff import Staff
from beforehand.promises.file.load import load
from beforehand.tickets.models import Clock, Ticket

pytestmark = pytest.mark.django_db
OWN = """
clients:
  Acme Ltd:
    agreements:
      Gold:
        contract: Gold
        versions:
          - from: 2020-01-01
            lines:
              - {site: Main, type: Incident, board: Service Desk, channel: Email Connector, priority: Priority 2,
                 response: 30m, resolution: 2h}
"""
NEW = {
    "Acme Ltd": "Acme Group plc", "Gold": "Gold 2026", "Service Desk": "Help Desk", "Incident": "Fault",
    "Waiting on Client": "Customer's turn", "Completed": "Done", "Priority 2": "High", "Email Connector": "Mail",
    "Tier 1": "First line", "Main": "Head office", "Alex Smith": "Alex Jones", "Smith": "Jones",
}  # fmt: skip


@pytest.fixture
def held(hand: Hand, tmp_path: Path) -> Hand:
    """A provider who promises Acme something for all that a line can name."""
    file = tmp_path / "own.yaml"
    file.write_text(AGREEMENT + OWN)
    load(file, hand.connection.provider, hand.now)
    return hand


def lived(tenant: Tenant, number: int, start: int) -> None:
    """Answered, waiting for an hour, and done an hour later."""
    tenant.open(number, f"{start:02}:00", team={"id": 5, "name": "Tier 1"})
    tenant.own(number, f"{start:02}:05")
    tenant.note(number, f"{start:02}:10", "Which printer is it?", member={"id": 150, "identifier": "asmith"})
    tenant.status(number, "Waiting on Client", f"{start:02}:10")
    tenant.status(number, "In Progress", f"{start + 1:02}:10")


def after(tenant: Tenant) -> None:
    tenant.lists = renamed(tenant.lists, NEW)
    for row in tenant.lists["system/members"]:
        if row["identifier"] == "asmith":
            row["lastName"] = "Jones"


def done(tenant: Tenant, number: int, at: str) -> None:
    """The same as before, in the words of after."""
    tenant.audit(number, at, 'Status has been updated from "In Progress" to "Done".', "asmith", "Status")
    tenant.save(number, at, status={"id": 505, "name": "Done"})


def test_all_that_has_a_name_gets_another(tenant: Tenant, held: Hand) -> None:
    """2.1, 2.2, 4.3, 5.4: tickets of before and after are one client's, under the same line; the past stands."""
    lived(tenant, 1, 9)
    tenant.status(1, "Completed", "10:40")
    lived(tenant, 2, 11)
    held.at("12:20")
    first, clocks = facts("1"), judged("1")
    assert (first["client_name"], first["contract"]) == ("Acme Ltd", "Gold")
    assert {row[3] for row in clocks} == {first["version"]}

    after(tenant)
    # It is told within the minute, before anybody has looked at the set-up again.
    done(tenant, 2, "12:21")
    tenant.open(3, "12:21", **fresh(tenant))
    held.at("12:22")
    for ticket in ("2", "3"):
        assert facts(ticket) == first
    tenant.save(1, "12:28", summary="Looked at again")
    held.at("12:30")
    assert {facts(ticket) == first for ticket in "123"} == {True}
    assert judged("1") == clocks
    assert held.statuses("2") == [
        ("02 11:00", "New"),
        ("02 11:10", "Waiting on Client"),
        ("02 12:10", "In Progress"),
        ("02 12:21", "Completed"),
    ]
    targets = Clock.objects.filter(ticket__external_id="3").values_list("target", flat=True)
    assert 1800 * 1_000_000 in targets
    assert not Ticket.objects.exclude(unmapped=0).exists()


def fresh(tenant: Tenant) -> dict[str, object]:
    """What a new ticket has, as things are called now."""
    like = tenant.ticket(2)
    names = ("board", "company", "site", "type", "priority", "source", "agreement", "team")
    return {**{name: like[name] for name in names}, "status": status_of("New")}


def test_whoever_is_told_stays_who_they_are(tenant: Tenant, held: Hand) -> None:
    provider = held.connection.provider
    alex = Technician.objects.create(provider=provider, name="Alex Smith", email="alex@nw.test")
    Team.objects.create(provider=provider, name="Tier 1", lead=alex)
    lived(tenant, 1, 9)
    held.at("11:00")
    after(tenant)
    tenant.open(2, "11:01", **fresh_of(tenant, 1))
    tenant.audit(2, "11:01", 'Ticket owner has been set to "Alex Jones".', "asmith", "Owner")
    tenant.save(2, "11:01", owner={"id": 150, "identifier": "asmith", "name": "Alex Jones"})
    tenant.note(1, "11:01", "Still there?", member={"id": 150, "identifier": "asmith"})
    for minute in ("11:02", "11:20"):
        held.at(minute)
        staff = Staff(provider)
        for ticket in Ticket.objects.all():
            assert staff.named(ticket.assignee) == staff.lead_of(ticket.team) == staff.by_id(alex.pk)
    assigned = [event for event in held.told("1") if KINDS[event.kind] == "assigned"]
    assert [event.value for event in assigned] == ["Alex Smith"]


def fresh_of(tenant: Tenant, number: int) -> dict[str, object]:
    like = tenant.ticket(number)
    return {name: like[name] for name in ("board", "company", "agreement", "team", "type", "priority")}


def test_agreements_of_the_same_name_are_those_of_their_companies(tenant: Tenant, held: Hand) -> None:
    """One company's agreement becomes called as another's is: each stays what it was."""
    other = {"id": 301, "identifier": "BETA", "name": "Beta"}
    silver = {"id": 901, "name": "Silver", "company": other}
    tenant.lists["company/companies"].append(other)
    tenant.lists["finance/agreements"].append(silver)
    tenant.open(1, "09:00")
    tenant.open(2, "09:00", company=other, agreement={"id": 901, "name": "Silver"})
    held.at("09:05")
    tenant.lists = renamed(tenant.lists, {"Silver": "Gold"})
    tenant.save(1, "09:06")
    tenant.save(2, "09:06")
    for minute in ("09:07", "09:30"):
        held.at(minute)
        assert dict(Ticket.objects.values_list("external_id", "contract")) == {"1": "Gold", "2": "Silver"}
    assert Word.objects.get(kind="contract", key="901").named == "Gold"


def test_a_company_that_takes_a_name_another_gave_up_is_somebody_else(tenant: Tenant, held: Hand) -> None:
    """2.3: no ticket is ever given another client's terms."""
    tenant.open(1, "09:00")
    held.at("09:05")
    tenant.lists = renamed(tenant.lists, {"Acme Ltd": "Acme (sold)"})
    fresh = {"id": 400, "identifier": "ACME2", "name": "Acme Ltd", "deletedFlag": False}
    tenant.lists["company/companies"].append(fresh)
    tenant.open(2, "09:06", company={"id": 400, "name": "Acme Ltd"})
    tenant.save(1, "09:06")
    Connection.objects.update(set_up_read=None)
    held.at("09:10")
    assert dict(Ticket.objects.values_list("external_id", "client_name")) == {
        "1": "Acme Ltd",
        "2": "Acme Ltd (400)",
    }
    assert Ticket.objects.get(external_id="1").version_id != Ticket.objects.get(external_id="2").version_id


def test_a_status_that_takes_a_name_another_gave_up_says_nothing_of_the_past(
    tenant: Tenant, held: Hand
) -> None:
    """3.2, 5.4: what waited then has waited."""
    lived(tenant, 1, 9)
    tenant.status(1, "Completed", "10:40")
    held.at("10:45")
    clocks = judged("1")
    tenant.lists["service/boards/20/statuses"] = renamed(
        tenant.lists["service/boards/20/statuses"], {"Waiting on Client": "Customer's turn"}
    )
    tenant.lists["service/boards/20/statuses"].append(
        {"id": 520, "name": "Waiting on Client", "escalationStatus": "NoEscalation", "closedStatus": False}
    )
    held.at("17:00")
    tenant.save(1, "17:01", summary="Read once more")
    held.at("17:02")
    assert judged("1") == clocks
    assert Word.objects.get(kind="status", key="520").name == "Waiting on Client (520)"


def test_a_board_with_a_new_name_keeps_what_was_said_of_its_statuses(tenant: Tenant, held: Hand) -> None:
    held.at("09:00")
    Word.objects.filter(kind="status", key="503").update(confirmed=True, ours="waiting-on-client")
    tenant.lists = renamed(tenant.lists, {"Service Desk": "Help Desk"})
    held.at("16:00")
    row = Word.objects.get(kind="status", key="503")
    assert (row.board, row.confirmed, row.gone) == ("Service Desk", True, None)


def statuses(tenant: Tenant, held: Hand, at: str, **names: str) -> None:
    """Statuses of the desk by their ids get other names, or are new; all tickets are read again."""
    there = {str(row["id"]): row for row in tenant.lists["service/boards/20/statuses"]}
    for key, name in names.items():
        id_ = key.removeprefix("s")
        there[id_] = {**there.get(id_, {"id": int(id_), "escalationStatus": "NoEscalation"}), "name": name}
    tenant.lists["service/boards/20/statuses"] = list(there.values())
    Connection.objects.update(set_up_read=None)
    Remote.objects.update(shallow=True)
    held.at(at)


def test_a_new_board_that_takes_a_name_another_gave_up_has_statuses_of_its_own(
    tenant: Tenant, held: Hand
) -> None:
    """3.2."""
    held.at("09:05")
    tenant.lists = renamed(tenant.lists, {"Service Desk": "Old Desk"})
    tenant.lists["service/boards"].append({"id": 30, "name": "Service Desk"})
    tenant.lists["service/boards/30/statuses"] = [{"id": 601, "name": "New"}]
    for own in ("types", "teams"):
        tenant.lists[f"service/boards/30/{own}"] = []
    for minute in ("16:00", "23:00"):
        held.at(minute)
        (row,) = Word.objects.filter(kind="status", key="601")
        assert (row.board, row.name, row.gone) == ("Service Desk (30)", "New", None)


def test_two_statuses_that_swap_their_names_change_no_past(tenant: Tenant, held: Hand) -> None:
    """5.4: of one that a ticket has had from its creation on its id says which it is."""
    tenant.open(1, "09:00", status=status_of("Waiting on Client"))
    tenant.open(2, "09:00")
    tenant.status(2, "Waiting on Client", "09:10")
    tenant.status(2, "Waiting on Vendor", "09:20")
    held.at("09:30")
    first = held.statuses("1"), held.statuses("2")
    tenant.save(1, "09:35", status={"id": 503, "name": "Waiting on Vendor"})
    tenant.save(2, "09:35", status={"id": 504, "name": "Waiting on Client"})
    for minute in ("09:40", "09:50"):
        statuses(tenant, held, minute, s503="Waiting on Vendor", s504="Waiting on Client")
        assert (held.statuses("1"), held.statuses("2")) == first


def test_a_name_that_another_had_only_between_two_is_that_ones_then(tenant: Tenant, held: Hand) -> None:
    held.at("09:01")
    tenant.open(1, "09:05")
    statuses(tenant, held, "09:06", s503="Pending")
    tenant.audit(1, "09:10", 'Status has been updated from "New" to "Pending".', "asmith", "Status")
    tenant.audit(1, "09:20", 'Status has been updated from "Pending" to "In Progress".', "asmith", "Status")
    tenant.save(1, "09:20", status=status_of("In Progress"))
    held.at("09:25")
    first = held.statuses("1")
    assert first[1] == ("02 09:10", "Waiting on Client")
    statuses(tenant, held, "09:30", s503="Customer's turn")
    statuses(tenant, held, "09:40", s520="Pending")
    statuses(tenant, held, "09:50")
    assert held.statuses("1") == first


def test_a_name_given_up_before_names_were_kept_stays_in_the_past(tenant: Tenant, held: Hand) -> None:
    """An older installation knows that a status had another name, and not until when."""
    tenant.open(1, "09:00")
    tenant.status(1, "Waiting on Client", "09:20")
    tenant.status(1, "In Progress", "09:40")
    held.at("09:50")
    first = held.statuses("1")
    Word.objects.filter(kind="status", key="503").update(named="Customer's turn", names=[])
    statuses(tenant, held, "16:00", s503="Customer's turn")
    statuses(tenant, held, "17:00", s520="Waiting on Client")
    statuses(tenant, held, "18:00")
    assert held.statuses("1") == first
