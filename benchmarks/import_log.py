"""Taking in a log, beside what cannot be gone below: reading its rows, and writing the rows of its events.

    .venv/bin/python -m benchmarks.import_log uci_incident_event_log.csv.gz [--postgresql]

Each measure runs in a process of its own, one after the other; what is printed is the table of docs/performance.md.
"""

import argparse
import csv
import gzip
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

AGREEMENT = Path(__file__).resolve().parents[1] / "examples" / "servicenow.yaml"
MEASURES = {
    "read": "the CSV alone, read by `csv.reader`",
    "import": "import into an empty database, with clocks",
    "write": "its event rows alone, written by `executemany`",
    "again": "the same import once more: all known already",
}
Measured = dict[str, float]


def main() -> None:
    """Measure everything in order and print a table."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("log")
    asked.add_argument("--postgresql", action="store_true")
    asked.add_argument("--only", choices=MEASURES, help=argparse.SUPPRESS)
    options = asked.parse_args()
    if options.only:
        json.dump(measure(options.only, options.log), sys.stdout)
        return
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="beforehand-benchmark-"))
        environment = {**os.environ, "BEFOREHAND_DATA": folder}
        if options.postgresql:
            from tests.support import postgres

            programs = postgres.installed_bin() or postgres.embedded_bin()
            assert programs is not None, "no PostgreSQL is installed and the wheel has none for this machine"
            environment["DATABASE_URL"] = stack.enter_context(postgres.server(programs))
        print("| measure | wall s | CPU s | rows/s | peak MB |\n|---|---|---|---|---|")
        for name, what in MEASURES.items():
            command = [sys.executable, "-m", "benchmarks.import_log", options.log, "--only", name]
            done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)  # noqa: S603
            found: Measured = json.loads(done.stdout)
            print(
                f"| {what} | {found['wall']:.1f} | {found['cpu']:.1f} | {found['rows'] / found['wall']:,.0f} |"
                f" {found['peak']:,.0f} |",
                flush=True,
            )


def measure(name: str, log: str) -> Measured:
    """One measure: seconds, rows and the greatest memory in MB."""
    work = {"read": read, "write": write, "import": take, "again": take}[name]
    prepare = {"read": lambda: None}.get(name, open_database)
    prepare()
    rows, wall, cpu = work(log)
    return {
        "rows": rows,
        "wall": wall,
        "cpu": cpu,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def open_database() -> None:
    """The database of the environment, with the agreement in it."""
    from beforehand.config import start

    start.open_database()
    from beforehand.people.accounts import create_provider
    from beforehand.people.models import Provider
    from beforehand.promises.file.load import load

    if not Provider.objects.exists():
        now = datetime.now(UTC)
        load(AGREEMENT, create_provider("Service desk", "UTC", now), now)


def read(log: str) -> tuple[int, float, float]:
    """All rows of the log, and nothing done with them."""
    wall, cpu = time.perf_counter(), time.process_time()
    with gzip.open(log, "rt", encoding="utf-8", newline="") as file:
        count = sum(1 for _ in csv.reader(file)) - 1
    return count, time.perf_counter() - wall, time.process_time() - cpu


def take(log: str) -> tuple[int, float, float]:
    """The import as the command does it."""
    from beforehand.connectors.log import library
    from beforehand.connectors.log.importing import Import, open_logs
    from beforehand.connectors.log.source import source_of
    from beforehand.people.models import Provider

    wall, cpu = time.perf_counter(), time.process_time()
    mapping = library.find("servicenow")
    work = Import(source_of(Provider.objects.get(), mapping, ""), mapping, datetime.now(UTC))
    rows = sum(work.take(one.log, one.lines, None, lambda *_: None).rows for one in open_logs([log], mapping))
    return rows, time.perf_counter() - wall, time.process_time() - cpu


def write(log: str) -> tuple[int, float, float]:
    """The event rows that the import made, into a table with the same columns and unique index; rows of the log."""
    from django.db import connection, transaction

    from beforehand.tickets.store import EVENT_COLUMNS

    columns = ", ".join(f'"{name}"' for name in EVENT_COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM tickets_event ORDER BY id")
        rows = cursor.fetchall()
        cursor.execute(f"CREATE TABLE bare AS SELECT {columns} FROM tickets_event WHERE 1 = 0")
        cursor.execute("CREATE UNIQUE INDEX bare_once ON bare (provider_id, ticket_id, event_id)")
        marks = ", ".join(["%s"] * len(EVENT_COLUMNS))
        wall, cpu = time.perf_counter(), time.process_time()
        with transaction.atomic():
            cursor.executemany(f"INSERT INTO bare ({columns}) VALUES ({marks})", rows)
        took = time.perf_counter() - wall, time.process_time() - cpu
        cursor.execute("DROP TABLE bare")
    return read(log)[0], *took


if __name__ == "__main__":
    main()
