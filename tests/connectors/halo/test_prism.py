"""Every call against a mock server of the vendor's document, at each stage of a ticket's life."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.prism import Prism, prism, told

from beforehand.connectors.halo.reader import Reader
from beforehand.connectors.limits import Limits
from beforehand.connectors.line import Limited, Line
from beforehand.connectors.wanted import Wanted
from beforehand.engine.codes import CLIENT_MESSAGE
from beforehand.engine.instants import DAY

pytestmark = pytest.mark.program
AT = 1_772_442_000_000_000
"""2026-03-02 09:00, when the document's ticket was opened."""
LIFE = ["New", "In Progress", "With User", "In Progress", "Resolved", "Closed", "Re-Opened"]
STAGES = {"new": 1, "responded": 2, "waiting": 3, "resumed": 4, "resolved": 5, "closed": 6, "reopened": 7}
BESIDE = {"/api/Appointment": [], "/api/FieldInfo": [{"id": 1, "name": "CFRisk", "label": "Risk"}]}
"""What the document does not have."""


@pytest.fixture(scope="module")
def mock(shared: Path) -> Iterator[Prism]:
    document = shared / "psa" / "halopsa.examples.openapi.json"
    if not document.exists():
        pytest.skip("needs the vendor's document among the shared data")
    with prism(document, beside=BESIDE) as running:
        yield running


@pytest.fixture
def reader(mock: Prism) -> Iterator[Reader]:
    mock.seen.clear()
    mock.codes.clear()
    with Line(Limits(lambda: AT), allow_private=True, pause=0.01) as line:
        settings = {
            "address": mock.url, "auth_address": f"{mock.url}/auth", "client_id": "a", "client_secret": "b",
            "tenant": "example",
        }  # fmt: skip
        yield Reader(settings, line)


@pytest.mark.parametrize("stage", STAGES)
def test_a_ticket_at_each_stage_of_its_life(mock: Prism, reader: Reader, stage: str) -> None:
    mock.stage = stage
    (one,) = reader.read(["1001"])
    assert not mock.refused(), told(mock.refused())
    statuses = [told.event.value for told in one.events if told.event.kind == 4]
    assert statuses == LIFE[: STAGES[stage]]
    assert one.fields["status"] == statuses[-1]
    assert len([told for told in one.events if told.event.kind == CLIENT_MESSAGE]) == 1 + (
        STAGES[stage] > 3
    ) + (stage == "reopened")
    page = reader.changes(reader.begin())
    assert [told.id for told in page.tickets] == ["1001"]
    assert not page.more
    assert reader.back("", AT - DAY).tickets[0].fields["client"] == "Acme Ltd"
    assert list(reader.ids_between(AT, AT + DAY) or ()) == ["1001"]
    assert not mock.refused(), told(mock.refused())


def test_set_up_check_and_writing(mock: Prism, reader: Reader) -> None:
    mock.stage = "resolved"
    said = reader.set_up()
    assert {word.kind for word in said.words} >= {
        "status",
        "type",
        "priority",
        "person",
        "client",
        "contract",
    }
    waits = [word.name for word in said.words if word.proposed == "waiting-on-client"]
    assert waits == ["With User"]
    assert all(right.ok for right in reader.check())
    assert {right.name: right.ok for right in reader.check_wanted(Wanted(True, ["CFRisk"]))} == {
        "edit:tickets": True, "Role: add actions": None, "Role: edit tickets": None, "Field “CFRisk”": True,
    }  # fmt: skip
    reader.write_note("1001", "Beforehand: 75%")
    reader.write_fields("1001", {"CFRisk": "high"})
    assert not mock.refused(), told(mock.refused())


def test_the_people_of_clients(mock: Prism, reader: Reader) -> None:
    page = reader.contacts("")
    reader.contacts(page.cursor)
    assert not mock.refused(), told(mock.refused())


def test_no_tickets_at_all(mock: Prism, reader: Reader) -> None:
    mock.stage = "empty"
    assert not reader.changes(reader.begin()).tickets
    assert not reader.back("", AT).more


def test_too_many_calls(mock: Prism, reader: Reader) -> None:
    mock.codes["/api/Tickets"] = 429
    with pytest.raises(Limited):
        reader.begin()
