"""Whom of a client one writes to, and the texts for them."""

import pytest

from beforehand.promises.addressee import Addressee, addressee_in, filled, unknown_places


@pytest.mark.parametrize(
    ("text", "contact"),
    [
        ("jo@contoso.example", Addressee("", "jo@contoso.example")),
        (" Jo  Smith <jo@contoso.example> ", Addressee("Jo Smith", "jo@contoso.example")),
        ("Jo Smith", Addressee()),
        ("jo@contoso", Addressee()),
        ("jo@contoso.example, ann@contoso.example", Addressee()),
        ("Jo <jo@contoso.example>\r\nBcc: all@contoso.example", Addressee()),
        ("", Addressee()),
    ],
)
def test_a_contact_is_one_address_perhaps_behind_a_name(text: str, contact: Addressee) -> None:
    assert addressee_in(text) == contact


def test_placeholders_that_name_nothing_are_found_and_what_is_filled_in_is_not_read_again() -> None:
    assert unknown_places("{ticket} {tickets} } {") == ["{tickets}", "}", "{"]
    assert filled("{subject}, {due}", {"subject": "{due}", "due": "now"}) == "{due}, now"
