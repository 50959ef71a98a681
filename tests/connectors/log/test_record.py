"""What an import leaves on record, for the page of sources."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from beforehand.connectors.log import record
from beforehand.connectors.log.commands import Order, import_logs
from beforehand.connectors.log.importing import Came
from beforehand.kernel.faults import Fault, Refused
from beforehand.people.models import Provider
from beforehand.tickets.models import ImportRun, Source

from .conftest import CHANGES, HEADER, LOG, NOW

BAD = "T3,0,nonsense,2/3/2026 09:05,ann,New,Contoso,P3,?,?,?\n"
pytestmark = pytest.mark.usefixtures("provider")


@pytest.fixture
def take_in(tmp_path: Path) -> Callable[[str], ImportRun]:
    """Imports a text by the command, whose clock goes on a second each time it is asked."""
    seconds = iter(range(1_000))

    def one(text: str) -> ImportRun:
        (tmp_path / "log.csv").write_text(text)
        (tmp_path / "mine.yaml").write_text(CHANGES)
        files, mapping = [str(tmp_path / "log.csv")], str(tmp_path / "mine.yaml")
        import_logs(Order(files, mapping, "", "", None, lambda: NOW + timedelta(seconds=next(seconds))))
        return ImportRun.objects.latest("pk")

    return one


def test_it_says_what_came_of_each_row(take_in: Callable[[str], ImportRun], tmp_path: Path) -> None:
    run = take_in(LOG + BAD)
    assert (run.rows, run.taken, run.known, run.rejected, run.tickets) == (7, 6, 0, 1, 2)
    assert run.ended is not None
    assert NOW < run.started < run.ended
    assert run.rejects == str(tmp_path / "log.csv.rejects.csv")
    ((line, reason),) = run.first_rejects
    assert line == 8
    assert "nonsense" in reason
    assert run.by
    again = take_in(LOG)
    assert (again.taken, again.known, again.rejects, again.first_rejects) == (0, 6, "", [])


def test_only_the_first_rejected_rows_are_on_record(take_in: Callable[[str], ImportRun]) -> None:
    run = take_in(HEADER + BAD * 50)
    assert run.rejected == 50
    assert [line for line, _ in run.first_rejects] == list(range(2, 22))


def test_a_ticket_whose_rows_stand_apart_is_counted_once(take: Callable[..., Came]) -> None:
    rows = [
        f"T{ticket},{number},2/3/2026 09:00,2/3/2026 1{number}:00,ann,New,Contoso,P{number},?,?,?\n"
        for number in range(3)
        for ticket in range(4)
    ]
    assert take(HEADER + "".join(rows), run=4).tickets == 4


def test_one_that_cannot_go_on_says_why_and_one_broken_off_stays_open(provider: Provider) -> None:
    source = Source.objects.create(provider=provider, slug="a", name="A")
    with pytest.raises(Refused), record.recorded(source, Came("a.csv"), lambda: NOW):
        raise Refused(Fault("a.csv", "no room", "room"))
    assert ImportRun.objects.get().fault == "a.csv: found no room, expected room"
    with pytest.raises(KeyboardInterrupt), record.recorded(source, Came("b.csv"), lambda: NOW):
        raise KeyboardInterrupt
    assert ImportRun.objects.get(log="b.csv").ended is None


def test_the_latest_hundred_are_kept(provider: Provider) -> None:
    source = Source.objects.create(provider=provider, slug="a", name="A")
    for number in range(record.KEPT + 5):
        now = NOW + timedelta(minutes=number)
        with record.recorded(source, Came(f"{number}.csv"), lambda now=now: now):  # type: ignore[misc]
            pass
    assert ImportRun.objects.count() == record.KEPT
    assert not ImportRun.objects.filter(log="4.csv").exists()
