"""A simulated ticket's way from the first answer to the last.

A life is a walk over business time: what happens to a ticket stands at a share of what was promised for it, so that
the generator and the agreement cannot drift apart. Whether that kept the promise is the engine's to say.
"""

from collections.abc import Callable
from heapq import heappop, heappush
from math import log
from random import Random

from beforehand.engine.codes import BY_AUTOMATION
from beforehand.engine.history import excluded
from beforehand.engine.instants import DAY, MINUTE, SECOND
from beforehand.promises.book import Book

from . import pen as words
from .arrivals import Birth
from .cast import Cast, Technician
from .pen import Pen
from .promise import hours_of, later, promise_of, terms_of

REASONS = (
    "Client asked us to hold it until their move",
    "Vendor outage, agreed with the client",
    "Logged under the wrong client for two days",
)


class Way:
    """One ticket on its way. `spent` is the business time since its start, waits on the client left out."""

    def __init__(self, birth: Birth, cast: Cast, book: Book) -> None:
        self.birth, self.kind, self.who = birth, birth.kind, birth.client
        self.cast, self.rng, self.pen = cast, Random(birth.seed), Pen(birth)
        self.held = terms_of(book, birth.stranger or self.who.name, birth.at)
        self.hours = hours_of(self.held)
        self.person = self.rng.choice(self.who.people)
        self.promise = promise_of(self.held, {})
        self.spent = self.total = 0
        self.over = False
        self.plan: list[tuple[int, int, Callable[[], None]]] = []

    # The way from the first answer to the last.

    def go(self, response: int = 0, plain: bool = False) -> None:
        """Plan what lies between the response and the resolution, and live it."""
        if not plain:
            self.total = self.draw(self.promise.resolution, self.who.resolution, self.kind.pace)
            self.total = max(self.total, response + self.whole(3 * 60, 20 * 60))
            if self.birth.solved:
                self.total = self.birth.solved
            else:
                self.interrupt(response)
            self.keep_told(response)
        while self.plan and not self.over:
            spent, _, act = heappop(self.plan)
            if spent >= self.total:
                break
            self.to(spent)
            act()
        if not self.over:
            self.to(max(self.total, self.spent))
            self.resolve()
        self.end()

    def interrupt(self, response: int) -> None:
        """What happens on the way, each at its share of the time after the response."""
        if self.chance(self.kind.vendor):
            self.total += int(self.promise.resolution * self.rng.uniform(0.03, 0.3))
            self.somewhere(response, 0.15, 0.6, self.ask_vendor)
        for chance, low, high, act in (
            (self.kind.waits, 0.05, 0.5, self.wait),
            (self.kind.waits, 0.3, 0.85, self.wait),
            (self.kind.visit, 0.3, 0.8, self.book_visit),
            (0.13, 0.1, 0.7, self.hand_over),
            (0.03, 0.05, 0.6, self.raise_priority),
            (0.02, 0.1, 0.9, self.lower_priority),
            (0.7, 0.05, 0.9, self.pen.work),
            (0.4, 0.2, 0.9, self.tell),
        ):
            if self.chance(chance):
                self.somewhere(response, low, high, act)
        if self.total > 0.9 * self.promise.resolution and self.chance(0.05):
            late = int(self.promise.resolution * self.rng.uniform(0.78, 0.98))
            self.then(max(late, response), self.lower_priority)

    def keep_told(self, response: int) -> None:
        """Where updates are promised the client hears how it stands, nearly always in time."""
        told = response
        while self.promise.update and told < self.total:
            late = self.chance(0.06)
            share = self.rng.uniform(1.0, 1.5) if late else self.rng.uniform(0.45, 0.97)
            told += max(int(self.promise.update * share), MINUTE)
            self.then(told, self.tell)

    def then(self, spent: int, act: Callable[[], None]) -> None:
        """Plan an act for when that much business time is spent."""
        heappush(self.plan, (spent, len(self.plan), act))

    def somewhere(self, response: int, low: float, high: float, act: Callable[[], None]) -> None:
        """Plan an act between two shares of the time after the response."""
        self.then(response + int((self.total - response) * self.rng.uniform(low, high)), act)

    def take_up(self) -> None:
        """Somebody of the team puts a name to it."""
        self.pen.assign(self.technician())

    def respond(self) -> None:
        """A person answers for the first time."""
        if self.pen.owner is None:
            self.take_up()
        self.pen.status(words.WORK)
        self.pen.say(self.rng)

    def begin(self) -> None:
        """Work begins without anybody to answer."""
        if self.pen.owner is None:
            self.take_up()
        self.pen.status(words.WORK)
        if self.promise.update:
            self.pen.say(self.rng)

    def tell(self) -> None:
        """The client is told how it stands."""
        self.pen.say(self.rng)

    def wait(self) -> None:
        """A question to the client, and the answer in their own time; some never answer."""
        self.pen.say(self.rng)
        self.pen.status(words.WAITING)
        if self.chance(0.07):
            self.pen.at = later(self.hours, self.pen.at, self.whole(30 * 3600, 70 * 3600))
            self.resolve()
            self.over = True
            return
        answer = min(self.rng.lognormvariate(log(9), 1.2), 110.0)
        self.pen.at = later(self.hours, self.pen.at, int(answer * 3600) * SECOND)
        self.pen.client(self.person)
        if self.chance(0.8):
            self.pen.status(words.WORK, BY_AUTOMATION)

    def ask_vendor(self) -> None:
        """The ticket lies with a vendor for a while: nothing pauses."""
        self.pen.say(self.rng)
        self.pen.status(words.UNMAPPED[0] if self.chance(0.3) else words.VENDOR)
        self.then(self.spent + int((self.total - self.spent) * self.rng.uniform(0.4, 0.9)), self.back)

    def back(self) -> None:
        """Work goes on."""
        self.pen.status(words.WORK)

    def book_visit(self) -> None:
        """The client names a day for the visit."""
        self.pen.say(self.rng)
        self.pen.status(words.BOOKED)
        self.pen.at = later(self.hours, self.pen.at, self.whole(5 * 3600, 40 * 3600))
        self.pen.assign(self.cast.technician(self.rng, self.who.desk, "Field"))
        self.pen.status(words.WORK)
        self.pen.say(self.rng, visit=True)

    def hand_over(self) -> None:
        """Somebody else goes on with it, perhaps of another team."""
        team = "Infrastructure" if self.chance(0.5) else self.pen.fields["team"]
        if self.chance(0.12):
            self.pen.status(words.UNMAPPED[1])
        self.pen.assign(self.cast.technician(self.rng, self.who.desk, team, self.pen.signature))

    def raise_priority(self) -> None:
        """It is worse than it looked, and goes faster from here."""
        before = int(self.pen.fields["priority"][1:])
        if before > 2 or (before == 2 and self.chance(0.2)):
            self.change_priority(f"P{before - 1}")
            left = max(self.promise.resolution - self.spent, self.promise.resolution // 8)
            self.total = min(self.total, self.spent + int(left * self.rng.uniform(0.25, 0.95)))

    def lower_priority(self) -> None:
        """It is less urgent than it looked."""
        before = int(self.pen.fields["priority"][1:])
        if before < 4:
            self.change_priority(f"P{before + 1}")

    def change_priority(self, priority: str) -> None:
        """Another priority, and what is promised for that one."""
        self.pen.field("priority", priority)
        self.promise = promise_of(self.held, self.pen.fields)

    # How it ends.

    def resolve(self) -> None:
        """A last word to the client, and resolved."""
        if self.pen.owner is None:
            self.take_up()
        if self.kind.group in ("people", "provider"):
            self.pen.say(self.rng)
        self.pen.status(words.RESOLVED)

    def end(self) -> None:
        """Thanks, second thoughts, and the closing after some days."""
        late = self.spent > self.promise.resolution
        if self.kind.group == "people":
            lot = self.rng.random()
            if lot < 0.06:
                self.thanks()
            elif lot < 0.095:
                self.second_round(self.whole(3600, 20 * 3600))
            elif lot < 0.1:
                self.second_round(self.whole(50 * 3600, 100 * 3600))
        if late and self.chance(0.08):
            at = self.pen.at + self.whole(3600, 40 * 3600)
            self.pen.note(excluded(at, self.rng.choice(REASONS), person=self.cast.manager))
        self.close(3 * DAY)

    def thanks(self) -> None:
        """ "Thanks!" reopens the ticket, as PSAs do, and somebody resolves it again."""
        self.pen.at = later(self.hours, self.pen.at, self.whole(5 * 60, 9 * 3600))
        self.pen.client(self.person)
        self.pen.status(words.REOPENED, BY_AUTOMATION)
        self.pen.at = later(self.hours, self.pen.at, self.whole(4 * 60, 2 * 3600))
        self.pen.status(words.RESOLVED)

    def second_round(self, after: int) -> None:
        """It was not solved after all."""
        self.pen.at = later(self.hours, self.pen.at, after)
        self.pen.client(self.person)
        self.pen.status(words.REOPENED, BY_AUTOMATION)
        self.to(self.spent + self.whole(8 * 60, 90 * 60))
        self.pen.say(self.rng)
        self.to(self.spent + int(self.promise.resolution * self.rng.uniform(0.02, 0.2)))
        self.resolve()

    def close(self, after: int) -> None:
        """The PSA closes what nobody objected to."""
        self.pen.at += after
        self.pen.status(words.CLOSED, BY_AUTOMATION)

    # Measures.

    def to(self, spent: int) -> None:
        """Go on until that much business time is spent."""
        if spent > self.spent:
            self.pen.at = later(self.promise.coverage, self.pen.at, spent - self.spent)
            self.spent = spent

    def draw(self, target: int, habit: tuple[float, float], pace: float = 1.0) -> int:
        """How long something takes that was promised within `target`: most of what nearly breaks is hurried."""
        share = self.rng.lognormvariate(log(habit[0]), habit[1]) * pace
        if 1.0 < share < 1.3 and self.chance(0.5):
            share = self.rng.uniform(0.84, 0.995)
        if self.chance(0.008):
            share *= self.rng.uniform(2.0, 4.0)
        return max(int(target * min(share, 6.0)), 40 * SECOND)

    def chance(self, probability: float) -> bool:
        """Whether it happens."""
        return self.rng.random() < probability

    def whole(self, low: float, high: float) -> int:
        """Some whole seconds between two numbers of seconds, in microseconds."""
        return self.rng.randint(int(low), int(high)) * SECOND

    def technician(self) -> Technician:
        """Somebody of the ticket's team near the client."""
        return self.cast.technician(self.rng, self.who.desk, self.pen.fields.get("team", "Service Desk"))
