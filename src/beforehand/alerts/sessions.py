"""Connections to the mail server, which are used again while there is more to send."""

import atexit
import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from typing import NamedTuple

from django.conf import settings

TIMEOUT_S = 15
QUIT_S = 2
IDLE_S = 5.0
"""A connection over which nothing went for so long is ended: servers count them, and end them by themselves."""
MOST = 50
"""Messages over one connection; servers take no more than some hundred."""


class _Session(NamedTuple):
    server: smtplib.SMTP
    to: tuple[object, ...]
    sent: int
    since: float


_idle: list[_Session] = []
_lock = threading.Lock()
_sweeping: list[threading.Timer] = []


@contextmanager
def session() -> Iterator[smtplib.SMTP]:
    """A connection on which a message can be begun. Whatever is raised within ends it: it is not used again."""
    held = _take() or _open()
    try:
        yield held.server
    except OSError:
        held.server.close()
        raise
    except BaseException:
        _end(held.server)
        raise
    if held.sent + 1 < MOST:
        _keep(held._replace(sent=held.sent + 1, since=time.monotonic()))
    else:
        _end(held.server)


def _take() -> _Session | None:
    """The connection that was used last, if the other side is still there."""
    while True:
        with _lock:
            held = _idle.pop() if _idle else None
        if held is None:
            return None
        if held.to == _where() and time.monotonic() - held.since < IDLE_S and _answers(held.server):
            return held
        _end(held.server)


def _answers(server: smtplib.SMTP) -> bool:
    try:
        return server.noop()[0] == 250
    except OSError:  # smtplib's are of this kind
        return False


def _keep(held: _Session) -> None:
    with _lock:
        _idle.append(held)
        if not _sweeping:
            _sweep_later()


def _sweep_later() -> None:
    timer = threading.Timer(IDLE_S, _sweep)
    timer.daemon = True
    _sweeping[:] = [timer]
    timer.start()


def _sweep() -> None:
    """End those that nobody uses any more."""
    with _lock:
        old = [held for held in _idle if time.monotonic() - held.since >= IDLE_S]
        _idle[:] = [held for held in _idle if held not in old]
        _sweeping.clear()
        if _idle:
            _sweep_later()
    for held in old:
        _end(held.server)


@atexit.register
def end_all() -> None:
    """End all that are not being used."""
    with _lock:
        old = _idle[:]
        _idle.clear()
    for held in old:
        _end(held.server)


def _end(server: smtplib.SMTP) -> None:
    with suppress(OSError):
        if server.sock is not None:
            server.sock.settimeout(QUIT_S)
        server.quit()
    server.close()


def _where() -> tuple[object, ...]:
    """What a connection hangs on: the server, and as whom we come."""
    return (
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_SSL, settings.EMAIL_USE_TLS,
        settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD,
    )  # fmt: skip


@cache
def _trust() -> ssl.SSLContext:
    """Whom we trust; to make it takes longer than to send a message."""
    return ssl.create_default_context()


def _open() -> _Session:
    host, port = settings.EMAIL_HOST, settings.EMAIL_PORT
    if settings.EMAIL_USE_SSL:
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_S, context=_trust())
    else:
        server = smtplib.SMTP(host, port, local_hostname=socket.gethostname(), timeout=TIMEOUT_S)
    try:
        if settings.EMAIL_USE_TLS:
            server.starttls(context=_trust())
        if settings.EMAIL_HOST_USER:
            server.login(settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD)
        server.ehlo_or_helo_if_needed()
    except BaseException:
        server.close()
        raise
    return _Session(server, _where(), 0, time.monotonic())
