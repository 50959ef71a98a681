"""`beforehand replay`: a real log, shifted to now, its rest told as its time comes."""

import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from time import monotonic, sleep
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.ports import free_port

from beforehand.demo import story
from beforehand.demo.hearing import later, shift, take_in
from beforehand.demo.place import Place
from beforehand.demo.story import Story
from beforehand.engine import history as h
from beforehand.engine.instants import HOUR, to_datetime, to_instant
from beforehand.people.models import Provider
from beforehand.tickets.events import TicketEvent
from beforehand.tickets.models import Event, Source

CHECKOUT = Path(__file__).resolve().parents[2]
THEN = to_instant(datetime(2016, 4, 12, 9, 30, tzinfo=UTC))
MAPPING = """
name: The old desk
source: old
zone: UTC
precision: 1m
tells: {messages: no, responded: no, texts: no}
dates: ["%Y-%m-%d %H:%M"]
files:
  tickets:
    rows: changes
    ticket: ticket
    created: opened
    changed: at
    sequence: n
    fields: {status: status, client: client, priority: priority}
"""


def log_of(events: list[int]) -> list[TicketEvent]:
    return [TicketEvent(str(n), h.created(at, id="c")) for n, at in enumerate(events)]


@given(now=st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)))
def test_weekday_and_time_of_day_stay_what_they_were(now: datetime) -> None:
    by = shift(log_of([THEN]), None, now, "Europe/London")
    then = to_datetime(to_instant(now) - by).astimezone(ZoneInfo("Europe/London"))
    local = now.astimezone(ZoneInfo("Europe/London"))
    assert abs(then.date() - date(2016, 4, 12)) <= timedelta(days=4)
    # But where the clocks of one of the two days have no such time.
    assert (then.weekday(), then.time()) == (local.weekday(), local.time()) or abs(then.dst() - local.dst())  # type: ignore[operator]


def test_a_day_of_the_log_can_be_chosen() -> None:
    now = datetime(2026, 11, 25, 12, tzinfo=UTC)
    by = shift(log_of([THEN, THEN + 400 * 24 * HOUR]), date(2016, 4, 13), now, "UTC")
    assert to_datetime(to_instant(now) - by) == datetime(2016, 4, 13, 12, tzinfo=UTC)


def test_all_that_an_event_says_of_time_is_later() -> None:
    event = h.absorbed(THEN, "7", THEN - HOUR, until=THEN + HOUR, id="a")
    moved = later(event, HOUR)
    assert (moved.at, moved.since, moved.until, moved.id) == (THEN + HOUR, THEN, THEN + 2 * HOUR, "a")


def test_a_story_is_told_once_when_its_time_has_come(tmp_path: Path) -> None:
    told = [
        TicketEvent("1", h.created(THEN, id="c", flags=0)),
        TicketEvent("1", h.changed(THEN + 1, "priority", "P1 – höchste", id="p")),
        TicketEvent("2", h.status(THEN + HOUR, "Neu", id="s", until=THEN + 2 * HOUR)),
    ]
    story.write(told, tmp_path / "story")
    with (tmp_path / "story").open(encoding="utf-8") as lines:
        telling = Story(lines)
        assert telling.until(THEN - 1) == []
        assert telling.until(THEN + 1) == told[:2]
        assert telling.until(THEN + 1) == []
        assert telling.until(THEN + 9 * HOUR) == told[2:]
        assert telling.until(THEN + 9 * HOUR) == []


@pytest.mark.django_db
def test_what_lies_before_now_is_taken_in_and_the_rest_is_still_to_be_told(tmp_path: Path) -> None:
    now = datetime(2026, 11, 25, 12, tzinfo=UTC)
    provider = Provider.objects.create(name="Old", slug="old", zone="UTC", created=now)
    source = Source.objects.create(provider=provider, slug="old", name="Old")
    place = Place(tmp_path, "replay")
    events = log_of([THEN, THEN + 1, THEN + 2])
    assert take_in(events, to_instant(now) - THEN - 1, source, now, place).taken == 2
    assert Event.objects.count() == 2
    with place.story.open(encoding="utf-8") as lines:
        assert [told.ticket for told in Story(lines).until(to_instant(now) + HOUR)] == ["2"]


