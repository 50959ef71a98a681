""" "It is noise": ends an alert for the rest of its clock's cycle, with a reason that is kept."""

from datetime import datetime

from django.db import transaction
from django.db.models import Max

from beforehand.engine.instants import to_instant
from beforehand.kernel.due import queue
from beforehand.kernel.faults import Fault, Refused
from beforehand.tickets import notices
from beforehand.tickets.watching import TICKET

from . import remarks
from .models import Alert, StepTaken

NOISE = "noise"
"""How a row of steps says that none is taken any more, since somebody said that the alert is noise."""
LONGEST_REASON = 150


def dismiss(alert: Alert, who: str, reason: str, now: datetime) -> None:
    """End an alert as noise: no step of this cycle is told any more. Refused without a reason, or where it is over."""
    said = " ".join(reason.replace("\x00", "").split())[:LONGEST_REASON]
    if not said:
        raise Refused(Fault("the reason", "nothing", "a few words on why this alert is noise"))
    with transaction.atomic():
        kept = Alert.objects.select_for_update().get(pk=alert.pk)
        if kept.ended is not None:
            raise Refused(Fault("the alert", "one that is over", "an alert that goes on"))
        ended_by = f"noise, said {who[:30]}: {said}"
        if kept.chain_step is not None:
            rows = StepTaken.objects.filter(provider=kept.provider_id, alert=kept, step=kept.chain_step)
            rows.update(ended=now, ended_by=ended_by)
            if not kept.rehearsal:
                remarks.say(kept.provider_id, [remarks.over(kept, row) for row in rows if row.links], now)
        _settle(kept, now)
        kept.outcome, kept.ended, kept.ended_by = Alert.Outcome.NOISE, now, ended_by
        kept.chain_step = kept.chain_start = kept.chain_next = kept.chain_known = kept.held_until = None
        kept.chain_place, kept.held_by = 0, ""
        kept.save()
        queue.ask(TICKET, kept.provider_id, [kept.ticket_id], to_instant(now))
        notices.tell(kept.provider_id, [kept.ticket_id])


def _settle(alert: Alert, now: datetime) -> None:
    """One row, under a number that no step has, says that none is taken any more."""
    rows = StepTaken.objects.filter(provider=alert.provider_id, alert=alert)
    last = rows.aggregate(last=Max("step"))["last"]
    StepTaken.objects.create(
        provider=alert.provider, alert=alert, step=0 if last is None else last + 1, said="", at=now, taken=now,
        how=NOISE,
    )  # fmt: skip
