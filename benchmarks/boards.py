"""Two hundred open boards while events come in: how soon a change is seen, and what that costs the server.

    .venv/bin/python -m benchmarks.boards [--seconds 30] [--boards 200] [--rate 50] [--tickets 600]

Starts the program on SQLite with open tickets, tells it events by POST /api/events, first with no board open, then with
one in Chromium and the others in plain clients that read the stream; half of them show everything, half are filtered.
An event is seen when the person it assigns stands in what a board was sent (in Chromium: stands in the page).
"""

import argparse
import asyncio
import http.client
import json
import multiprocessing
import os
import random
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PROGRAM = [sys.executable, "-m", "beforehand"]
CLIENTS = ("Harbour Dental", "Kestrel Logistics", "Nobody Knows Them")
TEAMS = ("Desk", "Projects", "Second line", "On site")
MARK = re.compile(r"mark-(\d+)")
SESSIONS = 10
FRESH = """async () => {
    const revs = (page) => [...page.querySelectorAll('#rows > tr')].map((row) => row.dataset.rev).join();
    const fresh = new DOMParser().parseFromString(await (await fetch('/')).text(), 'text/html');
    return revs(fresh) === revs(document);
}"""
TICK = os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Everything, and a table."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, usual in (("seconds", 30), ("boards", 200), ("rate", 50), ("tickets", 600)):
        asked.add_argument(f"--{name}", type=int, default=usual)
    options = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="beforehand-benchmark-") as folder:
        os.environ["BEFOREHAND_DATA"] = folder
        run("agreements", "load", str(ROOT / "examples" / "msp.yaml"))
        token = run("token", "add", "Benchmark", "--scope", "events:write", "--source", "benchmark")
        sessions = sign_in()
        with serving() as (port, server):
            teller = Teller(port, token)
            teller.open_tickets(options.tickets)
            measure(options, port, server, teller, sessions)


