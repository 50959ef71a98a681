"""Alerts in every state, on the tickets of msp.py, for pages to show."""

from datetime import datetime, timedelta

from django.db.models import F

from beforehand.alerts.models import Alert, Attempt, Delivery, Mailbox, StepTaken, Switch
from beforehand.engine.codes import BESIDE, STOPPED
from beforehand.kernel.names import fold
from beforehand.people.models import Provider, Team, Technician
from beforehand.promises.models import Client
from beforehand.tickets.models import Clock, Source, Ticket

LADDER = "Default for lower priorities"
MINUTE = timedelta(minutes=1)


def make_staff(provider: Provider) -> dict[str, Technician]:
    """Ada, Ben, who leads the desk, and Chiara, who manages; each with an address."""
    team = Team.objects.create(provider=provider, name="Service desk", folded="service desk")
    people = {
        name: Technician.objects.create(
            provider=provider, name=name, folded=fold(name), email=f"{name.split()[0].lower()}@northgate.example",
            team=team, is_manager=name.startswith("Chiara"),
        )
        for name in ("Ada Ferrant", "Ben Okafor", "Chiara Lodi")
    }  # fmt: skip
    team.lead = people["Ben Okafor"]
    team.save()
    return people


def make_alert(ticket: Ticket, now: datetime, step: int = 1, **fields: object) -> Alert:
    """An alert of an open clock of the ticket, on the lower default ladder: at 75% by default, minutes ago."""
    found = Clock.objects.filter(ticket=ticket, metric__lt=BESIDE[0]).exclude(run=STOPPED)
    clock = found.order_by(F("late_at").asc(nulls_last=True))[0]
    said = ("50%", "75%", "90%", "100%")[step]
    values: dict[str, object] = {
        "metric": clock.metric, "number": clock.number, "cycle": clock.cycle, "ladder": LADDER,
        "rehearsal": False, "opened": now - 9 * MINUTE, "reached": said, "reached_at": now - 9 * MINUTE,
        "expects": "see to it",
    }  # fmt: skip
    alert = Alert.objects.create(provider=ticket.provider, ticket=ticket, **values | fields)
    StepTaken.objects.create(
        provider=ticket.provider, alert=alert, step=step, said=said, at=now - 9 * MINUTE, taken=now - 9 * MINUTE,
        how="overdue" if fields.get("opened") == now - 3 * MINUTE else "live",
    )  # fmt: skip
    return alert


def make_delivery(
    alert: Alert, to: Technician, at: datetime, state: str = "sent", **fields: object
) -> Delivery:
    """That somebody was told of an alert's last step."""
    mailbox, _ = Mailbox.objects.get_or_create(provider=alert.provider, channel="mail", address=to.email)
    step = StepTaken.objects.filter(alert=alert).latest("step").step
    values: dict[str, object] = {
        "key": f"{alert.pk}.{step}.{to.pk}", "alert": alert, "step": step, "place": 0, "role": "assignee",
        "name": to.name, "technician": to.pk, "mailbox": mailbox, "urgency": "normal", "state": state,
        "created": at, "sent": at if state == "sent" else None, "message": f"{alert.pk}@northgate.example",
    }  # fmt: skip
    return Delivery.objects.create(provider=alert.provider, **values | fields)


def make_attempt(row: Delivery, at: datetime, ok: bool, answer: str, **fields: str) -> Attempt:
    """A try to make a delivery."""
    assert row.mailbox is not None
    return Attempt.objects.create(
        provider=row.provider, mailbox=row.mailbox, message=row.message, at=at, took=84, ok=ok, answer=answer, **fields
    )  # fmt: skip


def make_alerts(provider: Provider, now: datetime) -> dict[str, Alert]:
    """Alerts that ring, rehearse, are held, failed, were late at first, and are over, by what they are."""
    people = make_staff(provider)
    ada, ben, chiara = people.values()
    open_ones = Clock.objects.filter(provider=provider, metric__lt=BESIDE[0]).exclude(run=STOPPED)
    by_due = open_ones.filter(late_at__isnull=False).order_by("late_at")
    pks = dict.fromkeys(by_due.values_list("ticket", flat=True))
    tickets = iter([Ticket.objects.select_related("client", "provider").get(pk=pk) for pk in pks])
    made = {
        "late": make_alert(next(tickets), now, 3, expects="call the client", chain_step=3, chain_place=1,
                           chain_start=now, chain_next=now + 6 * MINUTE, chain_known=0),
        "old": make_alert(next(tickets), now, 3, rehearsal=True, opened=now - 3 * MINUTE),
        "failed": make_alert(next(tickets), now, 3, expects="call the client"),
        "rehearsing": make_alert(next(tickets), now, 1, rehearsal=True),
        "held": make_alert(next(tickets), now, 2, chain_step=2, chain_place=1, chain_start=now,
                           chain_next=now + 2 * MINUTE, held_until=now + 25 * MINUTE, held_by="Ben Okafor"),
        "saved": make_alert(next(tickets), now, 2, ended=now - MINUTE, ended_by="the clock stopped: met",
                            outcome="saved"),
        "noise": make_alert(next(tickets), now, 1, ended=now - 5 * MINUTE, outcome="noise",
                            ended_by="noise, said Ben Okafor: the client is on holiday"),
        "missed": make_alert(next(tickets), now, 3, ended=now - 50 * MINUTE, outcome="late", rehearsal=True,
                             ended_by="answered by Ada Ferrant"),
    }  # fmt: skip
    StepTaken.objects.filter(alert=made["late"]).update(nobody=[0])
    for name in ("late", "held", "saved", "noise"):
        row = make_delivery(
            made[name], ada, now - 8 * MINUTE, urgency="urgent" if name == "late" else "normal"
        )
        make_attempt(row, now - 8 * MINUTE, True, "250 2.0.0 Ok: queued as 4F1D2")
    make_delivery(made["rehearsing"], ben, now - 8 * MINUTE, "rehearsed")
    make_delivery(made["old"], ada, now - 3 * MINUTE, "rehearsed", summary=True)
    failed = make_delivery(
        made["failed"], chiara, now - 9 * MINUTE, "failed", why="550 5.1.1 No such user", repeats=1
    )
    make_attempt(failed, now - 9 * MINUTE, False, "451 4.7.1 Greylisted, try again in 5 minutes")
    make_attempt(failed, now - 4 * MINUTE, False, "550 5.1.1 No such user")
    switch(provider, now)
    return made


def switch(provider: Provider, now: datetime) -> None:
    """Some of it rings: the source, one ladder, one client, another for the first two priorities."""
    source = Source.objects.filter(provider=provider)[0]
    client = Client.objects.filter(provider=provider).order_by("pk")
    some = [("source", str(source.pk)), ("ladder", LADDER), ("client", str(client[0].pk))]
    for kind, key in some:
        Switch.objects.create(provider=provider, kind=kind, key=key, since=now)
    Switch.objects.create(
        provider=provider, kind="client", key=str(client[1].pk), since=now, priorities=["P1", "P2"]
    )
