"""What is written back: never to be seen by a client, never twice for nothing."""

import pytest
from tests.connectors.connectwise.fake import Tenant

from beforehand.connectors.connectwise.reader import Reader
from beforehand.connectors.line import Missing, Odd


def test_a_note_is_internal_and_mails_nobody(tenant: Tenant, reader: Reader) -> None:
    tenant.open(1, "09:00")
    reader.write_note("1", "Response is due at 10:00.")
    note = tenant.lists["service/tickets/1/notes"][-1]
    assert note["text"] == "Response is due at 10:00."
    assert note["internalAnalysisFlag"]
    assert not note["detailDescriptionFlag"] | note["resolutionFlag"] | note["processNotifications"]


def test_fields_are_written_by_their_captions_and_only_where_they_differ(
    tenant: Tenant, reader: Reader
) -> None:
    tenant.open(1, "09:00")
    reader.write_fields("1", {"our deadline": "10:00", "Risk": "3"})
    values = {field["caption"]: field["value"] for field in tenant.ticket(1)["customFields"]}
    assert values == {"Our deadline": "10:00", "Risk": 3.0}
    (patched,) = [call.body for call in tenant.calls if call.method == "PATCH"]
    assert [field["caption"] for field in patched[0]["value"]] == ["Our deadline"]
    reader.write_fields("1", {"Our deadline": "10:00"})
    assert sum(call.method == "PATCH" for call in tenant.calls) == 1
    reader.write_fields("1", {"Our deadline": ""})
    assert tenant.ticket(1)["customFields"][0]["value"] is None


def test_fields_that_are_not_there_or_hold_something_else_are_named(tenant: Tenant, reader: Reader) -> None:
    tenant.open(1, "09:00")
    with pytest.raises(Missing, match="“Winning line”"):
        reader.write_fields("1", {"Winning line": "P1", "Risk": "4"})
    with pytest.raises(Odd, match="“Risk” holds numbers"):
        reader.write_fields("1", {"Risk": "high"})
    with pytest.raises(Missing):
        reader.write_fields("2", {"Risk": "4"})
    assert not [call for call in tenant.calls if call.method == "PATCH"]


def test_a_callback_is_asked_for_once_and_woken_when_it_sleeps(tenant: Tenant, reader: Reader) -> None:
    there = "https://beforehand.test/hooks/x"
    assert not reader.listens(there)
    for _ in range(2):
        reader.listen(there, "Beforehand 1")
    (row,) = tenant.lists["system/callbacks"]
    assert (row["type"], row["level"], row["isSelfSuppressedFlag"]) == ("ticket", "owner", True)
    row["inactiveFlag"] = True
    assert not reader.listens(there)
    reader.listen(there, "Beforehand 1")
    assert tenant.lists["system/callbacks"] == [row]
    assert row["inactiveFlag"] is False
    assert reader.listens(there)


def test_a_callback_moves_with_our_address_and_leaves_those_of_others(tenant: Tenant, reader: Reader) -> None:
    other = {"id": 1, "url": "https://elsewhere.test/x", "type": "ticket", "description": "Somebody"}
    tenant.lists["system/callbacks"].append(other)
    reader.listen("https://beforehand.test/hooks/x", "Beforehand 1")
    reader.listen("https://beforehand.test/hooks/y", "Beforehand 2")
    reader.listen("https://beforehand.test/hooks/z", "Beforehand 1")
    assert [row["url"] for row in tenant.lists["system/callbacks"]] == [
        "https://elsewhere.test/x", "https://beforehand.test/hooks/z", "https://beforehand.test/hooks/y",
    ]  # fmt: skip
    for _ in range(2):
        reader.unlisten("https://beforehand.test/hooks/z", "Beforehand 1")
    assert [row["description"] for row in tenant.lists["system/callbacks"]] == ["Somebody", "Beforehand 2"]
