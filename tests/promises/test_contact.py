"""Whom of a client one writes to, and the texts for them."""

import pytest

from beforehand.promises.contact import Contact, contact_in, filled, unknown_places


@pytest.mark.parametrize(
    ("text", "contact"),
    [
        ("jo@contoso.example", Contact("", "jo@contoso.example")),
        (" Jo  Smith <jo@contoso.example> ", Contact("Jo Smith", "jo@contoso.example")),
        ("Jo Smith", Contact()),
        ("jo@contoso", Contact()),
        ("jo@contoso.example, ann@contoso.example", Contact()),
        ("Jo <jo@contoso.example>\r\nBcc: all@contoso.example", Contact()),
        ("", Contact()),
    ],
)
def test_a_contact_is_one_address_perhaps_behind_a_name(text: str, contact: Contact) -> None:
    assert contact_in(text) == contact


def test_placeholders_that_name_nothing_are_found_and_what_is_filled_in_is_not_read_again() -> None:
    assert unknown_places("{ticket} {tickets} } {") == ["{tickets}", "}", "{"]
    assert filled("{subject}, {due}", {"subject": "{due}", "due": "now"}) == "{due}, now"
