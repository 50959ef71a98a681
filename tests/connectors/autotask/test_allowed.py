"""Whether a key may write what is switched on, as Autotask tells it before anything is written."""

import pytest
from tests.connectors.autotask.fake import Autotask

from beforehand.connectors.autotask.reader import Reader
from beforehand.connectors.contract import Right
from beforehand.connectors.wanted import FIELDS, NOTES, Wanted

BOTH = Wanted(True, ["Our deadline"])


def by_name(reader: Reader, wanted: Wanted = BOTH) -> dict[str, Right]:
    return {right.name: right for right in reader.check_wanted(wanted)}


def test_what_is_switched_on_and_allowed_is_said_and_nothing_is_written(
    autotask: Autotask, reader: Reader
) -> None:
    assert {name: right.ok for name, right in by_name(reader).items()} == {
        "TicketNotes: create": True, "Tickets: update": True, "Field “Our deadline”": True,
    }  # fmt: skip
    assert {method for method, _, _ in autotask.seen} == {"GET"}


def test_only_what_is_switched_on_is_asked_for(autotask: Autotask, reader: Reader) -> None:
    assert list(by_name(reader, Wanted(notes=True))) == ["TicketNotes: create"]
    assert not autotask.asked("Tickets/entityInformation")
    assert by_name(reader, Wanted()) == {}


@pytest.mark.parametrize(
    ("said", "ok"),
    [("None", False), (0, False), ("All", True), (1, True), ("Restricted", None), (None, None)],
)
def test_how_a_right_is_told(autotask: Autotask, reader: Reader, said: object, ok: bool | None) -> None:
    autotask.access = {("TicketNotes", "Create"): said, ("Tickets", "Update"): said}
    rights = by_name(reader)
    assert rights["TicketNotes: create"].ok is rights["Tickets: update"].ok is ok
    if ok is not True:
        assert "Security Levels" in rights["Tickets: update"].how
    if ok is None:
        assert (rights["TicketNotes: create"].by, rights["Tickets: update"].by) == (NOTES, FIELDS)


def test_a_field_that_is_not_there_or_holds_something_else_is_found(
    autotask: Autotask, reader: Reader
) -> None:
    names = ["our deadline", "Deadline of ours", "Risk", "Hours", "Colour"]
    found = [right.purpose.partition(": ")[2] for right in by_name(reader, Wanted(False, names)).values()]
    assert found[1:] == [
        "its name there is “Our deadline”",
        "its name there is “Our deadline”",
        "tickets there have no field of this name",
        "it holds numbers only",
        "it takes only values of its list",
    ]


def test_what_it_does_not_tell_is_neither_there_nor_missing(autotask: Autotask, reader: Reader) -> None:
    autotask.refuses = {"TicketNotes"}
    assert by_name(reader)["TicketNotes: create"].ok is None
    autotask.fields = "none of it"  # type: ignore[assignment]
    assert by_name(reader)["Field “Our deadline”"].ok is None
