"""The tenant's configuration: its words with what they probably mean, its SLAs as they are, and what is missing."""

import pytest
from tests.connectors.connectwise.fake import Tenant

from beforehand.connectors.connectwise import CONNECTOR
from beforehand.connectors.connectwise.proposals import board, origin, status
from beforehand.connectors.connectwise.reader import Reader


@pytest.mark.parametrize(
    ("name", "escalation", "closed", "state"),
    [
        ("New", "NotResponded", False, "working"),
        ("In Progress", "Responded", False, "working"),
        ("Waiting on Client", "NoEscalation", False, "waiting-on-client"),
        ("Customer Scheduled", "NoEscalation", False, "scheduled-by-client"),
        ("Scheduled", "NoEscalation", False, "scheduled-by-us"),
        ("Waiting 3rd Party", "NoEscalation", False, "waiting-on-vendor"),
        ("Parts on order", "NoEscalation", False, "waiting-on-vendor"),
        ("On hold", "NoEscalation", False, "waiting-on-client"),
        ("Completed", "Resolved", False, "resolved"),
        ("Resolved", "Resolved", True, "resolved"),
        (">Closed", "NoEscalation", True, "closed"),
        ("Waiting on Client", "", False, "working"),
    ],
)
def test_a_status_means_what_it_does_to_their_clock_then_what_it_is_called(
    name: str, escalation: str, closed: bool, state: str
) -> None:
    found, why = status({"name": name, "escalationStatus": escalation, "closedStatus": closed})
    assert found == state
    assert why


def test_origins_are_proposed_where_a_name_speaks_of_one() -> None:
    names = ["Monitoring Alert", "Recurring maintenance", "Spam", "Phone", "Project work", "Incident"]
    assert [origin(name)[0] for name in names] == [
        "machine",
        "recurring",
        "noise",
        "client-live",
        "project",
        "",
    ]
    assert board({"name": "Anything", "projectFlag": True})[0] == "project"
    assert board({"name": "Phone desk"})[0] == ""


def test_everything_is_read_each_with_its_board(tenant: Tenant, reader: Reader) -> None:
    found = reader.set_up()
    kinds = {word.kind for word in found.words}
    assert kinds == {"board", "status", "type", "team", "priority", "channel", "client", "contract", "person"}
    assert {word.board for word in found.words if word.kind in ("status", "type", "team")} == {"Service Desk"}
    (person,) = [word for word in found.words if word.kind == "person"]
    assert (person.name, person.said["email"]) == ("Alex Smith", "alex@nw.test")  # the API member is nobody
    pieces = {(piece.kind, piece.name): piece.said for piece in found.pieces}
    sla = pieces["sla", "Gold SLA"]
    assert (sla["respondHours"], sla["priorities"][0]["respondHours"]) == (1, 2)
    assert "_info" not in sla
    calendar = pieces["calendar", "Office"]
    assert (calendar["mondayStartTime"], calendar["default"], calendar["zone"]) == ("09:00:00", True, None)
    assert pieces["holidays", "US"]["holidays"][0]["date"] == "2026-01-01"


def test_the_zone_of_calendars_is_for_the_owner_to_confirm(reader: Reader) -> None:
    (said,) = reader.set_up().missing
    assert "no time zone" in said
    assert "“Office”" in said
    assert "Eastern Standard Time" in said


def test_what_may_not_be_read_is_named_and_the_rest_is_read(tenant: Tenant, reader: Reader) -> None:
    tenant.open(1, "09:00")
    tenant.forbidden = {"schedule/", "finance/", "system/info", "system/audittrail"}
    found = reader.set_up()
    assert {"calendars may not be read", "agreements may not be read"} <= set(found.missing)
    assert any("audit trail may not be read" in said for said in found.missing)
    assert [word for word in found.words if word.kind == "status"]


def test_an_audit_trail_in_another_language_is_found_out(tenant: Tenant, reader: Reader) -> None:
    tenant.open(1, "09:00")
    tenant.status(1, "In Progress", "09:20", said="Statut : Nouveau → En cours")
    assert any(
        "1 of the 1 latest" in said and "Nouveau → En cours" in said for said in reader.set_up().missing
    )


def test_what_a_backfill_costs_is_known_before() -> None:
    assert CONNECTOR.calls(50_000) == 155_250
    assert CONNECTOR.calls(0) == 0
