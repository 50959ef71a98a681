"""Request Tracker itself, under a clock that the test moves: what happened there is here, to the second."""

import re
import threading
import time as watch
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from tests.connectors.conftest import Hand, make_connection
from tests.support import tracker as trackers
from tests.support.house import House
from tests.support.tracker import Tracker
from tests.support.tracker_lives import connect

from beforehand.connectors.contract import Hook
from beforehand.connectors.models import Nudged, Proof
from beforehand.connectors.rt.hooks import hear
from beforehand.connectors.trying import try_out
from beforehand.engine.codes import BY_PERSON, KINDS, METRICS, PUBLIC, VERDICTS
from beforehand.engine.instants import HOUR
from beforehand.kernel.fields import from_micros
from beforehand.people.models import Provider
from beforehand.tickets.models import Clock, PsaView, SourceState, Ticket

pytestmark = [pytest.mark.program, pytest.mark.django_db]
DOCS = Path(__file__).resolve().parents[3] / "docs" / "guide" / "source-rt.md"
ALICE = "alice@contoso.test"


def monday(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-03-02 {text}").replace(tzinfo=UTC)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Tracker:
    reason = trackers.missing()
    if reason:
        pytest.skip(reason)
    made = Tracker(tmp_path_factory.mktemp("rt"))
    made.make()
    return made


@pytest.fixture
def rt(made: Tracker, tmp_path: Path) -> Iterator[Tracker]:
    with made.copied(tmp_path / "rt") as rt:
        yield rt


@pytest.fixture
def hand(rt: Tracker, provider: Provider) -> Hand:
    at = connect(provider, rt.url, rt.tokens["beforehand"])
    hand = Hand(at)
    hand.now = monday("18:00")
    return hand


def live(rt: Tracker) -> tuple[str, str]:
    """Two tickets: one that waits for the client, is answered, resolved and reopened; one that a technician types."""
    rt.clock(monday("10:00:00"))
    one = rt.create()
    rt.clock(monday("10:30:10"))
    rt.put(one, Owner="ada")
    rt.clock(monday("11:00:00"))
    rt.say(one, "I am looking into it and call you by noon.")
    rt.clock(monday("12:00:00"))
    rt.put(one, Status="stalled")
    rt.clock(monday("13:00:00"))
    rt.say(one, "It still drops.", ALICE)
    rt.clock(monday("13:00:05"))
    rt.put(one, Status="open")
    rt.clock(monday("13:10:00"))
    rt.say(one, "Perhaps the switch.", internal=True)
    rt.put(one, Priority="50", SLA="Urgent")
    rt.clock(monday("14:00:00"))
    rt.put(one, Status="resolved")
    other = rt.create("ada", Subject="Phone call: printer")
    rt.clock(monday("15:00:00"))
    rt.put(one, Status="open")
    rt.put(other, Queue="Network")
    rt.clock(monday("16:00:00"))
    rt.put(one, Status="resolved")
    return one, other


def told(hand: Hand, ticket: str, *kinds: str) -> list[tuple[str, str]]:
    return [
        (event.value, from_micros(event.at).strftime("%H:%M:%S"))
        for event in hand.told(ticket)
        if KINDS[event.kind] in kinds
    ]


def test_histories_made_over_its_api_are_here_to_the_second(rt: Tracker, hand: Hand) -> None:
    one, other = live(rt)
    came = hand.pull()
    assert came.trouble == ""
    assert told(hand, one, "status") == [
        ("new", "10:00:00"), ("open", "11:00:00"), ("stalled", "12:00:00"), ("open", "13:00:05"),
        ("resolved", "14:00:00"), ("open", "15:00:00"), ("resolved", "16:00:00"),
    ]  # fmt: skip
    assert told(hand, one, "assigned") == [("Ada Ferrant", "10:30:10")]
    assert [at for _, at in told(hand, one, "client message")] == ["13:00:00"]
    messages = [event for event in hand.told(one) if KINDS[event.kind] == "message"]
    assert [event.flags & (BY_PERSON | PUBLIC) for event in messages] == [BY_PERSON | PUBLIC, BY_PERSON]
    assert [event.value for event in hand.told(one) if event.field == "tier"][-1] == "Urgent"
    assert [(event.value, event.field) for event in hand.told(other) if event.field == "board"] == [
        ("Support", "board"),
        ("Network", "board"),
    ]
    row = Ticket.objects.get(external_id=one)
    assert (row.status, row.priority, row.client_name, row.contact) == (
        "resolved",
        "50",
        "contoso.test",
        ALICE,
    )
    assert PsaView.objects.get(ticket=row).said["Resolved"].startswith("2026-03-02T")

    clocks = {METRICS[clock.metric]: clock for clock in Clock.objects.filter(ticket=row).order_by("-number")}
    # 3.3: the wait ends with the client's message; 3.7: an hour between resolved and reopened does not count.
    used = {name: (clocks[name].used, VERDICTS[clocks[name].verdict]) for name in ("response", "resolution")}
    assert used == {"response": (1 * HOUR, "met"), "resolution": (4 * HOUR, "met")}
    assert clocks["resolution"].stop == monday("16:00")


def test_a_change_is_here_with_the_next_look_and_merges_and_deletions_too(rt: Tracker, hand: Hand) -> None:
    one, other = live(rt)
    third = rt.create()
    hand.pull()
    rt.clock(monday("18:00:30"))
    rt.call("PUT", f"ticket/{other}", "ada", {"MergeInto": one})
    rt.put(third, Status="deleted")
    hand.later(minutes=1)
    assert told(hand, other, "merged") == [(one, "18:00:30")]
    assert told(hand, one, "absorbed") == [(other, "18:00:30")]
    assert told(hand, third, "deleted") == [("", "18:00:30")]
    kept = hand.kept(one, other, third)
    hand.later(minutes=1)
    hand.now += timedelta(days=1)
    hand.pull()
    assert hand.kept(one, other, third) == kept
    assert Proof.objects.get(day=monday("00:00").date()).gone == []


def test_a_nudge_of_its_scrip_names_the_ticket_after_it_is_kept(
    made: Tracker, tmp_path: Path, provider: Provider
) -> None:
    code = re.findall(r"```perl\n(.*?)```", DOCS.read_text(), re.S)[0]
    rt = made.copied(tmp_path / "rt")
    with receiving() as (address, came):
        rt.scrip(code, address, "s3cret")
        with rt:
            at = make_connection(
                provider, "rt", {"token": rt.tokens["beforehand"]}, url=rt.url, client="domain"
            )
            hand = Hand(at)
            rt.clock(monday("10:00"))
            ticket = rt.create()
            hand.now = monday("10:00")
            hand.pull()
            came.clear()
            rt.clock(monday("10:05"))
            rt.put(ticket, Status="stalled")
            named = {name for hook in came for name in hear({"hook_secret": "s3cret"}, hook).tickets}
            assert named == {ticket}
            Nudged.objects.create(provider=provider, connection=at, external_id=ticket, at=hand.now)
            hand.later(seconds=1)
            assert told(hand, ticket, "status")[-1] == ("stalled", "10:05:00")


@contextmanager
def receiving() -> Iterator[tuple[str, list[Hook]]]:
    came: list[Hook] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            came.append(Hook({name.lower(): value for name, value in self.headers.items()}, body, {}))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/", came
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_check_sees_the_rights_that_are_there_and_the_field_by_which_clients_are_told(
    made: Tracker, tmp_path: Path, provider: Provider
) -> None:
    rt = made.copied(tmp_path / "fields")
    rt.field("Customer")
    row = make_connection(provider, "rt", {"token": rt.tokens["beforehand"]}, url=rt.url, client="customer")
    said = []
    for seen_by in ("", "beforehand"):
        if seen_by:
            rt.field("Customer", seen_by)
        with rt:
            if not seen_by:
                rt.say(rt.create(), "Somebody looks at it.", internal=True)
            tried = try_out(row, monday("18:00"))
            said.append({right.name: right.ok for right in tried.rights})
            assert (tried.trouble, tried.more) == ("", ())
    there = {"SeeQueue": True, "ShowTicket": True, "ShowTicketComments": True}
    assert said == [there | {"SeeCustomField": False}, there | {"SeeCustomField": True}]


def test_it_is_restarted_in_the_middle_of_a_pull(rt: Tracker, hand: Hand) -> None:
    rt.clock(monday("10:00"))
    for _ in range(120):
        rt.create()
    while not Ticket.objects.exists():
        assert hand.pull(long=0).trouble == ""
    rt.stop()
    assert "cannot be reached" in hand.pull().trouble
    assert SourceState.objects.get().failing is not None
    rt.start()
    assert hand.later(minutes=1).trouble == ""
    assert Ticket.objects.filter(created__isnull=False).count() == 120
    assert SourceState.objects.get().failing is None


MAKE = """
import sys
from datetime import UTC, datetime, timedelta
from beforehand.config import start
start.open_database()
from beforehand.connectors import sync
from tests.connectors.conftest import make_connection
from tests.tickets.conftest import make_provider
at = make_connection(make_provider("northwind"), "rt", {"token": sys.argv[2]}, url=sys.argv[1], client="domain")
at.since = datetime(2026, 1, 1, tzinfo=UTC)
at.save()
sync.ask(at, datetime.now(UTC))
"""


def test_a_worker_that_is_killed_in_the_middle_of_a_pull_is_gone_on_for(rt: Tracker, tmp_path: Path) -> None:
    rt.clock(monday("10:00"))
    for _ in range(220):
        rt.create()
    with House(f"sqlite:///{tmp_path / 'house.sqlite3'}", tmp_path, 1) as house:
        house.run("-m", "beforehand", "migrate")
        house.run("-c", MAKE, rt.url, rt.tokens["beforehand"])
        tickets = "SELECT count(*) FROM tickets_ticket WHERE created IS NOT NULL"
        first = house.worker()
        until(lambda: house.ask(tickets) > 0)
        house.kill(first)
        assert house.ask(tickets) < 220
        house.worker()
        until(lambda: house.ask(tickets) == 220)
        until(lambda: house.ask("SELECT back_done IS NOT NULL FROM connectors_connection"))
        assert (
            house.ask("SELECT count(*) FROM tickets_event WHERE event_id LIKE '%~%' OR retracts <> ''") == 0
        )
        assert house.ask("SELECT count(*) FROM tickets_event WHERE kind = 0") == 220


def until(is_so: Any, seconds: float = 600) -> None:
    ends = watch.monotonic() + seconds
    while not is_so():
        assert watch.monotonic() < ends
        watch.sleep(0.02)
