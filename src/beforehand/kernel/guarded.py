"""httpx to addresses that users give: to the machine that was checked and no other, unless private ones are allowed.

outward.py makes single calls that end in time; this is for those who make many over connections that stay open.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

import httpcore
import httpx

from .outward import addresses_of, fault_of, is_private, trust

__all__ = ["LONGEST", "Refused", "Transport", "fault_of"]

LONGEST = 64 * 1024 * 1024
"""Bytes of an answer that are read."""
_RESOLVE_S = 10.0


class Refused(Exception):
    """An address that is not called, or an answer that has no end."""


class Transport(httpx.BaseTransport):
    """For httpx.Client. Keeps connections; asks no proxy; follows nothing by itself.

    A request's extension `ends` is the instant, by the steady clock, at which its answer must have come whole.
    """

    def __init__(self, allow_private: bool, connections: int = 8) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=trust(),
            network_backend=_Backend(allow_private),
            max_connections=connections,
            max_keepalive_connections=connections,
            keepalive_expiry=30,
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """One exchange; the errors are httpx's own."""
        assert isinstance(request.stream, httpx.SyncByteStream)
        url = request.url
        asked = httpcore.Request(
            method=request.method,
            url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        with _as_httpx(request):
            answer = self._pool.handle_request(asked)
        return httpx.Response(
            answer.status,
            headers=answer.headers,
            stream=_Body(answer.stream, request),
            extensions=answer.extensions,
        )

    def close(self) -> None:
        """Closes all connections."""
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, inside: Any, request: httpx.Request) -> None:
        self._inside, self._request = inside, request

    def __iter__(self) -> Iterator[bytes]:
        read, ends = 0, self._request.extensions.get("ends")
        with _as_httpx(self._request):
            for chunk in self._inside:
                if ends is not None and monotonic() > ends:
                    raise httpcore.ReadTimeout("its answer comes too slowly")
                read += len(chunk)
                if read > LONGEST:
                    raise Refused(f"its answer is longer than {LONGEST >> 20} MB")
                yield chunk

    def close(self) -> None:
        self._inside.close()


@contextmanager
def _as_httpx(request: httpx.Request) -> Iterator[None]:
    try:
        yield
    except httpcore.TimeoutException as error:
        raise httpx.ReadTimeout(str(error), request=request) from error
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol, OSError) as error:
        raise httpx.NetworkError(str(error), request=request) from error


class _Backend(httpcore.NetworkBackend):
    """Connects to the very address that was checked, so that a name which changes its mind in between gains nothing."""

    def __init__(self, allow_private: bool) -> None:
        self._allow_private, self._inside = allow_private, httpcore.SyncBackend()

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, *_: Any, **_more: Any
    ) -> httpcore.NetworkStream:
        """A connection to the first of the host's addresses that takes it; refused where one of them is private."""
        found = addresses_of(host, port, timeout or _RESOLVE_S)
        if not self._allow_private and any(map(is_private, found)):
            raise Refused("it is of a private network, or this machine: an owner can allow that")
        lost: Exception = httpcore.ConnectError("the host has no address")
        for address in found[:3]:
            try:
                return self._inside.connect_tcp(address, port, timeout)
            except (httpcore.TimeoutException, httpcore.NetworkError) as error:
                lost = error
        raise lost
