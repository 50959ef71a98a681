"""The configuration, what is proposed of it, and which rights are missing."""

from collections.abc import Callable

import pytest
from tests.connectors.halo.conftest import NOW, Hand
from tests.connectors.halo.fake import Halo, stamp

from beforehand.connectors.contract import Word
from beforehand.connectors.halo.reader import Reader
from beforehand.connectors.models import Word as Kept
from beforehand.promises.models import SetUpPiece

Make = Callable[..., Reader]


def _words(reader: Make, kind: str) -> dict[str, Word]:
    return {word.name: word for word in reader().set_up().words if word.kind == kind}


def test_statuses_of_tickets_alone_with_what_they_probably_mean(halo: Halo, reader: Make) -> None:
    halo.tables["Status"] += [
        {"id": 30, "name": "Parked", "type": 0, "slaaction": "Z"},
        {"id": 31, "name": "Done", "type": "0"},
    ]
    halo.open(1001, NOW)
    halo.open(1002, NOW)
    halo.change(1001, NOW, status_id=30, onhold=True)
    halo.change(1002, NOW, status_id=31, dateclosed=stamp(NOW))
    words = _words(reader, "status")
    assert "Quote sent" not in words
    assert {name: word.proposed for name, word in words.items()} == {
        "New": "working",
        "In Progress": "working",
        "With User": "waiting-on-client",
        "With Vendor": "waiting-on-vendor",
        "Resolved": "resolved",
        "Closed": "closed",
        "Re-Opened": "working",
        "Parked": "waiting-on-client",
        "Done": "closed",
    }
    assert "slaaction H" in words["With User"].why
    assert "1 of 1" in words["Parked"].why
    assert any("'Z'" in one for one in reader().set_up().missing)


def test_types_people_clients_and_the_rest(halo: Halo, reader: Make) -> None:
    assert {name: word.proposed for name, word in _words(reader, "type").items()} == {
        "Incident": "client-written",
        "RMM alert": "machine",
        "Rollout": "project",
    }
    assert list(_words(reader, "person")) == ["Alex Smith", "Robin Jones"]
    assert _words(reader, "client")["Contoso"].said["zone"] == "Europe/London"
    assert "Unknown" not in _words(reader, "client")
    assert _words(reader, "site")["Main"].said["client"] == "300"
    assert _words(reader, "contract")["GOLD-2025"].said["client"] == "300"
    assert {word.key for word in reader().set_up().words if word.kind == "priority"} == {"3-1", "3-2", "4-2"}


@pytest.mark.django_db
def test_snapshots_change_only_where_halo_does(hand: Hand, halo: Halo) -> None:
    hand.pull()
    kinds = {piece.kind for piece in SetUpPiece.objects.all()}
    assert kinds == {"sla", "calendar", "holidays", "status", "type"}
    before = SetUpPiece.objects.count()
    hand.pull(NOW.replace(hour=16))
    assert SetUpPiece.objects.count() == before
    sla, calendar = SetUpPiece.objects.get(kind="sla").said, SetUpPiece.objects.get(kind="calendar").said
    assert [one["name"] for one in sla["priorities"]] == ["P1", "P2"]
    assert calendar["zone"] == "Europe/London"
    halo.tables["SLA"][0]["responsereset"] = True
    hand.pull(NOW.replace(hour=23))
    assert SetUpPiece.objects.count() == before + 1
    assert Kept.objects.filter(kind="status", proposed="waiting-on-client").count() == 1


def test_what_may_not_be_read_is_named_and_stops_nothing(halo: Halo, reader: Make) -> None:
    halo.forbidden = {"ClientContract", "SLA"}
    said = reader().set_up()
    assert [one.partition(":")[0] for one in said.missing] == ["contracts", "SLAs"]
    assert any(word.kind == "status" for word in said.words)


def test_a_check_names_the_right_that_is_missing_and_where_it_is_given(halo: Halo, reader: Make) -> None:
    halo.open(1001, NOW)
    assert all(right.ok for right in reader().check())
    halo.forbidden = {"Actions", "Appointment", "Client"}
    missing = {right.name: right for right in reader().check() if not right.ok}
    assert set(missing) == {"read:tickets (actions)", "read:customers", "read:calendar"}
    assert all("Permissions" in right.how for right in missing.values())
    assert "permission to view Client" in missing["read:customers"].purpose
    halo.forbidden = {"Tickets"}
    assert [right.name for right in reader().check() if not right.ok] == ["read:tickets"]


def test_a_check_without_a_sign_in_asks_for_nothing_more(halo: Halo, reader: Make) -> None:
    (right,) = reader(client_secret="wrong").check()
    assert (right.name, right.ok) == ("sign in", False)


def test_a_check_counts_actions_that_cannot_be_placed(halo: Halo, reader: Make) -> None:
    halo.open(1001, NOW)
    halo.act(1001, NOW, agent=150, note="x", way="OUT", who_type=4)
    (right,) = [right for right in reader().check() if not right.ok]
    assert right.name == "meaning of actions"
    assert "1 of 2 actions" in right.purpose
    assert all(right.ok for right in reader(agents="1, 4", sent="out").check())
    assert any("1 of 2 actions" in one for one in reader().set_up().missing)


def test_without_appointments_there_is_one_call_less(halo: Halo, reader: Make) -> None:
    halo.open(1001, NOW)
    reader(appointments="no").read(["1001"])
    assert not halo.asked("Appointment")
