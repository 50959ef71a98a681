"""Signing in, and staying so."""

import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from tests.connectors.halo.conftest import NOW, Hand, at
from tests.connectors.halo.fake import Called, Halo

from beforehand.connectors.halo.reader import Reader
from beforehand.connectors.halo.session import Session, access_of, address_of, session_of
from beforehand.connectors.line import Forbidden, Odd, Unauthorised
from beforehand.connectors.secrets import opened
from beforehand.tickets.models import SourceState

Make = Callable[..., Reader]


def _signed(halo: Halo) -> list[Called]:
    return [one for one in halo.calls if one.path == "/auth/token"]


def test_halo_says_itself_where_to_sign_in_and_for_which_tenant(halo: Halo, reader: Make) -> None:
    reader().begin()
    (signed,) = _signed(halo)
    assert signed.query == {"tenant": "acme"}
    assert signed.body["grant_type"] == "client_credentials"
    assert signed.body["scope"] == "all"


def test_a_token_is_used_by_one_turn_after_the_other(halo: Halo, reader: Make) -> None:
    for _ in range(3):
        reader().begin()
    assert len(_signed(halo)) == 1


def test_a_token_is_renewed_before_it_ends(halo: Halo, reader: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    halo.token_life = 100
    one = reader()
    one.begin()
    assert len(_signed(halo)) == 1
    monkeypatch.setattr(session_of(one._access), "_clock", lambda: time.monotonic() + 60)
    one.begin()
    assert len(_signed(halo)) == 2
    assert not [one for one in halo.moods if one == "401"]


def test_a_token_that_ends_in_the_middle_is_renewed_and_nothing_is_lost(halo: Halo, reader: Make) -> None:
    halo.open(1001, NOW)
    one = reader()
    one.begin()

    def ends(call: Called) -> None:
        if call.path == "/api/Actions":
            halo.on_call = lambda _: None
            halo.now += timedelta(hours=2)

    halo.on_call = ends
    (told,) = one.read(["1001"])
    assert told.fields["status"] == "New"
    assert len(_signed(halo)) == 2


def test_a_token_that_is_never_accepted_is_no_loop(halo: Halo, reader: Make) -> None:
    halo.moods = ["401"] * 9
    with pytest.raises(Unauthorised, match="just given"):
        reader().begin()
    assert len(halo.moods) == 7


def test_another_secret_is_another_session(halo: Halo, reader: Make) -> None:
    reader().begin()
    with pytest.raises(Unauthorised, match="invalid_client") as raised:
        reader(client_secret="wr0ng").begin()
    assert "wr0ng" not in str(raised.value)


def test_a_secret_is_in_no_traceback(halo: Halo) -> None:
    access = access_of({"address": halo.url, "client_id": "a", "client_secret": "s3cret"})
    assert "s3cret" not in repr([access, Session(access)])


def test_a_scope_that_the_application_lacks_is_named(halo: Halo, reader: Make) -> None:
    halo.scope_known = False
    with pytest.raises(Forbidden, match="read:tickets"):
        reader(scope="read:tickets").begin()


def test_the_secret_goes_to_no_place_that_is_not_safe(halo: Halo, reader: Make) -> None:
    halo.auth = "http://elsewhere.test/auth"
    with pytest.raises(Odd, match="not safe"):
        reader().begin()
    assert not _signed(halo)


def test_addresses_as_people_copy_them() -> None:
    wanted = "https://acme.halopsa.com"
    for said in (
        "acme.halopsa.com",
        " https://acme.halopsa.com/tickets?id=5 ",
        "https://acme.halopsa.com/api/",
    ):
        assert address_of(said) == wanted


@pytest.mark.django_db
def test_a_wrong_secret_is_shown_on_every_page_and_mends(hand: Hand, halo: Halo) -> None:
    halo.secret = "another"
    hand.pull()
    assert "does not accept the client ID" in SourceState.objects.get().fault
    assert opened(hand.connection)["client_secret"] not in SourceState.objects.get().fault
    halo.secret = "s3cret"
    hand.pull(at("10 09:10"))
    assert SourceState.objects.get().fault == ""
