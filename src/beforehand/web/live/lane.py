"""The lane of live pages: it asks Django whether this browser may listen, and then keeps the stream open."""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any, Protocol

from django.contrib.auth.signals import user_logged_out
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from beforehand.engine.instants import to_instant
from beforehand.web import moment

from .grant import Granted
from .hub import AGAIN, Hub
from .streams import Stream, message
from .version import VERSION

BEAT, ASK_AGAIN, SLOWEST = 10.0, 15.0, 30.0
"""Seconds between two signs of life, between two looks at the session, and the longest that a browser takes nothing."""
EACH, ALL = 30, 2_000
"""Streams that one session may have open, and all together."""
TO_SIGN_IN = (301, 302, 303)
"""What Django answers where it wants somebody to sign in first."""
SIGNED_OUT = message("signed-out", {})
_log = logging.getLogger(__name__)
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
_HEADERS = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
)


class Django(Protocol):
    """Django's handler: a request through every middleware to its view."""

    def get_response(self, request: HttpRequest) -> HttpResponseBase:
        """The answer."""


class Lane:
    """An ASGI application for the paths at which Django grants a stream (grant.py)."""

    def __init__(self, django: Django, ask_again: float = ASK_AGAIN) -> None:
        self._django, self._hub, self._ask_again = django, Hub(), ask_again
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="live")
        self._streams: set[Stream] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = False
        user_logged_out.connect(self._signed_out)

    @property
    def open_streams(self) -> int:
        """How many pages listen now."""
        return len(self._streams)

    def stop(self) -> None:
        """End every stream now and take no more; from any thread, or a signal's handler."""
        self._stopping = True
        self._hub.stop()
        self._end(lambda _: True, message("stopping", {}))

    def close(self) -> None:
        """Stop, and wait until no thread of it is left."""
        user_logged_out.disconnect(self._signed_out)
        self.stop()
        self._hub.wait()
        self._threads.shutdown()

    def _signed_out(self, request: HttpRequest, **_: object) -> None:
        """Somebody signs out here: their other pages hear it at once, and not only when their session is looked at."""
        session = request.session.session_key
        self._end(lambda stream: stream.who == session, SIGNED_OUT)

    def _end(self, which: Callable[[Stream], bool], said: bytes) -> None:
        def end() -> None:
            for stream in self._streams:
                if which(stream):
                    stream.end(said)

        if self._streams and self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(end)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._loop = asyncio.get_running_loop()
        answer = await self._ask(scope)
        status, said = self._refusal(answer)
        if status or not isinstance(answer, Granted):
            await _answer(send, status, said)
            return
        have = dict(part.partition("=")[::2] for part in scope["query_string"].decode("latin-1").split("&"))
        stream = Stream(answer.viewed, answer.who, have.get("have", ""))
        self._streams.add(stream)
        gone = asyncio.create_task(_until_gone(receive, stream))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
            self._hub.join(stream)
            await self._talk(scope, send, stream)
            await send({"type": "http.response.body", "body": b""})
        except TimeoutError:
            _log.info("Live pages: a browser that took nothing for %d s is cut off", SLOWEST)
        finally:
            stream.end()
            gone.cancel()
            self._streams.discard(stream)
            self._hub.leave(stream)

    def _refusal(self, answer: HttpResponseBase) -> tuple[int, str]:
        """A status and why, or 0."""
        if self._stopping:
            return 503, "The server is stopping."
        if not isinstance(answer, Granted):
            if answer.status_code in TO_SIGN_IN:
                return 401, "Not signed in."
            return (answer.status_code if answer.status_code >= 400 else 404), answer.reason_phrase
        if Counter(stream.who for stream in self._streams)[answer.who] >= EACH:
            return 429, f"This session has {EACH} live pages open already."
        if len(self._streams) >= ALL:
            return 503, f"This server has {ALL} live pages open already."
        return 0, ""

    async def _talk(self, scope: Scope, send: Send, stream: Stream) -> None:
        loop = asyncio.get_running_loop()
        asked = loop.time()
        while True:
            said = await stream.next(min(BEAT, self._ask_again))
            quiet = not said and not stream.ended and not stream.behind
            if quiet and stream.begun and self._hub.well:
                said = _beat()  # a browser that hears nothing says so
            if said:
                async with asyncio.timeout(SLOWEST):
                    await send({"type": "http.response.body", "body": said, "more_body": True})
            if stream.ended:
                return
            if stream.behind and not said:
                stream.have = ""
                self._hub.leave(stream)
                self._hub.join(stream)
                stream.behind = False
            if loop.time() - asked >= self._ask_again:
                asked = loop.time()
                answer = await self._ask(scope)
                if not isinstance(answer, Granted) or answer.viewed != stream.viewed:
                    stream.end(SIGNED_OUT if answer.status_code in TO_SIGN_IN else AGAIN)

    async def _ask(self, scope: Scope) -> HttpResponseBase:
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._answer_of_django, scope)

    def _answer_of_django(self, scope: Scope) -> HttpResponseBase:
        request = ASGIRequest(scope, BytesIO())
        response = self._django.get_response(request)
        response.close()  # which gives back the database connection
        return response


def _beat() -> bytes:
    return message("beat", {"now": to_instant(moment.now()), "rate": moment.rate(), "version": VERSION})


async def _until_gone(receive: Receive, stream: Stream) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    stream.end()


async def _answer(send: Send, status: int, said: str) -> None:
    headers = ((b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": said.encode()})
