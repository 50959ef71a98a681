"""What a source's words mean here, as somebody confirms it. What nobody confirms counts nowhere."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime

from django.db import transaction

from beforehand.engine.codes import ORIGINS
from beforehand.kernel.faults import Fault, Refused, refuse_if_any
from beforehand.kernel.names import fold
from beforehand.people import staff_changes
from beforehand.people.models import Team, Technician
from beforehand.people.staff import Staff
from beforehand.promises import meaning_changes as promised
from beforehand.promises.models import Client
from beforehand.tickets import rereading_due
from beforehand.tickets.models import Ticket

from .meaning import ours
from .models import Connection, Remote, Word
from .sync import ask

AT_ONCE = 400
FIELD_OF = {"priority": "priority", "type": "type", "board": "board", "channel": "channel"}
"""The column of a ticket in which a word of these kinds stands. Who created it stands in none."""


def confirm_statuses(
    connection: Connection,
    chosen: Mapping[int, str],
    now: datetime,
    says: Mapping[int, Collection[str]] | None = None,
) -> bool:
    """Put states to statuses, by the keys of their words; "" for nothing. `says`: which of `responded` and `planned`
    each says besides; without it, what it has said. Tickets are read again under them.

    Whether anything changed.
    """
    with transaction.atomic():
        words = _words(connection, chosen, {"status"})
        wanted = {(row.board, row.name): chosen[row.pk] for row in words}
        besides = None if says is None else {(row.board, row.name): says.get(row.pk, ()) for row in words}
        changed = promised.save_statuses(connection.provider, wanted, now, besides)
        _note(words, chosen)
        if changed:
            rereading_due.ask(connection.provider_id, now)
    return changed


def confirm_words(connection: Connection, chosen: Mapping[int, str], now: datetime) -> int:
    """Say what priorities are called here, and which origins types, boards, channels and creators mean; "" for nothing.

    Their tickets are read again, the newest first; how many those are.
    """
    with transaction.atomic():
        words = _words(connection, chosen, {*FIELD_OF, "creator"})
        refuse_if_any(_wrong_words(words, chosen))
        other = []
        for row in words:
            before = ours(row)
            said = " ".join(chosen[row.pk].split())
            if (said, bool(said)) == (row.ours, row.confirmed):
                continue
            row.ours, row.confirmed = said, bool(said)
            if row.kind == "priority" and ours(row) != before:
                row.was = before
            other.append(row)
        Word.objects.bulk_update(other, ["ours", "confirmed", "was"])
        told = _told_in(connection, other)
        if told:
            ask(connection, now)
    return told


def _wrong_words(words: Collection[Word], chosen: Mapping[int, str]) -> Iterator[Fault]:
    for row in words:
        said = chosen[row.pk].strip()
        if row.kind != "priority" and said and said not in ORIGINS:
            yield Fault(f"{row.kind}, {row.name}", repr(said[:60]), "an origin", ", ".join(ORIGINS))
        elif len(said) > 200:
            yield Fault(f"{row.kind}, {row.name}", f"{len(said)} letters", "at most 200")


def _told_in(connection: Connection, words: Collection[Word]) -> int:
    """Have the tickets of these words read again."""
    tickets = Ticket.objects.filter(provider=connection.provider_id, source=connection.source_id)
    found: set[str] = set()
    for row in words:
        called = {row.name, row.ours, row.was} - {""} if row.kind == "priority" else {row.name}
        of = tickets.filter(**{f"{FIELD_OF[row.kind]}__in": called}) if row.kind in FIELD_OF else tickets
        if row.kind == "type" and row.board:
            of = of.filter(board=row.board)
        found.update(of.values_list("external_id", flat=True))
    names = sorted(found)
    remote = Remote.objects.filter(provider=connection.provider_id, connection=connection)
    return sum(
        remote.filter(external_id__in=names[start : start + AT_ONCE]).update(shallow=True, missed=0)
        for start in range(0, len(names), AT_ONCE)
    )


def confirm_clients(connection: Connection, chosen: Mapping[int, int], now: datetime) -> bool:
    """Let the source's names of clients name ours, by the keys of both. Tickets are read again."""
    with transaction.atomic():
        words = _words(connection, chosen, {"client"})
        names = {row.name: chosen[row.pk] for row in words}
        changed = promised.name_clients(connection.provider, names, now)
        called = dict(Client.objects.filter(pk__in=chosen.values()).values_list("pk", "name"))
        _note(words, {pk: called[client] for pk, client in chosen.items()})
        if changed:
            rereading_due.ask(connection.provider_id, now)
    return changed


def confirm_staff(connection: Connection, chosen: Collection[int]) -> int:
    """Take on the people and teams of these words, where nobody is called so yet; how many are new."""
    with transaction.atomic():
        words = _words(connection, dict.fromkeys(chosen, ""), {"person", "team"})
        known = Staff(connection.provider)
        teams = set(Team.objects.filter(provider=connection.provider).values_list("folded", flat=True))
        made, faults = 0, []
        for row in words:
            try:
                if row.kind == "team" and fold(row.name) not in teams:
                    staff_changes.save_team(Team(provider=connection.provider, name=row.name))
                    made += 1
                elif row.kind == "person" and known.named(row.name) is None:
                    staff_changes.save_technician(_technician(connection, row))
                    made += 1
            except Refused as refused:
                faults += [fault_of(row.name, fault) for fault in refused.faults]
        refuse_if_any(faults)
        _note(words, {row.pk: row.name for row in words})
    return made


def fault_of(name: str, fault: Fault) -> Fault:
    """The same, of somebody."""
    return Fault(f"{name}, {fault.place}", fault.found, fault.expected, fault.example)


def _technician(connection: Connection, row: Word) -> Technician:
    aliases = [] if fold(row.named) == fold(row.name) else [row.named]
    email = row.said.get("email") or ""
    return Technician(
        provider=connection.provider,
        name=row.name,
        aliases=aliases,
        email=email if isinstance(email, str) else "",
        channels=["email"],
    )


def _words(connection: Connection, chosen: Mapping[int, object], kinds: set[str]) -> list[Word]:
    rows = Word.objects.select_for_update().filter(
        provider=connection.provider_id, connection=connection, kind__in=kinds
    )
    return list(rows.filter(pk__in=list(chosen)).order_by("pk"))


def _note(words: Collection[Word], said: Mapping[int, str]) -> None:
    for row in words:
        row.ours, row.confirmed = said[row.pk], bool(said[row.pk])
    Word.objects.bulk_update(words, ["ours", "confirmed"])
