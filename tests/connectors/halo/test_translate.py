"""Actions in our words: who did it, who sees it, and what is not told."""

from typing import Any

import pytest
from tests.connectors.halo.tables import set_up

from beforehand.connectors.contract import Told
from beforehand.connectors.halo.literals import literals_of, unknown
from beforehand.connectors.halo.names import table_of
from beforehand.connectors.halo.translate import deep, shallow
from beforehand.connectors.halo.values import instant, key, text, whole
from beforehand.connectors.line import Odd
from beforehand.engine.codes import (
    BY_AUTOMATION,
    BY_CLIENT,
    BY_PERSON,
    CLIENT_MESSAGE,
    MESSAGE,
    PUBLIC,
    VISIT,
)
from beforehand.tickets.events import Written, faults

TICKET = {
    "id": 7, "dateoccurred": "2026-03-10T09:00:00", "lastupdate": "2026-03-10T12:00:00.36", "status_id": 1,
    "reportedby": "casey@contoso.test", "sla_id": 3, "priority_id": 2, "agent_id": 1, "client_id": 300,
}  # fmt: skip
TABLES = {name: table_of(name, rows) for name, rows in set_up().items()}
LITERALS = literals_of({})


class Names:
    def name(self, table: str, id_: str, hint: str = "") -> str:
        return TABLES.get(table, {}).get(id_) or hint

    def priority(self, sla: str, id_: str, hint: str = "") -> str:
        return TABLES["Priority"].get(f"{sla}-{id_}") or hint

    def is_program(self, agent: str) -> bool:
        return f"program {agent}" in TABLES["Agent"]


def told(*actions: dict[str, Any], ours: str = "", **ticket: Any) -> Told:
    rows = [{"id": n, "datetime": "2026-03-10T10:00:00"} | one for n, one in enumerate(actions, 1)]
    return deep(TICKET | ticket, rows, [], Names(), LITERALS, "https://acme.test", ours)


AGENT = {
    "who_type": 1,
    "actionby_agent_id": 150,
    "actionby_user_id": 0,
    "note": "Looking.",
    "hiddenfromuser": True,
}
CLIENT = {
    "who_type": 0,
    "actionby_agent_id": 0,
    "actionby_user_id": 77,
    "note": "Any news?",
    "emaildirection": "R",
}


@pytest.mark.parametrize(
    ("action", "kind", "flags"),
    [
        (AGENT, MESSAGE, BY_PERSON),
        (AGENT | {"hiddenfromuser": False}, MESSAGE, BY_PERSON | PUBLIC),
        (AGENT | {"emaildirection": "S"}, MESSAGE, BY_PERSON | PUBLIC),
        (AGENT | {"emaildirection": "O", "emailto": "Casey@contoso.test"}, MESSAGE, BY_PERSON | PUBLIC),
        (AGENT | {"emaildirection": "S", "emailto": "parts@supplier.test"}, MESSAGE, BY_PERSON),
        (AGENT | {"action_isresponse": True}, MESSAGE, BY_PERSON | PUBLIC),
        (AGENT | {"traveltime": 0.5}, MESSAGE, BY_PERSON | VISIT),
        (AGENT | {"actionby_agent_id": 1, "hiddenfromuser": False}, MESSAGE, BY_AUTOMATION),
        (AGENT | {"actionby_agent_id": 1, "emaildirection": "S"}, MESSAGE, BY_AUTOMATION | PUBLIC),
        (AGENT | {"actionby_agent_id": 160, "hiddenfromuser": False}, MESSAGE, BY_AUTOMATION),
        (CLIENT, CLIENT_MESSAGE, BY_CLIENT | PUBLIC),
        (CLIENT | {"who_type": 9, "emaildirection": None}, CLIENT_MESSAGE, BY_CLIENT | PUBLIC),
        (CLIENT | {"actionby_user_id": 0}, CLIENT_MESSAGE, BY_CLIENT | PUBLIC),
        ({"who_type": 1, "who_agentid": 150, "note": "x", "hiddenfromuser": 1}, MESSAGE, BY_PERSON),
        ({"who_type": 0, "note": "x", "actionby_user_id": 0}, MESSAGE, BY_AUTOMATION),
    ],
)
def test_who_wrote_and_who_sees_it(action: dict[str, Any], kind: int, flags: int) -> None:
    (one,) = [one.event for one in told(action).events if one.event.id == "action-1"]
    assert (one.kind, one.flags) == (kind, flags)


