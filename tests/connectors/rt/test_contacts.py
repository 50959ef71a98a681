"""Requestors of an RT are contacts. Its service level is the tier of a ticket, which wins where there is one."""

import pytest
from tests.connectors.conftest import NOW, Hand
from tests.connectors.rt.fake import Rt
from tests.support.contacts import tell_due

from beforehand.promises import contact_changes
from beforehand.promises.models import ContactKey
from beforehand.tickets.models import Ticket

pytestmark = pytest.mark.django_db


def test_a_requestor_is_known_by_the_login(hand: Hand, rt: Rt) -> None:
    rt.create(NOW)
    hand.pull()
    row = ContactKey.objects.get()
    assert (row.key, row.email, row.client, row.tier) == (
        "alice@contoso.test",
        "alice@contoso.test",
        "contoso.test",
        None,
    )


@pytest.mark.parametrize(("level", "tier"), [("", "VIP"), ("Gold", "Gold")])
def test_somebody_here_makes_a_vip_of_a_requestor_where_rt_says_no_level(
    hand: Hand, rt: Rt, level: str, tier: str
) -> None:
    rt.create(NOW, SLA=level)
    hand.pull()
    contact_changes.set_tier(ContactKey.objects.get().contact, "VIP", hand.now, always=True)
    tell_due(hand.connection.provider, hand.now, ContactKey.objects.get().contact)
    assert Ticket.objects.get().tier == tier
    hand.later(minutes=5)
    assert Ticket.objects.get().tier == tier
