"""The program as it is started by hand: over a socket, with signals."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from http.client import HTTPResponse
from pathlib import Path

import pytest
from django.test import Client
from tests.support.ports import free_port

from beforehand.config.headers import POLICY

pytestmark = pytest.mark.program

BEFOREHAND = [sys.executable, "-m", "beforehand"]


def environment(tmp_path: Path, **more: str) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "BEFOREHAND_DATA": str(tmp_path / "data"), **more}


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def served(tmp_path: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    command = [*BEFOREHAND, "serve", "--port", str(port)]
    server = subprocess.Popen(command, env=environment(tmp_path), stdout=subprocess.PIPE, text=True)
    yield server
    server.kill()
    server.communicate()


def ask(port: int) -> HTTPResponse:
    """The answer of /healthz as soon as there is one."""
    end = time.monotonic() + 300
    while time.monotonic() < end:
        try:
            answer: HTTPResponse = urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=60)
        except OSError:
            time.sleep(0.05)
        else:
            return answer
    raise TimeoutError("the server never answered")


def test_it_makes_its_database_serves_and_stops_at_once(served: subprocess.Popen[str], port: int) -> None:
    began = time.monotonic()
    with ask(port) as answer:
        starting = time.monotonic() - began
        assert answer.read() == b"ok"
        assert answer.headers["Content-Security-Policy"] == POLICY
    began = time.monotonic()
    served.send_signal(signal.SIGTERM)
    assert served.wait(120) in (0, -signal.SIGTERM)
    # On a machine that has other work as well it takes longer to start, too.
    assert time.monotonic() - began < max(2, starting)
    assert served.stdout is not None
    assert f"http://127.0.0.1:{port}/" in served.stdout.read()


def children(parent: int) -> set[int]:
    """The processes that one has started, and that go on."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, ppid = stat.read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue  # it ended while we looked
        if int(ppid) == parent and state != "Z":
            found.add(int(stat.parent.name))
    return found


def workers(port: int) -> int:
    """How many workers /health knows of."""
    try:
        answer = urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=60)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        return int(json.load(answer)["workers"])


def wait_for(what: Callable[[], bool]) -> None:
    """Until it is so, for five minutes."""
    end = time.monotonic() + 300
    while not what():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_a_worker_that_is_killed_is_started_again(served: subprocess.Popen[str], port: int) -> None:
    ask(port).close()
    wait_for(lambda: workers(port) == 1)
    (first,) = children(served.pid)
    os.kill(first, signal.SIGKILL)
    wait_for(lambda: bool(children(served.pid) - {first}))
    # The new one says at once that the other is gone.
    wait_for(lambda: workers(port) == 1)
    (second,) = children(served.pid)
    served.send_signal(signal.SIGTERM)
    served.wait(120)
    wait_for(lambda: not Path(f"/proc/{second}").exists())


def test_bad_settings_are_told_plainly_and_with_exit_code_2(tmp_path: Path) -> None:
    env = environment(tmp_path, DATABASE_URL="mysql://x/y", BEFOREHAND_DEBUG="1")
    done = subprocess.run([*BEFOREHAND, "migrate"], env=env, capture_output=True, text=True)
    assert done.returncode == 2
    assert "environment, DATABASE_URL" in done.stderr
    assert "environment, BEFOREHAND_DEBUG" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_that_is_no_database_is_told_plainly_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "data" / "beforehand.sqlite3"
    file.parent.mkdir()
    file.write_text("my letters, and no database at all\n" * 100)
    done = subprocess.run([*BEFOREHAND, "migrate"], env=environment(tmp_path), capture_output=True, text=True)
    assert done.returncode == 2
    assert f"database {file}" in done.stderr
    assert "file is not a database" in done.stderr
    assert file.read_text().startswith("my letters")


def test_a_server_that_is_not_there_is_told_at_once_and_why(tmp_path: Path) -> None:
    def refused(url: str) -> tuple[subprocess.CompletedProcess[str], float]:
        began, env = time.monotonic(), environment(tmp_path, DATABASE_URL=url)
        done = subprocess.run([*BEFOREHAND, "migrate"], env=env, capture_output=True, text=True)
        return done, time.monotonic() - began

    (done, took), (_, wanted) = refused("postgres://u@127.0.0.1:1/tickets"), refused("sqlite:////nowhere/x")
    # The pool would try again for ten seconds; what starting takes is for the machine to say.
    assert took < wanted + 8
    assert done.returncode == 2
    assert "database tickets" in done.stderr
    assert "Connection refused" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_in_use_is_told_plainly(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = taken.getsockname()[1]
        command = [*BEFOREHAND, "serve", "--port", str(number)]
        done = subprocess.run(command, env=environment(tmp_path), capture_output=True, text=True)
    assert done.returncode == 2
    assert f"port {number}: Address already in use" in done.stderr
    assert "Traceback" not in done.stderr


def test_help_is_there_without_django_or_numba(tmp_path: Path) -> None:
    heavy = {"django", "numba", "numpy", "yaml", "uvicorn"}
    code = f"import sys, beforehand.cli; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(tmp_path), capture_output=True, text=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.django_db
def test_every_answer_carries_the_security_headers(client: Client) -> None:
    headers = client.get("/healthz").headers
    assert headers["Content-Security-Policy"] == POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
