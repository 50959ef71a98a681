"""What each event of a ticket amounts to, told over and over from the beginning (clock.md chapters 2 to 4).

Instants and durations in microseconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from .given import Deal, Ev, Promise, Row, Told

KINDS = "created, client message, assigned, changed, status, message, plan, told, merged, absorbed, deleted, starts"
ORDER = (*KINDS.split(", "), "excluded", "approved", "included")
FIELDS = ("contract", "site", "type", "board", "tier", "channel", "priority")
OUT_OF_SCOPE = ("project", "internal", "noise")
DONE = ("resolved", "closed")
NEVER_SAID = ("working", False, False, False)


def effective(events: list[Ev]) -> list[Ev]:
    """Rule 4.4: the same event once, nothing that another supersedes or retracts, in order."""
    once: list[Ev] = []
    for event in events:
        if not any(event.id and event.id == other.id for other in once):
            once.append(event)
    heirs: dict[str, str] = {}
    for event in once:
        if event.supersedes:
            heirs[event.supersedes] = max(heirs.get(event.supersedes, ""), event.id)
    gone = {event.retracts for event in once if event.retracts} | set(heirs)
    gone |= {event.id for event in once if event.supersedes and heirs[event.supersedes] != event.id}
    left = [event for event in once if event.id not in gone and not event.retracts]
    return sorted(left, key=rank)


def meaning(deal: Deal, fields: Mapping[str, str], status: str) -> tuple[str, bool, bool, bool]:
    """Rule 3.2: by the map of the ticket's board, else of every board; unknown works as working."""
    board = deal.statuses.get(fields.get("board", ""), deal.statuses.get("", {}))
    return board.get(status, NEVER_SAID)


def choose(deal: Deal, fields: Mapping[str, str]) -> Row | None:
    """Rule 2.2: most fields named, then the first differing field in order, then the client's own."""
    fitting = [
        row for row in deal.rows if all(fields.get(name) == value for name, value in row.match.items())
    ]
    named = {id(row): [name in row.match for name in FIELDS] for row in fitting}
    return max(fitting, key=lambda row: (len(row.match), named[id(row)], row.own), default=None)


def at_the_worse_end(events: list[Ev], deal: Deal) -> list[Ev]:
    """Rule 4.4: an event known only to lie between two instants counts at the end that is worse for us; of what one
    poll saw nothing overtakes. At one instant, what may have been earlier comes first."""
    ends: list[int] = []
    for n, event in enumerate(events):
        fields = {e.field: e.value for e in events[:n] if e.kind == "changed"}
        late = event.until is not None and not earlier_is_worse(event, fields, deal)
        poll = [ends[k] for k in range(n) if (events[k].at, events[k].until) == (event.at, event.until)]
        known = event.until if late and event.until is not None else event.at
        ends.append(max([known, *poll]) if event.until is not None else event.at)
    order = sorted(range(len(events)), key=lambda n: (ends[n], rank(events[n])))
    return [replace(events[n], at=ends[n]) for n in order]


def rank(event: Ev) -> tuple[int, int, int, str]:
    return (event.at, event.seq, ORDER.index(event.kind), event.id)


def earlier_is_worse(event: Ev, fields: Mapping[str, str], deal: Deal) -> bool:
    """Of what starts a clock or lets it run on the earlier end, of what pauses or stops it the later."""
    if event.kind == "status":
        state, responded, planned, _ = meaning(deal, fields, event.value)
        pausing = any(state in states for states in deal.pauses.values())
        return not (state in DONE or pausing or responded or planned)
    if event.kind == "changed":
        before, after = choose(deal, fields), choose(deal, {**fields, event.field: event.value})
        return promised(after) < promised(before)
    return event.kind in ("created", "client message")


def promised(row: Row | None) -> tuple[int, int]:
    promises = row.promises.values() if row else ()
    return sum(promise.days for promise in promises), sum(promise.amount for promise in promises)


@dataclass
class Moment:
    """What holds after an event, and what that event amounts to (`facts`)."""

    fields: dict[str, str] = field(default_factory=dict)
    origin: str = "client-written"
    meaning: tuple[str, bool, bool, bool] = NEVER_SAID
    status: str = ""
    waits: bool = False
    born: bool = False
    owner: bool = False
    contacted: bool = False
    acknowledged: bool = False
    expected: bool = False
    meaningful: bool = False
    triaged: frozenset[str] = frozenset()
    facts: frozenset[str] = frozenset()

    @property
    def state(self) -> str:
        """The status's state; a wait on the client that his message has ended is none (3.3)."""
        ended = self.meaning[0] == "waiting-on-client" and not self.waits
        return "working" if ended else self.meaning[0]


def after(now: Moment, event: Ev, deal: Deal, told: Told) -> Moment:
    """What holds after one more event."""
    then = replace(now, facts=frozenset(), born=now.born or event.kind == "created")
    facts = {"by client"} if event.by == "client" or event.kind == "client message" else set()
    if event.by == "person" and event.kind != "created":
        facts.add("touch")
    if event.by == "person" and event.kind in ("changed", "assigned", "message", "plan"):
        facts.add("work")
    if event.kind == "changed":
        then.fields = {**now.fields, event.field: event.value}
        then.origin = event.value if event.field == "origin" else now.origin
    elif event.kind == "assigned":
        then.owner = bool(event.value)
    elif event.kind == "client message":
        then.waits = now.waits and deal.wait_ends == "by-status"
    elif event.kind == "status":
        facts |= status_says(now, then, event, deal)
    elif event.kind == "message":
        facts |= message_says(then, event, told)
    elif event.kind == "told":
        facts.add("told")
    return judged(now, then, event, facts)


