"""A mail server that keeps what it is given."""

import asyncio
import socket
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller


class Post:
    """What came, in order; `refuses`: whether it takes nothing, `unknown`: addresses that are nobody's. `calls`: how
    often somebody connected.
    """

    def __init__(self) -> None:
        self.calls = 0
        self.letters: list[EmailMessage] = []
        self.refuses = False
        self.unknown: set[str] = set()
        self.port = 0

    async def handle_EHLO(  # noqa: N802
        self, _server: Any, session: Any, _envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.calls += 1
        return responses

    async def handle_RCPT(  # noqa: N802
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: list[str]
    ) -> str:
        if address in self.unknown:
            return "550 nobody of that name"
        envelope.rcpt_tos.append(address)
        return "250 known"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        if self.refuses:
            return "451 not now"
        self.letters.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        return "250 kept"


class _Listens(Controller):
    """At a socket that is there already, so that its port is nobody else's by the time the server is."""

    listening: socket.socket

    def _create_server(self) -> Awaitable[asyncio.AbstractServer]:
        return self.loop.create_server(self._factory_invoker, sock=self.listening)


@contextmanager
def post_office() -> Iterator[Post]:
    """The server, at a port of this machine."""
    post = Post()
    listening = socket.create_server(("127.0.0.1", 0))
    post.port = listening.getsockname()[1]
    controller = _Listens(post, hostname="127.0.0.1", port=post.port, ready_timeout=60)
    controller.listening = listening
    controller.start()
    try:
        yield post
    finally:
        controller.stop()
