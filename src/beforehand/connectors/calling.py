"""Has a source call us, where its API lets a program say so: once, at the address that people open, and no more.

The address is checked first. A source in the cloud that is told to call one of a private network would keep it, fail
each time, and at last switch it off.
"""

from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit

from beforehand.kernel.outward import is_private
from beforehand.kernel.secrets import Unreadable

from .abilities import Calls
from .models import Connection
from .trouble import Trouble
from .trying import asking

NEAR = ("localhost", "local", "internal", "intranet", "lan", "home", "corp", "private", "home.arpa")
"""Ends of names that no machine on the open internet has."""


def private_of(url: str) -> str:
    """Why an address cannot be called from the open internet, in words; "" where nothing says so."""
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    try:
        within = is_private(host)
    except ValueError:
        within = "." not in host or any(host.endswith(f".{end}") for end in NEAR)
    if within:
        return f"{host} is within this machine or a private network"
    return "" if parts.scheme == "https" else "it is no https:// address"


def register(connection: Connection, url: str, now: datetime) -> str:
    """Have the source call this address; why it could not be had, "" where it was.

    A source in a private network may be told a private address, where an owner allowed it that network.
    """
    fault = private_of(url)
    if fault and not connection.allow_private:
        return f"this address cannot be called from outside: {fault}"
    trouble = _ask(connection, now, lambda reader: reader.listen(url, _name(connection)))
    if not trouble:
        _note(connection, now)
    return trouble


def withdraw(connection: Connection, url: str, now: datetime) -> str:
    """Have it call us no more; why that could not be had, "" where it was."""
    trouble = _ask(connection, now, lambda reader: reader.unlisten(url, _name(connection)))
    if not trouble:
        _note(connection, None)
    return trouble


def _ask(connection: Connection, now: datetime, do: Callable[[Calls], None]) -> str:
    try:
        with asking(connection, now) as reader:
            if not isinstance(reader, Calls):
                return "it is not told over its API whom to call"
            do(reader)
    except Unreadable:
        return "its key was sealed under another secret key: enter it again"
    except Trouble as trouble:
        return str(trouble)
    return ""


def _note(connection: Connection, since: datetime | None) -> None:
    connection.called = since
    Connection.objects.filter(provider=connection.provider_id, pk=connection.pk).update(called=since)


def _name(connection: Connection) -> str:
    """By this it is known as ours among those of others, wherever we are by now."""
    return f"Beforehand, source {connection.pk}"
