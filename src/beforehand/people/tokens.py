"""Tokens: what programs sign in with. A secret is shown once, when it is made, and kept as a digest alone."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime

from django.db import IntegrityError, transaction

from beforehand.kernel.faults import Fault, Refused, refuse_if_any

from .models import Provider, Token, User

EVENTS_WRITE, TICKETS_READ = "events:write", "tickets:read"
SCOPES = {
    EVENTS_WRITE: "tell events of one source",
    TICKETS_READ: "read tickets, clocks and readings",
}
PREFIX = "bfh_"
"""By which people, and programs that look for leaked secrets, know a token."""


class Unknown(Exception):
    """A secret that lets nobody in: said is why, in words that are safe to answer."""


def issue(
    provider: Provider,
    name: str,
    scopes: Iterable[str],
    now: datetime,
    *,
    source: str = "",
    expires: datetime | None = None,
    by: User | None = None,
) -> tuple[Token, str]:
    """A new token and its secret, which nobody can be shown again. Refused with all that is wrong."""
    name, wanted = name.strip(), sorted(set(scopes))
    refuse_if_any(_faults(name, wanted, source, now, expires))
    secret = PREFIX + secrets.token_urlsafe(30)
    token = Token(
        provider=provider, name=name, digest=digest_of(secret), hint=secret[:8], scopes=wanted, source=source,
        created=now, created_by=by, expires=expires,
    )  # fmt: skip
    try:
        with transaction.atomic():
            token.save()
    except IntegrityError:
        raise Refused(
            Fault("token, name", repr(name), "a name that no other token has", f"{name} 2")
        ) from None
    return token, secret


def _faults(
    name: str, scopes: list[str], source: str, now: datetime, expires: datetime | None
) -> Iterable[Fault]:
    if not 0 < len(name) <= 100:
        yield Fault("token, name", repr(name[:60]), "a name of 1 to 100 characters", "Monitoring")
    if not scopes or not set(scopes) <= set(SCOPES):
        yield Fault("token, scope", ", ".join(scopes) or "none", f"some of {', '.join(SCOPES)}")
    if bool(source) != (EVENTS_WRITE in scopes):
        yield Fault(
            "token, source",
            repr(source),
            f"the source it tells events of, with {EVENTS_WRITE}, and none without",
            "monitoring",
        )
    if expires is not None and expires <= now:
        yield Fault("token, expires", expires.isoformat(), "an instant to come")


def digest_of(secret: str) -> str:
    """What is kept of a secret. It is long and random, so that a plain digest says nothing about it."""
    return hashlib.sha256(secret.encode()).hexdigest()


def find(secret: str, now: datetime) -> Token:
    """The token of a secret. Raises Unknown where there is none, or it is revoked or has expired."""
    token = Token.objects.select_related("provider").filter(digest=digest_of(secret)).first()
    if token is None:
        raise Unknown("This token is not known here.")
    if token.revoked is not None:
        raise Unknown("This token was revoked.")
    if token.expires is not None and token.expires <= now:
        raise Unknown("This token has expired.")
    return token


def revoke(token: Token, now: datetime) -> None:
    """Ends a token; one that has ended stays as it is."""
    Token.objects.filter(pk=token.pk, revoked=None).update(revoked=now)
