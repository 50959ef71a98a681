"""A small MSP with clients in three time zones and a few dozen tickets around any instant, for pages to show."""

import random
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from uuid import uuid4

from beforehand.engine import history as h
from beforehand.engine.codes import AUTOMATIC, BY_AUTOMATION, BY_PERSON, PUBLIC
from beforehand.engine.coverage import Coverage
from beforehand.engine.instants import DAY, HOUR, MINUTE, to_instant
from beforehand.people.models import Provider, User
from beforehand.promises import models as promises
from beforehand.promises.book import current
from beforehand.tickets.events import TicketEvent
from beforehand.tickets.ledger import append
from beforehand.tickets.models import ImportRun, Source

WEEK = ("mon", "tue", "wed", "thu", "fri")
STATUSES = {
    "New": "working",
    "In progress": "working",
    "Waiting on client": "waiting-on-client",
    "Waiting on vendor": "waiting-on-vendor",
    "Visit booked": "scheduled-by-client",
    "Resolved": "resolved",
    "Closed": "closed",
}
CLIENTS = {
    "Ashcombe Dental": ("Europe/London", "Standard"),
    "Brightwater Schools": ("Europe/London", "Standard"),
    "Calder & Fenn Solicitors": ("Europe/London", "Premium"),
    "Dornhausen Maschinenbau": ("Europe/Berlin", "Premium"),
    "Elbtal Logistik": ("Europe/Berlin", "Standard"),
    "Fairlight Studios": ("America/New_York", "Standard"),
    "Greymoor Housing Trust": ("Europe/London", "Premium"),
}
PLANS = {
    "Standard": (
        ("09:00", "17:30"),
        {"P1": (1, 8), "P2": (2, 16), "P3": (4, 32), "P4": (8, 64)},
    ),
    "Premium": (
        ("08:00", "18:00"),
        {"P1": (0.25, 4), "P2": (1, 8), "P3": (2, 24), "P4": (4, 50)},
    ),
}
PEOPLE = ("Ada Ferrant", "Ben Okafor", "Chiara Lodi", "Dev Raman", "Ewa Nowak")
SUBJECTS = (
    "Cannot open shared mailbox",
    "Outlook asks for the password again and again",
    "New starter on Monday, laptop and accounts",
    "Printer in reception prints blank pages",
    "VPN drops every few minutes",
    "Teams calls without sound in meeting room 2",
    "Backup job failed on SRV-FILE02",
    "Quarantined invoice from a supplier",
    "Slow file server since the update",
    "Two-factor app lost with the old phone",
    "Scanner does not reach the network folder",
    "Certificate of the intranet ends next week",
    "Licence for drawing software",
    "Phone system: no incoming calls",
    "Phishing mail reported by the front desk",
    "Shared calendar missing for the partners",
)


def make_promises(now: datetime) -> Provider:
    """The provider with its clients, on two plans."""
    provider = Provider.objects.create(
        name="Northgate Managed IT", slug="northgate", zone="Europe/London", created=now
    )
    desk = _coverage(provider, "Desk", "Europe/London", ("08:00", "18:00"))
    promises.ProviderTerms.objects.create(
        provider=provider, revision=uuid4().hex, changed=now, coverage=desk, triage=2 * HOUR
    )
    for position, (status, state) in enumerate(STATUSES.items()):
        promises.StatusMapping.objects.create(
            provider=provider, status=status, state=state, position=position
        )
    plans = {name: _plan(provider, name, *terms) for name, terms in PLANS.items()}
    for name, (zone, plan) in CLIENTS.items():
        client = promises.Client.objects.create(provider=provider, name=name, zone=zone)
        promises.ClientKey.objects.create(
            provider=provider, client=client, kind="name", text=name, folded=name.casefold()
        )
        agreement = promises.Agreement.objects.create(
            provider=provider, client=client, name=f"{plan} support"
        )
        promises.Version.objects.create(
            provider=provider, agreement=agreement, since=date(2020, 1, 1), plan=plans[plan]
        )
    return provider


def make_user(provider: Provider, zone: str = "") -> User:
    """Marta, who looks at the pages; her password is her name twice over."""
    user = User(
        provider=provider, username="marta", first_name="Marta", last_name="Hale", zone=zone, role="owner"
    )
    user.set_password("marta-marta-hale")
    user.save()
    return user


def make_tickets(provider: Provider, now: datetime, more: int = 24) -> Source:
    """Tickets in every state there is as of `now`, and `more` ordinary ones."""
    source = Source.objects.create(provider=provider, slug="psa", name="the PSA")
    events = [TicketEvent(event[0], e) for event in _all(now, more) for e in event[1]]
    append(source, events, now, current(provider), at_once=50)
    return source


