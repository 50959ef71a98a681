"""Workers that are killed, stopped and doubled, over both databases, against a real mail server."""

import os
import random
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from tests.support.house import House, holds
from tests.support.moody import moody

pytestmark = [pytest.mark.program, pytest.mark.sqlite]
TICKETS = 240
KILLS = int(os.environ.get("KILLS", "6"))
"""200 of them take some eight minutes for a database; under load all the while, so that there are more tickets then."""
STANDS = int(os.environ.get("STANDS", "0"))
"""For so many seconds a worker stands still; for long enough that others take its work where that is not said."""


@contextmanager
def nobody_takes(url: str) -> Iterator[None]:
    """No worker can take anything, since somebody else writes."""
    if url.startswith("sqlite"):
        held = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        held.execute("BEGIN IMMEDIATE")
        yield
        held.close()
        return
    with psycopg.connect(url) as locked:
        locked.execute("LOCK TABLE kernel_due IN SHARE ROW EXCLUSIVE MODE")
        yield


def test_killed_before_it_takes_what_is_due_another_tells_it(url: str, tmp_path: Path) -> None:
    with moody() as post, House(url, tmp_path, post.port) as house:
        worker = house.settled()
        house.fill(1, 0, "9")
        with nobody_takes(url):
            time.sleep(9)
            house.kill(worker)
        assert house.deliveries() == []
        house.worker()
        told = holds(house.wait_for(1, 300), post.letters)
    assert (told.told, told.twice, len(post.letters)) == (1, 0, 1)


def test_killed_after_it_took_it_and_before_it_sent_another_tells_it(url: str, tmp_path: Path) -> None:
    with moody() as post, House(url, tmp_path, post.port) as house:
        post.greets.clear()
        house.fill(1, 0)
        worker = house.worker()
        house.wait_until("SELECT count(*) FROM alerts_delivery WHERE state = 'sending'")
        house.kill(worker)
        assert house.ask("SELECT count(*) FROM kernel_due WHERE kind = 'mailbox' AND owner <> 0") == 1
        post.greets.set()
        house.worker()
        (row,) = house.wait_for(1, 300)
        assert holds([row], post.letters).twice == 0
    # Nobody knows that it was not sent, so that it is marked.
    assert (len(post.letters), row["repeats"]) == (1, 1)


def test_killed_after_it_sent_and_before_it_noted_that_it_is_told_again_and_marked(
    url: str, tmp_path: Path
) -> None:
    with moody() as post, House(url, tmp_path, post.port) as house:
        post.answers.clear()
        house.fill(1, 0)
        worker = house.worker()
        post.wait_for(1)
        house.kill(worker)
        post.answers.set()
        house.worker()
        (row,) = house.wait_for(1, 300)
        assert holds([row], post.letters).twice == 1
    assert (len(post.letters), row["repeats"]) == (2, 1)


def test_killed_at_random_under_load_nothing_is_lost_and_repeats_are_said(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random(48)
    tickets, over = TICKETS + 10 * (KILLS - 6), 10 + 2 * (KILLS - 6)
    with moody() as post, House(url, tmp_path, post.port) as house:
        house.fill(tickets, over, str(3 + tickets // 300))
        for _ in range(KILLS):
            worker = house.worker()
            time.sleep(chance.uniform(0.8, 3.2))
            house.kill(worker)
        worker = house.worker()
        told = holds(house.wait_for(tickets, 300 + tickets / 2), post.letters)
        worker.terminate()
        assert worker.wait(120) == 0
        marked = house.ask("SELECT count(*) FROM alerts_delivery WHERE step = 0 AND repeats > 0")
    with capsys.disabled():
        print(f"\n{KILLS} kills: {told.due} due, {told.told} told, {told.twice} twice, {marked} marked")


@pytest.mark.parametrize(("count", "stands"), [(2, 12), (4, 35)])
def test_of_several_workers_one_may_be_killed_and_one_stand_still(
    count: int, stands: int, server: str, tmp_path: Path
) -> None:
    with moody() as post, House(server, tmp_path, post.port) as house:
        house.fill(TICKETS, 6)
        workers = [house.worker() for _ in range(count)]
        time.sleep(5)
        house.kill(workers[0])
        workers[1].send_signal(signal.SIGSTOP)
        time.sleep(STANDS or stands)
        workers[1].send_signal(signal.SIGCONT)
        rows = house.wait_for(TICKETS, 300)
        for worker in workers:
            worker.terminate()
            worker.wait(120)
        assert holds(rows, post.letters).told == TICKETS
