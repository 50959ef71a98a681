"""RT tells neither what its service levels promise nor a verdict: nothing of either is made up."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.connectors.conftest import Hand
from tests.connectors.rt.fake import Rt, iso

from beforehand.promises.psa import SetUpPlain, set_up_of
from beforehand.tickets.models import PsaView

pytestmark = pytest.mark.django_db
MORNING = datetime(2026, 3, 9, 10, tzinfo=UTC)


def test_its_set_up_has_no_plain_words_and_says_why(rt: Rt, hand: Hand) -> None:
    rt.create(MORNING)
    hand.pull()
    assert set_up_of(hand.connection.provider_id, hand.connection.source.slug) == SetUpPlain()
    assert any("service levels" in one for one in hand.connection.missing)


@pytest.mark.parametrize("minutes", [-5, 5])
def test_its_one_due_date_is_shown_and_is_no_verdict(rt: Rt, hand: Hand, minutes: int) -> None:
    done = MORNING + timedelta(hours=1)
    due = iso(done + timedelta(minutes=minutes))
    ticket = rt.create(MORNING, Due=due, Resolved=iso(done))
    rt.set(ticket, done, "Status", "resolved")
    hand.pull()
    row = PsaView.objects.get()
    assert (row.said["Due"], row.said["Resolved"]) == (due, iso(done))
    assert (row.response_kept, row.resolution_kept, row.kept) == (None, None, None)
