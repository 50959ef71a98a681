"""What a source tells, in our words."""

from typing import NamedTuple

import pytest
from tests.connectors.conftest import NOW, make_connection

from beforehand.connectors.asked import confirmed_statuses
from beforehand.connectors.contract import Told, at_creation, field_event
from beforehand.connectors.meaning import TECHNICIAN, Words, in_our_words, retold, words
from beforehand.connectors.meaning_changes import confirm_statuses
from beforehand.connectors.models import Word
from beforehand.connectors.telling import bring, in_effect
from beforehand.engine import history as h
from beforehand.engine.codes import BY_AUTOMATION, BY_CLIENT, BY_PERSON
from beforehand.engine.history import Event
from beforehand.people.models import Provider
from beforehand.tickets.events import TicketEvent, Written

BORN, LOOKED, LATER = 1_000_000, 50_000_000, 90_000_000


class Known(NamedTuple):
    kind: str
    name: str
    ours: str = ""
    board: str = ""
    was: str = ""
    key: str = ""

    @property
    def confirmed(self) -> bool:
        return bool(self.ours)


def told(updated: int = LOOKED, exact: bool = False, **fields: str) -> Told:
    events = [TicketEvent("1", h.created(BORN, id="created"))]
    if exact:
        events += [at_creation("1", BORN, name, value) for name, value in fields.items()]
    return Told("1", updated, fields, events, frozenset(fields) if exact else frozenset())


def values(kept: list[Event], field: str) -> list[tuple[str, int, int | None]]:
    return [(event.value, event.at, event.until) for event in in_effect(kept) if event.field == field]


def kept_after(kept: list[Event], one: Told, known: Words, before: int | None) -> list[Event]:
    """As keep.py does it."""
    again = [event for _, event in retold(one, kept, known)]
    return [*kept, *again, *(event for _, event in bring([*kept, *again], in_our_words(one, known), before))]


def test_what_nobody_confirmed_says_nothing() -> None:
    known = words([Known("priority", "High"), Known("type", "Alert"), Known("board", "NOC")])
    found = in_our_words(told(priority="High", type="Alert", board="NOC"), known)
    assert (found.fields["priority"], found.fields["origin"]) == ("High", "")


@pytest.mark.parametrize("exact", [True, False])
def test_a_priority_is_what_it_is_called_here_in_fields_and_in_events(exact: bool) -> None:
    found = in_our_words(told(exact=exact, priority="High"), words([Known("priority", "High", "P1")]))
    assert found.fields["priority"] == "P1"
    assert [event.value for _, event in found.events if event.field == "priority"] == ["P1"] * exact


def test_another_name_here_is_no_change_of_priority() -> None:
    one = told(priority="High")
    kept = kept_after([], one, words([Known("priority", "High")]), None)
    kept = kept_after(kept, one, words([Known("priority", "High", "P1")]), LOOKED)
    kept = kept_after(kept, one, words([Known("priority", "High", "P2", was="P1")]), LOOKED)
    assert values(kept, "priority") == [("P2", BORN, None)]
    assert kept_after(kept, one, words([Known("priority", "High", "P2", was="P1")]), LOOKED) == kept


def test_a_change_that_was_seen_stays_between_its_two_looks() -> None:
    both = [Known("priority", "High"), Known("priority", "Low")]
    kept = kept_after([], told(priority="Low"), words(both), None)
    kept = kept_after(kept, told(LATER, priority="High"), words(both), LOOKED)
    ours = words([Known("priority", "High", "P1"), Known("priority", "Low", "P4")])
    kept = kept_after(kept, told(LATER, priority="High"), ours, LATER)
    assert values(kept, "priority") == [("P4", BORN, None), ("P1", LOOKED, LATER)]


def test_of_two_that_shared_a_name_nobody_guesses_which_it_was() -> None:
    shared = [Known("priority", "High", "P1", was="P2"), Known("priority", "Top", "P0", was="P2")]
    event = field_event("new-priority", BORN, "priority", "P2")
    assert retold(told(), [event], words(shared)) == []


