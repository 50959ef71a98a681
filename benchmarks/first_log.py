"""How different the truth is: one log held to the terms by which its system judged it, and to sensible ones.

    .venv/bin/python -m benchmarks.first_log uci_incident_event_log.csv.gz

prints the tables of docs/guide/first-log.md. Each agreement has a database of its own, which is thrown away.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
TERMS = {"as the system judged": "servicenow.yaml", "sensible": "servicenow-sensible.yaml"}
PRIORITIES = ("3 - Moderate", "4 - Low")
Verdicts = dict[str, tuple[str, str, str]]
"""By ticket: its last priority, the verdict it was told to have, and ours."""


def main() -> None:
    if len(sys.argv) == 3:
        json.dump(read(Path(sys.argv[1]), sys.argv[2]), sys.stdout)
        return
    system, sensible = (verdicts(EXAMPLES / file, sys.argv[1]) for file in TERMS.values())
    print("| priority | tickets | the log itself | " + " | ".join(TERMS) + " |\n|---|---|---|---|---|")
    for priority in PRIORITIES:
        tickets = [ticket for ticket, one in system.items() if one[0] == priority]
        told, ours, true = (
            rate(Counter(verdict)) for verdict in
            ([system[t][1] for t in tickets], [system[t][2] for t in tickets], [sensible[t][2] for t in tickets])
        )  # fmt: skip
        print(f"| {priority} | {len(tickets):,} | {told} | {ours} | {true} |")
    print("\n| priority | met in both | breached, though kept | met, though broken | breached in both |")
    print("|---|---|---|---|---|")
    for priority in PRIORITIES:
        pairs = Counter((system[t][2], sensible[t][2]) for t, one in system.items() if one[0] == priority)
        order = (("met", "met"), ("breached", "met"), ("met", "breached"), ("breached", "breached"))
        print(f"| {priority} | " + " | ".join(f"{pairs[pair]:,}" for pair in order) + " |")


def rate(found: Counter[str]) -> str:
    """ "64.5% met" as the figures are written (clock.md 1.4, 6.1): cut, never rounded up."""
    met, breached = found["met"], found["breached"]
    return f"{met * 1000 // (met + breached) / 10}% met ({met:,} of {met + breached:,})"


def verdicts(agreement: Path, log: str) -> Verdicts:
    """The verdicts under an agreement, made in a process with a database of its own."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-m", "benchmarks.first_log", str(agreement), log],
            env={**os.environ, "BEFOREHAND_DATA": folder}, stdout=subprocess.PIPE, check=True,
        )  # fmt: skip
    found: Verdicts = json.loads(done.stdout)
    return found


def read(agreement: Path, given: str) -> Verdicts:
    """Take in the log under the agreement."""
    from beforehand.config import start

    start.open_database()
    from beforehand.connectors.log import library
    from beforehand.connectors.log.importing import Import, open_logs
    from beforehand.connectors.log.source import source_of
    from beforehand.engine.codes import RESOLUTION, VERDICTS
    from beforehand.people.accounts import create_provider
    from beforehand.promises.file.load import load
    from beforehand.tickets.models import Clock, Event, Ticket

    now = datetime.now(UTC)
    provider = create_provider("Service desk", "UTC", now)
    load(agreement, provider, now)
    mapping = library.find("servicenow")
    work = Import(source_of(provider, mapping, ""), mapping, now)
    for log, _, lines in open_logs([given], mapping):
        work.take(log, lines, None, lambda *_: None)
    told = dict(
        Event.objects.filter(field="verdict:resolution").order_by("at", "seq").values_list("ticket", "value")
    )
    ours = dict(Clock.objects.filter(metric=RESOLUTION).order_by("number").values_list("ticket", "verdict"))
    tickets = Ticket.objects.filter(priority__in=PRIORITIES).values_list("pk", "external_id", "priority")
    return {number: (priority, told[ticket], VERDICTS[ours[ticket]]) for ticket, number, priority in tickets}


if __name__ == "__main__":
    main()
