"""The proof on a real log: the verdicts that a ServiceNow wrote down itself, found again from its rows."""

from collections import Counter
from pathlib import Path

import pytest

from beforehand.connectors.log import library
from beforehand.connectors.log.importing import Import, open_logs
from beforehand.connectors.log.source import source_of
from beforehand.engine.codes import RESOLUTION, VERDICTS
from beforehand.people.accounts import create_provider
from beforehand.promises.file.load import load
from beforehand.tickets.models import Clock, Event, Ticket

from ...conftest import CHECKOUT
from .conftest import NOW, counts

P3, P4 = "3 - Moderate", "4 - Low"
LOG = "uci_incident_event_log.csv.gz"


@pytest.mark.program
@pytest.mark.django_db
def test_the_log_s_own_verdicts_are_found_again(shared: Path, tmp_path: Path) -> None:
    """INC0008739 had used 63 h of 62 when it was lowered from P3 to P4: by rule 4.1 it stays breached."""
    if not (shared / "data" / LOG).is_file():
        pytest.skip(f"needs the log {LOG}")
    provider = create_provider("Service desk", "UTC", NOW)
    load(CHECKOUT / "examples/servicenow.yaml", provider, NOW)
    mapping = library.find("servicenow")
    source = source_of(provider, mapping, "")
    ((log, _, lines),) = open_logs([str(shared / "data" / LOG)], mapping)
    came = Import(source, mapping, NOW).take(log, lines, tmp_path / "rejects.csv", lambda *_: None)
    assert (counts(came), came.tickets, came.conflicts) == ((141_712, 0, 0), 24_918, 0)

    told = dict(
        Event.objects.filter(field="verdict:resolution")
        .order_by("at", "seq")
        .values_list("ticket_id", "value")
    )
    ours = dict(
        Clock.objects.filter(metric=RESOLUTION).order_by("number").values_list("ticket_id", "verdict")
    )
    agree: Counter[str] = Counter()
    differ: dict[str, list[str]] = {P3: [], P4: []}
    for ticket, number, priority in Ticket.objects.filter(priority__in=differ).values_list(
        "id", "external_id", "priority"
    ):
        if VERDICTS[ours[ticket]] == told[ticket]:
            agree[priority] += 1
        else:
            differ[priority].append(number)
    assert agree[P3] + len(differ[P3]) == 23_466
    assert agree[P3] >= 23_446
    assert (agree[P4], differ[P4]) == (773, ["INC0008739"])
