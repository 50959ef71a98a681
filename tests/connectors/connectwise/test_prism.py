"""Every call of the client against the vendor's API document, at each stage of a ticket's life.

It proves that requests and answers have the shape of that document, which is itself rebuilt from public copies.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.connectors.connectwise.world import CLIENT, PRIVATE, PUBLIC
from tests.support.prism import Prism, prism, told

from beforehand.connectors.connectwise.client import _codebases
from beforehand.connectors.connectwise.reader import Reader
from beforehand.connectors.contract import Told
from beforehand.connectors.limits import Limits
from beforehand.connectors.line import Limited, Line, Missing, Odd, Unauthorised
from beforehand.connectors.wanted import Wanted

pytestmark = pytest.mark.program
STAGES = ("new", "responded", "waiting", "resumed", "resolved", "closed", "reopened")
STATUSES = {
    "new": "New",
    "responded": "In Progress",
    "waiting": "Waiting on Client",
    "resumed": "In Progress",
    "resolved": "Completed",
    "closed": "Closed",
    "reopened": "Re-Opened",
}
BASE = "/v4_6_release/apis/3.0"
ABOUT = {"CompanyName": "Example", "Codebase": "v4_6_release/", "CompanyID": "example", "IsCloud": True}


@pytest.fixture(scope="module")
def vendor(shared: Path) -> Iterator[Prism]:
    document = shared / "psa" / "connectwise-psa.examples.openapi.json"
    if not document.exists():
        pytest.skip("needs the vendor's API document among the shared data, and there is none")
    with prism(document, BASE, {"/login/companyinfo/example": ABOUT}) as served:
        yield served


@pytest.fixture
def vendors(vendor: Prism) -> Iterator[Reader]:
    _codebases.clear()
    vendor.stage, vendor.codes = "default", {}
    vendor.seen.clear()
    settings = {
        "site": vendor.url, "company": "example", "public_key": PUBLIC, "private_key": PRIVATE, "client_id": CLIENT,
    }  # fmt: skip
    with Line(Limits(lambda: 0), allow_private=True, pause=0.01) as line:
        yield Reader(settings, line)


def refused(vendor: Prism) -> str:
    return told(vendor.refused())


@pytest.mark.parametrize("stage", STAGES)
def test_a_ticket_at_each_stage_of_its_life(vendor: Prism, vendors: Reader, stage: str) -> None:
    vendor.stage = stage
    (ticket,) = vendors.read(["1001"])
    assert not refused(vendor)
    assert ticket.fields["status"] == STATUSES[stage]
    assert ticket.fields["priority"] == "Priority 2 - High"
    # Prism makes time entries up, and says in `lacking` what of the trail does not fit a stage.
    assert {"status", "assignee", "priority"} == ticket.exact, ticket.view
    assert _statuses(ticket)[-1] == STATUSES[stage]
    assert _statuses(ticket)[0] == "New"
    assert ticket.view["isInSla"] is True


def test_the_whole_life_has_each_change_at_its_instant(vendor: Prism, vendors: Reader) -> None:
    vendor.stage = "reopened"
    (ticket,) = vendors.read(["1001"])
    assert _statuses(ticket) == [
        "New",
        "In Progress",
        "Waiting on Client",
        "In Progress",
        "Completed",
        "Closed",
        "Re-Opened",
    ]
    notes = [one.event.id for one in ticket.events if one.event.id.startswith("note-")]
    assert notes == [f"note-{number}" for number in range(7001, 7008)]


@pytest.mark.parametrize("stage", [*STAGES, "empty"])
def test_lists_at_each_stage(vendor: Prism, vendors: Reader, stage: str) -> None:
    vendor.stage = stage
    cursor = vendors.begin()
    page = vendors.changes(cursor)
    assert len(page.tickets) == (0 if stage == "empty" else 1)
    assert vendors.back("", 0).total is not None
    vendors.ids_between(0, 10**15)
    assert not refused(vendor)


def test_rights_and_set_up(vendor: Prism, vendors: Reader) -> None:
    assert all(right.ok for right in vendors.check())
    found = vendors.set_up()
    assert not refused(vendor)
    state = {word.name: word.proposed for word in found.words if word.kind == "status"}
    assert state["Waiting on Client"] == "waiting-on-client"
    assert {piece.kind for piece in found.pieces} >= {"sla", "calendar", "holidays", "status"}


def test_the_people_of_clients(vendor: Prism, vendors: Reader) -> None:
    vendors.contacts("")
    vendors.contacts('{"mark": 1772442000000000}')
    assert not refused(vendor)


def test_several_at_once_and_the_notes_of_bundled_ones(vendor: Prism, vendors: Reader) -> None:
    vendor.stage = "reopened"
    with pytest.raises(Odd, match="asked for ticket 1002"):  # Prism knows a single one
        vendors.read(["1001", "1002"])
    assert list(vendors.client.all("service/tickets/1001/allNotes", forward=True))
    assert not refused(vendor)


def test_writing_back(vendor: Prism, vendors: Reader) -> None:
    vendors.write_note("1001", "Response is due at 10:00.")
    vendors.listen("https://beforehand.test/hooks/x", "Beforehand, source 1")
    assert not refused(vendor)
    with pytest.raises(Missing, match="no custom field"):
        vendors.write_fields("1001", {"Our deadline": "10:00"})


def test_rights_to_write_and_to_be_called(vendor: Prism, vendors: Reader) -> None:
    told = vendors.check_wanted(
        Wanted(True, ["Our deadline"], "https://tracker.example/hooks/connectwise?src=1")
    )
    assert [right.ok for right in told[:2]] == [None, None]
    assert (told[-1].name, told[-1].ok) == ("Callback", True)
    assert not refused(vendor)


def test_a_call_of_another_shape_is_refused(vendor: Prism, vendors: Reader) -> None:
    with pytest.raises(Odd):
        vendors.client.page("service/boards", {"pageSize": "many"})
    assert len(vendor.refused()) == 1


def test_limits_and_keys_are_told_apart(vendor: Prism, vendors: Reader) -> None:
    vendor.codes["/service/tickets"] = 401
    with pytest.raises(Unauthorised):
        vendors.begin()
    vendor.codes["/service/tickets"] = 429
    with pytest.raises(Limited, match="429"):
        vendors.begin()


def _statuses(ticket: Told) -> list[str]:
    return [one.event.value for one in ticket.events if one.event.kind == 4]
