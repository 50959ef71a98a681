"""Whether what is switched on may be done, as far as ConnectWise tells before it is; and what was refused since."""

from datetime import timedelta

import pytest
from tests.connectors.connectwise.conftest import Hand
from tests.connectors.connectwise.fake import Tenant
from tests.connectors.connectwise.world import PRIVATE

from beforehand.connectors.connectwise.reader import Reader
from beforehand.connectors.contract import Right
from beforehand.connectors.handing import MOST_TRIES
from beforehand.connectors.models import Connection, Written
from beforehand.connectors.trying import Tried, try_out
from beforehand.connectors.wanted import UNSEEN, Wanted
from beforehand.tickets.models import Ticket

pytestmark = pytest.mark.django_db
ADD, EDIT = "Service Desk > Service Tickets: add", "Service Desk > Service Tickets: edit"
THERE = "https://beforehand.test/hooks/x"


def by_name(reader: Reader, wanted: Wanted) -> dict[str, Right]:
    return {right.name: right for right in reader.check_wanted(wanted)}


def test_rights_to_write_are_not_told_and_fields_are(tenant: Tenant, reader: Reader) -> None:
    tenant.open(1, "09:00")
    found = by_name(reader, Wanted(True, ["our deadline", "Risk", "Line"]))
    assert {name: right.ok for name, right in found.items()} == {
        ADD: None, EDIT: None, "Field “our deadline”": True, "Field “Risk”": False, "Field “Line”": False,
    }  # fmt: skip
    assert "it holds numbers only" in found["Field “Risk”"].purpose
    assert "no field of this name" in found["Field “Line”"].purpose
    assert {call.method for call in tenant.calls} == {"GET"}


def test_a_field_that_only_some_boards_have_is_said_so(tenant: Tenant, reader: Reader) -> None:
    tenant.open(1, "09:00")
    tenant.open(2, "09:00", customFields=[], board={"id": 21, "name": "Projects"})
    right = by_name(reader, Wanted(False, ["Our deadline"]))["Field “Our deadline”"]
    assert (right.ok, right.purpose.endswith("tickets on Projects do not have it")) == (True, True)


def test_without_a_ticket_nobody_knows_the_fields(tenant: Tenant, reader: Reader) -> None:
    assert by_name(reader, Wanted(False, ["Our deadline"]))["Field “Our deadline”"].ok is None
    tenant.forbidden = {"service/tickets"}
    assert by_name(reader, Wanted(False, ["Our deadline"]))["Field “Our deadline”"].ok is None


def test_whether_it_still_calls_us_is_seen(tenant: Tenant, reader: Reader) -> None:
    wanted = Wanted(calls=THERE)
    assert by_name(reader, wanted)["Callback"].ok is False
    reader.listen(THERE, "Beforehand 1")
    assert by_name(reader, wanted)["Callback"].ok is True
    tenant.lists["system/callbacks"][0]["inactiveFlag"] = True
    assert by_name(reader, wanted)["Callback"].ok is False
    tenant.forbidden = {"system/callbacks"}
    right = by_name(reader, wanted)["System > Table Setup: inquire"]
    assert (right.ok, "Security Roles" in right.how) == (False, True)


def tried(hand: Hand) -> Tried:
    return try_out(hand.connection, hand.now, THERE)


def wrote(hand: Hand, key: str, state: str, minutes: int, fault: str = "", tries: int = 1) -> None:
    Written.objects.update_or_create(
        provider=hand.connection.provider, connection=hand.connection, ticket=Ticket.objects.get(), key=key,
        defaults={"text": "x", "state": state, "asked": hand.now, "tried": hand.now + timedelta(minutes=minutes),
                  "fault": fault, "tries": tries},
    )  # fmt: skip


def test_a_check_asks_only_for_what_is_switched_on(tenant: Tenant, hand: Hand) -> None:
    tenant.open(1, "02 07:00")
    assert (tried(hand).more, tried(hand).ok) == ((), True)
    Connection.objects.update(write_notes=True, called=hand.now)
    assert [(right.name, right.ok) for right in tried(hand).more] == [(ADD, None), ("Callback", False)]
    assert (tried(hand).reads, tried(hand).ok, tried(hand).unseen) == (True, False, True)
    tenant.forbidden = {"finance/"}
    assert not tried(hand).reads


def test_what_is_not_told_is_shown_by_the_last_that_was_written(tenant: Tenant, hand: Hand) -> None:
    tenant.open(1, "02 07:00")
    hand.pull()
    Connection.objects.update(write_notes=True, write_fields={"deadline": "Our deadline"})

    def said() -> dict[str, bool | None]:
        return {right.name: right.ok for right in tried(hand).more}

    assert said() == {ADD: None, EDIT: None, "Field “Our deadline”": True}
    assert all(UNSEEN in right.how for right in tried(hand).more if right.ok is None)
    wrote(hand, "step 1", "failed", 1, "it refuses notes to this key (403)")
    wrote(hand, "step 2", "failed", 2, "it gave no whole answer in time", tries=MOST_TRIES + 1)
    wrote(hand, "fields", "written", 3)
    assert said() == {ADD: False, EDIT: True, "Field “Our deadline”": True}
    assert "the last was refused (it refuses notes to this key (403))" in tried(hand).more[0].purpose
    wrote(hand, "step 3", "written", 4)
    assert said()[ADD] is True


def test_whoever_may_read_nothing_is_asked_nothing_more(tenant: Tenant, hand: Hand) -> None:
    Connection.objects.update(write_notes=True)
    tenant.forbidden = {"service/", "system/", "time/", "company/", "finance/"}
    assert tried(hand).more == ()
    assert PRIVATE not in repr(tried(hand))