def make_imports(source: Source, now: datetime) -> None:
    """What a page of sources can show: imports that ended in every way, a status to map, an event told twice."""
    rejects = [
        [17, "opened: found '31/31/2026', expected a date"],
        [1204, "9 fields, expected 11 as in the header"],
    ]
    runs: list[dict[str, object]] = [
        {"log": "tickets-2026-01.csv", "rows": 48_210, "taken": 48_210, "events": 141_002, "tickets": 8_120},
        {"log": "tickets-2026-02.csv", "rows": 9_000, "taken": 8_000, "ended": None},
        {"log": "tickets-2026-02.csv", "rows": 51_730, "taken": 43_728, "known": 8_000, "rejected": 2,
         "rejects": "/srv/logs/tickets-2026-02.csv.rejects.csv", "first_rejects": rejects},
    ]  # fmt: skip
    for ago, run in zip((3, 2, 1), runs, strict=True):
        at = now - timedelta(hours=ago)
        when = {"by": "marta", "started": at, "seen": at, "ended": at} | run
        ImportRun.objects.create(provider=source.provider, source=source, **when)
    at = to_instant(now - timedelta(hours=2))
    told = [h.status(at, "On hold: parts ordered", id="odd"), h.changed(at, "priority", "P3", id="twice")]
    append(source, [TicketEvent("48219", event) for event in told], now)
    append(source, [TicketEvent("48219", h.changed(at, "priority", "P1", id="twice"))], now)


def _coverage(provider: Provider, name: str, zone: str, window: tuple[str, str]) -> promises.Coverage:
    hours = {day: [list(window)] for day in WEEK}
    return promises.Coverage.objects.create(provider=provider, name=name, zone=zone, hours=hours)


def _plan(
    provider: Provider, name: str, window: tuple[str, str], lines: dict[str, tuple[float, float]]
) -> promises.Plan:
    plan = promises.Plan.objects.create(provider=provider, name=name)
    edition = promises.Edition.objects.create(
        provider=provider,
        plan=plan,
        since=date(2020, 1, 1),
        coverage=_coverage(provider, f"{name} hours", "client", window),
    )
    for priority, amounts in lines.items():
        line = promises.Line.objects.create(provider=provider, edition=edition, priority=priority)
        for metric, hours in zip(("response", "resolution"), amounts, strict=True):
            promises.Target.objects.create(
                provider=provider, line=line, metric=metric, amount=int(hours * HOUR)
            )
    return plan


@lru_cache
def _hours(zone: str, plan: str) -> Coverage:
    """Laid out once for all tickets of a process, which takes longer than their events."""
    return Coverage(zone, {day: [PLANS[plan][0]] for day in WEEK})


class Life:
    """The events of one ticket, told in business minutes before `now` by its client's hours."""

    def __init__(self, number: int, client: str, subject: str, priority: str, age: float, now: int) -> None:
        zone, plan = CLIENTS.get(client, ("Europe/London", "Standard"))
        self.coverage = _hours(zone, plan)
        self.now, self.ticket, self.events = now, str(number), list[h.Event]()
        self.born = self.ago(age)
        self.add(h.created(self.born, flags=BY_PERSON))
        fields = {"number": f"T{number}", "subject": subject, "client": client, "priority": priority}
        for name, value in fields.items():
            self.add(h.changed(self.born, name, value, flags=BY_AUTOMATION))
        self.add(h.status(self.born, "New", flags=BY_AUTOMATION))
        self.add(h.message(self.born + 4_000_000, PUBLIC | BY_AUTOMATION | AUTOMATIC))

    def ago(self, minutes: float) -> int:
        """The latest instant from which so many business minutes have passed until now."""
        low, high = self.now - 400 * DAY, self.now
        while high - low > 1:
            middle = (low + high) // 2
            if self.coverage.between(middle, self.now) >= minutes * MINUTE:
                low = middle
            else:
                high = middle
        return low // MINUTE * MINUTE

    def add(self, event: h.Event) -> "Life":
        self.events.append(event._replace(id=f"{self.ticket}-{len(self.events)}", seq=len(self.events)))
        return self

    def assigned(self, minutes: float, person: str, team: str = "Service desk") -> "Life":
        self.add(h.changed(self.ago(minutes), "team", team))
        return self.add(h.assigned(self.ago(minutes), person))

    def answered(self, minutes: float, person: str) -> "Life":
        self.add(h.message(self.ago(minutes), person=person))
        return self.add(h.status(self.ago(minutes), "In progress", person=person))

    def status(self, minutes: float, value: str, person: str = "Ada Ferrant") -> "Life":
        return self.add(h.status(self.ago(minutes), value, person=person))

    def wrote(self, minutes: float) -> "Life":
        return self.add(h.client_message(self.ago(minutes), person="Ruth"))

    def priority(self, minutes: float, value: str, person: str) -> "Life":
        return self.add(h.changed(self.ago(minutes), "priority", value, person=person))


