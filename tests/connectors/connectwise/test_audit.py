"""Rows of free text become a history only where they add up to one; nothing of it is guessed."""

import pytest

from beforehand.connectors.connectwise.audit import Trail, patterns, trail

WAYS = patterns()


def row(text: str, at: str = "09:00:00", kind: str = "Status", by: str = "asmith") -> dict[str, str]:
    return {"text": text, "enteredDate": f"2026-03-02T{at}Z", "enteredBy": by, "auditSubType": kind}


def moved(old: str, new: str, at: str) -> dict[str, str]:
    return row(f'Status has been updated from "{old}" to "{new}".', at)


def values(found: Trail, field: str, now: str) -> list[tuple[str | None, str]] | None:
    history = found.history(field, now)
    return None if history is None else [(change.old, change.new) for change in history]


def test_rows_that_lead_to_what_is_now_are_a_history_whichever_end_comes_first() -> None:
    rows = [moved("New", "Open", "09:00:00"), moved("Open", "Done", "10:00:00")]
    for some in (rows, rows[::-1]):
        assert values(trail(some, WAYS), "status", "Done") == [("New", "Open"), ("Open", "Done")]


def test_rows_of_one_second_stand_in_the_order_that_adds_up() -> None:
    rows = [moved("Open", "Done", "09:00:00"), moved("New", "Open", "09:00:00")]
    found = trail(rows, WAYS).history("status", "Done")
    assert found is not None
    assert [(change.new, change.turn) for change in found] == [("Open", 0), ("Done", 1)]


@pytest.mark.parametrize(
    ("rows", "now"),
    [
        ([moved("New", "Open", "09:00:00")], "Done"),
        ([moved("New", "Open", "09:00:00"), moved("Held", "Done", "10:00:00")], "Done"),
        ([row("Statut : Ouvert → Fermé")], "Fermé"),
        ([row("Statut : Ouvert → Fermé", kind="Statut")], "Fermé"),
        ([row('Status has been updated from "New" to "A" to "B".')], "B"),
        ([row('Status changed to "Done".')], "Done"),
        ([{"text": "x", "auditSubType": "Status"}], "Done"),
    ],
)
def test_what_does_not_add_up_is_no_history(rows: list[dict[str, str]], now: str) -> None:
    assert values(trail(rows, WAYS), "status", now) is None


def test_names_that_hold_the_words_between_two_are_not_split_by_guess() -> None:
    ambiguous = 'Status has been updated from "A" to "B" to "C".'
    assert trail([row(ambiguous)], WAYS).unread == {"status": [ambiguous]}


def test_rows_of_other_things_do_no_harm() -> None:
    rows = [
        row("Ticket 1 has been created.", kind="Created"),
        row("Note added", kind="Note"),
        moved("New", "Open", "10:00:00"),
    ]
    assert values(trail(rows, WAYS), "status", "Open") == [("New", "Open")]
    assert values(trail(rows[:2], WAYS), "status", "New") == []
    assert values(trail([row('Devenu "New"', kind="?")], WAYS), "status", "New") is None


def test_an_owner_is_nobody_before_the_first_one_and_after_the_last() -> None:
    rows = [
        row('Ticket owner has been set to "Alex Smith".', kind="Owner"),
        row('Ticket owner "Alex Smith" has been removed.', "10:00:00", "Owner"),
    ]
    assert values(trail(rows, WAYS), "assignee", "") == [(None, "Alex Smith"), ("Alex Smith", "")]


def test_other_languages_are_read_by_wordings_that_the_owner_adds() -> None:
    ways = patterns('status: Statut modifié de « {old} » à « {new} » || owner: Propriétaire : "{new}"')
    rows = [
        row("Statut modifié de « Nouveau » à « Ouvert ».", kind="Statut"),
        row('Propriétaire : "Alex Smith"', kind="?"),
    ]
    found = trail(rows, ways)
    assert values(found, "status", "Ouvert") == [("Nouveau", "Ouvert")]
    assert values(found, "assignee", "Alex Smith") == [(None, "Alex Smith")]


@pytest.mark.parametrize("added", ["status Statut modifié", "colour: to {new}", "status: Statut modifié"])
def test_a_wording_that_is_none_is_refused(added: str) -> None:
    with pytest.raises(ValueError, match=added):
        patterns(added)
