"""What a source's words mean here, as somebody confirms it. What nobody confirms counts nowhere."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime

from django.db import transaction

from beforehand.engine.codes import ORIGINS
from beforehand.kernel.faults import Fault, Refused, refuse_if_any
from beforehand.kernel.names import fold
from beforehand.people import staff_changes
from beforehand.people.models import Team, Technician
from beforehand.people.staff import Person, Staff
from beforehand.promises import meaning_changes as promised
from beforehand.promises.models import Client
from beforehand.tickets import rereading_due
from beforehand.tickets.models import Ticket

from .meaning import CALLED, ours
from .models import Connection, Remote, Word
from .sync import ask

AT_ONCE = 400
FIELD_OF = {
    "priority": "priority", "contract": "contract", "type": "type", "board": "board", "channel": "channel",
}  # fmt: skip
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
    """Say what priorities and contracts are called here, and which origins types, boards, channels and creators mean;
    "" for nothing.

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
            if row.kind in CALLED and ours(row) != before:
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
        if row.kind not in CALLED and said and said not in ORIGINS:
            yield Fault(f"{row.kind}, {row.name}", repr(said[:60]), "an origin", ", ".join(ORIGINS))
        elif len(said) > 200:
            yield Fault(f"{row.kind}, {row.name}", f"{len(said)} letters", "at most 200")


def _told_in(connection: Connection, words: Collection[Word]) -> int:
    """Have the tickets of these words read again."""
    tickets = Ticket.objects.filter(provider=connection.provider_id, source=connection.source_id)
    found: set[str] = set()
    clients = clients_of(words)
    for row in words:
        called = {row.name, row.ours, row.was} - {""} if row.kind in CALLED else {row.name}
        of = tickets.filter(**{f"{FIELD_OF[row.kind]}__in": called}) if row.kind in FIELD_OF else tickets
        if row.kind == "type" and row.board:
            of = of.filter(board=row.board)
        if row.pk in clients:
            of = of.filter(client_name=clients[row.pk])
        found.update(of.values_list("external_id", flat=True))
    names = sorted(found)
    remote = Remote.objects.filter(provider=connection.provider_id, connection=connection)
    return sum(
        remote.filter(external_id__in=names[start : start + AT_ONCE]).update(shallow=True, missed=0)
        for start in range(0, len(names), AT_ONCE)
    )


def clients_of(contracts: Iterable[Word]) -> dict[int, str]:
    """The client of each contract as tickets name it, where the source says whose it is."""
    whose = {row.pk: (row.connection_id, str(row.said.get("client") or "")) for row in contracts}
    rows = Word.objects.filter(kind="client", connection__in={at for at, _ in whose.values()})
    names = {(at, key): name for at, key, name in rows.values_list("connection", "key", "name")}
    return {pk: names[client] for pk, client in whose.items() if client in names}


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
    """Take on the people and teams of these words, where nobody is called so yet; how many are new.

    Who is here under the name that the source has for them now is known by the one of their tickets too; a team is
    called by that again.
    """
    with transaction.atomic():
        words = _words(connection, dict.fromkeys(chosen, ""), {"person", "team"})
        known = Staff(connection.provider)
        teams = {row.folded: row for row in Team.objects.filter(provider=connection.provider)}
        made, faults = 0, []
        for row in words:
            try:
                if row.kind == "team" and fold(row.name) not in teams:
                    team = teams.get(fold(row.named)) or Team(provider=connection.provider)
                    made += team.pk is None
                    team.name = row.name
                    staff_changes.save_team(team)
                elif row.kind == "person" and known.named(row.name) is None:
                    there = known.named(row.named)
                    made += there is None
                    technician = _technician(connection, row) if there is None else _known_as(there, row)
                    staff_changes.save_technician(technician)
            except Refused as refused:
                faults += [fault_of(row.name, fault) for fault in refused.faults]
        refuse_if_any(faults)
        _note(words, {row.pk: row.name for row in words})
    return made


def _known_as(there: Person, row: Word) -> Technician:
    technician = Technician.objects.get(pk=there.id)
    technician.aliases = [*technician.aliases, row.name]
    return technician


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
