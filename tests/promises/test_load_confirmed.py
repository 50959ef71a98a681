"""An agreement file that is loaded after somebody confirmed statuses on a source's page takes none of them away."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from beforehand.engine.terms import StatusMap
from beforehand.kernel.faults import Refused
from beforehand.people.models import Provider
from beforehand.promises import models
from beforehand.promises.file.from_rows import document_of
from beforehand.promises.file.load import Loaded, load
from beforehand.promises.meaning_changes import save_statuses
from beforehand.promises.rows import read_rows

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
CONFIRMED = {
    ("", "Done"): "resolved",
    ("", "Parked"): "waiting-on-client",
    ("Help", "Parts"): "waiting-on-vendor",
}
TERMS = """
provider: {name: Northwind, zone: Europe/London, coverage: Office}
coverages: {Office: {zone: client, hours: Mon-Fri 9:00-17:30}}
plans: {Gold: {editions: [{from: 2025-01-01, lines: [{response: 4h}]}]}}
clients: {Acme: {agreements: {Support: {versions: [{from: 2025-01-01, plan: Gold}]}}}}
"""


@pytest.fixture
def provider() -> Provider:
    made = Provider.objects.create(name="Northwind", slug="northwind", zone="Europe/London", created=NOW)
    save_statuses(made, CONFIRMED, NOW)
    return made


def put(tmp_path: Path, provider: Provider, statuses: str = "", **more: bool) -> Loaded:
    file = tmp_path / "terms.yaml"
    file.write_text(TERMS + statuses)
    used = models.Version.objects.values_list("pk", flat=True)
    return load(file, provider, NOW, set(used), confirmed=CONFIRMED, **more)


def means(provider: Provider, board: str, status: str) -> str:
    meaning = StatusMap(document_of(provider, read_rows(provider)).statuses).meaning(board, status)
    return meaning.state if meaning else ""


def held(provider: Provider) -> dict[tuple[str, str], str]:
    return {place: means(provider, *place) for place in CONFIRMED}


@pytest.mark.parametrize(
    "statuses",
    [
        "",
        "statuses: {every board: {New: working}}",
        "statuses: {Help: {New: working}}",
        "statuses: {Other: {New: working}, Help: {Done: resolved}}",
        "statuses: {every board: {Done: resolved, Parked: waiting-on-client}}",
    ],
)
def test_what_the_file_says_nothing_of_stays_on_each_board(
    tmp_path: Path, provider: Provider, statuses: str
) -> None:
    boards = ("", "Help", "Other", "Elsewhere")
    before = {(board, status): means(provider, board, status) for board in boards for _, status in CONFIRMED}
    loaded = put(tmp_path, provider, statuses)
    assert held(provider) == CONFIRMED
    assert {place: means(provider, *place) for place in before} == before
    assert any("as somebody confirmed" in said and "Parts" in said for said in loaded.statuses)
    assert not put(tmp_path, provider, statuses).changed


def test_what_the_file_has_for_every_board_holds_on_a_board_that_keeps_one_of_its_own(
    tmp_path: Path, provider: Provider
) -> None:
    put(tmp_path, provider, "statuses: {every board: {New: working, Later: scheduled-by-client}}")
    assert means(provider, "Help", "Later") == "scheduled-by-client"


def test_another_meaning_is_shown_before_it_is_taken(tmp_path: Path, provider: Provider) -> None:
    statuses = "statuses: {every board: {Parked: waiting-on-vendor}}"
    with pytest.raises(Refused) as caught:  # no ticket lives by any version yet
        put(tmp_path, provider, statuses)
    assert "found waiting-on-vendor, expected waiting-on-client, as somebody confirmed" in str(caught.value)
    assert held(provider) == CONFIRMED
    put(tmp_path, provider, statuses, correct=True)
    assert held(provider) == {**CONFIRMED, ("", "Parked"): "waiting-on-vendor"}


def test_flags_in_the_file_are_another_meaning_too(tmp_path: Path, provider: Provider) -> None:
    statuses = 'statuses: {every board: {Parked: "waiting-on-client, responded"}}'
    with pytest.raises(Refused, match="responded"):
        put(tmp_path, provider, statuses)
