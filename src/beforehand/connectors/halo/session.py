"""Signing in to HaloPSA, and calls under what came of it: a token that is renewed before it ends, or is taken back.

A session outlives the turns of a connection, since a token holds for an hour and a turn takes seconds.
"""

import hashlib
import json
import threading
import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx

from beforehand.connectors.line import (
    Down,
    Forbidden,
    Limited,
    Line,
    Missing,
    Odd,
    Trouble,
    Unauthorised,
    json_of,
    without_secrets,
)
from beforehand.engine.instants import to_instant

from .values import text

SPARE_S = 60.0
"""A token is renewed so long before it ends, or at half of its life where that is shorter."""
KEPT = 64
"""Sessions that are kept in memory."""
_ABSENT = ("not found", "does not exist", "no longer exists", "could not be found")
_LIMIT = ("rate limit", "too many requests", "quota", "limit exceeded")


class Access(NamedTuple):
    """Where a HaloPSA is, and who asks it. Holds a secret: nothing of it is ever shown or logged."""

    address: str
    client: str
    secret: str
    tenant: str = ""
    auth: str = ""
    scope: str = "all"

    def __repr__(self) -> str:
        """Without the secret: what is in a traceback is shown."""
        return f"Access to {self.address}"


def access_of(settings: Mapping[str, str]) -> Access:
    """The access that an owner's settings describe."""
    return Access(
        address_of(settings.get("address", "")),
        settings.get("client_id", "").strip(),
        settings.get("client_secret", "").strip(),
        settings.get("tenant", "").strip(),
        settings.get("auth_address", "").strip().rstrip("/"),
        settings.get("scope", "").strip() or "all",
    )


def address_of(said: str) -> str:
    """Where HaloPSA is, out of what people copy from a browser."""
    said = said.strip()
    parts = urlsplit(said if "://" in said else f"https://{said}")
    return f"{parts.scheme}://{parts.netloc}"


class Session:
    """One access to one HaloPSA, for all threads of a process. `clock` is steady, in seconds."""

    def __init__(self, access: Access, clock: Callable[[], float] = time.monotonic) -> None:
        self.access, self._clock = access, clock
        self._lock = threading.Lock()
        self._token, self._until = "", 0.0
        self.tables: dict[str, tuple[float, dict[str, str]]] = {}
        """Names by id as they were read last, and when (names.py)."""

    def call(
        self,
        line: Line,
        method: str,
        path: str,
        params: Mapping[str, str] | None = None,
        body: Any = None,
    ) -> "Answer":
        """A call to the API; raises what line.py raises. A token that was taken back meanwhile is renewed once."""
        for last in (False, True):
            token = self._valid(line)
            answer = line.call(
                method,
                f"{self.access.address}/api/{path}",
                headers={"Authorization": f"Bearer {token}", "Accept": "application/json"},
                params=params,
                json=body,
                ok=(400, 401, 403, 404, 500),
            )
            if answer.status_code == 401 and not last:
                self._drop(token)
                continue
            return _answer(answer, path)
        raise AssertionError

    def sign_in(self, line: Line) -> None:
        """Have a token."""
        self._valid(line)

    def scope(self, line: Line, wanted: str) -> str:
        """What a token is good for that is asked for with this scope, in HaloPSA's words; the token itself is let go.
        Raises Forbidden where the application does not allow it.
        """
        said = _asked(line, self.access._replace(scope=wanted))
        return text(said.get("scope")) if isinstance(said, dict) else ""

    def _valid(self, line: Line) -> str:
        with self._lock:
            if not self._token or self._clock() >= self._until:
                self._token, life = _token(line, self.access)
                self._until = self._clock() + max(life - SPARE_S, life / 2)
            return self._token

    def _drop(self, token: str) -> None:
        with self._lock:
            if self._token == token:
                self._token = ""


class Answer(NamedTuple):
    """What a call brought: what was said, and the time it was by the source's own clock, None where it says none."""

    said: Any
    at: int | None


def session_of(access: Access) -> Session:
    """The session of an access, as it was left."""
    made = hashlib.sha256(json.dumps(access).encode()).hexdigest()
    with _guard:
        found = _kept.pop(made, None) or Session(access)
        _kept[made] = found
        while len(_kept) > KEPT:
            del _kept[next(iter(_kept))]
        return found