def judged(now: Moment, then: Moment, event: Ev, facts: set[str]) -> Moment:
    """What several events make together: a meaningful response (3.5), a ticket that is triaged (2.4), a plan (3.6)."""
    if event.kind == "plan":
        facts.add("planned")
        then.expected = True
    if then.acknowledged and then.expected and then.owner and not now.meaningful:
        then.meaningful = True
        facts.add("meaningful")
    part = {"client": "client", "priority": "priority", "board": "queue"}.get(event.field)
    part = "queue" if event.kind == "assigned" and event.value else part
    if event.by == "person" and part:
        then.triaged = now.triaged | {part}
    if len(then.triaged) == 3 > len(now.triaged):
        facts.add("triaged")
    then.facts = frozenset(facts)
    return then


def status_says(now: Moment, then: Moment, event: Ev, deal: Deal) -> set[str]:
    """Rules 3.2, 3.3, 3.6, 3.7: a status told again without having changed is no change."""
    facts = set()
    then.status, then.meaning = event.value, meaning(deal, now.fields, event.value)
    state, responded, planned, _ = then.meaning
    if (then.status, then.meaning) != (now.status, now.meaning):
        then.waits = state == "waiting-on-client"
    was_done, is_done = now.meaning[0] in DONE, state in DONE
    if is_done and not was_done:
        facts.add(state)
    if was_done and not is_done:
        facts.add("reopened")
    if not was_done and not is_done and event.by == "person":
        facts.add("work")
    if responded:
        facts.add("responded")
    if planned:
        facts.add("planned")
    return facts


def message_says(then: Moment, event: Ev, told: Told) -> set[str]:
    """Rules 3.4 and 3.5: a person reaches the client by a public message or a visit, never automatically."""
    facts = set()
    reaches = event.public or (event.visit and event.by == "person")
    if reaches:
        facts.add("any reply")
    if reaches and event.by == "person" and not event.automatic:
        facts.add("contact")
        then.contacted = True
        then.acknowledged |= not told.texts or not (event.template or event.near_copy)
        then.expected |= not told.texts or event.expectation
    if event.visit and event.by == "person":
        facts.add("visit")
    return facts


class Story:
    """The ticket as known at `as_of`: events in effect, what holds after each, where its clocks start and end."""

    def __init__(self, events: list[Ev], deal: Deal, told: Told, as_of: int) -> None:
        settled = at_the_worse_end(effective(events), deal)
        self.uncertain = any(event.until is not None for event in settled)
        self.events = [event for event in settled if event.at <= as_of]
        self.moments: list[Moment] = []
        now = Moment()
        for event in self.events:
            now = after(now, event, deal, told)
            self.moments.append(now)
        self.born = now.born
        if not now.born:
            return
        self.origin = now.origin
        self.human = any("touch" in moment.facts for moment in self.moments)
        self.created = next(event.at for event in self.events if event.kind == "created")
        self.start, self.merged_start = self._start(deal)
        self.begin = min(self.start, self.created)
        self.out_at, self.out = self._out()
        self.rows: list[Row] = self._rows(deal)

    def _start(self, deal: Deal) -> tuple[int, bool]:
        """Rules 3.1, 2.6, 3.9."""
        births = [n for n, event in enumerate(self.events) if event.kind == "created"]
        contacts = [event.at for event in self.events[: births[0]] if event.kind == "client message"]
        start = min([*contacts, self.created])
        planned = [event.since for event in self.events if event.kind == "starts" and event.since is not None]
        if self.origin == "recurring" and planned:
            start = planned[-1]
        absorbed = [
            event.since for event in self.events if event.kind == "absorbed" and event.since is not None
        ]
        if deal.merge_start == "earliest" and absorbed and min(absorbed) < start:
            return min(absorbed), True
        return start, False

    def _out(self) -> tuple[int | None, str]:
        """From which event on the ticket is merged, deleted or out of scope to its end (3.9, 2.6, 3.6)."""
        outside = len(self.events)
        while outside and self._outside(self.moments[outside - 1]):
            outside -= 1
        gone = [n for n, event in enumerate(self.events) if event.kind in ("merged", "deleted")]
        if gone and gone[0] <= outside:
            return gone[0], self.events[gone[0]].kind
        return (outside, "out of scope") if outside < len(self.events) else (None, "")

    def _outside(self, moment: Moment) -> bool:
        return moment.origin in OUT_OF_SCOPE or moment.meaning[3]

    def _rows(self, deal: Deal) -> list[Row]:
        """The row that fits after each event; what changes at one instant before anything acts, changes at once."""
        found: list[Row | None] = []
        for n in range(len(self.events)):
            last = n
            while (
                not self._acts(last)
                and last + 1 < len(self.events)
                and self.events[last + 1].at == self.events[n].at
            ):
                last += 1
            found.append(choose(deal, self.moments[last].fields) if self.moments[last].born else None)
        born = next(n for n, moment in enumerate(self.moments) if moment.born)
        first = next(n for n in range(born, -1, -1) if n == 0 or self.events[n - 1].at < self.events[born].at)
        uncovered = Row("uncovered", {}, {"triage": Promise(deal.triage)} if deal.triage else {})
        chosen = [row or uncovered for row in found]
        return [chosen[born]] * first + chosen[first:]

    def _acts(self, n: int) -> bool:
        return self.events[n].kind in ("status", "message", "plan", "told")