def test_other_literals_are_settings() -> None:
    other = literals_of({"agents": "A", "clients": "U", "sent": "Out", "received": "In"})
    rows = [
        {"id": 1, "datetime": "2026-03-10T10:00:00", "who_type": "u", "note": "x", "emaildirection": "in"}
    ]
    events = deep(TICKET, rows, [], Names(), other, "").events
    assert CLIENT_MESSAGE in {one.event.kind for one in events}


def test_unknown_literals_are_counted() -> None:
    rows = [
        AGENT,
        CLIENT,
        AGENT | {"who_type": 5},
        CLIENT | {"emaildirection": "X"},
        CLIENT | {"who_type": 1},
    ]
    total, odd, by = unknown(rows, LITERALS)
    assert (total, odd) == (5, 3)
    assert by == {"who_type 5": 1, "emaildirection X": 1, "who_type 1 of a client's person": 1}


def test_a_change_without_words_is_no_message() -> None:
    one = told({"actionby_agent_id": 150, "old_status": 1, "new_status": 2, "note": ""}, status_id=2)
    assert [event.event.id for event in one.events] == ["created", "new-status", "action-1-status"]


def test_what_we_wrote_ourselves_is_no_news() -> None:
    note = AGENT | {"actionby_application_id": "ours"}
    assert [one.event.id for one in told(note, ours="ours").events] == ["created"]
    assert "action-1" in [one.event.id for one in told(note, ours="theirs").events]


def test_actions_at_one_instant_keep_the_sources_order() -> None:
    one = told(
        AGENT | {"old_status": 1, "new_status": 2},
        AGENT | {"old_status": 2, "new_status": 4},
        AGENT | {"old_status": 4, "new_status": 8},
        status_id=8,
    )
    statuses = sorted(((e.event.at, e.event.seq), e.event.value) for e in one.events if e.event.kind == 4)
    assert [value for _, value in statuses] == ["New", "In Progress", "With User", "Resolved"]


def test_texts_that_no_database_holds_and_html() -> None:
    one = told(AGENT | {"note": "a\x00b \ud800 " + "x" * 300_000})
    assert not list(faults(one.events))
    assert any(isinstance(event, Written) for event in one.events)


def test_nobody_is_agent_1_and_client_1() -> None:
    one = shallow(TICKET | {"client_id": 1.0, "client_name": "Unknown", "agent_id": "1"}, Names(), "")
    assert (one.fields["client"], one.fields["assignee"]) == ("", "")


def test_what_matters_and_is_missing_is_named() -> None:
    view = shallow(
        {"id": 7, "dateoccurred": "2026-03-10T09:00:00", "last_update": "2026-03-10T09:00:00"}, Names(), ""
    )
    assert view.view["missing"] == ["status_id", "client_id", "sla_id", "respondbydate", "fixbydate"]
    with pytest.raises(Odd, match="dateoccurred"):
        shallow({"id": 7, "lastupdate": "2026-03-10T09:00:00"}, Names(), "")


def test_a_field_that_is_not_there_says_nothing() -> None:
    assert "team" not in shallow(TICKET, Names(), "").fields


def test_values() -> None:
    assert instant("2026-06-30T16:04:28.36") == instant("2026-06-30T16:04:28.360Z")
    assert instant("2026-06-30T18:04:28+02:00") == instant("2026-06-30T16:04:28")
    for empty in ("1900-01-01T00:00:00", "1899-12-30T00:00:00", "", None, 5, "soon", "0001-01-01T00:00:00"):
        assert instant(empty) is None
    assert [key(one) for one in (300.0, "300", "300.0", 0, -1, None, True, "3-1")] == [
        "300", "300", "300", "", "", "", "", "3-1",
    ]  # fmt: skip
    assert [whole(one) for one in (1.5, "x", float("nan"), {})] == [None] * 4
    assert text({"a": 1}) == ""
