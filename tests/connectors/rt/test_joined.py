"""Merged tickets, and members of another, end with the clocks of clock.md 3.9."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.connectors.conftest import Hand
from tests.connectors.rt.fake import Rt

from beforehand.engine.codes import MET, OPEN, RESOLUTION, RESPONSE, STOPPED, V_MERGED
from beforehand.engine.instants import HOUR, MINUTE
from beforehand.promises.models import Client, ClientKey, StatusMapping
from beforehand.tickets.models import Clock

pytestmark = pytest.mark.django_db
TEN = datetime(2026, 3, 9, 10, tzinfo=UTC)


def after(minutes: int) -> datetime:
    return TEN + timedelta(minutes=minutes)


def clock(ticket: int, metric: int) -> Clock:
    return Clock.objects.get(ticket__external_id=str(ticket), metric=metric)


@pytest.fixture(autouse=True)
def _known(hand: Hand) -> None:
    """Both clients are known by the domains of their mail."""
    provider = hand.connection.provider
    for status, state in (("new", "working"), ("open", "working"), ("resolved", "resolved")):
        StatusMapping.objects.create(provider=provider, board="", status=status, state=state)
    for client in Client.objects.filter(provider=provider):
        domain = f"{client.name.casefold()}.test"
        ClientKey.objects.create(provider=provider, client=client, kind="alias", text=domain, folded=domain)


def test_a_merged_ticket_has_no_verdict_and_its_survivor_the_earliest_start(rt: Rt, hand: Hand) -> None:
    part, whole = rt.create(TEN), rt.create(after(30))
    hand.pull()
    rt.merge(part, whole, after(40))
    rt.say(whole, after(60), "It works again.")
    hand.later(minutes=1)
    assert {clock(part, metric).verdict for metric in (RESPONSE, RESOLUTION)} == {V_MERGED}
    response = clock(whole, RESPONSE)
    assert (response.start, response.verdict, response.used) == (TEN, MET, HOUR)


def test_a_merge_that_is_undone_in_rts_database_is_undone_here_once_anything_happens_to_the_ticket(
    rt: Rt, hand: Hand
) -> None:
    """RT itself undoes none: its history says for ever that they were merged."""
    part, whole = rt.create(TEN), rt.create(after(30))
    hand.pull()
    rt.merge(part, whole, after(40))
    hand.later(minutes=1)
    assert clock(whole, RESOLUTION).start == TEN
    rt.tickets[part]["Effective"] = part
    rt.say(part, after(60), "It works again.")
    rt.say(whole, after(60), "It works again.")
    for _ in range(2):
        hand.later(minutes=1)
        assert (clock(part, RESPONSE).verdict, clock(part, RESPONSE).used) == (MET, HOUR)
        assert (clock(whole, RESPONSE).start, clock(whole, RESPONSE).used) == (after(30), 30 * MINUTE)
        rt.say(whole, after(70), "Really.")


def test_the_start_of_another_clients_ticket_is_not_taken(rt: Rt, hand: Hand) -> None:
    part = rt.create(TEN)
    whole = rt.create(after(30), "bob@fabrikam.test", Requestor=["bob@fabrikam.test"])
    hand.pull()
    rt.merge(part, whole, after(40))
    hand.later(minutes=1)
    assert clock(whole, RESOLUTION).start == after(30)


def test_a_ticket_that_another_depends_on_hands_nothing_on(rt: Rt, hand: Hand) -> None:
    """RT applies nothing to members and dependants by itself: each has what was done on it."""
    parent, child = rt.create(TEN), rt.create(after(10))
    for type_, ticket, other in (("DependsOn", parent, child), ("MemberOf", child, parent)):
        rt.add(ticket, after(12), "AddLink", "agent1", type_, "", f"fsck.com-rt://x/ticket/{other}")
    rt.say(parent, after(20), "The line is down.")
    rt.set(parent, after(60), "Status", "resolved")
    hand.pull()
    assert clock(parent, RESOLUTION).run == STOPPED
    assert (clock(child, RESPONSE).verdict == MET, clock(child, RESOLUTION).run == STOPPED) == (False, False)
    rt.set(child, after(70), "Status", "resolved")
    rt.set(parent, after(80), "Status", "open")
    hand.later(minutes=1)
    resolution = clock(child, RESOLUTION)
    assert (resolution.stop, resolution.used) == (after(70), 60 * MINUTE)
    assert clock(parent, RESOLUTION).verdict == OPEN
