"""Companies, contracts, queues, statuses and people get new names in Autotask: here everything stays as it was."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.connectors.autotask.fake import ALEX, Autotask
from tests.connectors.conftest import NOW, Hand
from tests.support.renaming import facts, judged, renamed

from beforehand.connectors.models import Word
from beforehand.engine.codes import KINDS
from beforehand.tickets.models import Ticket

pytestmark = pytest.mark.django_db
NINE = datetime(2026, 3, 9, 9, tzinfo=UTC)
NEW = {
    "Contoso": "Contoso Group", "Gold": "Gold 2026", "Level I": "First line", "Incident": "Fault", "P1": "Urgent",
    "Waiting Customer": "Customer's turn", "Complete": "Finished", "Email": "Mail",
}  # fmt: skip


def after(autotask: Autotask) -> None:
    autotask.rows = renamed(autotask.rows, {name: NEW[name] for name in ("Contoso", "Gold")})
    for field, labels in autotask.picks.items():
        autotask.picks[field] = {NEW.get(label, label): id_ for label, id_ in labels.items()}
    for row in autotask.rows["Resources"]:
        if row["id"] == ALEX:
            row["lastName"] = "Jones"


def waited(autotask: Autotask, start: datetime) -> int:
    ticket = autotask.create(start)
    autotask.set(ticket, start + timedelta(minutes=5), owner="Alex")
    autotask.set(ticket, start + timedelta(minutes=10), status="Waiting Customer")
    return ticket


def test_all_that_has_a_name_gets_another(autotask: Autotask, hand: Hand) -> None:
    """4.3, 5.4: tickets of before and after count under the same names, and the past stands."""
    done, lives = str(waited(autotask, NINE)), str(waited(autotask, NINE))
    autotask.set(int(done), NINE + timedelta(minutes=70), status="Complete")
    hand.pull()
    first, clocks, kept = facts(lives), judged(done), hand.kept(done)
    assert (first["client_name"], first["contract"], first["board"]) == ("Contoso", "Gold", "Level I")

    after(autotask)
    autotask.set(int(lives), NOW + timedelta(seconds=10), status="In Progress")
    autotask.set(int(lives), NOW + timedelta(seconds=20), status="Finished")
    fresh = str(autotask.create(NOW + timedelta(seconds=20), assignedResourceID=ALEX))
    hand.later(minutes=1)
    hand.later(minutes=10)
    autotask.note(int(done), hand.now, "Thanks!")
    autotask.note(int(lives), hand.now, "Thanks!")
    hand.later(minutes=1)
    hand.later(hours=6)  # its set-up is looked at again, and what was told meanwhile with it
    hand.later(minutes=1)
    for ticket in (done, lives, fresh):
        assert facts(ticket) == first
    assert judged(done) == clocks
    assert len(hand.kept(done)[done]) == len(kept[done]) + 1, "the note alone is new"
    events = hand.told(lives)
    statuses = [(event.value, event.until) for event in events if KINDS[event.kind] == "status"]
    assert statuses == [
        ("New", None), ("Waiting Customer", None), ("In Progress", None), ("Complete", None)
    ]  # fmt: skip
    assert {event.value for event in events if KINDS[event.kind] == "assigned"} <= {"", "Alex Smith"}
    assert set(Ticket.objects.values_list("assignee", flat=True)) == {"Alex Smith"}
    assert not Ticket.objects.exclude(unmapped=0).exists()


def test_contracts_of_the_same_name_are_those_of_their_companies(autotask: Autotask, hand: Hand) -> None:
    autotask.add("Companies", id=301, companyName="Beta")
    autotask.add("Contracts", id=901, contractName="Silver", companyID=301)
    one, other = autotask.create(NINE), autotask.create(NINE, companyID=301, contractID=901)
    hand.pull()
    autotask.rows["Contracts"] = renamed(autotask.rows["Contracts"], {"Silver": "Gold"})
    for minutes in (1, 7 * 60):
        for ticket in (one, other):
            autotask.note(ticket, hand.now, "Again")
        hand.later(minutes=minutes)
        assert {facts(str(ticket))["contract"] for ticket in (one,)} == {"Gold"}
        assert facts(str(other))["contract"] == "Silver"
    assert Word.objects.get(kind="contract", key="901").named == "Gold"