def run(*words: str) -> str:
    """A command of the program; what it printed."""
    done = subprocess.run([*PROGRAM, *words], stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603
    return done.stdout.strip()


def sign_in() -> list[str]:
    """The keys of sessions of one user."""
    from beforehand.config import start

    start.open_database()
    from django.conf import settings
    from django.test import Client

    from beforehand.people.models import Provider, User

    user = User.objects.create_user("bench", provider=Provider.objects.get())
    keys = []
    for _ in range(SESSIONS):
        client = Client()
        client.force_login(user)
        keys.append(f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}")
    return keys


@contextmanager
def serving() -> Iterator[tuple[int, "subprocess.Popen[bytes]"]]:
    """The program, on a port of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    server = subprocess.Popen([*PROGRAM, "serve", "--port", str(port)], stdout=subprocess.DEVNULL)  # noqa: S603
    try:
        for _ in range(400):
            with socket.socket() as knock:
                if knock.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield port, server
    finally:
        server.kill()
        server.wait()


class Teller:
    """A source: it opens tickets, and then tells so many events a second of them."""

    def __init__(self, port: int, token: str) -> None:
        self.http = http.client.HTTPConnection("127.0.0.1", port)
        self.headers = {"Authorization": f"Bearer {token}"}
        self.chance, self.number = random.Random(1), 0
        self.open: list[str] = []
        self.sent: dict[int, float] = {}

    def open_tickets(self, count: int) -> None:
        """Tickets of the last three days, half of them assigned."""
        ages = sorted((self.chance.uniform(0, 72) for _ in range(count)), reverse=True)
        events = [event for age in ages for event in self.new(age)]
        for first in range(0, len(events), 100):
            self.post(events[first : first + 100])

    def new(self, hours_ago: float) -> list[dict[str, str]]:
        """The first events of a ticket."""
        self.number += 1
        ticket = f"T{self.number}"
        self.open.append(ticket)
        told = {
            "number": ticket,
            "subject": f"Something of number {self.number} does not work",
            "team": self.chance.choice(TEAMS),
            "client": self.chance.choice(CLIENTS),
            "priority": self.chance.choice(("P1", "P2", "P3", "P4")),
        }
        when = datetime.now(UTC) - timedelta(hours=hours_ago)
        begin = [event(ticket, "c", when, "created"), event(ticket, "s", when, "status", value="New")]
        return begin + [event(ticket, k, when, "changed", field=k, value=v) for k, v in told.items()]

    def some(self) -> list[dict[str, str]]:
        """What happens next: mostly somebody takes a ticket, now and then one is answered, resolved or new."""
        number, now = len(self.sent), datetime.now(UTC)
        # Half of the time somebody works on what came first, which is what boards show.
        among = self.open[:50] if self.chance.random() < 0.5 else self.open
        ticket, kind = self.chance.choice(among), self.chance.random()
        if kind < 0.04:
            return self.new(0)
        if kind < 0.08:
            self.open.remove(ticket)
            return [event(ticket, f"r{time.monotonic_ns()}", now, "status", value="Resolved")]
        if kind < 0.3:
            return [event(ticket, f"m{time.monotonic_ns()}", now, "message", person="Ada Ferrant")]
        self.sent[number] = 0.0
        return [event(ticket, f"a{number}", now, "assigned", value=f"mark-{number}")]

    def tell(self, seconds: float, rate: int) -> None:
        """So many events a second, one a request."""
        began, count = time.monotonic(), 0
        while time.monotonic() - began < seconds:
            marks = len(self.sent)
            events = self.some()
            sent = time.time()
            self.post(events)
            if len(self.sent) > marks:
                self.sent[marks] = sent
            count += len(events)
            time.sleep(max(0.0, began + count / rate - time.monotonic()))

    def post(self, events: list[dict[str, str]]) -> None:
        """One request."""
        self.http.request("POST", "/api/events", json.dumps(events), self.headers)
        answer = self.http.getresponse()
        said = answer.read()
        assert answer.status == 200, said


def event(ticket: str, name: str, at: datetime, kind: str, **more: str) -> dict[str, str]:
    """An event as the API takes it."""
    return {"ticket": ticket, "id": name, "at": at.isoformat(), "kind": kind, **more}


def measure(
    options: argparse.Namespace,
    port: int,
    server: "subprocess.Popen[bytes]",
    teller: Teller,
    sessions: list[str],
) -> None:
    """Without boards, then with them."""
    teller.tell(3, options.rate)
    without = cores(server.pid, lambda: teller.tell(options.seconds, options.rate))
    memory = resident(server.pid)
    came: multiprocessing.Queue[Any] = multiprocessing.Queue()
    ready = multiprocessing.Event(), multiprocessing.Event()
    over = multiprocessing.Event()
    plain = multiprocessing.Process(
        target=watch, args=(port, sessions, options.boards - 1, ready[0], over, came)
    )
    browser = multiprocessing.Process(target=browse, args=(port, sessions[0], ready[1], over, came))
    for process, is_ready in zip((plain, browser), ready, strict=True):
        process.start()
        assert is_ready.wait(120), "a board never opened"
    teller.tell(3, options.rate)
    first = len(teller.sent)
    within = cores(server.pid, lambda: teller.tell(options.seconds, options.rate))
    each = (resident(server.pid) - memory) / options.boards
    idle = cores(server.pid, lambda: time.sleep(10))
    over.set()
    seen = dict(came.get() for _ in range(2))
    began = time.monotonic()
    server.terminate()
    server.wait()
    stopped = time.monotonic() - began
    for name in ("browser", "plain"):
        waits = sorted(
            at - teller.sent[mark]
            for mark, at in seen[name][0]
            if at and mark >= first and teller.sent.get(mark)
        )
        p50, p99, last = (waits[int(len(waits) * share)] for share in (0.5, 0.99, 0.99999))
        print(
            f"{name}: {len(waits):,} changes seen after {p50:.2f} s, one in 100 after {p99:.2f} s,"
            f" the last after {last:.2f} s; at the end {'all right' if seen[name][1] else 'NOT RIGHT'}"
        )
    print(
        f"server, cores: {without:.2f} with no board open, {within:.2f} with {options.boards}:"
        f" {within - without:.2f} more"
    )
    print(f"server, cores with {options.boards} boards open and no events: {idle:.2f}")
    print(f"server, memory: {each:.2f} MB a board; stopped in {stopped:.2f} s with all boards open")


def cores(pid: int, work: Any) -> float:
    """How many cores a process used while the work was done."""
    began, before = time.monotonic(), cpu(pid)
    work()
    return (cpu(pid) - before) / (time.monotonic() - began)


def cpu(pid: int) -> float:
    """CPU seconds of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def resident(pid: int) -> float:
    """The memory of a process in MB."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def addresses(count: int) -> list[str]:
    """Half of the boards show everything; the others a team, a priority, a state or a search."""
    narrow = [f"team={team.replace(' ', '+')}" for team in TEAMS] + [f"priority=P{n}" for n in range(1, 5)]
    narrow += ["state=late", "state=hour", "assignee=-", "q=number", "sort=client", "team=Desk&priority=P1"]
    return ["" if n % 2 else narrow[n // 2 % len(narrow)] for n in range(count)]


class Shown:
    """What one plain client shows; it puts down when a mark first came to a row that stood there already."""

    def __init__(self, seen: list[tuple[int, float]]) -> None:
        self.seen, self.rows, self.known, self.rev = seen, set[str](), set[str](), ""

    def take(self, told: dict[str, Any], at: float) -> bool:
        """A message; whether it was the first."""
        for clock, html in told.get("rows", {}).items():
            mark = MARK.search(html)
            if mark and mark[1] not in self.known:
                self.known.add(mark[1])
                # A row that comes in only now may have been changed long since.
                if clock in self.rows:
                    self.seen.append((int(mark[1]), at))
        self.rev = told.get("rev", self.rev)
        first = not self.rows and "order" in told
        self.rows = set(map(str, told["order"])) if "order" in told else self.rows
        return first


def watch(port: int, sessions: list[str], count: int, ready: Any, over: Any, came: Any) -> None:
    """Plain clients, in one process: when each mark was first sent to each of them."""
    seen: list[tuple[int, float]] = []
    boards: list[tuple[str, Shown]] = []
    opened = 0

    async def one(address: str, session: str) -> None:
        nonlocal opened
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 22)
        head = f"GET /live/board?{address} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {session}\r\n\r\n"
        writer.write(head.encode())
        board = Shown(seen)
        boards.append((address, board))
        with suppress(asyncio.IncompleteReadError):
            while True:
                line = await reader.readuntil(b"\n")
                if line.startswith(b"data: "):
                    opened += board.take(json.loads(line[6:]), time.time())

    async def all_of_them() -> None:
        tasks = [
            asyncio.create_task(one(address, sessions[n % len(sessions)]))
            for n, address in enumerate(addresses(count))
        ]
        while opened < count:
            await asyncio.sleep(0.1)
        ready.set()
        while not over.is_set():
            await asyncio.sleep(0.2)
        for task in tasks:
            task.cancel()

    asyncio.run(all_of_them())
    alike = {(address, board.rev) for address, board in boards}
    came.put(("plain", (seen, len(alike) == len(set(addresses(count))))))
    time.sleep(5)  # the streams stay open while the server is stopped


def browse(port: int, session: str, ready: Any, over: Any, came: Any) -> None:
    """One board in Chromium: when each mark first stood in the page."""
    from playwright.sync_api import sync_playwright
    from tests.support.chrome import find_chrome

    watching = """() => {
        window.seen = {};
        let known = new Set();
        const look = () => {
            const rows = [...document.getElementById('rows').children];
            for (const row of rows) {
                const mark = /mark-(\\d+)/.exec(row.textContent);
                if (mark) window.seen[mark[1]] ??= known.has(row.id) ? Date.now() / 1000 : 0;
            }
            known = new Set(rows.map((row) => row.id));
        };
        look();
        new MutationObserver(look).observe(document.getElementById('rows'), {childList: true, subtree: true});
    }"""
    name, value = session.split("=", 1)
    url = f"http://127.0.0.1:{port}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chrome(), args=["--no-sandbox"])
        context = browser.new_context()
        context.add_cookies([{"name": name, "value": value, "url": url}])
        page = context.new_page()
        page.goto(f"{url}/")
        page.wait_for_selector("html[data-live=live]")
        page.evaluate(watching)
        ready.set()
        while not over.is_set():
            page.wait_for_timeout(200)
        marks = [(int(mark), at) for mark, at in page.evaluate("window.seen").items()]
        came.put(("browser", (marks, page.evaluate(FRESH))))
        page.wait_for_timeout(5_000)
        browser.close()


if __name__ == "__main__":
    main()
