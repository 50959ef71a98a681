"""A Request Tracker of one's own: Debian's, with its database in a folder, and a clock that a test sets."""

import json
import os
import shutil
import signal
import subprocess
import time
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.support import debian, faketime
from tests.support.ports import free_port

PACKAGES = ("request-tracker5", "rt5-db-sqlite", "rt5-standalone", "libfaketime")
SITE = Path(__file__).with_name("tracker_site")
_SERVER = Path("/usr/share/request-tracker5/libexec/rt-server")
_MAKE = "rt-setup-database-5"


def missing() -> str:
    """Why there can be none here; "" where there can."""
    if not _SERVER.exists() or shutil.which(_MAKE) is None:
        return f"needs Request Tracker 5, and it is not installed (Debian: {' '.join(PACKAGES[:3])})"
    return "" if faketime.library() else "needs libfaketime, and it is not installed"


def install() -> bool:
    """Whether it is there now; its packages are not to make a database of their own."""
    said = "".join(
        f"request-tracker5 request-tracker5/{name} boolean false\n"
        for name in ("dbconfig-install", "install-cronjobs")
    )
    subprocess.run(["debconf-set-selections"], input=said, text=True, check=False)
    return all(debian.install(package) for package in PACKAGES)


class Tracker:
    """One, in `home`. Made by `make`, or of the `home` of another that was; its clock stands unless `clock` moves it."""

    def __init__(self, home: Path, fake: bool = True, workers: int = 2) -> None:
        self.home, self.fake, self._workers = home, fake, workers
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._server: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        home = {"RTHOME": str(self.home), "RT_PORT": str(self.port), "TZ": "UTC"}
        site = {
            "RT_SITE_CONFIG": str(SITE / "RT_SiteConfig.pm"),
            "RT_SITE_CONFIG_DIR": str(self.home / "none"),
        }
        return {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"} | home | site

    @property
    def tokens(self) -> dict[str, str]:
        found: dict[str, str] = json.loads((self.home / "tokens.json").read_text())
        return found

    def make(self) -> None:
        """Its database, with those who use it: some ten seconds."""
        (self.home / "none").mkdir(parents=True, exist_ok=True)
        self._run(_MAKE, "--action", "init", "--skip-create", "--dba", "")
        (self.home / "tokens.json").write_text(self._run("perl", str(SITE / "setup.pl")).splitlines()[-1])

    def copied(self, home: Path) -> "Tracker":
        """Another of the same database."""
        (home / "none").mkdir(parents=True)
        for name in ("rt.sqlite", "tokens.json"):
            shutil.copy(self.home / name, home / name)
        return Tracker(home, self.fake, self._workers)

    def scrip(self, code: str, address: str, secret: str) -> None:
        """Have it call an address at each transaction."""
        self._run("perl", str(SITE / "scrip.pl"), address, secret, given=code)

    def field(self, name: str, seen_by: str = "") -> None:
        """A custom field of tickets, and perhaps somebody who may see it. What runs may not know of it yet."""
        self._run("perl", str(SITE / "field.pl"), name, seen_by)

    def _run(self, *command: str, given: str = "") -> str:
        done = subprocess.run(
            command, env=self.environment, input=given, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start(self) -> None:
        """Until it answers."""
        environment = self.environment
        if self.fake:
            library = faketime.library()
            assert library is not None
            if not (self.home / "now").exists():
                self.clock(datetime(2026, 3, 2, 9, tzinfo=UTC))
            environment |= {
                "LD_PRELOAD": str(library), "FAKETIME_TIMESTAMP_FILE": str(self.home / "now"),
                "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            }  # fmt: skip
        command = [str(_SERVER), "--server", "Starlet", "--host", "127.0.0.1", "--port", str(self.port)]
        with (self.home / "server.log").open("ab") as log:
            self._server = subprocess.Popen(
                [*command, "--max-workers", str(self._workers)],
                env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        ends = time.monotonic() + 300
        while time.monotonic() < ends:
            try:
                self.call("GET", "rt", "beforehand")
                return
            except OSError:
                assert self._server.poll() is None, (self.home / "server.log").read_text()
                time.sleep(0.1)
        raise AssertionError((self.home / "server.log").read_text())

    def stop(self) -> None:
        """With all its processes."""
        if self._server is not None:
            os.killpg(self._server.pid, signal.SIGKILL)
            self._server.wait()
            self._server = None

    def __enter__(self) -> "Tracker":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def clock(self, at: datetime) -> None:
        """From now on it is this instant there."""
        fresh = self.home / "now.new"
        fresh.write_text(at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S\n"))
        fresh.replace(self.home / "now")

    def call(self, method: str, path: str, who: str, body: Any = None) -> Any:
        """What REST2 answers somebody."""
        asked = urllib.request.Request(
            f"{self.url}/REST/2.0/{path}", method=method, data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"token {self.tokens[who]}", "Content-Type": "application/json"},
        )  # fmt: skip
        with urllib.request.urlopen(asked, timeout=60) as answer:
            return json.loads(answer.read())

    def create(self, who: str = "alice@contoso.test", **more: str) -> str:
        """A ticket's id."""
        body = {"Queue": "Support", "Subject": "VPN drops", "Requestor": "alice@contoso.test", "Content": "It drops.",
                "ContentType": "text/plain"}  # fmt: skip
        return str(self.call("POST", "ticket", who, body | more)["id"])

    def put(self, ticket: str, who: str = "ada", **fields: str) -> None:
        """Fields that somebody gives a ticket. RT answers a refusal with 200 too."""
        said = self.call("PUT", f"ticket/{ticket}", who, fields)
        assert "Denied" not in " ".join(said), said

    def say(self, ticket: str, text: str, who: str = "ada", internal: bool = False) -> None:
        """A message."""
        kind = "comment" if internal else "correspond"
        self.call("POST", f"ticket/{ticket}/{kind}", who, {"Content": text, "ContentType": "text/plain"})