def _all(now: datetime, more: int) -> Iterator[tuple[str, Sequence[h.Event]]]:
    instant = to_instant(now)
    for life in (*_chosen(instant), *_ordinary(instant, more)):
        yield life.ticket, life.events


def _chosen(now: int) -> Iterator[Life]:
    """One ticket of each kind a page must be able to show."""
    ada, ben, chiara, dev, ewa = PEOPLE
    firm, works, school = "Calder & Fenn Solicitors", "Dornhausen Maschinenbau", "Brightwater Schools"
    yield (
        Life(48201, firm, "Document system down for everybody", "P1", 212, now)
        .assigned(205, ada)
        .answered(203, ada)
    )
    yield (
        Life(48207, works, "Line 3 terminal cannot reach the ERP", "P2", 290, now)
        .assigned(280, ben)
        .answered(241, ben)
        .status(230, "Waiting on vendor", ben)
    )
    yield Life(48215, school, "Pupil records will not load", "P2", 145, now).assigned(100, chiara)
    yield Life(48219, "Ashcombe Dental", "X-ray viewer shows an error after the update", "P3", 170, now)
    waits = Life(48155, works, "Laptop of the works manager does not wake up", "P3", 1300, now)
    waits.assigned(1290, dev).answered(1250, dev).status(900, "Waiting on client", dev).wrote(600)
    yield waits.status(590, "In progress", dev).status(300, "Waiting on client", dev)
    late = Life(48102, "Elbtal Logistik", "Handheld scanners lose the wireless network", "P3", 2350, now)
    late.assigned(2300, ewa).answered(2200, ewa)
    yield late
    yield (
        Life(48111, "Greymoor Housing Trust", "Tenants' portal: reset mails never arrive", "P2", 700, now)
        .assigned(690, ada)
        .answered(650, ada)
        .status(120, "Waiting on client")
    )
    again = Life(48120, school, "Classroom projector, picture keeps flickering", "P3", 1800, now)
    again.assigned(1780, ben).answered(1700, ben).status(1100, "Resolved", ben).wrote(400)
    yield again.status(395, "In progress", ben)
    raised = Life(48190, "Greymoor Housing Trust", "Door access system offline", "P3", 500, now)
    yield raised.assigned(490, chiara).answered(440, chiara).priority(5, "P1", chiara)
    yield Life(48230, "Lantern Yoga", "Booking page is slow", "P3", 65, now)
    booked = Life(48166, "Fairlight Studios", "Replace the switch in the edit suite", "P4", 900, now)
    yield booked.assigned(890, dev, "Projects").answered(880, dev).status(500, "Visit booked", dev)
    yield Life(48233, "Fairlight Studios", "Render node does not start", "P1", 20, now)
    kept = Life(48170, firm, "Partner cannot sign in from the court", "P2", 420, now)
    yield kept.assigned(415, ada).answered(402, ada).status(180, "Resolved").status(60, "Closed")
    broke = Life(48171, "Ashcombe Dental", "Reception phones silent", "P1", 300, now)
    yield broke.assigned(220, ben).answered(215, ben).status(90, "Resolved", ben)


def _ordinary(now: int, count: int) -> Iterator[Life]:
    chance = random.Random(48)
    for n in range(count):
        client, person = chance.choice(list(CLIENTS)), chance.choice(PEOPLE)
        priority = chance.choices(["P2", "P3", "P4"], [2, 5, 3])[0]
        age = chance.choice([15, 40, 70, 110, 200, 350, 600, 900, 1400])
        life = Life(48240 + n, client, chance.choice(SUBJECTS), priority, age, now)
        if age > 40:
            life.assigned(age * 0.9, person, chance.choice(["Service desk", "Projects", "Second line"]))
            life.answered(age * 0.88, person)
        if chance.random() < 0.2 and age > 100:
            life.status(age * 0.4, "Waiting on client", person)
        elif chance.random() < 0.35:
            life.status(age * 0.2, "Resolved", person)
        yield life
