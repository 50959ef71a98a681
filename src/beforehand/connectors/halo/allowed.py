"""Whether HaloPSA lets us write what is switched on.

What a scope allows it tells when a token is asked for; of the rights of the agent's role it tells nothing.
"""

from collections.abc import Iterator, Sequence

from beforehand.connectors.contract import Right
from beforehand.connectors.line import Forbidden, Missing, Odd, Unauthorised
from beforehand.connectors.wanted import FIELDS, NOTES, Wanted, field_rights, fields_unseen

from .checking import WHERE
from .client import Client
from .values import flag, text

SCOPE = "edit:tickets"
ROLE = "HaloPSA: the role of the agent that the application signs in as"
SETTINGS = "Settings of this connection"


def check(client: Client, wanted: Wanted, note: str) -> list[Right]:
    """Two or three calls for a token's scope, one for the kind of note, one for the fields."""
    found = [_scope(client, NOTES if wanted.notes else FIELDS)] if wanted.notes or wanted.fields else []
    if wanted.notes:
        found.append(Right("Role: add actions", None, "to add internal notes", ROLE, NOTES))
        found += _kind_of_note(client, note)
    if wanted.fields:
        found.append(Right("Role: edit tickets", None, "to keep fields up", ROLE, FIELDS))
        found += _fields(client, wanted.fields)
    return found


def _scope(client: Client, by: str) -> Right:
    """Whether tokens may be had that write: those we use, and any of this application."""
    purpose = "to write to tickets"
    if not _covers(client.session.access.scope):
        how = f"{SETTINGS}: add {SCOPE} to the scope"
        return Right(SCOPE, False, f"{purpose}: the scope in the settings does not have it", how)
    try:
        said = client.scope(SCOPE)
    except Forbidden:
        return Right(SCOPE, False, f"{purpose}: the application does not allow it", WHERE)
    except (Unauthorised, Odd):
        said = ""
    if not said:
        return Right(SCOPE, None, purpose, WHERE, by)
    if _covers(said):
        return Right(SCOPE, True, purpose)
    return Right(SCOPE, False, f"{purpose}: a token for it is good for {said[:100]} only", WHERE)


def _covers(scope: str) -> bool:
    """Whether a scope has ours in it, or is one of those that have many."""
    words = scope.replace(",", " ").casefold().split()
    return any(word == SCOPE or word.partition(":")[0] in ("all", "admin") for word in words)


def _kind_of_note(client: Client, note: str) -> Iterator[Right]:
    """Of a kind that is not listed nothing is said: it may be known there all the same."""
    try:
        kind = client.outcome(note)
    except (Missing, Odd):
        kind = None
    if kind is not None:
        mails = flag(kind.get("sendemail"))
        fault = ": it sends mail, so no note is written with it" if mails else ""
        purpose = f"for notes that are mailed to nobody{fault}"
        yield Right(f"Kind of note “{note}”", not mails, purpose, f"{SETTINGS}: another kind of note")


def _fields(client: Client, wanted: Sequence[str]) -> Iterator[Right]:
    try:
        rows = client.table("FieldInfo")
    except (Forbidden, Missing, Odd):
        return fields_unseen(wanted, "HaloPSA does not list its custom fields to this application.")
    there = {text(row.get("name")): "" for row in rows}
    return field_rights(wanted, there, {text(row.get("label")): text(row.get("name")) for row in rows})
