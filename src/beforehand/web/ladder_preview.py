"""The preview on pages: which ticket is thought up, and what would be done about it, in the viewer's zone."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from beforehand.alerts.ladders import in_words
from beforehand.alerts.preview import Asked, Climbed, Reached, preview
from beforehand.engine.instants import to_instant
from beforehand.engine.saying import Amount, Moment, Saying
from beforehand.engine.zones import load
from beforehand.people.models import Provider, Team, Technician
from beforehand.promises.book import Book, ClientRef
from beforehand.promises.ladders import Ladder, Match
from beforehand.tickets.models import Source, Ticket

from .alerts import in_role

_OURS = "channel:"
MOST_CLIENTS = 200


class TurnShown(NamedTuple):
    """A row of the preview: at an instant, for a step, somebody, or nobody; `board`: the step only shows there."""

    at: Moment
    said: str
    first: bool
    who: str
    told: list[tuple[str, str, str, Moment | None]]
    board: bool
    urgency: str
    expects: str
    shrunk: tuple[Amount, Amount] | None


class ClockShown(NamedTuple):
    """A clock: what is promised, by when, on which ladder, and why that would only rehearse."""

    metric: str
    target: Amount
    deadline: Moment | None
    ladder: str
    here: bool
    off: list[str]
    turns: list[TurnShown]


class Seen(NamedTuple):
    """What would be of the ticket: in a sentence, and clock by clock."""

    what: str
    created: Moment
    terms: str
    clocks: list[ClockShown]
    cut: bool

    @property
    def elsewhere(self) -> bool:
        """Whether all of it is on other ladders than that of the page."""
        return bool(self.clocks) and not any(clock.here for clock in self.clocks)


class Question(NamedTuple):
    """The fields by which a ticket is thought up, as they were filled in."""

    client: str
    priority: str
    type: str
    team: str
    assignee: str
    source: str
    at: str
    wrong: str = ""


class Previewer:
    """Reads the fields, offers the choices, and says what would be."""

    def __init__(
        self, provider: Provider, book: Book, priorities: list[str], now: datetime, zone: str
    ) -> None:
        self.provider, self.book, self.now, self.zone = provider, book, now, zone
        self.priorities = priorities
        self.clients = sorted(book.clients, key=lambda one: one.name.casefold())
        self.sources = list(Source.objects.filter(provider=provider).order_by("name"))
        self.how = Saying(to_instant(now), zone, 0, 1)

    def choices(self) -> dict[str, list[tuple[str, str]]]:
        """What there is to choose from."""
        tickets = Ticket.objects.filter(provider=self.provider).order_by()
        types = sorted(set(tickets.values_list("type", flat=True).distinct()[:100]) - {""})
        teams = Team.objects.filter(provider=self.provider).order_by("folded").values_list("name", flat=True)
        people = Technician.objects.filter(provider=self.provider, active=True).order_by("folded")
        return {
            "clients": [(str(one.id), one.name) for one in self.clients],
            "priorities": [(one, one) for one in self.priorities],
            "types": [(one, one) for one in types],
            "teams": [(one, one) for one in teams],
            "people": [(one, one) for one in people.values_list("name", flat=True)],
            "sources": [(str(one.pk), one.name) for one in self.sources] if len(self.sources) > 1 else [],
        }

    def question(self, data: Mapping[str, str], before: str = "") -> Question:
        """The fields as they were filled in, by their names behind `before`."""
        said = [
            data.get(before + name, "").replace("\x00", "").strip()[:200] for name in Question._fields[:-1]
        ]
        asked = Question(*said)
        if asked.at and self._instant(asked.at) is None:
            return asked._replace(
                wrong="Expected is a day and a time, such as 2026-03-10T09:00. Now is shown."
            )
        return asked

    def about(self, ladder: Ladder) -> Question:
        """A ticket that climbs a ladder, if its own words tell of one."""
        match = ladder.fits[0] if ladder.fits else Match()
        client = next((one for one in self.clients[:MOST_CLIENTS] if self._fits(one, match)), None)
        if match.metric == "triage" and not match.client:
            client = None
        elif client is None and self.clients:
            client = self.clients[0]
        first = self.priorities[0] if self.priorities else ""
        return Question(str(client.id) if client else "", match.priority or first, "", "", "", "", "")

    def _fits(self, client: ClientRef, match: Match) -> bool:
        if match.client:
            return client.name == match.client
        held = self.book.in_force(client.id, self.how.as_of)
        if held is None:
            return False
        return match.plan in ("", held.terms.name) and match.agreement in ("", held.name)

    def _instant(self, text: str) -> int | None:
        try:
            local = datetime.fromisoformat(text)
            return to_instant(local.replace(tzinfo=local.tzinfo or load(self.zone)))
        except (ValueError, OverflowError):
            return None

    def seen(self, asked: Question, book: Book, here: str = "") -> Seen:
        """What would be of the ticket by a Book; `here` is the ladder whose page this is."""
        at = (self._instant(asked.at) if asked.at else None) or self.how.as_of
        client = next((one for one in self.clients if str(one.id) == asked.client), None)
        source = next((one for one in self.sources if str(one.pk) == asked.source), None)
        source = source or (self.sources[0] if self.sources else None)
        thought = Asked(at, client, asked.priority, asked.type, asked.team, asked.assignee, source)
        found = preview(self.provider, book, thought)
        whose = client.name if client else "a client that nobody knows"
        what = f"A {asked.priority or 'ticket without a priority'} of {whose}"
        clocks = [self._clock(one, here, whose, source) for one in found.clocks]
        return Seen(what, self.how.at(at), found.held.terms.name, clocks, found.cut)

    def _clock(self, clock: Climbed, here: str, whose: str, source: Source | None) -> ClockShown:
        words = {
            "source": f"the source “{source.name}” is in rehearsal" if source else "there is no source yet",
            "client": f"{whose} is in rehearsal, or rings for other tickets only",
            "ladder": f"the ladder “{clock.ladder.name}” is in rehearsal",
        }
        return ClockShown(
            metric=clock.metric,
            target=Amount(clock.target),
            deadline=self._moment(clock.deadline),
            ladder=clock.ladder.name,
            here=not here or clock.ladder.name == here,
            off=[words[kind] for kind in clock.off],
            turns=[turn for step in clock.steps for turn in self._turns(step)],
        )

    def _turns(self, step: Reached) -> Iterator[TurnShown]:
        shrunk = (Amount(step.apart), Amount(step.step.every)) if step.shrunk else None
        common = (step.step.urgency, step.step.expects, shrunk)
        if not step.turns:
            # A later step came while this one's chain was about to begin, or nobody is told.
            yield TurnShown(self.how.at(step.at), step.said, True, "", [], not step.step.chain, *common)
        for number, turn in enumerate(step.turns):
            told = [
                (one.name, in_role(one.role), _over(one.channel), self._moment(one.waits_until))
                for one in turn.told
            ]
            yield TurnShown(
                self.how.at(turn.at), step.said, number == 0, in_words(turn.link), told, False, *common
            )

    def _moment(self, at: int | None) -> Moment | None:
        return None if at is None else self.how.at(at)


def _over(channel: str) -> str:
    return "" if channel.startswith(_OURS) else channel
