"""Every call of the client against a third-party mock server, which checks the shape of what is asked and answered.

The document knows neither service calls nor the links to their tickets: those are left out here. That Autotask itself
answers so is not proved by this (docs/guide/source-autotask.md says what a live one must still confirm).
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.connectors.autotask.fake import CODE, SECRET, USER
from tests.support.prism import Prism, prism, told

from beforehand.connectors.autotask import memory
from beforehand.connectors.autotask.client import Client
from beforehand.connectors.autotask.lookup import ALL
from beforehand.connectors.autotask.reader import Reader
from beforehand.connectors.contract import Told
from beforehand.connectors.limits import Limits
from beforehand.connectors.line import Line
from beforehand.connectors.trouble import Limited, Unauthorised
from beforehand.connectors.wanted import Wanted
from beforehand.engine.codes import KINDS
from beforehand.engine.instants import DAY

pytestmark = pytest.mark.program
STAGES = {
    "new": ["New"],
    "responded": ["New", "In Progress"],
    "waiting": ["New", "In Progress", "Waiting Customer"],
    "resumed": ["New", "In Progress", "Waiting Customer", "In Progress"],
    "closed": ["New", "In Progress", "Waiting Customer", "In Progress", "Complete"],
    "reopened": ["New", "In Progress", "Waiting Customer", "In Progress", "Complete", "In Progress"],
}
BEYOND = ("ServiceCall", "TicketNotes/entityInformation")
"""What the document has not at all."""


@pytest.fixture(scope="module")
def mock(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prism]:
    document = shared / "psa" / "autotask.examples.openapi.json"
    if not document.exists():
        pytest.skip(f"needs {document.name} among the shared data")
    whole = tmp_path_factory.mktemp("autotask") / document.name
    whole.write_text(json.dumps(with_ends(json.loads(document.read_text()))))
    with prism(whole, "/ATServicesRest") as mock:
        yield mock


def with_ends(document: dict[str, Any]) -> dict[str, Any]:
    """Lists without an example are empty: made up, their next page would be at an address that is a mere word."""
    for operations in document["paths"].values():
        for operation in operations.values():
            answer = operation["responses"]["200"].get("content", {}).get("application/json", {})
            if "pageDetails" in answer.get("schema", {}).get("properties", {}) and not answer.get("examples"):
                details = {"count": 0, "requestCount": 500, "prevPageUrl": None, "nextPageUrl": None}
                answer["examples"] = {"default": {"value": {"items": [], "pageDetails": details}}}
    return document


@pytest.fixture
def line(mock: Prism) -> Iterator[Line]:
    memory._memories.clear()
    mock.stage, mock.codes = "default", {}
    mock.seen.clear()
    with Line(Limits(lambda: 0, at_a_time=3), allow_private=True, pause=0.01) as line:
        yield line


def settings_of(mock: Prism) -> dict[str, str]:
    url = f"{mock.url}/ATServicesRest"
    return {"user": USER, "secret": SECRET, "code": CODE, "zone": url, "server": url}


@pytest.fixture
def reader(mock: Prism, line: Line) -> Reader:
    return Reader(settings_of(mock), line)


def refused(mock: Prism) -> str:
    """What the mock server found wrong, in words."""
    return told([one for one in mock.refused() if not any(name in one.path for name in BEYOND)])


def statuses(one: Told) -> list[str]:
    found = [event.event for event in one.events if KINDS[event.event.kind] == "status"]
    return [event.value for event in sorted(found, key=lambda event: event.at)]


@pytest.mark.parametrize("stage", STAGES)
def test_each_stage_of_a_ticket_is_read_as_it_is(mock: Prism, reader: Reader, stage: str) -> None:
    mock.stage = stage
    (one,) = reader.read(["1001"])
    assert refused(mock) == ""
    assert statuses(one) == STAGES[stage]
    assert one.exact >= {"status"}
    assert (one.fields["client"], one.fields["priority"], one.fields["board"]) == (
        "Acme Ltd",
        "High",
        "Level I Support",
    )
    assert one.view["sla"] == "Gold SLA"
    if stage != "new":
        assert one.view["response kept"] is True
        assert one.fields["assignee"] == "Alex Smith"


def test_polls_the_past_and_the_set_up_ask_in_the_right_shape(mock: Prism, reader: Reader) -> None:
    mock.stage = "resolved"
    cursor = reader.begin()
    page = reader.changes(cursor)
    assert [one.id for one in page.tickets] == ["1001"]
    assert not page.more
    assert reader.back("", 365 * DAY).total == 2
    assert reader.ids_between(0, 100_000 * DAY) == ["1001"]
    said = reader.set_up()
    assert {word.kind for word in said.words} >= {
        "status",
        "priority",
        "board",
        "person",
        "client",
        "contract",
    }
    assert {piece.kind for piece in said.pieces} >= {"sla", "calendar", "status"}
    reader.check()
    assert refused(mock) == ""


def test_the_people_of_clients_are_asked_for_in_the_right_shape(mock: Prism, reader: Reader) -> None:
    page = reader.contacts("")
    reader.contacts(page.cursor)
    assert refused(mock) == ""


def test_what_is_written_has_the_right_shape(mock: Prism, reader: Reader) -> None:
    reader.write_note("1001", "An hour is left.")
    reader.write_fields("1001", {"Deadline": "2026-03-10T12:00:00Z"})
    assert refused(mock) == ""


def test_rights_to_write_are_asked_for_in_the_right_shape(mock: Prism, reader: Reader) -> None:
    assert len(reader.check_wanted(Wanted(True, ["Deadline"]))) == 3
    assert refused(mock) == ""


def test_a_page_that_goes_on_is_followed_to_our_own_zone(mock: Prism, reader: Reader) -> None:
    mock.stage = "page1"
    _, following = reader.client.page("Tickets", [ALL])
    assert following.startswith("Tickets/query/next?paging=")
    reader.client.page("Tickets", [ALL], following)
    assert refused(mock) == ""


def test_the_zone_is_asked_for_in_the_right_shape(mock: Prism, line: Line) -> None:
    asked = settings_of(mock) | {"zone": ""}
    assert Client(asked, line).zone().url == "https://webservices5.autotask.net/ATServicesRest"
    assert refused(mock) == ""


@pytest.mark.parametrize(("code", "trouble"), [(401, Unauthorised), (429, Limited)])
def test_its_refusals_are_known(mock: Prism, reader: Reader, code: int, trouble: type[Exception]) -> None:
    mock.codes = {"/V1.0/Tickets/query": code}
    with pytest.raises(trouble):
        list(reader.client.query("Tickets", [ALL]))
