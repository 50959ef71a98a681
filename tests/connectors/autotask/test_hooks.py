"""Webhooks: nothing unsigned is heard, and the body is verified as it came."""

import hashlib
import hmac
from base64 import b64encode

import pytest

from beforehand.connectors.autotask.hooks import hear
from beforehand.connectors.contract import Forged, Hook, Nudge

KEY = {"hook_secret": "a-key-of-the-webhook"}
# As Autotask writes it: escaped where others would write the characters themselves.
UPDATE = rb'{"Action":"Update","Guid":"g","EntityType":"Ticket","Id":1001,"Fields":{"Title":"M\u00fcller \u0026 S\u00f6hne\u002b"},"EventTime":"2026-03-02T10:00:00Z","SequenceNumber":17,"PersonID":150}'


def hook(body: bytes, key: str = KEY["hook_secret"], signature: str | None = None) -> Hook:
    mac = b64encode(hmac.new(key.encode(), body, hashlib.sha1).digest()).decode()
    return Hook({"x-hook-signature": f"sha1={mac}" if signature is None else signature}, body, {})


def test_a_signed_one_names_its_ticket_and_its_number() -> None:
    assert hear(KEY, hook(UPDATE)) == Nudge(("1001",), 17)


def test_the_raw_bytes_are_what_is_signed() -> None:
    plain = UPDATE.decode("unicode_escape").encode()
    assert hook(plain).headers != hook(UPDATE).headers
    with pytest.raises(Forged):
        hear(KEY, hook(plain)._replace(headers=hook(UPDATE).headers))


@pytest.mark.parametrize("signature", ["", "sha1=", "sha1=AAAA", "not even that", "sha1=\u00e4"])
def test_what_is_not_signed_is_not_heard(signature: str) -> None:
    with pytest.raises(Forged):
        hear(KEY, hook(UPDATE, signature=signature))


def test_another_key_or_none_is_not_heard() -> None:
    with pytest.raises(Forged):
        hear(KEY, hook(UPDATE, "another"))
    with pytest.raises(Forged):
        hear({}, hook(UPDATE, ""))


def test_a_deactivation_changes_nothing() -> None:
    body = b'{"Action":"Deactivated","EntityType":"Ticket","Id":0,"SequenceNumber":99}'
    assert hear(KEY, hook(body)) == Nudge(())
    with pytest.raises(Forged):
        hear(KEY, hook(body, signature=""))


def test_a_note_names_its_ticket_and_counts_by_itself() -> None:
    body = b'{"Action":"Create","EntityType":"TicketNote","Id":7002,"Fields":{"TicketID":"1001"},"SequenceNumber":3}'
    assert hear(KEY, hook(body)) == Nudge(("1001",))


@pytest.mark.parametrize(
    "body", [b"[]", b'{"EntityType":"Ticket","Id":"../x"}', b'{"EntityType":"Company","Id":3}']
)
def test_what_names_no_ticket_nudges_none(body: bytes) -> None:
    assert hear(KEY, hook(body)) == Nudge(())


def test_signed_rubbish_is_forged() -> None:
    with pytest.raises(Forged):
        hear(KEY, hook(b"<html>"))
