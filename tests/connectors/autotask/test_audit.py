"""Histories that are text: told exactly where they can be read, and not guessed where they cannot."""

from typing import Any

import pytest

from beforehand.connectors.autotask.audit import Audit, Patterns, merged, read
from beforehand.connectors.autotask.names import Names, Person, Pick

LABELS = ("New", "In Progress", "Waiting Customer", "Complete")
NAMES = Names(
    {"status": {str(n): Pick(str(n), label) for n, label in enumerate(LABELS)}},
    people={"150": Person("Alex Smith")},
)


def rows(*details: str) -> list[dict[str, Any]]:
    return [
        {
            "id": 8000 + n,
            "action": "Edited",
            "date": f"2026-03-02T09:{n:02}:00Z",
            "detail": detail,
            "resourceID": 150,
        }
        for n, detail in enumerate(details)
    ]


def audit(*details: str, **settings: str) -> Audit:
    return read(rows(*details), NAMES, Patterns(settings))


def changes(said: Audit, field: str) -> list[tuple[str, str]] | None:
    return [(one.old, one.new) for one in said.changes[field]] if field in said.changes else None


def test_changes_are_read_in_the_words_of_the_ticket() -> None:
    said = audit(
        "Ticket created",
        "Primary Resource: changed from (none) to Smith, Alex<br/>status:  changed  from New to in progress",
        "Status: changed from In Progress to Waiting Customer",
    )
    assert changes(said, "status") == [("New", "In Progress"), ("In Progress", "Waiting Customer")]
    assert changes(said, "assignee") == [("", "Alex Smith")]
    assert said.unread == ["Edited Ticket created"]
    assert said.quiet == {"priority", "board"}


@pytest.mark.parametrize(
    "strange",
    [
        "Status was edited by a workflow rule",
        "Von New auf Complete gesetzt",
    ],
)
def test_a_row_about_a_field_that_nobody_can_read_makes_it_not_exact(strange: str) -> None:
    said = audit("Status: changed from New to In Progress", strange)
    assert changes(said, "status") is None
    assert "status" not in said.quiet


def test_a_new_note_is_not_about_the_status_new() -> None:
    assert changes(audit("New note added", "Status: changed from New to Complete"), "status") is not None


def test_changes_that_do_not_join_make_it_not_exact() -> None:
    said = audit(
        "Status: changed from New to In Progress", "Status: changed from Waiting Customer to Complete"
    )
    assert changes(said, "status") is None


def test_another_language_is_a_setting() -> None:
    said = audit(
        "Statut : New -> Complete",
        history="{field} : {old} -> {new} | {field} modifié de {old} en {new}",
        history_fields="Statut = status",
    )
    assert changes(said, "status") == [("New", "Complete")]


def test_a_description_of_any_length_is_passed_by_quickly() -> None:
    assert audit("Description: changed from " + "to from " * 20_000).changes == {}


def test_a_merge_names_the_other_ticket() -> None:
    assert merged(rows("Ticket merged into T20260302.0002."), Patterns({})) == (
        1_772_442_000_000_000,
        "T20260302.0002",
        "merged-8000",
    )
    assert merged(rows("Ticket created"), Patterns({})) is None
