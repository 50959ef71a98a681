"""Whether what is switched on may be written, as HaloPSA tells it before anything is written."""

from collections.abc import Callable

import pytest
from tests.connectors.halo.fake import Halo

from beforehand.connectors.contract import Right
from beforehand.connectors.halo.reader import Reader
from beforehand.connectors.wanted import Wanted

Make = Callable[..., Reader]
BOTH = Wanted(True, ["CFDeadline"])


def by_name(reader: Reader, wanted: Wanted = BOTH) -> dict[str, Right]:
    return {right.name: right for right in reader.check_wanted(wanted)}


def test_the_scope_and_the_fields_are_told_and_the_role_is_not(halo: Halo, reader: Make) -> None:
    assert {name: right.ok for name, right in by_name(reader()).items()} == {
        "edit:tickets": True, "Role: add actions": None, "Kind of note “Private Note”": True,
        "Role: edit tickets": None, "Field “CFDeadline”": True,
    }  # fmt: skip
    assert [call.path for call in halo.calls if call.method == "POST"] == ["/auth/token"] * 2


def test_a_token_of_its_own_is_asked_for_and_ours_is_used_on(halo: Halo, reader: Make) -> None:
    made = reader()
    made.check()
    made.check_wanted(Wanted(notes=True))
    asked = [call.body["scope"] for call in halo.calls if call.path == "/auth/token"]
    assert asked == ["all", "edit:tickets"]


def test_an_application_that_may_not_edit_is_found(halo: Halo, reader: Make) -> None:
    halo.allows = {"all", "read:tickets"}
    right = by_name(reader())["edit:tickets"]
    assert (right.ok, "application does not allow it" in right.purpose) == (False, True)
    assert "Permissions" in right.how


@pytest.mark.parametrize(
    ("grants", "ok"),
    [("read:tickets", False), ("all", True), ("read:tickets edit:tickets", True), ("", None)],
)
def test_a_token_says_what_it_is_good_for(halo: Halo, reader: Make, grants: str, ok: bool | None) -> None:
    halo.grants = grants
    assert by_name(reader())["edit:tickets"].ok is ok


def test_a_scope_in_the_settings_that_only_reads_is_found_without_asking(halo: Halo, reader: Make) -> None:
    right = by_name(reader(scope="read:tickets read:customers"), Wanted(notes=True))["edit:tickets"]
    assert (right.ok, right.how) == (False, "Settings of this connection: add edit:tickets to the scope")
    assert "edit:tickets" not in [call.body["scope"] for call in halo.calls if call.path == "/auth/token"]


def test_a_kind_of_note_that_sends_mail_is_found(halo: Halo, reader: Make) -> None:
    assert by_name(reader(note="Mail"))["Kind of note “Mail”"].ok is False


def test_a_field_of_another_name_is_found_and_a_list_that_is_refused_says_nothing(
    halo: Halo, reader: Make
) -> None:
    found = by_name(reader(), Wanted(False, ["Our deadline", "CFLine"]))
    assert found["Field “Our deadline”"].purpose.endswith("its name there is “CFDeadline”")
    assert found["Field “CFLine”"].ok is False
    halo.forbidden = {"FieldInfo"}
    right = by_name(reader())["Field “CFDeadline”"]
    assert (right.ok, "does not list" in right.how) == (None, True)
