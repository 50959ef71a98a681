"""Secrets as they lie in the database: sealed by a key that is derived from the installation's own."""

import base64
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_FORM = "s1."
_NONCE = 12
_PURPOSE = b"beforehand.kernel.secrets"


class Unreadable(ValueError):
    """What was sealed under another key, or changed since."""


def seal(text: str, key: str) -> str:
    """A secret in a form that says nothing but its length, and another one each time; `key` is any long text."""
    nonce = os.urandom(_NONCE)
    sealed = nonce + _cipher(key).encrypt(nonce, text.encode(), _FORM.encode())
    return _FORM + base64.urlsafe_b64encode(sealed).decode()


def unseal(sealed: str, key: str) -> str:
    """The secret that was sealed under this key; raises Unreadable where it was not."""
    try:
        if not sealed.startswith(_FORM):
            raise ValueError
        data = base64.urlsafe_b64decode(sealed.removeprefix(_FORM))
        return _cipher(key).decrypt(data[:_NONCE], data[_NONCE:], _FORM.encode()).decode()
    except (ValueError, InvalidTag):
        raise Unreadable("sealed under another secret key, or not whole") from None


def _cipher(key: str) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, salt=None, info=_PURPOSE).derive(key.encode()))
