"""Callbacks: whether one is ConnectWise's, and which ticket it says to read again.

A callback is signed with a key that is fetched from an address in its own body, so that address is believed only where
it is of ConnectWise's cloud, or of the owner's own server. What else is in the body is never taken for a fact.

Before the first callback nobody knows that address, so its key cannot be fetched ahead: such a one is answered first,
and verified then. One that is signed by a key that is known needs no fetch. Who names one address after another uses up
the fetches of a minute and no more: of what cannot be verified until then nothing is believed, and what changed is
looked for soon, in case it was ConnectWise's.
"""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx

from beforehand.kernel import guarded

from ..contract import LOOK, Forged, Hook, Nudge, Unsure
from .client import CLOUD, api_site
from .values import Row, key_of, text, within

SIGNATURE = "x-content-signature"
TIMEOUT_S = 10.0
TOO_MANY = 429
KEYS = 32
"""Keys that are remembered: there is one for a tenant."""
STALE_S = 60.0
"""A key that does not fit, or was not to be had, is fetched again, and no more often than this."""
FETCHES = 6
"""Addresses that are asked for a tenant in that time at most, whatever its callbacks name."""
Fetch = Callable[[str, Mapping[str, str]], str]


class Key(NamedTuple):
    """A signing key, when it was fetched by the steady clock, and whether it has signed a callback since."""

    key: str
    read: float
    proved: bool = False


_keys: OrderedDict[str, Key] = OrderedDict()
_lock = threading.Lock()


class Silent(Forged):
    """Nobody answers now where its key should be."""


class _Asked(NamedTuple):
    """When an address was asked for a key, by the steady clock, and whether nobody answered."""

    at: float
    silent: bool = False


class _Tenant:
    """Whose keys are fetched one at a time, under `lock`, and which addresses were asked of late."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self._asked: dict[str, _Asked] = {}

    def ask(self, address: str, now: float) -> None:
        """See that an address may be asked for its key now. Raises Forged where it was of late, and had none that
        fits; Silent where it did not answer then, or too many others were asked.
        """
        with _lock:
            self._asked = {one: asked for one, asked in self._asked.items() if now - asked.at < STALE_S}
            before, many = self._asked.get(address), len(self._asked) >= FETCHES
        if before is not None and not before.silent:
            raise Forged("it had no key that fits of late")
        if before is not None or many:
            raise Silent("keys were asked for often enough of late")

    def asked(self, address: str, silent: bool, now: float) -> None:
        """An address was asked."""
        with _lock:
            self._asked[address] = _Asked(now, silent)


_tenants: dict[tuple[str, str], _Tenant] = {}


def hear(settings: Mapping[str, str], hook: Hook) -> Nudge:
    """The ticket that a callback names. Raises Forged where it is not ConnectWise's, or another tenant's, and Unsure
    where its key has to be fetched first.
    """
    return heard(settings, hook, fetched)


def heard(settings: Mapping[str, str], hook: Hook, fetch: Fetch) -> Nudge:
    """The same; `fetch` gets a signing key from an address that has been checked."""
    said = _object(hook.body)
    address = text(within(said, "Metadata").get("key_url"), 2_000)
    if not is_known(address, settings):
        raise Forged("its key is at an address that is none of ConnectWise's")
    company = text(said.get("CompanyId"))
    if company and company.lower() != settings.get("company", "").strip().lower():
        raise Forged("it is of another company")
    signature, nudge = hook.headers.get(SIGNATURE, "").strip(), Nudge(_tickets(said))
    if not signature:
        raise Forged("it is not signed")
    if _fits(hook.body, signature, address):
        return nudge
    tenant = _tenant(settings)
    try:
        tenant.ask(address, time.monotonic())
    except Silent:
        return LOOK

    def sure() -> Nudge:
        try:
            with tenant.lock:  # those that came meanwhile find what the first has fetched
                if not _fits(hook.body, signature, address):
                    _learn(tenant, address, lambda: fetch(address, settings))
                    if not _fits(hook.body, signature, address):
                        raise Forged("its signature does not fit")
        except Silent:
            return LOOK
        return nudge

    raise Unsure(sure)


def _learn(tenant: _Tenant, address: str, fetch: Callable[[], str]) -> None:
    """Fetch the key of an address, unless that was done of late."""
    now = time.monotonic()
    tenant.ask(address, now)
    silent = False
    try:
        key = fetch()
    except Silent:
        silent = True
        raise
    finally:
        tenant.asked(address, silent, now)
    _keep(address, Key(key, time.monotonic()))


def is_known(address: str, settings: Mapping[str, str]) -> bool:
    """Whether a key's address is of ConnectWise's cloud, or of the very server that the owner named."""
    try:
        parts, own = urlsplit(address), urlsplit(api_site(settings.get("site", "")))
        port = parts.port
    except ValueError:
        return False
    if parts.scheme != "https" or parts.username is not None or parts.password is not None:
        return False
    host = (parts.hostname or "").rstrip(".")
    if host.endswith(CLOUD) and port in (None, 443):
        return True
    return (
        bool(host) and host == own.hostname and own.scheme == "https" and (port or 443) == (own.port or 443)
    )


def fetched(address: str, settings: Mapping[str, str]) -> str:
    """A signing key. The owner's own server may stand in their own network; nothing else there is called."""
    own = urlsplit(api_site(settings.get("site", ""))).hostname
    private = urlsplit(address).hostname == own and not (own or "").endswith(CLOUD)
    headers = {"clientId": settings.get("client_id", "").strip(), "User-Agent": "Beforehand"}
    try:
        with httpx.Client(
            transport=guarded.Transport(private), timeout=TIMEOUT_S, follow_redirects=False, trust_env=False
        ) as client:
            ends = {"ends": time.monotonic() + TIMEOUT_S}
            answer = client.get(address, headers=headers, extensions=ends)
            found = answer.json() if answer.is_success else None
    except httpx.HTTPError:
        raise Silent("its key cannot be had now") from None
    except (httpx.InvalidURL, guarded.Refused, ValueError, UnicodeError):
        raise Forged("its key cannot be had") from None
    if answer.is_server_error or answer.status_code == TOO_MANY:
        raise Silent("its key cannot be had now")
    key = found.get("signing_key") if isinstance(found, dict) else None
    if not isinstance(key, str) or not key:
        raise Forged("its key cannot be had")
    return key