_kept: dict[str, Session] = {}
_guard = threading.Lock()


def _token(line: Line, access: Access) -> tuple[str, float]:
    """A new token and the seconds it holds."""
    said = _asked(line, access)
    token = text(said.get("access_token")) if isinstance(said, dict) else ""
    if not token:
        raise Odd("HaloPSA's sign-in answered without a token")
    life = said.get("expires_in")
    return token, float(life) if isinstance(life, int | float) and life > 0 else 3_600.0


def _asked(line: Line, access: Access) -> Any:
    """What HaloPSA says when it is asked for a token."""
    auth, tenant = _auth(line, access)
    answer = line.call(
        "POST",
        f"{auth}/token",
        params={"tenant": tenant} if tenant else None,
        form={
            "grant_type": "client_credentials",
            "client_id": access.client,
            "client_secret": access.secret,
            "scope": access.scope,
        },
        ok=(400, 401, 403),
    )
    if not answer.is_success:
        raise _refused(answer, access)
    return json_of(answer)


def _auth(line: Line, access: Access) -> tuple[str, str]:
    """Where tokens are given and for which tenant: HaloPSA says both itself, unless the owner does."""
    if access.auth:
        return access.auth, access.tenant
    try:
        said = line.json("GET", f"{access.address}/api/authinfo")
    except (Missing, Odd, Unauthorised, Forbidden):
        said = None
    told = said if isinstance(said, dict) else {}
    auth = text(told.get("auth_url")).rstrip("/") or f"{access.address}/auth"
    if not auth.startswith("https://") and urlsplit(auth).hostname != urlsplit(access.address).hostname:
        raise Odd("HaloPSA names a place to sign in that is not safe: the secret is not sent there")
    return auth, access.tenant or text(told.get("tenant_id"))


def _refused(answer: httpx.Response, access: Access) -> Trouble:
    """Why no token was given: of the answer the code alone is repeated."""
    try:
        said = json_of(answer)
    except Odd:
        said = None
    code = text(said.get("error")) if isinstance(said, dict) else ""
    if code == "invalid_scope":
        return Forbidden(f"the API application in HaloPSA does not allow the scope {access.scope!r}")
    why = f" ({code})" if code.replace("_", "").isalpha() and len(code) < 40 else ""
    return Unauthorised(f"HaloPSA does not accept the client ID and secret{why}")


def _answer(answer: httpx.Response, path: str) -> Answer:
    """What an answer says, or the trouble that it is. Errors come in three shapes, and in a success."""
    status = answer.status_code
    if answer.is_success:
        said = json_of(answer)
        words = text(said).casefold() if isinstance(said, str) else ""
        if any(part in words for part in _LIMIT):
            raise Limited("HaloPSA says that its limit of calls is reached")
        return Answer(said, _date(answer))
    words = error_words(answer)
    if status == 401:
        raise Unauthorised("HaloPSA does not accept a token that it has just given (401)")
    if status == 403:
        raise Forbidden(f"HaloPSA refuses {path} to this application (403): {words}")
    if status == 404 or any(part in words.casefold() for part in _ABSENT):
        raise Missing(f"HaloPSA has no {path} ({status})")
    if status == 500:
        raise Down(f"HaloPSA has an error of its own with {path} (500): {words}")
    raise Odd(f"HaloPSA refuses {path} ({status}): {words}")


def error_words(answer: httpx.Response) -> str:
    """What an error says: a text, an `error`, or the name of a class with a message."""
    try:
        said = answer.json()
    except ValueError:
        kind = answer.headers.get("content-type", "").partition(";")[0]
        return "a page of HTML" if "html" in kind else "nothing that can be read"
    if isinstance(said, dict):
        folded = {str(name).casefold(): value for name, value in said.items()}
        parts = [folded.get("error"), folded.get("error_description"), folded.get("message")]
        said = ", ".join(text(part) for part in parts if text(part)) or text(folded.get("classname"))
    return " ".join(without_secrets(text(said), answer).split())[:200] or "without a word"


def _date(answer: httpx.Response) -> int | None:
    try:
        return to_instant(parsedate_to_datetime(answer.headers.get("date", "")))
    except (TypeError, ValueError):
        return None
