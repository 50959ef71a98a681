"""The API behind a real server, and a program that calls it."""

import http.client
import json
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn
from tests.support import msp

from beforehand.config.asgi import Lanes, _pages
from beforehand.people import tokens
from beforehand.people.models import Provider
from beforehand.tickets.sources import source_named
from beforehand.web import moment
from beforehand.web.api.events import EventsLane

AT = "2026-11-24T10:00:00Z"


class Caller:
    """A program with a token, over a connection of its own."""

    def __init__(self, port: int, secret: str) -> None:
        self.port, self.secret = port, secret

    def call(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, Any]:
        """The status and the JSON of the answer; a body that is no bytes is sent as JSON."""
        sent = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        http_to = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        signed = {"Authorization": f"Bearer {self.secret}"} if self.secret else {}
        http_to.request(method, path, sent, {**signed, **headers})
        answer = http_to.getresponse()
        told = answer.read()
        http_to.close()
        return answer.status, json.loads(told)

    def post(self, body: object) -> tuple[int, Any]:
        return self.call("POST", "/api/events", body)


@pytest.fixture
def provider(transactional_db: None) -> Provider:
    return msp.make_promises(moment.now())


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Where the server answers, one for all tests of a module."""
    lane = EventsLane()
    app: Any = Lanes({"/api/events": lane}, _pages)
    server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_config=None, access_log=False))
    listening = socket.create_server(("127.0.0.1", 0))
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    yield listening.getsockname()[1]
    server.should_exit = True
    thread.join()
    lane.close()


@pytest.fixture
def caller(provider: Provider, port: int) -> Caller:
    """A program that may tell events of the source `monitoring`, and read."""
    source_named(provider, "monitoring")
    scopes = [tokens.EVENTS_WRITE, tokens.TICKETS_READ]
    _, secret = tokens.issue(provider, "Monitoring", scopes, moment.now(), source="monitoring")
    return Caller(port, secret)


def created(ticket: str = "1", **more: object) -> dict[str, object]:
    return {"ticket": ticket, "id": "c", "at": AT, "kind": "created", **more}
