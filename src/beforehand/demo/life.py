"""The whole life of a simulated ticket, planned at its birth; what is still to come is told on a later day."""

from collections.abc import Callable
from math import log

from beforehand.engine.codes import BY_AUTOMATION, BY_PERSON
from beforehand.engine.history import Event, absorbed, merged, starts
from beforehand.engine.instants import DAY, SECOND
from beforehand.promises.book import Book

from . import pen as words
from .arrivals import Birth
from .cast import Cast
from .promise import later, promise_of
from .way import Way

HOSTS = ("FS01", "DC01", "DC02", "SQL01", "RDS01", "RDS02", "BKP01", "APP01")
ROOMS = ("reception", "the meeting room", "accounts", "the back office", "the store room", "room 12")


def live(birth: Birth, cast: Cast, book: Book) -> tuple[Event, ...]:
    """All that ever happens to a ticket. The same birth has the same life, as long as the agreement is the same."""
    life = Life(birth, cast, book)
    if birth.into is not None:
        life.repeat()
    elif birth.stranger:
        life.unknown()
    else:
        _STORIES[birth.kind.group](life)
    return life.pen.done()


class Life(Way):
    """How a ticket comes to be, and what becomes of it, by who began it (clock.md 2.6)."""

    def open(self, origin: str, channel: str, by: int) -> None:
        """Create it, and learn what is promised for it."""
        kind, rng = self.kind, self.rng
        fields = {
            "number": self.birth.number,
            "client": self.birth.stranger or self.who.name,
            "subject": self.subject(),
            "contact": "" if by & BY_AUTOMATION and channel == "monitoring" else self.person,
            "origin": origin,
            "channel": channel,
            "type": kind.type,
            "board": kind.board,
            "priority": rng.choices(list(kind.priorities), list(kind.priorities.values()))[0],
            "team": words.TEAMS[kind.board],
            "site": "" if self.birth.stranger else rng.choice(self.who.sites),
            "tier": "VIP" if self.person in self.who.people[:2] and channel != "monitoring" else "",
            **self.birth.fixed,
        }
        if by & BY_PERSON:
            self.pen.owner = self.cast.technician(rng, self.who.desk, fields["team"])
        self.pen.open({name: value for name, value in fields.items() if value}, by)
        if self.pen.owner:
            self.pen.assign(self.pen.owner)
        self.promise = promise_of(self.held, fields)

    def subject(self) -> str:
        """A subject with its gaps filled in."""
        rng, who = self.rng, self.who
        filled = rng.choice(self.kind.subjects).format(
            person=rng.choice(who.people),
            site=rng.choice(who.sites),
            system=who.system,
            device=f"{who.code}-LT{rng.randint(11, 96):03}",
            host=f"{who.code}-{rng.choice(HOSTS)}",
            room=rng.choice(ROOMS),
            count=rng.randint(2, 9),
        )
        return filled[0].upper() + filled[1:]

    def by_mail(self) -> None:
        """Written by the client: by mail, taken up minutes later, or in the portal."""
        mail = self.rng.random() < 0.7
        self.open("client-written", "email" if mail else "portal", BY_AUTOMATION)
        if mail and self.chance(0.6):
            self.pen.client(self.person, self.birth.at - self.whole(20, 240))
        if self.chance(0.75):
            self.pen.acknowledge(self.whole(1, 50))

    def people(self) -> None:
        """Opened by the client's people."""
        if self.birth.live:
            self.open("client-live", "phone", BY_PERSON)
            self.pen.status(words.WORK)
            if self.kind.name == "password" or (self.kind.type == "Incident" and self.chance(0.5)):
                self.total = self.whole(3 * 60, 25 * 60)
                return self.go(plain=True)
            return self.go(0)
        self.by_mail()
        for other in self.birth.family:
            self.pen.note(absorbed(other.merged, other.number, other.at, person="Dispatch"))
        response = self.birth.answered or self.draw(self.promise.response, self.who.response)
        taken = int(response * self.rng.uniform(0.15, 0.95))
        self.then(taken, self.take_up)
        self.then(response, self.respond)
        return self.go(response)

    def machine(self) -> None:
        """Raised by monitoring: it clears by itself, or somebody takes it up."""
        self.open("machine", "monitoring", BY_AUTOMATION)
        if self.chance(self.kind.clears):
            self.pen.at += min(int(self.rng.lognormvariate(log(9), 0.9) * 60) + 30, 6 * 3600) * SECOND
            self.pen.status(words.RESOLVED, BY_AUTOMATION)
            return self.close(DAY)
        response = self.draw(self.promise.response, self.who.response)
        self.then(response, self.begin)
        return self.go(response)

    def recurring(self) -> None:
        """Upkeep, planned for a day of this month."""
        self.open("recurring", "schedule", BY_AUTOMATION)
        planned = later(self.hours, self.birth.at, self.whole(10 * 3600, 90 * 3600))
        self.pen.note(starts(self.birth.at, planned, flags=BY_AUTOMATION))
        self.pen.assign(self.technician(), BY_AUTOMATION)
        self.pen.at = planned
        self.begin()
        self.go(0)

    def ours(self) -> None:
        """Opened by the provider: something found, a project, work of its own."""
        self.open(self.kind.group, "internal", BY_PERSON)
        self.then(self.whole(5 * 60, 60 * 60), self.respond)
        self.go(0)

    def junk(self) -> None:
        """Mail that is nobody's ticket."""
        self.by_mail()
        self.to(self.draw(self.promise.response, (0.3, 0.6)))
        self.pen.status(words.SPAM)

    def repeat(self) -> None:
        """What a colleague has reported already: merged into that ticket."""
        into = self.birth.into
        assert into is not None
        self.by_mail()
        self.pen.at = self.birth.merged
        self.pen.note(merged(self.pen.at, into.number, person="Dispatch"))
        self.pen.status(words.DUPLICATE)

    def unknown(self) -> None:
        """From somebody whom no agreement names: found to be a client's, or turned away after a long while."""
        self.by_mail()
        if self.chance(0.3):
            self.to(self.whole(2 * 3600, 16 * 3600))
            self.pen.owner = self.technician()
            self.pen.field("client", self.who.name)
            self.pen.field("priority", "P3")
            self.take_up()
            self.respond()
            self.total = self.spent + self.whole(3600, 9 * 3600)
        else:
            self.total = self.whole(70 * 3600, 150 * 3600)
        self.to(self.total)
        self.resolve()
        self.close(3 * DAY)


_STORIES: dict[str, Callable[[Life], None]] = {
    "people": Life.people,
    "machine": Life.machine,
    "recurring": Life.recurring,
    "provider": Life.ours,
    "project": Life.ours,
    "internal": Life.ours,
    "noise": Life.junk,
}
