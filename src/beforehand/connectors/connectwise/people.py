"""Who did it: a person of the provider, the client, or a program."""

import threading
import time
from collections.abc import Callable, Iterable
from typing import NamedTuple

from beforehand.engine.codes import BY_AUTOMATION, BY_PERSON

from .values import Row, text, within

KEPT_S = 600.0
AGAIN_S = 60.0
"""Members are read again after a while, and sooner where one is named that nobody knows."""
PROGRAMS = frozenset(("emailconnector", "workflow", "workflowrules", "system", "zadmin", "portal"))
"""Names under which ConnectWise writes by itself."""
MAIL = frozenset(("emailconnector", "portal"))
"""Of those the ones that hand on what others wrote."""
API = "A"
"""The licence class of members that are programs."""


class Member(NamedTuple):
    """A member as the audit trail and notes name it."""

    name: str
    is_program: bool


class Members:
    """The members of a tenant by identifier; empty where they may not be read."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._by = {text(row.get("identifier")).lower(): _member(row) for row in rows}
        self._names = {member.name.lower(): member for member in self._by.values()}
        self.read = time.monotonic()

    def find(self, said: str) -> Member | None:
        """A member by identifier or name."""
        return self._by.get(said.lower()) or self._names.get(said.lower())

    def flags(self, said: str) -> int:
        """Who an identifier in the audit trail is."""
        if _squeezed(said) in PROGRAMS:
            return BY_AUTOMATION
        member = self.find(said)
        if member is None:
            # Where the members are known, nobody else is one of the provider's people.
            return BY_AUTOMATION if self._by or not said else BY_PERSON
        return BY_AUTOMATION if member.is_program else BY_PERSON

    def name(self, said: str) -> str:
        """Under which name somebody is known."""
        member = self.find(said)
        return said if member is None else member.name

    def is_stale(self, strangers: bool) -> bool:
        """Whether they should be read again."""
        return time.monotonic() - self.read > (AGAIN_S if strangers else KEPT_S)

    def strangers(self, said: Iterable[str]) -> bool:
        """Whether one is named that is neither a member nor a known program."""
        return any(one and _squeezed(one) not in PROGRAMS and self.find(one) is None for one in said)


_kept: dict[tuple[str, str], Members] = {}
_lock = threading.Lock()


def members(place: tuple[str, str], read: Callable[[], Iterable[Row]], said: Iterable[str] = ()) -> Members:
    """The members of a tenant, as they were read a short while ago; anew where `said` names others."""
    with _lock:
        known = _kept.get(place)
    if known is None or known.is_stale(known.strangers(said)):
        known = Members(read())
        with _lock:
            _kept[place] = known
    return known


def is_mail(said: str) -> bool:
    """Whether a note came in by mail or the portal, from somebody whom ConnectWise does not know."""
    return _squeezed(said) in MAIL


def full_name(row: Row) -> str:
    """A member's name as tickets have it."""
    parts = (text(row.get(part)) for part in ("firstName", "lastName"))
    return " ".join(part for part in parts if part) or text(row.get("name")) or text(row.get("identifier"))


def of_note(row: Row, known: Members) -> tuple[str, int] | None:
    """The member that a row names, and who that is; None where it names none."""
    member = within(row, "member")
    if not member:
        return None
    found = known.find(text(member.get("identifier")))
    name = text(member.get("name")) or text(member.get("identifier"))
    return name, BY_AUTOMATION if found is not None and found.is_program else BY_PERSON


def _member(row: Row) -> Member:
    return Member(full_name(row), text(row.get("licenseClass")) == API)


def _squeezed(said: str) -> str:
    return "".join(said.lower().split())
