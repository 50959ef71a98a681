"""What is around the workers fails: mail servers, web servers, the database, the machine's clock; and all comes at once."""

import os
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.support import faketime
from tests.support.house import House, Row, holds
from tests.support.moody import moody
from tests.support.postgres import Running
from tests.support.receiver import receiver

from beforehand.kernel.outward import TIMEOUT_S

pytestmark = [pytest.mark.program, pytest.mark.sqlite]
AWAY = int(os.environ.get("AWAY", "0"))
"""For so many seconds the database is away; for longer than anybody waits for it where that is not said."""
BURST = int(os.environ.get("BURST", "400"))
HOUR = 3600


def to(rows: list[Row], number: int) -> list[Row]:
    return [row for row in rows if row["address"] == f"t{number}@northwind.test"]


def test_a_mail_server_that_misbehaves_to_some_keeps_nobody_else_waiting(url: str, tmp_path: Path) -> None:
    moods = ("hang", "drop", "later", "never", "lose")
    with moody() as post, House(url, tmp_path, post.port) as house:
        post.moods = {f"t{n}@northwind.test": [mood] for n, mood in enumerate(moods)}
        house.fill(24, 1)
        house.worker()
        rows = house.wait_for(24, 300, ("sent", "failed"))
    told = holds(rows, post.letters)
    # What is refused for good has failed, and says why; all else was told.
    failed = [row for row in rows if row["state"] == "failed"]
    assert [(row["address"], row["why"]) for row in failed] == [("t3@northwind.test", "554 not wanted")]
    assert told.told == 23
    # The letter that was taken and lost came twice; of the one that hung nobody knows.
    assert {row["address"] for row in rows if row["repeats"]} >= {"t0@northwind.test", "t4@northwind.test"}
    assert told.twice == 1
    others = [at for address, at in post.came if address[1] in "567"]
    assert len(others) == 9
    assert max(others) < post.hung[0] + TIMEOUT_S, "they waited for the one that hangs"


def test_a_web_server_that_never_answers_keeps_no_mail_waiting(url: str, tmp_path: Path) -> None:
    with moody() as post, receiver() as hook, House(url, tmp_path, post.port) as house:
        hook.silent = 1
        house.fill(6, 1, "3", hook.url)
        house.worker()
        rows = house.wait_for(12, 300)
        assert max(at for _, at in post.came) < hook.posted[0].at + TIMEOUT_S
    unanswered = hook.posted[0].headers["Idempotency-Key"]
    again = [one for one in hook.posted[1:] if one.headers["Idempotency-Key"] == unanswered]
    assert len(again) == 1
    assert {row["message"] for row in rows if row["repeats"]} == {unanswered}
    told = {one.headers["Idempotency-Key"] for one in hook.posted}
    assert {row["message"] for row in rows if row["address"] == "Hook"} == told


@contextmanager
def locked(url: str) -> Iterator[None]:
    """Somebody else has the file to themselves."""
    with_it = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None, timeout=30)
    with_it.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        with_it.close()


@contextmanager
def stopped(running: Running) -> Iterator[None]:
    """The server is away."""
    running.stop("fast")
    try:
        yield
    finally:
        running.start()


@pytest.mark.parametrize(("database", "seconds"), [("sqlite", 25), ("server", 15)])
def test_while_the_database_is_away_nothing_is_lost_and_the_worker_goes_on_by_itself(
    database: str, seconds: int, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url: str = request.getfixturevalue(database)
    with moody() as post, House(url, tmp_path, post.port) as house:
        worker = house.settled()
        house.fill(80, 20)
        house.wait_until("SELECT count(*) FROM alerts_delivery WHERE state = 'sent'")
        with locked(url) if database == "sqlite" else stopped(request.getfixturevalue("running")):
            time.sleep(AWAY or seconds)
        rows = house.wait_for(80, 300)
        assert worker.poll() is None
        assert holds(rows, post.letters).told == 80


def stands_still(house: House, query: str) -> None:
    """What the database answers is the same for four seconds, once all that was being done is done."""
    end = time.monotonic() + 60
    answer, since = house.ask(query), time.monotonic()
    while time.monotonic() - since < 4:
        assert time.monotonic() < end
        time.sleep(0.2)
        if (now := house.ask(query)) != answer:
            answer, since = now, time.monotonic()


def test_the_machines_clock_set_forth_and_back_loses_nothing_and_no_chain_runs_wild(
    url: str, tmp_path: Path
) -> None:
    library = faketime.library()
    if library is None:
        pytest.skip("needs libfaketime, and it is not installed")
    clock = faketime.Clock(tmp_path / "clock", library)
    with moody() as post, House(url, tmp_path, post.port) as house:
        worker = house.settled(**clock.environment)
        house.fill(24, 30, "8")
        house.wait_until("SELECT count(*) FROM alerts_delivery")
        assert len(house.deliveries()) < 24
        clock.set(HOUR)
        # In an hour from now each of them is at 100% at least, and somebody was told of its latest step.
        house.wait_until("SELECT count(*) = 24 FROM alerts_steptaken WHERE said = '100%'")
        clock.set(-HOUR)
        stands_still(house, "SELECT count(*) FROM alerts_delivery")
        clock.set(0)
        house.fill(4, 2, "5")
        house.wait_until(
            "SELECT count(*) = 4 FROM alerts_delivery d JOIN alerts_alert a ON a.id = d.alert_id"
            " JOIN tickets_ticket t ON t.id = a.ticket_id WHERE d.state = 'sent' AND d.step = 0"
            " AND t.number IN ('24', '25', '26', '27')"
        )
        # What was asked for in that hour, and not sent before the clock was set back, is due when it has come.
        clock.set(HOUR)
        house.wait_until("SELECT count(*) = 0 FROM alerts_delivery WHERE state IN ('waiting', 'sending')")
        assert worker.poll() is None
        every = house.deliveries("1 = 1")
    holds(every, post.letters)
    assert len({row["alert_id"] for row in every if row["state"] == "sent"}) == 28
    # Each link of a step's chain was told once: nothing ran wild.
    assert max(Counter((row["alert_id"], row["step"]) for row in every).values()) <= 2


def test_when_all_steps_are_reached_in_one_second_all_are_told(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with moody() as post, House(url, tmp_path, post.port) as house:
        lead = 5 + BURST / 150
        began = time.monotonic()
        house.fill(BURST, 0, str(lead))
        due = max(began + lead, time.monotonic())
        house.worker()
        if url.startswith("postgres"):
            house.worker()
        rows = house.wait_for(BURST, 300 + BURST / 10)
        took = time.monotonic() - due
        assert holds(rows, post.letters).twice == 0
    with capsys.disabled():
        print(f"\n{BURST} steps of one second told in {took:.1f} s")