def rows(first: datetime) -> str:
    lines = ["ticket,opened,at,n,status,client,priority"]
    for ticket in range(200):
        opened = first + timedelta(hours=ticket)
        for n, status in enumerate(("New", "In progress", "Resolved")):
            at = opened + timedelta(hours=n)
            lines.append(f"T{ticket},{opened:%Y-%m-%d %H:%M},{at:%Y-%m-%d %H:%M},{n},{status},Contoso,P3")
    return "\n".join(lines) + "\n"


@pytest.fixture
def command(tmp_path: Path) -> Callable[..., subprocess.Popen[str]]:
    (tmp_path / "old.csv").write_text(rows(datetime(2016, 4, 1)))
    (tmp_path / "old.yaml").write_text(MAPPING)
    settings = {"PATH": os.environ["PATH"], "BEFOREHAND_DATA": str(tmp_path / "data")}

    def start(*more: str) -> subprocess.Popen[str]:
        words = [sys.executable, "-m", "beforehand", *more, "--no-browser"]
        return subprocess.Popen(
            words, cwd=tmp_path, env=settings, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    return start


def page(port: int, program: subprocess.Popen[str], path: str = "/") -> str:
    begun = monotonic()
    while program.poll() is None and monotonic() - begun < 600:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=120) as answer:
                return str(answer.read().decode())
        except (ConnectionError, urllib.error.URLError):
            sleep(0.1)
    raise AssertionError(program.communicate(timeout=120))


def ended(program: subprocess.Popen[str]) -> None:
    program.send_signal(signal.SIGTERM)
    program.communicate(timeout=120)


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.mark.program
@pytest.mark.sqlite
def test_a_log_is_played_as_if_it_happened_now_and_leaves_nothing_behind(
    command: Callable[..., subprocess.Popen[str]], tmp_path: Path, port: int
) -> None:
    agreements = str(CHECKOUT / "examples" / "msp.yaml")
    words = ["replay", "old.csv", "--mapping", "old.yaml", "--agreements", agreements, "--port", str(port)]
    program = command(*words, "--speed", "600")
    try:
        assert "Replay, 600x" in page(port, program)
        begun = monotonic()
        told = page(port, program, "/sources/")
        while page(port, program, "/sources/") == told and monotonic() - begun < 300:
            sleep(0.5)
        assert page(port, program, "/sources/") != told
    finally:
        ended(program)
    left = {file.name for file in (tmp_path / "data").iterdir()}
    assert left == {"secret-key", "replay.lock"}


@pytest.mark.program
@pytest.mark.sqlite
def test_a_log_that_cannot_be_read_is_refused_and_leaves_nothing(
    command: Callable[..., subprocess.Popen[str]], tmp_path: Path, port: int
) -> None:
    agreements = str(CHECKOUT / "examples" / "msp.yaml")
    for log, mapping in (("nowhere.csv", "old.yaml"), ("old.csv", "nowhere"), ("old.yaml", "old.yaml")):
        program = command(
            "replay", log, "--mapping", mapping, "--agreements", agreements, "--port", str(port)
        )
        said = program.communicate(timeout=600)[1]
        assert program.returncode == 2
        assert "expected" in said
        assert "Traceback" not in said
    assert not list((tmp_path / "data").glob("replay.s*"))


@pytest.mark.program
@pytest.mark.sqlite
def test_a_day_of_the_demo_is_lived_again(command: Callable[..., subprocess.Popen[str]], port: int) -> None:
    program = command("demo", "--day", "2026-11-24", "--days", "14", "--clients", "3", "--port", str(port))
    try:
        assert "7:30" in page(port, program)
    finally:
        ended(program)
