"""A provider whose people are told by mail, in a time that stands where it is put."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.test import override_settings

from beforehand.alerts.audit import check
from beforehand.alerts.audit_round import AUDIT
from beforehand.alerts.models import Alert, Delivery, StepTaken, Switch
from beforehand.engine import history as h
from beforehand.engine.codes import BY_PERSON, EXPECTATION, PUBLIC
from beforehand.engine.instants import to_instant
from beforehand.kernel.due.worker import Worker
from beforehand.kernel.models import Due
from beforehand.kernel.names import fold
from beforehand.people.models import DutyShift, Team, Technician
from beforehand.promises import models as rows
from beforehand.promises.book import Book
from beforehand.promises.ladders import Ladder, Match, Step, in_order, stored
from beforehand.promises.models import Client
from beforehand.promises.revisions import renew
from beforehand.tickets.events import TicketEvent
from beforehand.tickets.ledger import append
from beforehand.tickets.models import Source, Ticket
from beforehand.tickets.reread import reread_run, runs
from tests.support.post import Post, post_office
from tests.tickets.conftest import make_provider

FIRST = "Default for the first priority"
PEOPLE = ("Ada", "Ben", "Cleo", "Dee")
ANSWER = BY_PERSON | PUBLIC | EXPECTATION


class Desk:
    """Northwind: Ada works, Ben leads the desk, Cleo manages, Dee is the dispatcher at all hours."""

    def __init__(self, now: datetime) -> None:
        self.now, self.step = now, timedelta(seconds=1)
        self.provider = make_provider("northwind")
        rows.ProviderTerms.objects.update(changed=now - timedelta(days=30))
        self.source = Source.objects.create(provider=self.provider, slug="psa", name="PSA")
        team = Team.objects.create(provider=self.provider, name="Desk", folded=fold("Desk"))
        self.people = {
            name: Technician.objects.create(
                provider=self.provider, name=name, folded=fold(name), email=f"{name.lower()}@northwind.test",
                team=team, is_manager=name == "Cleo",
            )
            for name in PEOPLE
        }  # fmt: skip
        team.lead = self.people["Ben"]
        team.save()
        for day in range(7):
            DutyShift.objects.create(
                provider=self.provider, technician=self.people["Dee"], day=day, begins=0, ends=86_400
            )
        self.finds: list[str] = []
        """What the second check is to find in the end."""
        self.worker = Worker(lambda: self.now, lambda: [self.provider.pk])

    def switch_on(self, *ladders: str) -> None:
        """Everything rings: the source, all clients, the ladders of these names."""
        keys = [("source", str(self.source.pk)), *(("ladder", name) for name in ladders)]
        keys += [("client", str(pk)) for pk in Client.objects.values_list("pk", flat=True)]
        for kind, key in keys:
            Switch.objects.get_or_create(
                provider=self.provider, kind=kind, key=key, defaults={"since": self.now}
            )

    def tell(self, ticket: str, *events: h.Event) -> None:
        """Events arrive, now."""
        count = len(list(Ticket.objects.all()))
        told = [
            event._replace(id=event.id or f"{self.now.timestamp()}-{count}-{n}")
            for n, event in enumerate(events)
        ]
        append(self.source, [TicketEvent(ticket, event) for event in told], self.now)

    def open(self, ticket: str, priority: str = "P1", **fields: str) -> None:
        """A ticket of Contoso is created, now."""
        at = to_instant(self.now)
        named = {
            "client": "Contoso",
            "priority": priority,
            "subject": "Mail server down",
            "number": ticket,
            "team": "Desk",
            **fields,
        }
        changes = [h.changed(at, name, value) for name, value in named.items()]
        self.tell(ticket, h.created(at), *changes, h.status(at, "New"))

    def at(self, text: str) -> None:
        """Time goes on to an instant (of UTC), and whatever is due on the way is done when it is."""
        to = datetime.fromisoformat(text).replace(tzinfo=UTC)
        while True:
            self.work()
            # The second check looks only where something else is due: every ten minutes would be slow.
            rows = Due.objects.filter(due_at__gt=self.now, due_at__lte=to).exclude(kind=AUDIT)
            first = rows.order_by("due_at").first()
            if first is None:
                break
            self.now = first.due_at
        self.now = to
        self.work()

    def work(self) -> None:
        """What is due now is done."""
        # A worker that has not beaten for ten seconds sends nothing.
        self.worker.crew.beat(self.now, [self.provider.pk])
        for _ in range(1000):
            busy = self.worker.turn()
            self.worker.settle_all()
            if not busy:
                return
        raise AssertionError("it never ends")

    def ladder(self, *steps: Step, in_hours: bool = False) -> None:
        """The provider has a ladder of its own, for every clock, and it rings."""
        ladder = Ladder("Ours", in_order(steps), (Match(),), in_hours)
        rows.Ladder.objects.create(
            provider=self.provider, name=ladder.name, said=stored(ladder), in_hours=in_hours
        )
        renew("default")
        self.switch_on(ladder.name)

    def reread(self) -> None:
        """The terms have changed: all tickets are read again."""
        renew("default")
        for first, end in runs(self.provider.pk):
            reread_run(self.provider.pk, first, end, "again", Book(self.provider))

    def mail(self, post: Post) -> list[tuple[str, str]]:
        """Who got which first line, in order."""
        return [(letter["To"].split("@")[0], letter["Subject"]) for letter in post.letters]

    @property
    def told(self) -> list[tuple[str, str, str]]:
        """Which steps were told to whom, and what came of it."""
        rows = Delivery.objects.order_by("pk")
        said = {(s.alert_id, s.step): s.said for s in StepTaken.objects.all()}
        return [(said[row.alert_id, row.step], row.name, row.state) for row in rows]

    @property
    def alert(self) -> Alert:
        return Alert.objects.order_by("pk")[0]


@pytest.fixture
def post() -> Iterator[Post]:
    with post_office() as post, override_settings(
        SENDS_MAIL=True, EMAIL_HOST="127.0.0.1", EMAIL_PORT=post.port, EMAIL_HOST_USER="",
        EMAIL_USE_SSL=False, EMAIL_USE_TLS=False, DEFAULT_FROM_EMAIL="Beforehand <b@northwind.test>",
    ):  # fmt: skip
        yield post


@pytest.fixture
def desk(transactional_db: None) -> Iterator[Desk]:
    made = Desk(datetime(2026, 3, 10, 9, tzinfo=UTC))
    yield made
    made.worker.close()
    # Whatever the alerts did in any test, the second check finds it right.
    came = check(made.provider, made.now)
    assert ([one.kind for _, one in came.differences], came.failed) == (made.finds, 0), came.differences
