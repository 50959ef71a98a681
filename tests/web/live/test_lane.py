"""The lane itself, asked as a server asks it: who may listen, and what becomes of those who may not any more."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.test import Client

from beforehand.engine.history import assigned
from beforehand.engine.instants import to_instant
from beforehand.people.models import Provider
from beforehand.tickets import notices
from beforehand.tickets.events import TicketEvent
from beforehand.tickets.ledger import append
from beforehand.tickets.models import Source, Ticket
from beforehand.web import moment
from beforehand.web.live.lane import EACH, Lane

pytestmark = pytest.mark.django_db(transaction=True)
Answer = tuple[int, bytes]


@pytest.fixture
def lane() -> Iterator[Lane]:
    lane = Lane(WSGIHandler(), ask_again=0.05)
    yield lane
    lane.close()


def cookie(client: Client) -> str:
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


async def ask(
    lane: Lane,
    path: str,
    query: str = "",
    cookie: str = "",
    until: str = "",
    heard: asyncio.Event | None = None,
) -> Answer:
    """The status, and all that was said up to a word, at which the browser goes away; or to the end. `heard` is set
    once anything was said.
    """
    sent: list[dict[str, Any]] = []
    gone = asyncio.Event()

    async def receive() -> dict[str, Any]:
        if not sent:
            return {"type": "http.request", "body": b""}
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)
        if heard is not None and message.get("body"):
            heard.set()
        if until and until.encode() in message.get("body", b""):
            gone.set()

    headers = [(b"host", b"127.0.0.1"), (b"cookie", cookie.encode())]
    scope = {
        "type": "http", "method": "GET", "path": path, "query_string": query.encode(), "headers": headers,
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80), "scheme": "http", "http_version": "1.1",
    }  # fmt: skip
    async with asyncio.timeout(60):
        await lane(scope, receive, send)
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:])


async def opened(lane: Lane, count: int) -> None:
    async with asyncio.timeout(60):
        while lane.open_streams < count:
            await asyncio.sleep(0.01)


async def elsewhere(work: Callable[..., Any], *arguments: Any) -> None:
    """In another thread, which then lets go of the database."""

    def run() -> None:
        work(*arguments)
        connection.close()

    await asyncio.to_thread(run)


def sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _delete(ticket: Ticket) -> None:
    with connection.cursor() as cursor:
        for table in ("clock", "event"):
            cursor.execute(f"DELETE FROM tickets_{table} WHERE ticket_id = %s", [ticket.pk])
        cursor.execute("DELETE FROM tickets_ticket WHERE id = %s", [ticket.pk])
    notices.tell(ticket.provider_id, [ticket.pk])


def assign(ticket: Ticket, person: str) -> None:
    now = moment.now()
    append(
        ticket.source, [TicketEvent(ticket.external_id, assigned(to_instant(now), person, id=person))], now
    )


def run(talk: Callable[[], Awaitable[Any]]) -> Any:
    return asyncio.run(talk())  # type: ignore[arg-type]


def test_without_a_session_there_is_no_stream(lane: Lane, provider: Provider) -> None:
    assert run(lambda: ask(lane, "/live/board")) == (401, b"Not signed in.")


def test_a_ticket_of_another_provider_is_not_found(lane: Lane, signed_in: Client, now: Any) -> None:
    other = Provider.objects.create(name="Other", slug="other", zone="UTC", created=now)
    theirs = Source.objects.create(provider=other, slug="psa", name="PSA")
    ticket = Ticket.objects.create(provider=other, source=theirs, external_id="1")
    mine = cookie(signed_in)

    async def talk() -> list[Answer]:
        return [await ask(lane, "/live/ticket", f"ticket={n}", mine) for n in (ticket.pk, 999, "x", "")]

    assert [status for status, _ in run(talk)] == [404] * 4


def test_filters_that_mean_nothing_are_left_out(lane: Lane, signed_in: Client) -> None:
    query = "client=Robert');--&state=perhaps&page=-7&metric=%00&sort=%ff&wall=9&have=%F0%9F%92%A9"
    status, said = run(lambda: ask(lane, "/live/board", query, cookie(signed_in), until="whole"))
    assert status == 200
    assert said.startswith(b"event: whole\n")


def test_a_session_that_ends_while_the_stream_is_open_is_told_so(lane: Lane, signed_in: Client) -> None:
    async def talk() -> Answer:
        listening = asyncio.create_task(ask(lane, "/live/board", cookie=cookie(signed_in)))
        await opened(lane, 1)
        await elsewhere(Session.objects.all().delete)
        return await listening

    status, said = run(talk)
    assert status == 200
    assert said.endswith(b"event: signed-out\ndata: {}\n\n")


def test_a_ticket_that_goes_ends_its_pages_and_no_others(
    lane: Lane, signed_in: Client, tickets: Callable[[str], Ticket]
) -> None:
    ticket, other, mine = tickets("T48219"), Ticket.objects.get(number="T48201"), cookie(signed_in)

    async def talk() -> tuple[Answer, Answer]:
        board = asyncio.create_task(ask(lane, "/live/board", cookie=mine, until="Nobody"))
        page = asyncio.create_task(ask(lane, "/live/ticket", f"ticket={ticket.pk}", mine))
        await opened(lane, 2)
        await elsewhere(_delete, ticket)
        gone = await page
        await elsewhere(assign, other, "Nobody")
        return gone, await board

    (_, gone), (_, board) = run(talk)
    assert gone.endswith(b"event: again\ndata: {}\n\n")
    assert b"event: again" not in board


def test_a_database_that_does_not_answer_is_never_passed_off_as_live(
    lane: Lane, signed_in: Client, tickets: Callable[[str], Ticket]
) -> None:
    ticket, mine = tickets("T48219"), cookie(signed_in)

    async def talk() -> tuple[Answer, Answer]:
        heard = asyncio.Event()
        board = asyncio.create_task(ask(lane, "/live/board", cookie=mine, heard=heard))
        async with asyncio.timeout(60):
            await heard.wait()
        await elsewhere(sql, "ALTER TABLE tickets_clock RENAME TO lost")
        await elsewhere(notices.tell, ticket.provider_id, [ticket.pk])
        lost = await board
        await elsewhere(sql, "ALTER TABLE lost RENAME TO tickets_clock")
        return lost, await ask(lane, "/live/board", cookie=mine, until="event: whole")

    (_, lost), (status, back) = run(talk)
    assert lost.endswith(b"event: again\ndata: {}\n\n")
    assert (status, back[:12]) == (200, b"event: whole")


def test_signing_out_is_told_to_ones_other_pages(provider: Provider, signed_in: Client) -> None:
    lane = Lane(WSGIHandler())  # which would look at the session itself much later only

    async def talk() -> Answer:
        listening = asyncio.create_task(ask(lane, "/live/board", cookie=cookie(signed_in)))
        await opened(lane, 1)
        await elsewhere(signed_in.post, "/sign-out/")
        return await listening

    assert b"signed-out" in run(talk)[1]
    lane.close()


def test_a_session_can_open_only_so_many(signed_in: Client) -> None:
    lane = Lane(WSGIHandler())

    async def talk() -> Answer:
        asks = [asyncio.create_task(ask(lane, "/live/board", cookie=cookie(signed_in))) for _ in range(EACH)]
        await opened(lane, EACH)
        refused = await ask(lane, "/live/board", cookie=cookie(signed_in))
        lane.stop()
        ended = await asyncio.gather(*asks)
        assert all(said.endswith(b"event: stopping\ndata: {}\n\n") for _, said in ended)
        return refused

    status, said = run(talk)
    lane.close()
    assert status == 429
    assert str(EACH) in said.decode()