def _fits(body: bytes, signature: str, address: str) -> bool:
    """Whether it is signed by the key that is known of this address. Raises Forged where that is known to be no other
    by now.
    """
    with _lock:
        known = _keys.get(address)
    if known is None:
        return False
    if _is_signed(body, signature, known.key):
        _keep(address, known._replace(proved=True))
        return True
    if time.monotonic() - known.read < STALE_S:
        raise Forged("its signature does not fit")
    return False


def _keep(address: str, key: Key) -> None:
    """Of too many those go first that never signed anything: whoever names addresses drives out no other's."""
    with _lock:
        before = _keys.get(address)
        if before is not None and before.key == key.key:
            key = key._replace(proved=key.proved or before.proved)
        _keys[address] = key
        _keys.move_to_end(address)
        if len(_keys) > KEYS:
            del _keys[next((one for one, kept in _keys.items() if not kept.proved), next(iter(_keys)))]


def _tenant(settings: Mapping[str, str]) -> _Tenant:
    with _lock:
        return _tenants.setdefault((settings.get("site", ""), settings.get("company", "")), _Tenant())


def _is_signed(body: bytes, signature: str, key: str) -> bool:
    digest = hmac.digest(hashlib.sha256(key.encode()).digest(), body, "sha256")
    return hmac.compare_digest(base64.b64encode(digest), signature.encode())


def _object(body: bytes) -> Row:
    try:
        said: Any = json.loads(body)
    except (ValueError, RecursionError):
        raise Forged("its body is no JSON") from None
    if not isinstance(said, dict):
        raise Forged("its body is no JSON object")
    return said


def _tickets(said: Row) -> list[str]:
    """The ticket that a callback is about: its own, or that of a time entry or an appointment."""
    kind = text(said.get("Type")).lower()
    if kind == "ticket":
        return [ticket] if (ticket := text(said.get("ID"))).isdecimal() else []
    try:
        thing = json.loads(text(said.get("Entity"), 2_000_000) or "{}")
    except (ValueError, RecursionError):
        return []
    if not isinstance(thing, dict):
        return []
    about = {"time": text(thing.get("chargeToId")), "schedule": text(thing.get("objectId"))}
    ticket = key_of(thing, "ticket") or about.get(kind, "")
    return [ticket] if ticket.isdecimal() else []
