"""The signature of a webhook of one's own."""

import hashlib
import hmac

import pytest

from beforehand.connectors.contract import Forged, Hook, Nudge
from beforehand.connectors.generic.hooks import hear
from beforehand.engine.instants import SECOND

SECRET, NOW = "thirty-two-letters-of-a-secret--", 1_764_300_000
BODY = '{"ticket": "1", "subject": "Zwölf"}'.encode()


def signed(secret: str = SECRET, at: int = NOW, body: bytes = BODY) -> str:
    """As the docs tell a caller to."""
    return (
        f"t={at},v1={hmac.new(secret.encode(), str(at).encode() + b'.' + body, hashlib.sha256).hexdigest()}"
    )


def heard(header: str, secret: str = SECRET, body: bytes = BODY) -> Nudge:
    hook = Hook({"x-beforehand-signature": header}, body, {}, NOW * SECOND)
    return hear({"hook_secret": secret}, hook)


@pytest.mark.parametrize("header", [
    signed(), signed(at=NOW - 300), signed(at=NOW + 300), signed().upper().replace("T=", "t=").replace("V1", "v1"),
    signed("the-secret-that-was-before").replace("t=", "t=", 1) + ",v1=" + signed().partition("v1=")[2],
])  # fmt: skip
def test_what_is_signed_as_it_must_be_is_heard(header: str) -> None:
    assert heard(header) == Nudge(())


@pytest.mark.parametrize("header", [
    "", "t=,v1=", signed("another-secret-of-some-length"), signed(body=BODY + b" "), signed(at=NOW - 301),
    signed(at=NOW + 301), signed().partition(",")[0], signed().replace(f"t={NOW}", f"t={NOW + 1}"),
    signed().partition(",")[2], signed()[:-1], "t=1" + "0" * 40 + ",v1=" + "a" * 64,
])  # fmt: skip
def test_anything_else_is_forged(header: str) -> None:
    with pytest.raises(Forged):
        heard(header)


def test_a_short_secret_is_none() -> None:
    with pytest.raises(Forged):
        heard(signed(""), secret="")
    with pytest.raises(Forged):
        heard(signed("short"), secret="short")
