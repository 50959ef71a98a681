"""A server that is asked to stop ends every stream, and itself."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from django.conf import settings
from django.test import Client
from tests.support.served import Served

from beforehand.people.models import User

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.program, pytest.mark.sqlite]
SESSIONS, EACH = 7, 29


@pytest.fixture
def served() -> Iterator[Served]:
    served = Served()
    served.start()
    yield served
    served.kill()


def listen(served: Served, session: str) -> socket.socket:
    """A plain client that has been told the whole board."""
    stream = socket.create_connection(("127.0.0.1", served.port), timeout=60)
    cookie = f"{settings.SESSION_COOKIE_NAME}={session}"
    stream.sendall(f"GET /live/board HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n\r\n".encode())
    said = b""
    while b"event: whole" not in said:
        said += stream.recv(65_536)
    return stream


def rest(stream: socket.socket) -> bytes:
    said = b""
    while piece := stream.recv(65_536):
        said += piece
    return said


def test_with_two_hundred_streams_open_it_ends_by_itself(marta: User, served: Served) -> None:
    """It does not wait for them, nor is it cut off: each browser is told, and the process is gone at once."""
    sessions = []
    for _ in range(SESSIONS):
        client = Client()
        client.force_login(marta)
        sessions.append(client.cookies[settings.SESSION_COOKIE_NAME].value)
    with ExitStack() as stack:
        streams = [stack.enter_context(listen(served, session)) for session in sessions for _ in range(EACH)]
        assert served.stop() <= 0
        assert all(b"event: stopping" in rest(stream) for stream in streams)