def test_a_contract_is_what_it_is_called_here_by_its_id_alone() -> None:
    """Two clients have contracts of the same name."""
    known = words([Known("contract", "Gold", "Premium", key="900"), Known("contract", "Gold", key="901")])
    for key, name in (("900", "Premium"), ("901", "Gold")):
        one = told(contract="Gold")._replace(keys={"contract": key})
        kept = kept_after([], one, words([]), None)
        kept = kept_after(kept, one, known, LOOKED)
        assert values(kept, "contract") == [(name, BORN, None)]


@pytest.mark.parametrize(
    ("fields", "origin"),
    [
        ({"type": "Alert", "board": "Desk"}, "machine"),
        ({"type": "Alert", "board": "Field"}, ""),
        ({"type": "Other", "board": "NOC"}, "internal"),
        ({"type": "Alert", "board": "Desk", "origin": "client-live"}, "client-live"),
    ],
)
def test_the_origin_is_the_sources_own_then_the_types_then_the_boards(
    fields: dict[str, str], origin: str
) -> None:
    known = words([Known("type", "Alert", "machine", board="Desk"), Known("board", "NOC", "internal")])
    assert in_our_words(told(**fields), known).fields["origin"] == origin


@pytest.mark.parametrize(
    ("flags", "deep", "fields", "origin"),
    [
        (BY_PERSON, True, {}, "provider"),
        (BY_PERSON, True, {"channel": "Phone"}, "client-live"),
        (BY_PERSON, True, {"board": "NOC", "channel": "Phone"}, "internal"),
        (BY_AUTOMATION, True, {}, ""),
        (BY_CLIENT, True, {}, ""),
        (0, True, {}, ""),
        (0, False, {}, None),
    ],
)
def test_what_a_technician_typed_in_is_the_providers_unless_board_or_channel_says_otherwise(
    flags: int, deep: bool, fields: dict[str, str], origin: str | None
) -> None:
    """2.6: neither has a response clock that could be broken. A list that does not tell who it was says nothing."""
    known = words(
        [
            Known("board", "NOC", "internal"),
            Known("channel", "Phone", "client-live"),
            Known("creator", TECHNICIAN, "provider"),
        ]
    )
    event = TicketEvent("1", h.created(BORN, id="created", flags=flags))
    one = Told("1", LOOKED, fields, [event], deep=deep)
    assert in_our_words(one, known).fields.get("origin") == origin


def test_an_origin_holds_from_creation_on_whatever_the_type_becomes() -> None:
    known = words([Known("type", "Alert", "machine"), Known("type", "Project", "project")])
    kept = kept_after([], told(type="Alert"), known, None)
    assert values(kept, "origin") == [("machine", BORN, None)]
    kept = kept_after(kept, told(LATER, type="Project"), known, LOOKED)
    assert values(kept, "origin") == [("project", BORN, None)]
    kept = kept_after(kept, told(LATER, type="Project"), words([]), LATER)
    assert values(kept, "origin") == []


def test_a_ticket_that_is_gone_has_no_origin() -> None:
    found = in_our_words(Told("1", LATER, gone=True), words([Known("type", "", "machine")]))
    assert (found.gone, found.fields, found.exact) == (True, {}, frozenset())


def test_a_note_of_ours_is_nobodys_work_whoevers_key_wrote_it() -> None:
    notes = [
        Written("1", h.message(LOOKED, flags=BY_PERSON, id="n1", person="API"), "[Beforehand] 50% reached."),
        Written("1", h.message(LOOKED, flags=BY_PERSON, id="n2", person="Ada"), "I saw [Beforehand]'s note."),
    ]
    found = in_our_words(Told("1", LOOKED, {}, notes), words([])).events
    assert [one.event.flags for one in found] == [BY_AUTOMATION, BY_PERSON]
    assert [one.text for one in found if isinstance(one, Written)] == [one.text for one in notes]


@pytest.mark.django_db
def test_what_somebody_confirmed_is_known_to_whoever_loads_an_agreement_file(provider: Provider) -> None:
    connection = make_connection(provider, "scripted", {})
    rows = [
        Word.objects.create(
            provider=provider,
            connection=connection,
            kind="status",
            key=name,
            board="Desk",
            name=name,
            seen=NOW,
        )
        for name in ("Parked", "Left")
    ]
    confirm_statuses(connection, {rows[0].pk: "waiting-on-client", rows[1].pk: ""}, NOW)
    assert confirmed_statuses(provider) == {("Desk", "Parked")}
