"""What a source was set to when."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.support import judged

from beforehand.engine.instants import to_instant
from beforehand.insight.eras import Eras
from beforehand.people.models import Provider
from beforehand.promises import psa
from beforehand.promises.models import SetUpPiece
from beforehand.tickets.models import Source

pytestmark = pytest.mark.django_db
FIRST = datetime(2026, 3, 2, tzinfo=UTC)
LATER = FIRST + timedelta(days=30)
HELD, RUNS = (psa.Status("9", "With vendor", holds=holds) for holds in (True, False))
GOLD = psa.Sla("1", "Gold")


@pytest.fixture
def eras(provider: Provider) -> Eras:
    """A status that was changed after a month, when SLAs were first told."""
    source = Source.objects.create(provider=provider, slug="psa", name="Desk")
    judged.set_up(provider, source, [HELD], FIRST)
    SetUpPiece.objects.update(until=LATER)
    judged.set_up(provider, source, [RUNS, GOLD], LATER)
    return Eras(provider.pk, "psa")


def test_each_setting_holds_for_its_own_time(eras: Eras) -> None:
    assert eras.at(to_instant(LATER) - 1).set_up.statuses == (HELD,)
    assert eras.at(to_instant(LATER)).set_up.statuses == (RUNS,)
    assert eras.now == eras.at(to_instant(LATER + timedelta(days=900)))


def test_what_was_read_first_is_taken_for_what_was_before(eras: Eras) -> None:
    """Nobody knows: the page says since when it is known."""
    early = eras.at(to_instant(FIRST - timedelta(days=300))).set_up
    assert (early.statuses, early.slas) == ((HELD,), (GOLD,))
    assert eras.known == LATER


def test_a_source_that_told_nothing_was_set_to_nothing(provider: Provider) -> None:
    eras = Eras(provider.pk, "other")
    assert (eras.now.set_up, eras.known) == (psa.SetUpPlain(), None)
