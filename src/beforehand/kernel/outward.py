"""Calls to addresses that users give: to the machine that was checked and no other, for a while and no longer.

Nothing here is written to a log, and no failure names the address: its path is often the secret.
"""

import socket
import ssl
import threading
from collections.abc import Mapping
from functools import cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from time import monotonic
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpcore

TIMEOUT_S = 15.0
LONGEST = 64 * 1024
"""Bytes of an answer that are read; the rest is left."""
_TRIES = 3
"""Addresses of one host that are tried."""
_NAT64 = IPv6Network("64:ff9b::/96")


class Reply(NamedTuple):
    """The other side's answer; or, without a status, why there is none. `final`: another try ends the same way.
    `unsure`: without an answer, though some of it was sent, so that it may have been taken.
    """

    status: int
    text: str
    failure: str = ""
    final: bool = False
    unsure: bool = False


class _Forbidden(Exception):
    """An address to which nothing is sent."""


class _Silent(httpcore.ConnectError):
    """Nobody can be asked, in words: the name is not known."""


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    allow_private: bool = False,
    within: float = TIMEOUT_S,
) -> Reply:
    """POST, over https and to the open internet unless `allow_private`. Never raises for what the other side does.

    Redirects are not followed, the environment's proxies not asked, and all of it ends `within` seconds.
    """
    return _call("POST", url, body, headers, allow_private, within)


def get(url: str, *, allow_private: bool = False, within: float = TIMEOUT_S) -> Reply:
    """GET, in the same way."""
    return _call("GET", url, b"", {}, allow_private, within)


def _call(
    method: str, url: str, body: bytes, headers: Mapping[str, str], allow_private: bool, within: float
) -> Reply:
    line = _Line(allow_private, monotonic() + within)
    try:
        target = _target(url, allow_private)
        with httpcore.ConnectionPool(ssl_context=trust(), network_backend=line) as pool:
            return _exchange(pool, method, target, body, headers)
    except _Forbidden as refused:
        return Reply(0, "", str(refused), final=True)
    except httpcore.TimeoutException:
        return Reply(0, "", f"no whole answer within {within:g} seconds", unsure=line.wrote.is_set())
    except _Silent as failed:
        return Reply(0, "", str(failed))
    except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
        return Reply(0, "", f"{type(error).__name__}: {error}"[:300], unsure=line.wrote.is_set())


def _exchange(
    pool: httpcore.ConnectionPool, method: str, url: httpcore.URL, body: bytes, headers: Mapping[str, str]
) -> Reply:
    host = url.host.decode()
    bare = f"[{host}]" if ":" in host else host
    named = bare if url.port is None else f"{bare}:{url.port}"
    said = {"Host": named, "Accept-Encoding": "identity", "Connection": "close", **headers}
    with pool.stream(method, url, headers=list(said.items()), content=body or None) as response:
        read = b""
        for chunk in response.iter_stream():
            read += chunk[: LONGEST - len(read)]
            if len(read) >= LONGEST:
                break
        # PostgreSQL keeps no NUL in a text.
        return Reply(response.status, read.decode(errors="replace").replace("\0", "�"))


def fault_of(url: str, allow_private: bool) -> str:
    """What is wrong with an address as it is written; "" where nothing is."""
    try:
        _target(url, allow_private)
    except _Forbidden as refused:
        return str(refused)
    return ""


def _target(url: str, allow_private: bool) -> httpcore.URL:
    if not url.isascii() or any(sign <= " " or sign == "\x7f" for sign in url):
        raise _Forbidden("the address has a space or a letter that is not ASCII")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise _Forbidden("the address cannot be read") from None
    if parts.scheme != "https" and not (allow_private and parts.scheme == "http"):
        raise _Forbidden("only https:// addresses are called")
    if not host or parts.username is not None or parts.password is not None:
        raise _Forbidden("the address has no host, or a user name in it")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return httpcore.URL(scheme=parts.scheme, host=host, port=port, target=target)


