"""The people of clients of a ConnectWise, and which of their types is a tier."""

from collections.abc import Callable

import pytest
from tests.connectors.connectwise.conftest import Hand
from tests.connectors.connectwise.fake import Tenant, iso, when

from beforehand.connectors.connectwise.reader import Reader
from beforehand.connectors.contract import Contact
from beforehand.promises.models import ContactKey
from beforehand.tickets.models import Ticket

CASEY = Contact("77", "Casey Client", "", "Acme Ltd", "300", "")
VERA = Contact("78", "Vera Chief", "Vera@acme.test", "Acme Ltd", "300", "VIP")


def test_a_contact_is_told_with_no_more_than_is_kept(tenant: Tenant, reader: Reader) -> None:
    page = reader.contacts("")
    assert (page.contacts, page.more) == ([CASEY, VERA], False)
    (call,) = tenant.asked("company/contacts")
    assert call.query["pageSize"] == "1000"
    assert "birthDay" not in call.query["fields"]


def test_the_owner_says_which_types_are_tiers(open_reader: Callable[..., Reader]) -> None:
    page = open_reader(tiers="Executive, end user").contacts("")
    assert [one.tier for one in page.contacts] == ["end user", "end user"]


def test_after_all_come_those_who_were_saved_since(tenant: Tenant, reader: Reader) -> None:
    for row in tenant.lists["company/contacts"]:
        row["_info"] = {"lastUpdated": iso(when("01 09:00"))}
    cursor = reader.contacts("").cursor
    tenant.lists["company/contacts"][0] |= {
        "inactiveFlag": True,
        "_info": {"lastUpdated": iso(when("02 10:00"))},
    }
    assert reader.contacts(cursor).contacts == [CASEY._replace(in_use=False)]


@pytest.mark.django_db
def test_a_ticket_has_the_tier_of_its_contact(tenant: Tenant, hand: Hand) -> None:
    hand.at("02 08:30")
    tenant.open(1001, "02 09:00", contact={"id": 78, "name": "Vera Chief"}, contactName="Vera Chief")
    tenant.now = when("02 09:00")
    hand.at("02 09:01")
    row = Ticket.objects.get(external_id="1001")
    assert (row.tier, row.contact) == ("VIP", "Vera Chief")
    assert dict(ContactKey.objects.values_list("key", "email")) == {"77": "", "78": "vera@acme.test"}
