"""`beforehand agreements draft`: the file of a source's draft, and what it does not say."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer
from tests.support.connected import connected, known
from typer.testing import CliRunner

from beforehand.connectors.asked import title_and_first_day
from beforehand.kernel.faults import Refused
from beforehand.people.models import Provider
from beforehand.promises import models
from beforehand.promises.commands import Above, Asked, build
from beforehand.promises.file.check import check
from beforehand.promises.psa import Calendar, Serves, Sla, Target, stored

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)
PIECES = {
    "sla": Sla("1", "Gold", (Target("response", 60), Target("plan", 0)), "7"),
    "calendar": Calendar("7", "Office", {"monday": (("09:00", "17:30"),)}, zone_hint="GMT"),
    "serves": Serves("all", "1"),
}


@pytest.fixture
def provider() -> Provider:
    provider = Provider.objects.create(name="Northwind", slug="northwind", zone="Europe/London", created=NOW)
    connected(provider, NOW)
    return provider


def tell(provider: Provider) -> None:
    for kind, piece in PIECES.items():
        models.SetUpPiece.objects.create(
            provider=provider,
            source="made-up",
            kind=kind,
            key=piece.key,
            name="x",
            plain=stored(piece),
            since=NOW,
        )


def app() -> typer.Typer:
    def asked(provider: Provider, source: str) -> Asked:
        return Asked(*title_and_first_day(provider, source))

    return build(Above(lambda: None, lambda: NOW, lambda _: (), lambda _: (), lambda _: (), asked))


def test_the_draft_goes_to_standard_output_and_what_it_lacks_beside_it(provider: Provider) -> None:
    tell(provider)
    with known(None):
        done = CliRunner().invoke(app(), ["draft", "made-up"])
    assert done.exit_code == 0
    assert '"Draft from Made up: Gold":' in done.stdout
    assert "Gold: plan is left out: 0 minutes." in done.stderr
    assert 'assumed: Europe/London; --answer "zone of 7=..."' in done.stderr
    assert models.Agreement.objects.count() == 0


def test_the_draft_goes_to_a_file_with_the_answers_given(provider: Provider, tmp_path: Path) -> None:
    tell(provider)
    file = tmp_path / "draft.yaml"
    with known(None):
        done = CliRunner().invoke(
            app(), ["draft", "made-up", "--out", str(file), "--answer", "zone of 7=Asia/Tokyo"]
        )
    assert (
        done.stdout
        == f"{file}: what is promised, and a draft of 1 plan from Made up. Load it when it is right.\n"
    )
    checked = check(file, NOW.date())
    assert checked.document is not None
    assert checked.document.coverages["Office (zone entered by hand)"].zone == "Asia/Tokyo"


@pytest.mark.parametrize(
    ("words", "said"),
    [(["elsewhere"], "sources that are asked: made-up"), (["made-up"], "no SLA in its set-up")],
)
def test_a_source_without_a_draft_is_refused(provider: Provider, words: list[str], said: str) -> None:
    with pytest.raises(Refused, match=said):
        CliRunner().invoke(app(), ["draft", *words], catch_exceptions=False)


def test_a_file_that_cannot_be_written_is_refused(provider: Provider, tmp_path: Path) -> None:
    tell(provider)
    with pytest.raises(Refused, match="a file that can be written"):
        CliRunner().invoke(app(), ["draft", "made-up", "--out", str(tmp_path)], catch_exceptions=False)
