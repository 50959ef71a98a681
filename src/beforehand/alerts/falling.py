"""What could not be delivered falls over to the same recipient's next way; the chain moves on after the last."""

from datetime import datetime

from beforehand.people.staff import Staff

from .channels import Places, Reach
from .delivering import instead, recipient_of, wait
from .ladders import step_of
from .models import Delivery


def fall_over(row: Delivery, now: datetime) -> bool:
    """Have the recipient of a delivery that failed told by their next way; whether there is one.

    In the transaction in which the failure is noted.
    """
    alert, who = row.alert, recipient_of(row.key)
    alert.provider = row.provider
    for way in _ways(row):
        following = instead(row, who, way)
        if wait(following, way, now):
            said = f"; told by {Places(row.provider).called(way)} instead"
            row.why = row.why[: 300 - len(said)] + said
            row.save(update_fields=["why"])
            return True
    return False


def _ways(row: Delivery) -> tuple[Reach, ...]:
    """The ways to the recipient, as they are now."""
    person = None if row.technician is None else Staff(row.provider).by_id(row.technician)
    if person is None:
        return ()
    step = step_of(row)
    return Places(row.provider).ways_to(person, () if step is None else step.channels)
