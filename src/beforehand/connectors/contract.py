"""What a connector has to be, so that `sync.py` can drive it: settings, a reader, and tickets told in one form.

A connector says what its source tells, as a function of that alone. Which of it is new, what a poll saw only roughly
and what a history tells exactly afterwards is worked out for all of them alike (telling.py).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from beforehand.engine import history
from beforehand.engine.history import Event
from beforehand.promises.contacts import ContactSaid
from beforehand.promises.psa import Plain, Serves, stored
from beforehand.tickets.events import TicketEvent

from .line import Line

if TYPE_CHECKING:
    from beforehand.kernel.due.handlers import Going

    from .models import Connection

Contact = ContactSaid
FIELDS_TOLD = (
    "status", "assignee", "client", "priority", "type", "board", "site", "contract", "tier", "channel", "origin",
    "number", "subject", "url", "team", "contact",
)  # fmt: skip
"""The fields of a ticket that a connector may tell. `status` and `assignee` become events of their own kinds."""
RESPONSE_KEPT, RESOLUTION_KEPT, KEPT = "response kept", "resolution kept", "kept"
"""What a view calls the source's own verdicts: of the response, the resolution, and of the ticket as a whole."""


OURS = "[Beforehand]"
"""What the notes begin with that we write."""


class Setting(NamedTuple):
    """A field of a connector's form. `kind`: text, url, secret, whole, choice or flag. Secrets are sealed at rest."""

    name: str
    label: str
    help: str
    kind: str = "text"
    example: str = ""
    required: bool = True
    choices: tuple[str, ...] = ()
    default: str = ""


class Tells(NamedTuple):
    """What a source tells (clock.md 1.5, 3.4): precision of its stamps in microseconds, messages, texts."""

    precision: int
    messages: bool = True
    responded: bool = False
    texts: bool = True


class Told(NamedTuple):
    """A ticket as its source tells it, all times in microseconds.

    `updated`: the source's own stamp of its last change. `fields`: as they stand now, by the names of FIELDS_TOLD; a
    field is told in every reading or in none, since what changed is told from the reading before. `events`: what is
    told with its own instant and id: creation (in shallow readings too), messages, and each change of the fields in
    `exact`, from creation on. A message with its words is a `Written`. `deep`: history and messages are whole as of
    `updated`; a shallow one is read again, and one as of 0 that tells nothing says only that. `view`: what the source
    itself says of its SLA; under RESPONSE_KEPT, RESOLUTION_KEPT and KEPT its verdicts, true or false. `gone`: it is
    there no more; `updated` is 0 then, unless the source says since when. `keys`: the source's ids of what fields name
    now (Word.key), by field, where it tells them: by these a thing is known whatever it is called. `named`: the same of
    what its history names, by field and name, where that has ids too. `contact`: whom the field of that name names,
    where the source has an id of them. `into`: the ticket that it is part of now, "" for none; None where this reading
    does not say.
    """

    id: str
    updated: int
    fields: Mapping[str, str] = {}
    events: Sequence[TicketEvent] = ()
    exact: frozenset[str] = frozenset()
    deep: bool = True
    view: Mapping[str, Any] = {}
    gone: bool = False
    keys: Mapping[str, str] = {}
    contact: Contact | None = None
    named: Mapping[tuple[str, str], str] = {}
    into: str | None = None


class DueDates(NamedTuple):
    """Due dates as a view has them: under which SLA, by its name, and by metric in microseconds."""

    sla: str
    by_metric: Mapping[str, int]


class Page(NamedTuple):
    """Some tickets, and where to go on: `cursor` is the connector's own words, "" where nothing is left to read.

    `total`: how many there are in all, where the source says so.
    """

    tickets: Sequence[Told]
    cursor: str
    more: bool
    total: int | None = None


class Right(NamedTuple):
    """A right that is needed: whether it is there, and what is missing without it; `how` says where it is given.

    `ok` is None where the source does not tell before something is written. `by`: what would have shown it then, one
    of NOTES and FIELDS (wanted.py).
    """

    name: str
    ok: bool | None
    purpose: str
    how: str = ""
    by: str = ""


class Word(NamedTuple):
    """A thing of the source's set-up. `kind`: status, priority, type, board, team, person, client, site, contract,
    channel.

    `key` is the source's id of it, which outlives a new name; `board` where it is a board's own. `proposed`: what it
    means in our words (of a status a state of clock.md 3.2, of a type an origin of 2.6), "" where nothing says so,
    and `why` it is proposed. `said` is the rest that is worth keeping (a person's mail address, a client's zone).
    """

    kind: str
    key: str
    name: str
    board: str = ""
    proposed: str = ""
    why: str = ""
    said: Mapping[str, Any] = {}


class Piece(NamedTuple):
    """A piece of the SLA set-up, kept as a dated snapshot. `kind`: sla, calendar, holidays, status, type, serves.

    `plain`: the same in the words that are one for all sources (promises/psa.py), None where it has no place there.
    """

    kind: str
    key: str
    name: str
    said: Mapping[str, Any]
    plain: Plain | None = None


def serving(said: Serves) -> Piece:
    """Whom an SLA serves, as a piece: no source has one of its own for it."""
    return Piece("serves", said.key, said.contract or said.client or "everybody", stored(said), said)