@cache
def trust() -> ssl.SSLContext:
    """The roots that httpcore brings, and those that this machine trusts besides."""
    context = httpcore.default_ssl_context()
    context.load_default_certs()
    return context


def is_private(address: str) -> bool:
    """Whether an IP address is of no machine on the open internet, in whatever form it hides one that is not."""
    found = ip_address(address.partition("%")[0])
    inner = _inner(found)
    if inner is not None:
        return is_private(str(inner))
    return (
        not found.is_global
        or found.is_multicast
        or found.is_reserved
        or found.is_unspecified
        or (isinstance(found, IPv6Address) and found.is_site_local)
    )


def _inner(found: IPv4Address | IPv6Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 one stands for."""
    if isinstance(found, IPv4Address):
        return None
    if found.teredo:
        return found.teredo[1]
    if found in _NAT64:
        return IPv4Address(int(found) & 0xFFFFFFFF)
    return found.ipv4_mapped or found.sixtofour


class _Line(httpcore.NetworkBackend):
    """Connects to the very address that was checked, so that a name which changes its mind in between gains nothing."""

    def __init__(self, allow_private: bool, ends: float) -> None:
        self._allow_private, self._ends, self._inside = allow_private, ends, httpcore.SyncBackend()
        self.wrote = threading.Event()

    def connect_tcp(self, host: str, port: int, *_: Any, **_more: Any) -> httpcore.NetworkStream:
        """A connection to the first of the host's addresses that takes it; refused where one of them is private."""
        found = addresses_of(host, port, _left(self._ends))
        if not self._allow_private and any(map(is_private, found)):
            raise _Forbidden(
                "the address is of a private network, or this machine: an owner can allow that for a channel"
            )
        lost: Exception = _Silent("the host has no address")
        for place, address in enumerate(found[:_TRIES]):
            # What is left is shared, so that one address which swallows everything leaves time for the next.
            share = _left(self._ends) / (min(len(found), _TRIES) - place)
            try:
                return _Timed(self._inside.connect_tcp(address, port, share), self._ends, self.wrote)
            except (httpcore.TimeoutException, httpcore.NetworkError) as error:
                lost = error
        raise lost


class _Timed(httpcore.NetworkStream):
    """A stream on which all that is done ends at one instant, however many bytes come one by one.

    `wrote` is set once any of the request may be on its way.
    """

    def __init__(self, inside: httpcore.NetworkStream, ends: float, wrote: threading.Event) -> None:
        self._inside, self._ends, self._wrote = inside, ends, wrote

    def read(self, max_bytes: int, *_: Any, **_more: Any) -> bytes:
        """What has come."""
        return self._inside.read(max_bytes, _left(self._ends))

    def write(self, buffer: bytes, *_: Any, **_more: Any) -> None:
        """All of it."""
        self._wrote.set()
        self._inside.write(buffer, _left(self._ends))

    def close(self) -> None:
        """The end."""
        self._inside.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, *_: Any, **_more: Any
    ) -> httpcore.NetworkStream:
        """The same stream under TLS, for the host that was asked for."""
        inside = self._inside.start_tls(ssl_context, server_hostname, _left(self._ends))
        return _Timed(inside, self._ends, self._wrote)

    def get_extra_info(self, info: str) -> Any:
        """What lies beneath."""
        return self._inside.get_extra_info(info)


def _left(ends: float) -> float:
    left = ends - monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout
    return left


def addresses_of(host: str, port: int, within: float) -> list[str]:
    """The host's addresses. A resolver may hang for long and cannot be told to stop: a thread of its own waits."""
    found: list[str] = []
    errors: list[Exception] = []

    def ask() -> None:
        try:
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.extend(dict.fromkeys(str(row[4][0]) for row in rows))
        except (OSError, UnicodeError) as error:
            errors.append(error)

    asking = threading.Thread(target=ask, name="resolve", daemon=True)
    asking.start()
    asking.join(within)
    if errors:
        raise _Silent(f"the host is not known ({getattr(errors[0], 'strerror', None) or 'not a name'})")
    if asking.is_alive():
        raise httpcore.ConnectTimeout
    return found
