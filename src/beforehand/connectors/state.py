"""How each source does: when it was reached last, and what keeps it from being read. Pages and alerts read this."""

from datetime import datetime

from django.db import models, transaction

from beforehand.engine.instants import to_instant
from beforehand.kernel.due import queue
from beforehand.tickets.models import SourceState
from beforehand.tickets.sources import QUIET, SOURCE

from .models import Connection

WORDS = 500


def reached(connection: Connection, now: datetime) -> None:
    """It was read as far as there was anything to read, or as far as time allowed."""
    with transaction.atomic():
        row, _ = SourceState.objects.get_or_create(provider=connection.provider, source=connection.source)
        if row.failing is not None:
            queue.ask(SOURCE, row.provider_id, [row.source_id], to_instant(now))
        row.reached, row.failing, row.fault, row.tries = now, None, "", 0
        row.save()


def failed(connection: Connection, fault: str, now: datetime) -> int:
    """It could not be read; how often in a row that is by now."""
    with transaction.atomic():
        row, _ = SourceState.objects.get_or_create(provider=connection.provider, source=connection.source)
        if row.failing is None:
            queue.ask(SOURCE, row.provider_id, [row.source_id], to_instant(now + QUIET))
        row.failing, row.fault, row.tries = row.failing or now, fault[:WORDS], row.tries + 1
        row.save(update_fields=["failing", "fault", "tries"])
    return row.tries


def waits(connection: Connection, until: datetime) -> None:
    """Leave it alone until then."""
    connection.waits = until
    _ours(connection).update(waits=until)


def spent(connection: Connection, used: dict[str, int]) -> None:
    """Keep what was used of the source's calls."""
    connection.used = used
    _ours(connection).update(used=used)


def _ours(connection: Connection) -> models.QuerySet[Connection]:
    """The row, unless another worker has it by now."""
    return Connection.objects.filter(provider=connection.provider_id, pk=connection.pk, turn=connection.turn)
