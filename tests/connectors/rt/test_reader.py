"""What RT tells, in small."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from tests.connectors.rt.fake import TOKEN, Rt

from beforehand.connectors.abilities import ListsBack
from beforehand.connectors.contract import Forged, Hook, Reader
from beforehand.connectors.limits import Limits
from beforehand.connectors.line import Line
from beforehand.connectors.registry import connector
from beforehand.connectors.rt.client import quoted
from beforehand.connectors.rt.hooks import hear
from beforehand.connectors.rt.texts import texts_of
from beforehand.connectors.rt.translate import instant

MORNING = datetime(2026, 3, 9, 10, tzinfo=UTC)


@pytest.fixture
def reader(rt: Rt) -> Iterator[Reader]:
    with Line(Limits(lambda: 0), allow_private=True, pause=0.01) as line:
        yield connector("rt").open({"url": rt.url, "token": TOKEN}, line)


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("2026-03-09T10:00:00Z", 1_773_050_400_000_000),
        ("2026-03-09 10:00:00", 1_773_050_400_000_000),
        ("1970-01-01T00:00:00Z", None),
        ("1970-01-01 00:00:00", None),
        ("", None),
        (None, None),
    ],
)
def test_instants(said: str | None, found: int | None) -> None:
    assert instant(said) == found


def test_a_name_cannot_leave_its_quotes() -> None:
    assert quoted("Bob's \\ queue") == r"'Bob\'s \\ queue'"


def test_a_message_is_its_first_plain_part_else_html_without_marks_and_no_file() -> None:
    parts = [
        {"TransactionId": "1", "ContentType": "text/html", "Content": "<p>one</p>"},
        {"TransactionId": "1", "ContentType": "text/plain", "Content": "plain one"},
        {"TransactionId": "2", "ContentType": "text/html", "Content": "<p>two<br>lines</p>"},
        {"TransactionId": "3", "ContentType": "text/plain", "Content": "a log", "Filename": "x.log"},
    ]
    assert texts_of(parts) == {"1": "plain one", "2": "two\nlines"}


def test_rights_are_named_by_trying(rt: Rt, reader: Reader) -> None:
    rt.queues = {}
    assert [(right.name, right.ok) for right in reader.check()] == [
        ("SeeQueue", False),
        ("ShowTicket", False),
        ("ShowTicketComments", False),
    ]
    rt.queues = {"3": "Support"}
    ticket = rt.create(MORNING)
    rt.say(ticket, MORNING, "note", type_="Comment")
    assert all(right.ok for right in reader.check())


def test_the_field_by_which_clients_are_told_has_to_be_seen(rt: Rt) -> None:
    with Line(Limits(lambda: 0), allow_private=True, pause=0.01) as line:
        reader = connector("rt").open({"url": rt.url, "token": TOKEN, "client": "Customer"}, line)
        assert len(reader.check()) == 3, "without a ticket nobody knows"
        rt.create(MORNING, CustomFields=[{"id": "1", "name": "customer", "values": ["Contoso"]}])
        assert [(one.name, one.ok) for one in reader.check()[3:]] == [("SeeCustomField", True)]
        rt.tickets[1]["CustomFields"] = None
        assert [one.ok for one in reader.check()[3:]] == [False]


def test_a_thousand_transactions_of_one_ticket_are_all_there(rt: Rt, reader: Reader) -> None:
    ticket = rt.create(MORNING)
    for number in range(1_000):
        rt.say(ticket, MORNING, f"note {number}")
    told = reader.read(["1"])[0]
    assert len([one for one in told.events if hasattr(one, "text")]) == 1_000


def test_a_page_of_the_past_is_listed_before_it_is_read(rt: Rt, reader: Reader) -> None:
    for _ in range(150):
        rt.say(rt.create(MORNING), MORNING, "note")
    assert isinstance(reader, ListsBack)
    listed = reader.list_back("", 0)
    assert rt.calls == ["tickets"]
    assert (listed.cursor, listed.more) == ("51", True)
    assert [one.id for one in listed.read()] == [str(number) for number in range(150, 50, -1)]
    page = reader.back(listed.cursor, 0)
    assert [one.id for one in page.tickets] == [str(number) for number in range(50, 0, -1)]


def test_only_the_right_secret_nudges() -> None:
    settings = {"hook_secret": "s3cret"}
    body = b'{"tickets": ["12", 13]}'
    assert hear(settings, Hook({"x-beforehand-secret": "s3cret"}, body, {})).tickets == ["12", "13"]
    for headers, bad in (
        ({}, body),
        ({"x-beforehand-secret": "other"}, body),
        ({"x-beforehand-secret": "s3cret"}, b'{"tickets": "12"}'),
        ({"x-beforehand-secret": "s3cret"}, b"<html>"),
        ({"x-beforehand-secret": "s3cret"}, b'{"tickets": ["a; drop"]}'),
    ):
        with pytest.raises(Forged):
            hear(settings, Hook(headers, bad, {}))
    with pytest.raises(Forged):
        hear({}, Hook({"x-beforehand-secret": ""}, body, {}))
