"""Whom of a client one writes to, and what they are told: a name and an address, a text with placeholders."""

import re
from email.utils import parseaddr
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

PLACES = ("ticket", "subject", "client", "priority", "due", "provider")
"""What a text for a client's contact can name, in braces."""
LONGEST_MAIL = 254
ADDRESS = f"a mail address of at most {LONGEST_MAIL} characters"
AN_ADDRESS = "jo@contoso.example"
_BRACE = re.compile(r"\{([^{}]*)\}|[{}]")


class Addressee(NamedTuple):
    """Whom of a client one writes to; without an address: nobody."""

    name: str = ""
    email: str = ""

    def __str__(self) -> str:
        return f"{self.name} <{self.email}>" if self.name else self.email


NOBODY = Addressee()


def addressee_in(text: str) -> Addressee:
    """The contact that a text names, "Jo Smith <jo@contoso.example>" or the address; NOBODY where it is neither."""
    name, email = parseaddr(text.strip())
    try:
        validate_email(email)
    except ValidationError:
        return NOBODY
    found = Addressee(" ".join(name.split()), email)
    return found if str(found) == " ".join(text.split()) else NOBODY


def address_in(text: str) -> str:
    """The mail address that a text is, in small letters as addresses are compared; "" where it is none."""
    found = addressee_in(text)
    return "" if found.name or len(found.email) > LONGEST_MAIL else found.email.lower()


def unknown_places(text: str) -> list[str]:
    """The placeholders of a text that name nothing, as they are written, and braces that stand alone."""
    return [found[0] for found in _BRACE.finditer(text) if found[1] not in PLACES]


def filled(text: str, values: dict[str, str]) -> str:
    """The text with what its placeholders stand for. What is put in is not read again."""
    return _BRACE.sub(lambda found: values.get(found[1] or "", found[0]), text)
