"""Hands over what is to be written to a source, one thing a step, and no more often than its answers ask for.

A note is marked before it is handed over. Where no answer came nobody knows whether it was taken: so it is looked for
before it is written again, and where it cannot be looked for, the second one says that it may be a repeat. Fields may
be written twice without harm.

A source that can be read though it takes nothing goes on being read: only its limit and its key stop the whole turn.
"""

import json
from datetime import datetime, timedelta

from django.db.models import Min, Q, QuerySet

from .abilities import Shows, Writer
from .models import Connection, Written
from .trouble import Down, Forbidden, Limited, Missing, Odd, Trouble, Unauthorised
from .turn import Turn

AGAIN_S = (5, 30, 120, 600)
"""Seconds to the next try of what was not taken, after the first, the second, ..."""
MOST_TRIES = len(AGAIN_S) + 1
_WAITS = (*AGAIN_S, AGAIN_S[-1])
"""After the last try it is given as long once more before it is given up."""
REPEATED = " (Possibly a repeat: an earlier try was not answered.)"
_OPEN = (Written.State.WAITING, Written.State.SENDING)


def write(turn: Turn) -> bool:
    """A step of a connection's turn: write one thing. Raises Trouble where its limit is reached, or the key ends."""
    row: Written | None = None
    if not turn.takes_nothing:
        rows = _open(turn.connection).filter(_may(turn.clock())).select_related("ticket")
        row = rows.order_by("tries", "asked", "pk").first()
    if row is None:
        return False
    again = row.state == Written.State.SENDING
    row.tries += 1
    reader = turn.reader
    if not _wanted(turn.connection, row):
        _end(row, "writing was switched off before it was written")
    elif not isinstance(reader, Writer):
        _end(row, "this source cannot be written to")
    elif row.tries > MOST_TRIES:
        _give_up(turn, reader, row)
    else:
        _write(turn, reader, row, again)
    return True


def due(turn: Turn) -> datetime | None:
    """When there is something to hand over, again or at last; None where there is nothing."""
    rows = _open(turn.connection).order_by().values_list("tries")
    tried = rows.annotate(Min("tried"), Min("asked"))
    first = min((_at(tries, at or asked) for tries, at, asked in tried), default=None)
    if first is None or not turn.takes_nothing:
        return first
    return max(first, turn.clock() + timedelta(seconds=AGAIN_S[0]))


def _open(connection: Connection) -> "QuerySet[Written]":
    return Written.objects.filter(provider=connection.provider_id, connection=connection, state__in=_OPEN)


def _at(tries: int, tried: datetime) -> datetime:
    return tried + timedelta(seconds=_WAITS[min(tries, MOST_TRIES) - 1] if tries else 0)


def _may(now: datetime) -> Q:
    """Those that were not tried yet, or long enough ago."""
    found = Q(tries=0) | Q(tried=None)
    for number, seconds in enumerate(_WAITS, 1):
        found |= Q(tries=number, tried__lte=now - timedelta(seconds=seconds))
    return found


def _wanted(connection: Connection, row: Written) -> bool:
    return bool(connection.write_fields if row.key == Written.FIELDS else connection.write_notes)


def _write(turn: Turn, to: Writer, row: Written, again: bool) -> None:
    """`again`: it was handed over before, and nobody knows what came of it."""
    turn.save(turn=turn.connection.turn)  # nobody else has it by now
    ours = Written.objects.filter(pk=row.pk)
    ours.update(state=Written.State.SENDING, tries=row.tries, tried=turn.clock())
    try:
        if row.key == Written.FIELDS:
            to.write_fields(row.ticket.external_id, json.loads(row.text))
        else:
            _note(to, row, again)
    except (Limited, Unauthorised):
        # Surely not taken; of a try before nothing is known still.
        state = Written.State.SENDING if again else Written.State.WAITING
        ours.filter(text=row.text).update(state=state, tries=row.tries - 1)
        raise
    except (Down, Forbidden, Missing, Odd) as trouble:
        # That there is no such thing Autotask says of whatever goes wrong there, even once it has taken a note.
        if isinstance(trouble, Forbidden) or (isinstance(trouble, Missing) and row.key == Written.FIELDS):
            _end(row, str(trouble))
        else:
            ours.update(fault=str(trouble)[:300])
            turn.takes_nothing = isinstance(trouble, Down)
    else:
        _taken(turn, row)


def _note(to: Writer, row: Written, again: bool) -> None:
    stands = _looked(to, row) if again else False
    if stands:
        return
    if stands is None:
        row.repeats += 1
        Written.objects.filter(pk=row.pk).update(repeats=row.repeats)
    to.write_note(row.ticket.external_id, row.text + (REPEATED if row.repeats else ""))


def _looked(to: Writer, row: Written) -> bool | None:
    """Whether a note stands there by a try that was not answered; None where nobody can say."""
    if not isinstance(to, Shows):
        return None
    try:
        there = to.notes_of(row.ticket.external_id)
    except (Forbidden, Missing, Odd):
        return None
    # Others of the same words may stand there, each of its own right.
    same = Written.objects.filter(
        provider=row.provider_id, connection=row.connection_id, ticket=row.ticket_id, text=row.text
    )
    known = same.filter(state=Written.State.WRITTEN).exclude(pk=row.pk).count()
    return sum(_plain(one).startswith(_plain(row.text)) for one in there) > known


def _stands(to: Writer, row: Written) -> bool:
    try:
        return bool(_looked(to, row))
    except Trouble:
        return False


def _give_up(turn: Turn, to: Writer, row: Written) -> None:
    if row.key != Written.FIELDS and _stands(to, row):
        _taken(turn, row)
    else:
        _end(row, row.fault or "it was handed over, and no answer came")


def _plain(text: str) -> str:
    return " ".join(text.split())


def _taken(turn: Turn, row: Written) -> None:
    # What is to stand there may be another by now.
    ours = Written.objects.filter(pk=row.pk, text=row.text)
    ours.update(state=Written.State.WRITTEN, written=turn.clock(), fault="")


def _end(row: Written, fault: str) -> None:
    ours = Written.objects.filter(pk=row.pk, text=row.text)
    ours.update(state=Written.State.FAILED, fault=fault[:300], tries=row.tries)
