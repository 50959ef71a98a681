"""What the API answers, as its document has it. Instants are ISO 8601 in UTC; durations seconds of business time."""

from datetime import UTC, datetime
from typing import Annotated, Any

from ninja import Field, Schema
from pydantic import BeforeValidator, PlainSerializer


def _said(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


Instant = Annotated[datetime, PlainSerializer(_said, return_type=str)]
SECOND = 1_000_000


class FaultOut(Schema):
    """One thing that is wrong."""

    place: str
    found: str
    expected: str
    example: str


class Refusal(Schema):
    """What is wrong with a request. `code` stays the same for the same problem; programs may go by it."""

    code: str
    message: str
    faults: list[FaultOut]
    faults_not_listed: int


class ErrorOut(Schema):
    """The one shape of everything that is refused."""

    error: Refusal


class ClientOut(Schema):
    """A client whom an agreement names."""

    id: int
    name: str


class TicketOut(Schema):
    """A ticket as its last event left it."""

    id: int
    source: str = Field(description="The short name of the source that tells of it.")
    external_id: str = Field(description="The source's own id of it.")
    number: str
    subject: str
    client: ClientOut | None = Field(description="None while nobody knows the client.")
    client_name: str = Field(description="The client as the source told it.")
    priority: str
    type: str
    board: str
    site: str
    team: str
    assignee: str
    status: str
    state: str = Field(description="What the status means for the clocks.")
    origin: str
    created: Instant | None
    covered: bool = Field(description="Whether an agreement covers it.")
    excluded: str = Field(description="Whether it is left out of figures: no, awaiting approval, yes.")
    link: str = Field(description="Its page here.")


class ClockOut(Schema):
    """A clock as of an instant: one target of one ticket."""

    metric: str
    number: int = Field(description="Which of several of one metric: after a restart, and of updates.")
    verdict: str = Field(
        description="none while it is open and in time; met, breached, or why there is none."
    )
    run: str = Field(description="running, off hours, paused, not started, stopped.")
    late: bool = Field(description="Whether it is breached, though nothing may have been written since.")
    start: Instant
    target_seconds: float | None = Field(description="None where coverage never opens for it.")
    used_seconds: float
    left_seconds: float | None = Field(description="Negative when late.")
    deadline: Instant | None = Field(description="None while it waits for somebody (and is not late).")
    breached_at: Instant | None
    stop: Instant | None


class TicketWithClocks(TicketOut):
    """A ticket with its clocks as of now."""

    as_of: Instant
    clocks: list[ClockOut]


class Tickets(Schema):
    """Tickets in the order of their ids; `next` is the `after` of the next page, None on the last."""

    tickets: list[TicketOut]
    next: int | None


class OpenClock(ClockOut):
    """An open clock and its ticket."""

    ticket: TicketOut


class Clocks(Schema):
    """A page of the board: open clocks by deadline."""

    as_of: Instant
    count: int
    page: int
    pages: int
    clocks: list[OpenClock]


class ThresholdOut(Schema):
    """When so much of the target is or was used."""

    percent: int
    at: Instant | None
    reached: bool


class SpanOut(Schema):
    """A part of the clock's life and why it counted or not."""

    start: Instant
    end: Instant
    why: str
    what: str


class ReadingOut(ClockOut):
    """A clock read from all events of its ticket, with the reasons."""

    line: str = Field(description="The line of the agreement; empty where it has no name.")
    thresholds: list[ThresholdOut]
    marks: list[str]
    spans: list[SpanOut]
    sentences: list[str] = Field(description="The reason in English, with times in the client's zone.")


class ReadingsOut(Schema):
    """A ticket's clocks, read from its events as of an instant."""

    as_of: Instant
    ticket: TicketOut
    readings: list[ReadingOut]


def _with_zone(told: Any) -> Any:
    """An instant has a zone: without one nobody can know which it is."""
    if isinstance(told, str):
        try:
            found = datetime.fromisoformat(told)
        except ValueError:
            raise ValueError("an instant as ISO 8601, such as 2026-11-25T09:00:00Z") from None
        if found.tzinfo is None:
            raise ValueError("an instant with a zone, such as 2026-11-25T09:00:00Z")
        if not 1900 <= found.year <= 2199:
            raise ValueError("an instant from 1900 to 2199")
        return found
    return told


Told = Annotated[datetime, BeforeValidator(_with_zone)]


class TicketsAsked(Schema):
    """Which tickets."""

    client: int | None = Field(None, description="The id of a client.", ge=1, le=2**53)
    source: str = Field("", max_length=60)
    external_id: str = Field("", max_length=200, description="The source's own id.")
    number: str = Field("", max_length=200)
    team: str = Field("", max_length=200)
    priority: str = Field("", max_length=200)
    assignee: str = Field("", max_length=200)
    open: bool | None = Field(None, description="Only those that are open, or only those that are not.")
    covered: bool | None = None
    after: int = Field(0, ge=0, le=2**53, description="Only tickets with ids above this one.")
    limit: int = Field(100, ge=1, le=1000)


class ClocksAsked(Schema):
    """Which open clocks; as on the board."""

    client: int | None = Field(None, ge=1, le=2**53)
    team: str = Field("", max_length=200)
    priority: str = Field("", max_length=200)
    assignee: str = Field("", max_length=200)
    metric: str = Field("", pattern="^(|response|plan|resolution|update|onsite|triage)$")
    state: str = Field("", pattern="^(|late|hour|due|paused)$")
    page: int = Field(1, ge=1, le=10**9)


class ReadingsAsked(Schema):
    """As of when."""

    as_of: Told | None = Field(None, description="ISO 8601 with a zone, 1900 to 2199; now, if not told.")
