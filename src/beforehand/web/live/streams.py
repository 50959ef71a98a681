"""The way from the hub's thread to one browser: messages in order, and never more than a few that wait."""

import asyncio
import json
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .hub import Which

WAITING = 8
"""Messages that may wait for a slow browser. With more to say it is sent the whole view instead."""


def message(kind: str, data: Mapping[str, Any]) -> bytes:
    """A server-sent event."""
    return f"event: {kind}\ndata: {json.dumps(data, ensure_ascii=False, separators=(',', ':'))}\n\n".encode()


class Stream:
    """One open page. All of it belongs to the event loop's thread; the hub comes in by `call_soon_threadsafe`."""

    def __init__(self, viewed: "Which", who: str, have: str) -> None:
        self.viewed, self.who, self.have = viewed, who, have
        self.ended = self.behind = self.begun = False
        self._waiting: deque[bytes] = deque()
        self._woken = asyncio.Event()

    def put(self, said: bytes) -> None:
        """Say this next. A stream that falls behind forgets what waits and is `behind` until it joins again."""
        if self.behind:
            return
        self.begun = True
        if len(self._waiting) >= WAITING:
            self._waiting.clear()
            self.behind = True
        else:
            self._waiting.append(said)
        self._woken.set()

    def end(self, said: bytes = b"") -> None:
        """Say this last, at once."""
        self._waiting.clear()
        if said:
            self._waiting.append(said)
        self.ended = True
        self._woken.set()

    async def next(self, seconds: float) -> bytes:
        """All that waits to be said; b"" when nothing came for so many seconds, or the stream is behind or ended."""
        if not self._waiting and not self.behind and not self.ended:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._woken.wait()
        self._woken.clear()
        said = b"".join(self._waiting)
        self._waiting.clear()
        return said
