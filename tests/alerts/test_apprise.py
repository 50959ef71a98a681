"""What Apprise may do in here: ask services over HTTP, and nothing else."""

import inspect
import json
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from apprise.manager_plugins import NotificationManager

from beforehand.alerts import long_tail
from beforehand.alerts.apprise_services import PLAIN, SAFE
from beforehand.alerts.message import STEP, Link, Message, Note
from beforehand.alerts.post import Answer
from tests.support.receiver import Receiver, receiver

pytestmark = pytest.mark.program

LINE = "Contoso, P1, response due in 30 minutes, unassigned: Mail server down (#48213)"
HOLD = Link("I have it", "https://sla.example/hold/1")
NOTE = Note("48213", "Contoso", "Mail server down", "response", "50%", "urgent", LINE, (HOLD,), "thread")
MESSAGE = Message(STEP, "key", LINE, LINE + "\n\nmore\n", (NOTE,), 0)


@pytest.fixture
def there() -> Iterator[Receiver]:
    with receiver() as kept:
        yield kept


def test_a_service_is_told_and_its_answer_comes_without_what_is_secret(there: Receiver) -> None:
    there.text = "took it with hush%20hush and hush hush"
    answer = long_tail.send(f"json://127.0.0.1:{there.port}/hush%20hush", MESSAGE, allow_private=True)
    assert answer == Answer(True, "JSON: 200 took it with *** and ***")
    said = there.posted[0].said
    assert (said["title"], said["type"]) == (LINE, "failure")
    assert said["message"].startswith(LINE)


def test_this_machine_is_not_called_unless_an_owner_allows_it(there: Receiver) -> None:
    for host in ("127.0.0.1", "localhost", "[::1]"):
        answer = long_tail.send(f"jsons://{host}:{there.port}/x", MESSAGE, allow_private=False)
        assert (answer.ok, answer.permanent) == (False, True), host
        assert "private network" in answer.said
    assert there.posted == []


def test_nobody_is_followed_elsewhere(there: Receiver) -> None:
    with receiver() as elsewhere:
        there.status, there.headers = 302, {"Location": elsewhere.url}
        address = f"json://127.0.0.1:{there.port}/x?redirect=yes"
        answer = long_tail.send(address, MESSAGE, allow_private=True)
        assert (answer.ok, answer.permanent, elsewhere.posted) == (False, True, [])


def test_the_proxies_of_the_environment_are_not_asked(
    there: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    with receiver() as proxy:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
        assert long_tail.send(f"json://127.0.0.1:{there.port}/x", MESSAGE, allow_private=True).ok
        assert (len(there.posted), proxy.posted) == (1, [])


@pytest.mark.parametrize(("status", "permanent"), [(503, False), (429, False), (401, True), (404, True)])
def test_what_is_refused_for_good_and_what_for_now(there: Receiver, status: int, permanent: bool) -> None:
    there.status = status
    answer = long_tail.send(f"json://127.0.0.1:{there.port}/x", MESSAGE, allow_private=True)
    assert (answer.ok, answer.permanent) == (False, permanent)


def test_an_answer_that_drips_ends_in_time(there: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    there.drip = "body"
    monkeypatch.setattr(long_tail, "TIMEOUT_S", 2.0)
    answer = long_tail.send(f"json://127.0.0.1:{there.port}/x", MESSAGE, allow_private=True)
    assert (answer.ok, answer.permanent, answer.said) == (False, False, "no whole answer within 2 seconds")


def test_a_port_where_nobody_listens_is_tried_again() -> None:
    answer = long_tail.send("json://127.0.0.1:9/x", MESSAGE, allow_private=True)
    assert (answer.ok, answer.permanent) == (False, False)
    assert "refused" in answer.said


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("file:///etc/passwd", "let out"),
        ("gnome://x", "let out"),
        ("dbus://x", "let out"),
        ("syslog://x", "let out"),
        ("macosx://x", "let out"),
        ("windows://x", "let out"),
        ("mailto://a:b@example.com", "let out"),
        ("json://example.com/x", "not encrypted"),
        ("jsons://example.com/x?verify=no", "verify="),
        ("discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js?template=/etc/passwd", "template="),
        ("twilio://nothing", "cannot read it"),
        (f"twilio://AC{'a' * 32}:{'b' * 32}@+15551112222/+15553334444/+15553334445", "several recipients"),
        ("no address", "none of Apprise's"),
    ],
)
def test_addresses_that_are_not_used_are_refused_with_the_reason(address: str, said: str) -> None:
    assert said in long_tail.fault_of(address, allow_private=False)


def test_a_number_takes_its_place_in_an_address() -> None:
    address = f"twilio://AC{'a' * 32}:{'b' * 32}@+15551112222/{{phone}}"
    assert long_tail.fault_of(address, allow_private=False) == ""


def test_a_service_that_tries_more_than_that_is_stopped() -> None:
    deeds = [
        "subprocess.run(['true'])",
        "os.system('true')",
        "os.remove('/tmp/nothing-of-the-kind')",
        "open('/etc/passwd')",
        "open('/tmp/beforehand-was-here', 'w')",
        "socket.create_connection(('127.0.0.1', 25))",
        "socket.create_connection(('169.254.169.254', 80))",
        "socket.socket(socket.AF_UNIX).connect('/run/dbus/system_bus_socket')",
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 514))",
        "ctypes.CDLL('libc.so.6')",
    ]
    tries = [f"try:\n    {deed}\nexcept Closed:\n    print({place})\n" for place, deed in enumerate(deeds)]
    program = (
        "import ctypes, os, socket, subprocess\nfrom beforehand.alerts.apprise_child import Closed, Watch\n"
        "Watch(False, 5).shut_in()\n" + "".join(tries)
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout.split() == [str(place) for place in range(len(deeds))], done.stderr


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_each_service_that_is_let_out_asks_over_http_and_starts_no_program() -> None:
    services = NotificationManager()
    known = set(services.schemas())
    assert known >= SAFE | PLAIN
    for schema in SAFE | PLAIN:
        source = inspect.getsource(sys.modules[services[schema].__module__])
        assert re.search(r"requests\.\w+\(", source), schema
        assert not re.search(r"^\s*(import|from) (subprocess|socket|ctypes|smtplib)\b", source, re.M), schema
    local = {"dbus", "gnome", "macosx", "windows", "syslog", "rsyslog", "glib", "mailto", "mqtt", "irc"}
    assert known >= local
    assert not local & (SAFE | PLAIN)


def test_a_service_with_little_room_gets_the_first_line_and_one_link() -> None:
    assert long_tail.short(MESSAGE) == f"{LINE}\nI have it: https://sla.example/hold/1"


def test_a_service_gets_no_more_than_it_takes(there: Receiver) -> None:
    lines = "\n".join(f"- line {number} of a long summary" for number in range(400))
    long = MESSAGE._replace(text=f"{LINE}\n\n{lines}\n")
    answer = long_tail.send(f"ntfy://127.0.0.1:{there.port}/desk", long, allow_private=True)
    assert answer.ok, answer
    said = there.posted[0].said["message"]
    assert 7000 < len(said) <= 7800
    assert said.endswith(" of a long summary\n…")


def test_the_library_is_not_read_at_start() -> None:
    program = (
        "import sys, django; django.setup(); import beforehand.web.urls; print('apprise' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True,
        env={"DJANGO_SETTINGS_MODULE": "beforehand.config.settings", "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert json.loads(done.stdout.strip().lower()) is False