class SetUp(NamedTuple):
    """A source's configuration as it is now, and what of it could not be read, in words for the owner."""

    words: Sequence[Word]
    pieces: Sequence[Piece] = ()
    missing: Sequence[str] = ()


class Reader(Protocol):
    """Speaks with one source. Each method raises what line.py raises; none writes to our database."""

    def check(self) -> Sequence[Right]:
        """Which of the least rights needed are there."""

    def set_up(self) -> SetUp:
        """Statuses, priorities, types, boards, teams, people, clients, contracts, and its SLA set-up."""

    def begin(self) -> str:
        """The cursor from which `changes` tells all that changes from now on."""

    def changes(self, cursor: str) -> Page:
        """What changed since, the longest ago first; with an overlap, since what is told twice is known."""

    def back(self, cursor: str, since: int) -> Page:
        """The past, the newest tickets first, back to the instant `since`; `cursor` "" begins."""

    def read(self, ids: Sequence[str]) -> Sequence[Told]:
        """Each of these tickets under its id, deep; one that is not there any more as `gone`."""

    def ids_between(self, since: int, until: int) -> Sequence[str] | None:
        """The ids of all tickets created in [since, until); None where the source cannot say."""


class Nudge(NamedTuple):
    """What a webhook says: read these tickets again. `seq`: the source's number of it, where gaps in it show loss.
    `look`: nobody can tell now whether it is the source's, so that what changed is looked for soon instead.
    """

    tickets: Sequence[str]
    seq: int | None = None
    look: bool = False


LOOK = Nudge((), look=True)


class Hook(NamedTuple):
    """What came by HTTP: names of headers in small letters, the body as it came, the query; when, in microseconds."""

    headers: Mapping[str, str]
    body: bytes
    query: Mapping[str, str]
    at: int = 0

    def __repr__(self) -> str:
        """Without headers, which hold secrets: what is in a traceback is shown."""
        return f"Hook of {len(self.body)} bytes"


class Connector(NamedTuple):
    """A kind of source, as its folder's `__init__.py` registers it.

    `open` makes a reader out of settings and secrets by name. `hear` verifies a webhook under settings and secrets and
    says what it nudges; it raises `Forged` where it is not the source's. `calls(tickets)` estimates the calls that so
    many tickets cost in a backfill. `limit`: calls that a window of so many microseconds allows, None where unknown;
    `share`: the part of it that is ours unless the owner says otherwise, in percent. `at_a_time`: calls at once to one
    endpoint. `reads`: how many tickets one `read` takes with hardly more calls than for one.

    `hear` finds the secret of the connection's webhook under the name `hook_secret`; where somebody has to be asked
    first it raises `Unsure`, unless the source tells by itself. `tells_itself`: what comes by its
    webhook are events in our own words (plain/), kept before they are answered, and it is never asked. `turn` does a
    turn by itself, for what is not asked by a reader (a folder), and says when the next is due. `writes`: its reader is
    a Writer too. `calls_us`: it is Calls too, and signs with a key of its own, so that the address is all it needs.
    `creators`: the event of a ticket's creation has the flags of who typed it in, in deep readings at least.
    `due_dates` reads them out of a ticket's view, where the set-up does not tell an SLA's times: they are inferred.
    """

    slug: str
    title: str
    settings: Sequence[Setting]
    tells: Tells
    open: Callable[[Mapping[str, str], Line], Reader]
    calls: Callable[[int], int]
    hear: Callable[[Mapping[str, str], Hook], Nudge] | None = None
    limit: tuple[int, int] | None = None
    share: int = 100
    at_a_time: int = 2
    reads: int = 1
    interval: int = 60
    docs: str = ""
    tells_itself: bool = False
    turn: "Callable[[Connection, Going], int] | None" = None
    writes: bool = False
    calls_us: bool = False
    creators: bool = False
    due_dates: Callable[[Mapping[str, Any]], DueDates] | None = None

    @property
    def is_asked(self) -> bool:
        """Whether a reader asks it, so that there are calls, a past, a set-up and proofs."""
        return not self.tells_itself and self.turn is None


class Forged(Exception):
    """A webhook that does not come from the source, or cannot be shown to."""


class Unsure(Exception):
    """A webhook of which nobody knows without a call whether it is the source's: `sure` makes the call, and says what
    it nudges, or raises Forged. It is answered before that.
    """

    def __init__(self, sure: Callable[[], Nudge]) -> None:
        super().__init__()
        self.sure = sure


CAME = "from-"


def came(part: str, id_: str) -> str:
    """The id of what came along with a ticket that went into this one, and goes with it again."""
    return f"{CAME}{part}-{id_}"


def at_creation(ticket: str, at: int, field: str, value: str, flags: int = 0) -> TicketEvent:
    """The value that a field has had since creation; `flags` say who gave it, where that is known."""
    return TicketEvent(ticket, field_event(f"new-{field}", at, field, value, flags=flags))


def field_event(id_: str, at: int, field: str, value: str, **more: Any) -> Event:
    """The event of a field that became a value: of status and assignee their own kind."""
    if field == "status":
        return history.status(at, value, id=id_, **more)
    if field == "assignee":
        return history.assigned(at, value, id=id_, **more)
    return history.changed(at, field, value, id=id_, **more)
