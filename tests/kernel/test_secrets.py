"""Secrets in the database."""

import pytest

from beforehand.kernel.secrets import Unreadable, seal, unseal

KEY = "k" * 48


@pytest.mark.parametrize("text", ["x", "https://hooks.example.com/T0/B0/ß", "a" * 5000])
def test_a_secret_comes_back_as_it_was(text: str) -> None:
    assert unseal(seal(text, KEY), KEY) == text


def test_a_sealed_secret_says_nothing_and_is_another_each_time() -> None:
    one, two = seal("hush-hush", KEY), seal("hush-hush", KEY)
    assert one != two
    assert "hush" not in one
    assert KEY not in one


@pytest.mark.parametrize(
    "broken", ["", "s1.", "s1.AAAA", "plain", "s1.ä", "s2.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"]
)
def test_what_was_never_sealed_is_unreadable(broken: str) -> None:
    with pytest.raises(Unreadable):
        unseal(broken, KEY)


def test_another_key_or_a_changed_letter_opens_nothing() -> None:
    sealed = seal("hush-hush", KEY)
    with pytest.raises(Unreadable):
        unseal(sealed, KEY + "k")
    with pytest.raises(Unreadable):
        unseal(sealed[:20] + ("A" if sealed[20] != "A" else "B") + sealed[21:], KEY)
