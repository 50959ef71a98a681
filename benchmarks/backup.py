"""Backup and restore of many tickets, each in a process of its own: seconds, size, and how much memory it took.

    .venv/bin/python -m benchmarks.backup [--tickets N] [--postgresql]

Memory must not grow with the tickets: the backup of ten times as many takes the same.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from benchmarks.reread import EVENTS, fill, set_up

MEASURED = """
import resource, sys
from beforehand.cli import main
try:
    main()
finally:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, flush=True)
"""


def main() -> None:
    """Fill, back up, restore over it."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--tickets", type=int, default=100_000)
    asked.add_argument("--postgresql", action="store_true")
    options = asked.parse_args()
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="beforehand-benchmark-"))
        os.environ["BEFOREHAND_DATA"] = folder
        if options.postgresql:
            from tests.support import postgres

            programs = postgres.installed_bin() or postgres.embedded_bin()
            assert programs is not None, "no PostgreSQL is installed and the wheel has none for this machine"
            os.environ["DATABASE_URL"] = stack.enter_context(postgres.server(programs))
        measure(options.tickets, Path(folder) / "all.gz")


def measure(tickets: int, file: Path) -> None:
    """The whole measurement on the database that the environment names."""
    from beforehand.config import start

    start.open_database()
    from django.db import connection

    from beforehand.tickets.rereading import reread_all

    provider = set_up()
    fill(provider.pk, tickets)
    clocks = reread_all(provider, cores=os.cpu_count() or 1).clocks
    vendor = connection.vendor
    connection.close()
    print(f"{vendor}: {tickets:,} tickets, {tickets * EVENTS:,} events, {clocks:,} clocks")
    print(f"{'':12} {'seconds':>8} {'MB memory':>10}")
    for name, arguments in {
        "backup": ["backup", str(file)],
        "verify": ["backup", "--verify", str(file)],
        "restore": ["restore", "--replace", str(file)],
    }.items():
        began = time.perf_counter()
        done = subprocess.run(  # noqa: S603  (ourselves)
            [sys.executable, "-c", MEASURED, *arguments], check=True, stdout=subprocess.PIPE, text=True
        )
        print(f"{name:12} {time.perf_counter() - began:8.1f} {int(done.stdout):10,}", flush=True)
    print(f"the file: {file.stat().st_size / 1e6:,.1f} MB")


if __name__ == "__main__":
    main()
