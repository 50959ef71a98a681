"""The people of clients of an Autotask, which has no tiers but what an owner made one of."""

import pytest
from tests.connectors.autotask.conftest import Hand, settings_of
from tests.connectors.autotask.fake import CASEY, CONTOSO, Autotask

from beforehand.connectors.autotask.reader import Reader
from beforehand.connectors.contract import Contact
from beforehand.connectors.line import Line
from beforehand.connectors.models import Connection
from beforehand.promises.models import ContactKey
from beforehand.tickets.models import Ticket


def _says(autotask: Autotask, value: object) -> None:
    autotask.rows["Contacts"][0] |= {
        "companyID": CONTOSO, "emailAddress": "casey@contoso.test", "isActive": 1,
        "userDefinedFields": [{"name": "Birthday cake", "value": "yes"}, {"name": "VIP", "value": value}],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("value", "tier"), [("Yes", "VIP"), ("No", ""), (None, ""), ("Platinum", "Platinum"), (True, "VIP")]
)
def test_a_field_that_the_owner_names_is_the_tier(
    autotask: Autotask, line: Line, value: object, tier: str
) -> None:
    _says(autotask, value)
    (one,) = Reader({**settings_of(autotask), "tier_field": "vip"}, line).contacts("").contacts
    told = Contact(str(CASEY), "Casey Jones", "casey@contoso.test", client_key=str(CONTOSO), tier=one.tier)
    assert one == told
    assert one.tier.casefold() == tier.casefold()


def test_without_such_a_field_nobody_has_one(autotask: Autotask, reader: Reader) -> None:
    _says(autotask, "Yes")
    assert [one.tier for one in reader.contacts("").contacts] == [""]


def test_five_hundred_come_with_a_call(autotask: Autotask, reader: Reader) -> None:
    autotask.rows["Contacts"] = [{"id": n, "lastName": f"P{n}", "isActive": 1} for n in range(1, 1102)]
    reader.begin()
    calls, cursor, found, more = len(autotask.calls), "", 0, True
    while more:
        page = reader.contacts(cursor)
        cursor, more, found = page.cursor, page.more, found + len(page.contacts)
    assert (found, len(autotask.calls) - calls) == (1101, 3)


@pytest.mark.django_db
def test_a_ticket_has_the_tier_of_its_contact(autotask: Autotask, hand: Hand) -> None:
    _says(autotask, "yes")
    row = Connection.objects.get()
    row.settings["tier_field"] = "VIP"
    row.save()
    hand.pull()
    autotask.create(hand.now, contactID=CASEY)
    hand.later(minutes=2)
    assert Ticket.objects.get().tier == "VIP"
    assert ContactKey.objects.get().client == "Contoso"
