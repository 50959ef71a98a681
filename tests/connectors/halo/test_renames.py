"""Clients, contracts, teams, statuses and agents get new names in HaloPSA: here everything stays as it was."""

from datetime import timedelta

import pytest
from tests.connectors.halo.conftest import Hand, at
from tests.connectors.halo.fake import Halo
from tests.support.renaming import facts, judged, renamed

from beforehand.connectors.models import Word
from beforehand.tickets.models import Ticket

pytestmark = pytest.mark.django_db
NEW = {
    "Contoso": "Contoso Group", "GOLD-2025": "GOLD-2026", "First Line": "Help Desk", "Incident": "Fault",
    "P2": "High", "With User": "User's turn", "Resolved": "Done", "Main": "Head office", "Alex Smith": "Alex Jones",
}  # fmt: skip


def lived(halo: Halo, number: int, hour: int) -> None:
    halo.open(number, at(f"10 {hour:02}:00"))
    halo.act(number, at(f"10 {hour:02}:05"), agent=150, note="Mine", hidden=True, status=1, new_agent=150)
    halo.act(number, at(f"10 {hour:02}:10"), agent=150, note="Which?", way="S", status=4)
    halo.act(number, at(f"10 {hour:02}:40"), user=77, note="That one.", way="R", status=2)


def test_all_that_has_a_name_gets_another(hand: Hand, halo: Halo) -> None:
    """4.3, 5.4: tickets of before and after count under the same names, and the past stands."""
    lived(halo, 1, 9)
    halo.act(1, at("10 10:30"), agent=150, note="It prints.", way="S", status=8)
    lived(halo, 2, 10)
    hand.pull(at("10 11:00"))
    first, clocks = facts("1"), judged("1")
    assert (first["client_name"], first["contract"], first["team"]) == ("Contoso", "GOLD-2025", "First Line")

    halo.tables = renamed(halo.tables, NEW)
    halo.tickets = renamed(halo.tickets, NEW)
    halo.act(2, at("10 11:01"), agent=150, note="It prints.", way="S", status=8)
    halo.open(
        3,
        at("10 11:01"),
        client_name="Contoso Group",
        site_name="Head office",
        team="Help Desk",
        agent_id=150,
    )
    hand.pull(at("10 11:02"))
    halo.act(1, at("10 11:20"), user=77, note="Thanks!", way="R")
    halo.act(2, at("10 11:20"), user=77, note="Thanks!", way="R")
    hand.pull(at("10 11:21"))
    hand.pull(at("10 17:30"))
    for ticket in ("1", "2", "3"):
        assert facts(ticket) == first
    assert judged("1") == clocks
    assert [value for _, value in hand.changes(2, "status")] == [
        "New",
        "With User",
        "In Progress",
        "Resolved",
    ]
    assert set(Ticket.objects.values_list("assignee", flat=True)) == {"Alex Smith"}
    assert not Ticket.objects.exclude(unmapped=0).filter(external_id="2").exists()
    assert Word.objects.get(kind="status", key="4").named == "User's turn"


def test_contracts_of_the_same_name_are_those_of_their_clients(hand: Hand, halo: Halo) -> None:
    halo.tables["Client"].append({"id": 400, "name": "Beta"})
    halo.tables["ClientContract"].append({"id": 901, "client_id": 400, "ref": "SILVER", "active": True})
    halo.open(1, at("10 09:00"))
    halo.open(2, at("10 09:00"), client_id=400, client_name="Beta", contract_id=901)
    hand.pull(at("10 09:05"))
    halo.tables["ClientContract"] = renamed(halo.tables["ClientContract"], {"SILVER": "GOLD-2025"})
    for hours in (1, 8):
        for ticket in (1, 2):
            halo.act(ticket, halo.now, user=77, note="Again", way="R")
        hand.pull(halo.now + timedelta(hours=hours))
        assert (facts("1")["contract"], facts("2")["contract"]) == ("GOLD-2025", "SILVER")


def test_of_two_teams_that_swap_their_names_each_keeps_its_tickets_once_the_set_up_is_read(
    hand: Hand, halo: Halo
) -> None:
    halo.tables["Team"].append({"id": 6, "name": "Second Line"})
    halo.open(1, at("10 09:00"))
    halo.open(2, at("10 09:00"), team="Second Line")
    hand.pull(at("10 09:05"))
    swap = {"First Line": "Second Line", "Second Line": "First Line"}
    halo.tables["Team"] = [{**row, "name": swap[row["name"]]} for row in halo.tables["Team"]]
    for ticket in (1, 2):
        halo.tickets[ticket]["team"] = swap[halo.tickets[ticket]["team"]]
    hand.pull(at("10 17:00"))
    for ticket in (1, 2):
        halo.act(ticket, at("10 17:01"), user=77, note="Again", way="R")
    hand.pull(at("10 17:02"))
    assert [facts(ticket)["team"] for ticket in "12"] == ["First Line", "Second Line"]
