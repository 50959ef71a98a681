"""The JSON API for reading tickets, clocks and readings, for programs with a token of the scope `tickets:read`."""

import logging
from collections.abc import Iterable
from datetime import UTC
from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI, Query, Schema
from ninja.errors import AuthenticationError, ValidationError
from ninja.security import HttpBearer

from beforehand.engine.codes import RESOLVED
from beforehand.engine.instants import to_instant
from beforehand.kernel.faults import Fault
from beforehand.people.tokens import TICKETS_READ
from beforehand.promises.book import current
from beforehand.tickets.models import Clock, Ticket

from .. import moment
from ..board import Asked, Board
from ..ticket_reading import read_ticket
from .answers import Answer, Problem
from .callers import Caller, allow, busy, caller_of, secret_of
from .shapes import (
    Clocks,
    ClocksAsked,
    ErrorOut,
    ReadingsAsked,
    ReadingsOut,
    Tickets,
    TicketsAsked,
    TicketWithClocks,
)  # fmt: skip
from .shown import clock_of, reading_of, ticket_of

log = logging.getLogger(__name__)
_REFUSED = frozenset({401, 403, 422, 503})
LARGEST = 2**53
"""No id is above it: JSON's numbers are whole up to there."""


class Bearer(HttpBearer):
    """Who calls, by the token of the request."""

    def authenticate(self, _request: HttpRequest, token: str) -> Caller:
        """The caller. Raises Problem 401 or 403."""
        caller = caller_of(token.strip(), moment.now())
        allow(caller, TICKETS_READ)
        return caller


api = NinjaAPI(
    title="Beforehand",
    version="1",
    description="Read tickets, clocks and readings, and tell events. A token is made with `beforehand token add`.",
    docs_url=None,
    openapi_url=None,
    auth=Bearer(),
    urls_namespace="api",
)


def sent(answer: Answer) -> HttpResponse:
    """An answer as Django sends it."""
    response = HttpResponse(answer.encoded(), "application/json", answer.status)
    for name, value in (("Cache-Control", "no-store"), *answer.headers):
        response.headers[name] = value
    return response


@api.exception_handler(Problem)
def _refused(_request: HttpRequest, problem: Problem) -> HttpResponse:
    return sent(problem.answer())


@api.exception_handler(AuthenticationError)
def _nobody(request: HttpRequest, _error: AuthenticationError) -> HttpResponse:
    try:
        secret_of(request.headers.get("Authorization", ""))
    except Problem as problem:
        return sent(problem.answer())
    return sent(Problem(401, "not_signed_in", "This token lets nobody in.").answer())


@api.exception_handler(ValidationError)
def _not_understood(_request: HttpRequest, error: ValidationError) -> HttpResponse:
    faults = [
        Fault(".".join(map(str, one["loc"][1:])) or "address", repr(one.get("input", ""))[:80], one["msg"])
        for one in error.errors
    ]
    return sent(_bad_address(faults).answer())


@api.exception_handler(DatabaseError)
def _no_database(_request: HttpRequest, error: DatabaseError) -> HttpResponse:
    log.error("the database did not answer the API: %s", error)
    return sent(busy().answer())


def _caller(request: HttpRequest, asked: type[Schema] | None = None) -> Caller:
    """Who asks. Raises Problem 422 where the address has anything but what can be `asked`, or a NUL."""
    known = asked.model_fields if asked else {}
    faults = [
        Fault(
            name[:60],
            repr(request.GET[name])[:80],
            f"one of {', '.join(known)}" if known else "nothing at all",
        )
        for name in request.GET
        if name not in known
    ]
    faults += [
        Fault(name, "a NUL", "text") for name, value in request.GET.items() if name in known and "\0" in value
    ]
    if faults:
        raise _bad_address(faults)
    caller: Caller = request.auth  # type: ignore[attr-defined]
    return caller


def _bad_address(faults: Iterable[Fault]) -> Problem:
    return Problem(422, "bad_address", "The address asks for what cannot be.", faults)


@api.get("/tickets", response={200: Tickets, _REFUSED: ErrorOut}, summary="Tickets, by id")
def tickets(request: HttpRequest, asked: Query[TicketsAsked]) -> dict[str, Any]:
    """Tickets as their last events left them, filtered."""
    found = Ticket.objects.filter(provider=_caller(request, TicketsAsked).provider, pk__gt=asked.after)
    for name in ("client", "external_id", "number", "team", "priority", "assignee", "covered"):
        value = getattr(asked, name)
        if value not in (None, ""):
            found = found.filter(**{name: value})
    if asked.source:
        found = found.filter(source__slug=asked.source)
    if asked.open is not None:
        found = found.filter(state__lt=RESOLVED) if asked.open else found.filter(state__gte=RESOLVED)
    rows = list(found.select_related("source", "client").order_by("pk")[: asked.limit + 1])
    more = len(rows) > asked.limit
    rows = rows[: asked.limit]
    return {"tickets": [ticket_of(row) for row in rows], "next": rows[-1].pk if more else None}


@api.get(
    "/tickets/{int:ticket}", response={200: TicketWithClocks, _REFUSED | {404}: ErrorOut}, summary="A ticket"
)
def ticket(request: HttpRequest, ticket: int) -> dict[str, Any]:
    """A ticket with all its clocks, brought up to now."""
    row, now = _ticket(_caller(request), ticket), moment.now()
    book = current(row.provider)
    clocks = list(Clock.objects.filter(provider=row.provider_id, ticket=row).order_by("pk"))
    for clock in clocks:
        clock.ticket = row
    return {
        **ticket_of(row),
        "as_of": now,
        "clocks": [clock_of(clock, book, to_instant(now)) for clock in clocks],
    }


def _ticket(caller: Caller, pk: int) -> Ticket:
    found = Ticket.objects.filter(provider=caller.provider, pk=min(pk, LARGEST))
    row = found.select_related("source", "client", "provider").first()
    if row is None:
        raise Problem(404, "no_such_ticket", f"There is no ticket {pk} here.")
    return row


@api.get(
    "/tickets/{int:ticket}/readings",
    response={200: ReadingsOut, _REFUSED | {404}: ErrorOut},
    summary="Its readings",
)
def readings(request: HttpRequest, ticket: int, asked: Query[ReadingsAsked]) -> dict[str, Any]:
    """A ticket's clocks, read from its events as of an instant, with spans and the reason in sentences."""
    row = _ticket(_caller(request, ReadingsAsked), ticket)
    as_of = (asked.as_of or moment.now()).astimezone(UTC)
    book = current(row.provider)
    _, found = read_ticket(row, book, to_instant(as_of))
    shown = [] if found is None else [reading_of(found, reading) for reading in found.readings]
    return {"as_of": as_of, "ticket": ticket_of(row), "readings": shown}


@api.get("/clocks", response={200: Clocks, _REFUSED: ErrorOut}, summary="Open clocks, by deadline")
def clocks(request: HttpRequest, asked: Query[ClocksAsked]) -> dict[str, Any]:
    """The board: open clocks of promises by deadline, fifty a page, brought up to now."""
    provider, now = _caller(request, ClocksAsked).provider, moment.now()
    address = {name: str(value) for name, value in asked.dict().items() if value not in (None, "")}
    board = Board(provider, Asked.read(address), now, now)
    book = current(provider)
    rows = board.clocks("ticket__source")
    return {
        "as_of": now,
        "count": board.count,
        "page": board.page,
        "pages": board.pages,
        "clocks": [{**clock_of(row, book, to_instant(now)), "ticket": ticket_of(row.ticket)} for row in rows],
    }
