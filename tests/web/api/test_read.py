"""Reading by the API: tickets, clocks and readings, for programs with a token."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import schemathesis
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS
from tests.support import msp

from beforehand.people import tokens
from beforehand.people.models import Provider
from beforehand.tickets.models import Ticket
from beforehand.tickets.sources import source_named
from beforehand.web import moment

from .conftest import Caller

READ = [tokens.TICKETS_READ]


@pytest.fixture
def now() -> datetime:
    return moment.now()


@pytest.fixture
def made(db: None, now: datetime) -> Provider:
    provider = msp.make_promises(now)
    msp.make_tickets(provider, now, more=6)
    return provider


class Reader:
    """A program that reads, in this process."""

    def __init__(self, provider: Provider, scopes: list[str], now: datetime, **more: Any) -> None:
        self.secret = tokens.issue(provider, "Reader", scopes, now, **more)[1]

    def get(self, path: str, status: int = 200, **asked: Any) -> Any:
        answer = Client().get(path, asked, headers={"Authorization": f"Bearer {self.secret}"})
        assert answer.status_code == status, answer.content
        assert answer.headers["Content-Type"].startswith("application/json")
        return answer.json()


@pytest.fixture
def reader(made: Provider, now: datetime) -> Reader:
    return Reader(made, READ, now)


def test_tickets_come_in_pages_and_each_once(reader: Reader) -> None:
    found, after = [], 0
    while True:
        page = reader.get("/api/tickets", limit=7, after=after)
        found += [ticket["id"] for ticket in page["tickets"]]
        if page["next"] is None:
            break
        after = page["next"]
    assert found == list(Ticket.objects.order_by("pk").values_list("pk", flat=True))


def test_tickets_are_filtered(reader: Reader) -> None:
    ticket = Ticket.objects.get(number="T48215")
    found = reader.get("/api/tickets", client=ticket.client_id, open=True)["tickets"]
    assert {one["client"]["id"] for one in found} == {ticket.client_id}
    assert all(one["state"] not in {"resolved", "closed"} for one in found)
    assert [one["id"] for one in reader.get("/api/tickets", number="T48215")["tickets"]] == [ticket.pk]
    assert all(not one["covered"] for one in reader.get("/api/tickets", covered=False)["tickets"])


def test_a_clock_that_ran_out_with_nothing_written_is_breached(reader: Reader) -> None:
    """5.4."""
    ticket = Ticket.objects.get(number="T48215")
    told = reader.get(f"/api/tickets/{ticket.pk}")
    clock = next(one for one in told["clocks"] if one["metric"] == "response")
    assert (clock["late"], clock["verdict"]) == (True, "breached")
    assert clock["left_seconds"] < 0
    assert clock["breached_at"] is not None


def test_clocks_and_readings_agree(reader: Reader) -> None:
    for ticket in Ticket.objects.all():
        clocks = reader.get(f"/api/tickets/{ticket.pk}")
        readings = reader.get(f"/api/tickets/{ticket.pk}/readings", as_of=clocks["as_of"])["readings"]
        for clock, reading in zip(clocks["clocks"], readings, strict=True):
            same = {name: reading[name] for name in clock if name != "deadline"}
            assert same == {name: value for name, value in clock.items() if name != "deadline"}
            if clock["run"] != "stopped":
                assert clock["deadline"] == reading["deadline"]


def test_a_reading_has_its_reasons(reader: Reader) -> None:
    ticket = Ticket.objects.get(number="T48215")
    reading = reader.get(f"/api/tickets/{ticket.pk}/readings")["readings"][0]
    counted = sum(
        (datetime.fromisoformat(span["end"]) - datetime.fromisoformat(span["start"])).total_seconds()
        for span in reading["spans"]
        if span["why"] == "counted"
    )
    assert counted == pytest.approx(reading["used_seconds"])
    assert reading["sentences"]
    assert [one["percent"] for one in reading["thresholds"]]


def test_a_reading_is_as_of_the_instant_that_is_asked_for(reader: Reader, now: datetime) -> None:
    ticket = Ticket.objects.get(number="T48215")
    early = now - timedelta(days=400)
    told = reader.get(f"/api/tickets/{ticket.pk}/readings", as_of=early.isoformat())
    assert told["readings"] == []
    assert datetime.fromisoformat(told["as_of"]) == early


def test_the_board_is_the_same_as_the_page(reader: Reader, client: Client, made: Provider) -> None:
    client.force_login(msp.make_user(made))
    for asked in ({}, {"state": "late"}, {"metric": "response"}):
        rows = client.get("/", asked).context["rows"]
        told = reader.get("/api/clocks", **asked)
        assert [(one["ticket"]["id"], one["metric"]) for one in told["clocks"]] == [
            (row.clock.ticket_id, row.metric) for row in rows
        ]
        assert told["count"] == len(rows)


@pytest.mark.parametrize(
    ("path", "asked", "place"),
    [
        ("/api/tickets", {"limit": "0"}, "limit"),
        ("/api/tickets", {"client": "x"}, "client"),
        ("/api/tickets", {"colour": "red"}, "colour"),
        ("/api/tickets", {"number": "1\x00"}, "number"),
        ("/api/tickets/1", {"as_of": "now"}, "as_of"),
        ("/api/clocks", {"state": "perhaps"}, "state"),
        ("/api/clocks", {"page": "99999999999999999999"}, "page"),
        ("/api/tickets/1/readings", {"as_of": "2026-11-25T09:00:00"}, "as_of"),
        ("/api/tickets/1/readings", {"as_of": "9999-01-01T00:00:00Z"}, "as_of"),
        ("/api/tickets/1/readings", {"as_of": "yesterday"}, "as_of"),
    ],
)
def test_what_an_address_asks_wrongly_is_named(
    reader: Reader, path: str, asked: dict[str, str], place: str
) -> None:
    error = reader.get(path, 422, **asked)["error"]
    assert error["code"] == "bad_address"
    assert [fault["place"] for fault in error["faults"]] == [place]


def test_nobody_reads_without_a_token_that_may(made: Provider, now: datetime) -> None:
    for headers in ({}, {"Authorization": "Bearer bfh_wrong"}, {"Authorization": "Basic eDp5"}):
        answer = Client().get("/api/tickets", headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "not_signed_in")
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    source_named(made, "monitoring")
    teller = Reader(made, [tokens.EVENTS_WRITE], now, source="monitoring")
    assert teller.get("/api/tickets", 403)["error"]["code"] == "scope_missing"
    old = tokens.issue(made, "Old", READ, now - timedelta(days=2), expires=now - timedelta(days=1))[1]
    assert Client().get("/api/clocks", headers={"Authorization": f"Bearer {old}"}).status_code == 401


def test_every_address_takes_a_token_but_the_document(made: Provider) -> None:
    document = Client().get("/api/openapi.json").json()
    closed = [path for path in document["paths"] if path not in {"/api/openapi.json", "/api/events"}]
    assert len(closed) == 4
    for path in closed:
        assert Client().get(path.replace("{ticket}", "1")).status_code == 401
    assert Client().post("/api/openapi.json").status_code == 405


def test_a_session_is_no_token(client: Client, made: Provider) -> None:
    client.force_login(msp.make_user(made))
    assert client.get("/api/tickets").status_code == 401


def test_what_is_another_providers_is_not_there(made: Provider, now: datetime) -> None:
    other = Provider.objects.create(name="Other", slug="other", zone="UTC", created=now)
    theirs = Reader(other, READ, now)
    ticket = Ticket.objects.first()
    assert ticket is not None
    assert theirs.get("/api/tickets")["tickets"] == []
    assert theirs.get("/api/clocks")["count"] == 0
    for path in ("", "/readings"):
        assert theirs.get(f"/api/tickets/{ticket.pk}{path}", 404)["error"]["code"] == "no_such_ticket"


def test_every_refusal_has_one_shape(reader: Reader) -> None:
    assert reader.get("/api/nothing", 404)["error"]["code"] == "no_such_address"
    assert reader.get("/api/tickets/99999999999999999999999", 404)["error"]["code"] == "no_such_ticket"
    answer = Client().delete("/api/tickets")
    assert (answer.status_code, answer.json()["error"]["code"]) == (405, "wrong_method")


@pytest.fixture
def both(caller: Caller) -> Caller:
    """A program that may read and tell, before a server with tickets."""
    for number in range(3):
        assert (
            caller.post({"ticket": str(number), "id": "c", "at": "2026-11-24T10:00:00Z", "kind": "created"})[
                0
            ]
            == 200
        )
    return caller


CHECKED = (
    "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance",
)  # fmt: skip


@pytest.mark.program
@pytest.mark.parametrize("mode", list(GenerationMode), ids=str)
def test_no_request_is_answered_by_a_fault_or_outside_of_the_document(
    both: Caller, mode: GenerationMode
) -> None:
    schema = schemathesis.openapi.from_url(f"http://127.0.0.1:{both.port}/api/openapi.json")
    headers = {"Authorization": f"Bearer {both.secret}"}
    checks = [CHECKS.get_one(name) for name in CHECKED]
    asked = set()
    for result in schema.get_all_operations():
        operation = result.ok()

        @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case: Any) -> None:
            asked.add(case.path)
            case.validate_response(case.call(headers=headers), checks=checks)

        try:
            ask()
        except Unsatisfiable:  # without parameters nothing can be wrong with it
            assert mode is GenerationMode.NEGATIVE
    assert len(asked) >= 5
