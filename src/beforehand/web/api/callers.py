"""Who calls: the token of a request, looked up at most every two seconds, and what it may do."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import DatabaseError, connection

from beforehand.people import tokens
from beforehand.people.models import Provider, Token
from beforehand.tickets.models import Source

from .answers import Problem

HELD = 2.0
"""Seconds for which a token that was found holds without another look: so long a revoked one may still work."""
NOTED = timedelta(minutes=1)
"""So exactly its last use is kept."""
_CHALLENGE = (("WWW-Authenticate", "Bearer"),)
_MOST = 1_000


class Caller(NamedTuple):
    """A token that lets in, and the source of which it may tell events."""

    token: int
    provider: Provider
    scopes: tuple[str, ...]
    expires: datetime | None
    source: Source | None


def caller_of(secret: str, now: datetime) -> Caller:
    """Who a secret stands for; the use is noted. Raises Problem 401 where nobody."""
    try:
        token = tokens.find(secret, now)
    except tokens.Unknown as unknown:
        raise Problem(401, "not_signed_in", str(unknown), headers=_CHALLENGE) from None
    if token.used is None or now - token.used > NOTED:
        Token.objects.filter(pk=token.pk).update(used=now)
    source = (
        Source.objects.filter(provider=token.provider, slug=token.source).first() if token.source else None
    )
    if source is not None:
        source.provider = token.provider
    return Caller(token.pk, token.provider, tuple(token.scopes), token.expires, source)


def allow(caller: Caller, scope: str) -> None:
    """Raises Problem 403 where the token has not this scope."""
    if scope not in caller.scopes:
        has = ", ".join(caller.scopes)
        raise Problem(403, "scope_missing", f"This needs the scope {scope}; the token has {has}.")


def secret_of(authorization: str) -> str:
    """The secret in an Authorization header. Raises Problem 401 where there is none."""
    scheme, _, secret = authorization.partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        message = "This needs a token: send the header `Authorization: Bearer bfh_...`."
        raise Problem(401, "not_signed_in", message, headers=_CHALLENGE)
    return secret.strip()


class Callers:
    """Looks callers up in a thread of its own, so that the event loop never waits for the database."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._thread = ThreadPoolExecutor(1, "callers")
        self._held: dict[str, tuple[float, Caller]] = {}

    async def find(self, authorization: str) -> Caller:
        """The caller. Raises Problem 401, or 503 where the database does not answer."""
        secret, loop = secret_of(authorization), asyncio.get_running_loop()
        held = self._held.get(secret)
        if held is None or loop.time() - held[0] > HELD:
            caller = await loop.run_in_executor(self._thread, self._look, secret)
            if len(self._held) >= _MOST:
                self._held.clear()
            held = self._held[secret] = (loop.time(), caller)
        if held[1].expires is not None and held[1].expires <= self._clock():
            raise Problem(401, "not_signed_in", "This token has expired.", headers=_CHALLENGE)
        return held[1]

    def close(self) -> None:
        """Ends the thread, and what it has of the database."""
        self._thread.submit(_let_go)
        self._thread.shutdown()

    def _look(self, secret: str) -> Caller:
        try:
            return caller_of(secret, self._clock())
        except DatabaseError as error:
            connection.close()
            raise busy() from error


def _let_go() -> None:
    connection.close()  # looked up here: the connection is that of the thread that asks


def busy() -> Problem:
    """The answer while the database cannot be had."""
    message = "The database does not answer. Nothing of this request was kept; send it again."
    return Problem(503, "not_now", message, headers=(("Retry-After", "5"),))
