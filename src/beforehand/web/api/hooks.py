"""POST /hooks/...: what sources tell by themselves, verified and put down before it is answered.

It stands beside Django, in a lane of its own (config/asgi.py), and the address is all that says whose it is: no path is
ever logged, and whoever does not sign as the source does hears nothing of why.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from django.db import DatabaseError, connection

from beforehand.connectors import hearing
from beforehand.connectors.contract import LOOK, Forged, Hook, Nudge, Unsure
from beforehand.connectors.hearing import Door, Heard
from beforehand.connectors.trouble import Trouble
from beforehand.engine.instants import to_instant
from beforehand.kernel.secrets import Unreadable
from beforehand.tickets.ledger import Batch
from beforehand.web import moment

from .answers import Answer, Problem, refusal
from .body import LONGEST, Gone, Receive, read_body
from .callers import busy
from .events import came, read
from .together import Together
from .writer import Writer

HOOKS = "/hooks/"
LONGEST_NUDGE = 1024 * 1024
"""Bytes of a webhook that only names what is to be read again."""
HELD = 3.0
"""Seconds for which a connection is not looked up again: so long one that was switched off still hears."""
EARS, EARS_EACH = 8, 4
"""Threads that verify, and how many of them one connection has at most."""
LATER, LATER_BYTES = 4, 8 * 1024 * 1024
"""Threads for what is verified after it was answered, since a key has to be fetched for it; and bytes that wait so."""
_PATH = re.compile(r"[A-Za-z0-9_-]{16,43}")
_MOST = 1_000

log = logging.getLogger(__name__)
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Scope = MutableMapping[str, Any]


class _Forged(Exception):
    """It was not the source's, and is counted."""


class _Known(NamedTuple):
    """A door that was looked up, when, and who may verify for it."""

    at: float
    door: Door
    ears: asyncio.Semaphore
    later: asyncio.Lock


class HooksLane:
    """The ASGI application of all addresses below HOOKS. Events go where `writer` keeps those of POST /api/events."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._keeper: Together[Heard, bool] = Together(
            "hooks", lambda heard: hearing.keep(heard, moment.now())
        )
        self._ears = ThreadPoolExecutor(EARS, "ear")
        self._askers = ThreadPoolExecutor(LATER, "asker")
        self._later: set[asyncio.Task[None]] = set()
        self._waiting = 0
        self._finder = ThreadPoolExecutor(1, "doors")
        self._known: dict[str, _Known] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers: tuple[tuple[str, str], ...] = ()
        try:
            answer = await self._answer(scope, receive)
            status, body = 200, b"" if answer is None else answer.encoded()
            if answer is not None:
                status = answer.status
        except _Forged:
            status, body = 401, b""
        except Problem as problem:
            status, body, headers = problem.status, problem.answer().encoded(), problem.headers
        except Gone:
            return
        except Exception:
            log.exception("a webhook could not be heard")
            status, body = 500, Answer(500, refusal("our_fault", "Something went wrong here.")).encoded()
        await _send(send, status, body, headers)

    def close(self) -> None:
        """Ends the threads behind it; what they were handed is kept first."""
        self._askers.shutdown(cancel_futures=True)  # what these name is found by the next look
        self._keeper.close()
        self._ears.shutdown()
        self._finder.submit(_let_go)
        self._finder.shutdown()

    async def _answer(self, scope: Scope, receive: Receive) -> Answer | None:
        known = await self._find(scope["path"].removeprefix(HOOKS))
        if scope["method"] != "POST":
            raise Problem(405, "wrong_method", "This address takes POST alone.", headers=(("Allow", "POST"),))
        door = known.door
        assert door.kind is not None
        headers = {
            name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]
        }
        longest = LONGEST if door.kind.tells_itself else LONGEST_NUDGE
        body = await read_body(receive, headers.get("content-length", ""), longest)
        query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
        try:
            nudge = await self._hear(known, Hook(headers, body, query, to_instant(moment.now())))
        except Unsure as unsure:
            await self._hear_later(known, unsure, len(body))
            return None
        answer = None
        if door.kind.tells_itself:
            events = await read(body)
            answer = came(events, await self._writer.keep(Batch(door.source, events)))
        if not await self._keeper.keep(Heard(door, nudge)):
            raise _nobody()
        return answer

    async def _hear(self, known: _Known, hook: Hook) -> Nudge:
        loop = asyncio.get_running_loop()
        try:
            async with known.ears:
                return await loop.run_in_executor(self._ears, known.door.hear, hook)
        except Forged:
            await self._keeper.keep(Heard(known.door, None))
            raise _Forged from None
        except Trouble as trouble:
            log.warning("a webhook of %s cannot be verified now: %s", known.door.source.slug, trouble)
            raise busy() from None

    async def _hear_later(self, known: _Known, unsure: Unsure, size: int) -> None:
        """Answered as one that is believed: whoever forges learns nothing. Where others wait already it may take long,
        and where too many do it is not verified at all: what it would tell is looked for instead.
        """
        full = self._waiting + size > LATER_BYTES
        if full or known.later.locked():
            await self._keeper.keep(Heard(known.door, LOOK))
        if full:
            return
        self._waiting += size
        task = asyncio.get_running_loop().create_task(self._make_sure(known, unsure))
        self._later.add(task)

        def done(task: "asyncio.Task[None]") -> None:
            self._later.discard(task)
            self._waiting -= size
            if not task.cancelled() and (error := task.exception()) is not None:
                log.error("a webhook could not be verified", exc_info=error)

        task.add_done_callback(done)

    async def _make_sure(self, known: _Known, unsure: Unsure) -> None:
        nudge = None
        try:
            async with known.later:  # one at a time: mostly one key is what all of them wait for
                nudge = await asyncio.get_running_loop().run_in_executor(self._askers, unsure.sure)
        except Forged:
            log.debug("a webhook of %s was forged", known.door.source.slug)
        await self._keeper.keep(Heard(known.door, nudge))

    async def _find(self, path: str) -> _Known:
        """The connection of a path. Raises Problem 404 where there is none, 410 where it is switched off."""
        loop = asyncio.get_running_loop()
        known = self._known.get(path)
        if known is None or loop.time() - known.at > HELD:
            door = None
            if _PATH.fullmatch(path):
                door = await loop.run_in_executor(self._finder, _look, path)
            if door is None:
                self._known.pop(path, None)
                raise _nobody()
            if len(self._known) >= _MOST:
                self._known.clear()
            ears = asyncio.Semaphore(EARS_EACH) if known is None else known.ears
            later = asyncio.Lock() if known is None else known.later
            known = self._known[path] = _Known(loop.time(), door, ears, later)
        if not known.door.active:
            raise Problem(410, "switched_off", "Nothing is taken here any more: this source is switched off.")
        return known


def _look(path: str) -> Door | None:
    try:
        return hearing.door_of(path)
    except DatabaseError as error:
        connection.close()
        raise busy() from error
    except Unreadable:
        log.warning("the secrets of a source were sealed under another key: its webhooks cannot be verified")
        raise busy() from None


def _let_go() -> None:
    connection.close()  # looked up here: the connection is that of the thread that asks


def _nobody() -> Problem:
    return Problem(404, "not_found", "There is nothing at this address.")


async def _send(send: Send, status: int, body: bytes, more: tuple[tuple[str, str], ...]) -> None:
    headers = [
        (b"content-length", b"%d" % len(body)),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        *((name.lower().encode(), value.encode()) for name, value in more),
    ]
    if body:
        headers.append((b"content-type", b"application/json"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
