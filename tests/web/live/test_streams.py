"""A browser gets what is said in order, and one that is slow never makes the server keep more than a little."""

import asyncio

from beforehand.web.board import Asked
from beforehand.web.board_shown import Viewed
from beforehand.web.live.streams import WAITING, Stream, message

BOARD = Viewed(1, Asked(), "UTC")


def test_a_message_is_one_event_whatever_is_in_it() -> None:
    assert message("change", {"html": "a\nb\r\u2028ü"}) == (
        'event: change\ndata: {"html":"a\\nb\\r\u2028ü"}\n\n'.encode()
    )


def test_what_waits_is_said_together_and_silence_ends_too() -> None:
    async def talk() -> tuple[bytes, bytes]:
        stream = Stream(BOARD, "me", "")
        stream.put(b"a")
        stream.put(b"b")
        return await stream.next(1), await stream.next(0)

    assert asyncio.run(talk()) == (b"ab", b"")


def test_a_slow_browser_gets_the_whole_view_in_place_of_a_long_queue() -> None:
    async def talk() -> Stream:
        stream = Stream(BOARD, "me", "")
        for _ in range(WAITING + 5):
            stream.put(b"x" * 1000)
        assert await stream.next(1) == b""
        return stream

    assert asyncio.run(talk()).behind


def test_the_last_word_goes_before_what_still_waits() -> None:
    async def talk() -> bytes:
        stream = Stream(BOARD, "me", "")
        stream.put(b"a")
        stream.end(b"over")
        return await stream.next(1)

    assert asyncio.run(talk()) == b"over"
