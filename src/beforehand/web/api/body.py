"""A request's body: read up to a limit, and taken as JSON that says each thing once."""

import json
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

from beforehand.kernel.faults import Fault

from .answers import Problem

LONGEST = 16 * 1024 * 1024
"""Bytes that a body may have."""

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


class Gone(Exception):
    """The caller hung up before the body was whole."""


async def read_body(receive: Receive, length: str, longest: int = LONGEST) -> bytes:
    """The whole body. Raises Problem 413 as soon as it is known to be longer, Gone where it ends too early."""
    if length.isascii() and length.isdigit() and int(length[:20]) > longest:
        raise _too_long(longest)
    parts: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > longest:
            raise _too_long(longest)
        more = message.get("more_body", False)
    return b"".join(parts)


def _too_long(longest: int) -> Problem:
    message = f"The body may have at most {longest:,} bytes. Nothing was kept; send fewer events at a time."
    return Problem(413, "too_long", message, headers=(("Connection", "close"),))


def parse(body: bytes) -> object:
    """The JSON in a body. Raises Problem 400, with its place, where it is none."""
    try:
        return json.loads(body.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_number)
    except UnicodeDecodeError as error:
        found = f"the byte 0x{body[error.start]:02x}"
        raise _not_json(f"byte {error.start + 1}", found, "text in UTF-8") from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        found = "the end of the body" if error.pos >= len(error.doc) else repr(error.doc[error.pos :][:20])
        raise _not_json(place, found, f"JSON ({error.msg})") from None
    except RecursionError:
        raise _not_json(
            "body", "lists in lists without end", "events, which have no parts in parts"
        ) from None
    except _Twice as twice:
        raise _not_json(
            f"body, {twice.name!r}", "the same name twice in one object", "each name once"
        ) from None
    except ValueError as error:  # a number that Python refuses to read
        raise _not_json("body", str(error)[:80], "numbers that JSON knows, of sensible size") from None


def _not_json(place: str, found: str, expected: str) -> Problem:
    return Problem(
        400, "not_json", "The body is not JSON. Nothing was kept.", [Fault(place, found, expected)]
    )


class _Twice(Exception):
    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name[:60]


def _once(pairs: Iterable[tuple[str, object]]) -> dict[str, object]:
    listed = list(pairs)
    found = dict(listed)
    if len(found) < len(listed):
        names = [name for name, _ in listed]
        raise _Twice(next(name for name in names if names.count(name) > 1))
    return found


def _no_number(text: str) -> object:
    raise ValueError(text)
