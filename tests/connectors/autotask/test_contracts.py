"""Contracts of an Autotask that are not active any more: what it tells of them, and what a draft makes of it."""

from typing import Any

import pytest
from tests.connectors.autotask.fake import Autotask
from tests.connectors.autotask.test_due_dates import draft, tickets, usual
from tests.connectors.conftest import Hand

from beforehand.connectors.autotask.reader import Reader
from beforehand.connectors.models import Word
from beforehand.promises.psa import Serves

COMPANY = 300
SLA = 2


@pytest.fixture(autouse=True)
def contracts(autotask: Autotask) -> None:
    """All of one client: one that serves, one that ended, one set inactive before its end, and one without an end."""
    autotask.rows["Contracts"] = [
        row(900, "Care", 1, endDate="2027-03-31T00:00:00Z"),
        row(901, "Past", 0, endDate="2026-02-28T00:00:00Z"),
        row(902, "Early", 0, endDate="2027-03-31T00:00:00Z"),
        row(903, "Endless", 0),
    ]


def row(id_: int, name: str, status: int | None, **more: Any) -> dict[str, Any]:
    own = {"companyID": COMPANY, "serviceLevelAgreementID": SLA, "status": status}
    return {"id": id_, "contractName": name, **own, **more}


def serving(reader: Reader) -> dict[str, bool]:
    pieces = [piece.plain for piece in reader.set_up().pieces]
    return {one.contract: one.stopped for one in pieces if isinstance(one, Serves)}


def test_a_contract_that_is_not_active_is_told_so(reader: Reader) -> None:
    assert serving(reader) == {"Care": False, "Past": True, "Early": True, "Endless": True}


def test_whether_it_is_active_says_the_label_and_not_the_number(autotask: Autotask, reader: Reader) -> None:
    autotask.contract_states = {"Aktiv": 0, "Inaktiv": 1}
    assert serving(reader) == {"Care": True, "Past": False, "Early": False, "Endless": False}


@pytest.mark.parametrize("states", [{}, {"Parked": 0, "Active": 1}])
def test_a_status_that_nobody_can_read_ends_nothing_and_is_named(
    autotask: Autotask, reader: Reader, states: dict[str, int]
) -> None:
    autotask.contract_states = states
    assert not any(serving(reader).values())
    (said,) = [one for one in reader.set_up().missing if "are taken to serve until their end" in one]
    assert "“Early”" in said
    assert ("“Care”" in said) == (not states)


@pytest.mark.django_db
@pytest.mark.program
@pytest.mark.usefixtures("nothing_promised")
def test_a_draft_has_what_it_served_and_names_what_it_left_out(autotask: Autotask, hand: Hand) -> None:
    tickets(autotask, 31, 1, lambda at: {"firstResponseDueDateTime": usual(at)["firstResponseDueDateTime"]})
    hand.pull()
    (plan,) = draft(hand).plans
    assert plan.serves == (
        "Contoso, contract Care, until 2027-03-31",
        "Contoso, contract Past, until 2026-02-28",
    )
    (said,) = [note for note in draft(hand).notes if "not active there any more" in note]
    assert said.startswith("Early, Contoso and Endless, Contoso: ")
    assert Word.objects.get(kind="contract", key="902").said["status"] == "Inactive"


@pytest.mark.django_db
def test_one_that_is_active_again_is_drafted(autotask: Autotask, hand: Hand) -> None:
    hand.pull()
    autotask.rows["Contracts"][2]["status"] = 1
    hand.later(hours=7)
    noted = [note for note in draft(hand).notes if "not active there any more" in note]
    assert not any("Early" in note for note in noted)
