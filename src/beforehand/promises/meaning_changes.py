"""What statuses and clients' names mean, said one at a time: under a new revision, as an agreement file is loaded.

Whoever changes it asks for the tickets to be read again.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from beforehand.engine.codes import STATES
from beforehand.engine.terms import Meaning, StatusMap
from beforehand.kernel.faults import Fault, refuse_if_any
from beforehand.kernel.names import fold
from beforehand.people.models import Provider
from beforehand.promises.file.document import Document
from beforehand.promises.file.from_rows import document_of
from beforehand.promises.file.write import Writer
from beforehand.promises.file.write_dates import write_provider, write_statuses
from beforehand.promises.models import Client, ClientKey
from beforehand.promises.rows import Rows, read_rows

Table = Mapping[str, Meaning]
Wanted = Mapping[tuple[str, str], str]
Says = Mapping[tuple[str, str], Collection[str]]
"""Which of `responded` and `planned` (3.2) a status says besides."""


def save_statuses(provider: Provider, wanted: Wanted, now: datetime, says: Says | None = None) -> bool:
    """Put states (3.2) to statuses, by board and name; "" takes what the board's own table says away. Without `says`
    each says besides what it has said.

    Whether anything is another than before. Refused, with nothing kept, for a state that is none.
    """
    refuse_if_any(
        Fault(f"statuses, {status}", repr(state), "a state", ", ".join(STATES))
        for (_, status), state in wanted.items()
        if state and state not in STATES
    )
    with transaction.atomic():
        owner, rows, document = _held(provider)
        statuses = with_states(document.statuses, wanted, says)
        if statuses == document.statuses:
            return False
        write_statuses(owner, statuses)
        _renew(owner, rows, replace(document, statuses=statuses), now)
    return True


def with_states(
    tables: Mapping[str, Table], wanted: Wanted, says: Says | None = None
) -> dict[str, dict[str, Meaning]]:
    """The status map with these states in it.

    A board that gets a table of its own keeps what the one for every board has said, which serves it no more.
    """
    found = {board: dict(table) for board, table in tables.items()}
    for (board, status), state in wanted.items():
        there = StatusMap(found).meaning(board, status)
        if not state:
            found.get(board, {}).pop(status, None)
            continue
        meaning = (there or Meaning(state))._replace(state=state)
        if says is not None:
            said = says.get((board, status), ())
            meaning = meaning._replace(responded="responded" in said, planned="planned" in said)
        if meaning != there:
            found.setdefault(board, dict(found.get("", {})))[status] = meaning
    return {board: table for board, table in found.items() if table}


def name_clients(provider: Provider, names: Mapping[str, int], now: datetime) -> bool:
    """Let words that sources use name clients of ours, by their keys; whether any did not before.

    Refused where a word names another client already that stands in the agreement file, or a client is none of the
    provider's. One who was only met in tickets under that word gives it up.
    """
    with transaction.atomic():
        owner, rows, document = _held(provider)
        known = {key.folded: key for keys in rows.keys.values() for key in keys}
        ours = {row.pk: row for row in rows.clients}
        faults, fresh = [], {}
        for name, client in names.items():
            taken = known.get(fold(name))
            if client not in ours:
                faults.append(Fault(f"clients, {name}", "a client that is not there any more", "one of ours"))
            elif taken is None or (taken.client_id != client and not ours[taken.client_id].listed):
                fresh[name] = client
            elif taken.client_id != client:
                whose = ours[taken.client_id].name
                faults.append(Fault(f"clients, {name}", f"a name of {whose}", "a name of no other client"))
        refuse_if_any(faults)
        if not fresh:
            return False
        _add_keys(owner, rows, fresh)
        _renew(owner, rows, document, now)
    return True


def _add_keys(owner: Provider, rows: Rows, fresh: Mapping[str, int]) -> None:
    ClientKey.objects.filter(
        provider=owner, client__listed=False, folded__in=[fold(name) for name in fresh]
    ).delete()
    for name, client in fresh.items():
        position = len(rows.keys.get(client, []))
        ClientKey.objects.create(
            provider=owner,
            client_id=client,
            kind=ClientKey.Kind.KEY,
            text=name,
            folded=fold(name),
            position=position,
        )
    # Who was met in tickets stands in the agreement file from now on: its names are kept there.
    Client.objects.filter(provider=owner, pk__in=fresh.values()).update(listed=True)


def _held(provider: Provider) -> tuple[Provider, Rows, Document]:
    owner = Provider.objects.select_for_update().get(pk=provider.pk)
    rows = read_rows(owner)
    return owner, rows, document_of(owner, rows)


def _renew(owner: Provider, rows: Rows, document: Document, now: datetime) -> None:
    until = rows.terms.expanded_until if rows.terms else 0
    write_provider(owner, document, Writer(owner, document, rows).coverages, until, now)
