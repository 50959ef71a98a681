"""What an owner switched on besides reading, and whether the source would let us: asked without writing anything."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol, runtime_checkable

from .contract import Right

NOTES, FIELDS = "notes", "fields"
UNSEEN = "It cannot be seen without writing, and is said here once it is refused."
"""Where a source does not tell of a right."""
NAMES = "On this page, under What is written back"
KEPT_UP = "to say how a ticket stands"


class Wanted(NamedTuple):
    """What is switched on. `fields`: the source's names of those that are kept up; `calls`: the address at which it
    was told over its API to call us, "" where it was not.
    """

    notes: bool = False
    fields: Sequence[str] = ()
    calls: str = ""

    @property
    def anything(self) -> bool:
        """Whether anything is."""
        return bool(self.notes or self.fields or self.calls)


@runtime_checkable
class Foresees(Protocol):
    """The reader of a source that can be written to: it says beforehand what of it would be refused."""

    def check_wanted(self, wanted: Wanted) -> Sequence[Right]:
        """The rights for this, as far as the source tells of them; nothing is written."""


def field_rights(
    wanted: Sequence[str], there: Mapping[str, str], also: Mapping[str, str] | None = None
) -> Iterator[Right]:
    """Of each field whether tickets have it. `there`: of each that they have why it cannot be used, "" where it can;
    `also`: by what else people call a field its name.
    """
    other = {
        called.casefold(): name for called, name in {**(also or {}), **{one: one for one in there}}.items()
    }
    for name in wanted:
        fault = there.get(name)
        if fault is None:
            near = other.get(name.casefold())
            fault = f"its name there is “{near}”" if near else "tickets there have no field of this name"
        purpose = f"{KEPT_UP}: {fault}" if fault else KEPT_UP
        yield Right(f"Field “{name}”", not fault, purpose, NAMES if fault else "")


def fields_unseen(wanted: Sequence[str], why: str) -> Iterator[Right]:
    """The same where the source does not list its fields to us."""
    for name in wanted:
        yield Right(f"Field “{name}”", None, KEPT_UP, why, FIELDS)
