"""The ways by which somebody is reached."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from beforehand.kernel.names import fold
from beforehand.people.models import Provider
from beforehand.people.staff import Person

from .models import Channel, Mailbox

MAIL = "mail"
_MAIL_TOO = frozenset({MAIL, "email", "e-mail"})
_OURS = "channel:"


class Reach(NamedTuple):
    """A channel and an address on it."""

    channel: str
    address: str


class Place(NamedTuple):
    """A channel of the provider's own, as it is named in a ladder."""

    id: int
    name: str

    @property
    def reach(self) -> Reach:
        """The one way to it."""
        return Reach(f"{_OURS}{self.id}", self.name)


def way_to(person: Person, wanted: Sequence[str] = ()) -> Reach | None:
    """How a person is reached over the channels of a step, or where it names none, over the person's own: by mail."""
    names = wanted or person.channels or (MAIL,)
    by_mail = person.email and any(name.casefold() in _MAIL_TOO for name in names)
    return Reach(MAIL, person.email) if by_mail else None


class Places:
    """The channels of one provider that are in use, read once."""

    def __init__(self, provider: Provider) -> None:
        rows = Channel.objects.filter(provider=provider, active=True).values_list("folded", "pk", "name")
        self._by_name = {folded: Place(pk, name) for folded, pk, name in rows}

    def named(self, name: str) -> Place | None:
        """The channel of this name, case and white space folded."""
        return self._by_name.get(fold(name))


def is_ours(mailbox: Mailbox) -> bool:
    """Whether a mailbox is a channel's, and not somebody's."""
    return mailbox.channel.startswith(_OURS)


class Channels:
    """The channels of some mailboxes, read once."""

    def __init__(self, mailboxes: Iterable[Mailbox]) -> None:
        ids = {_id_of(mailbox) for mailbox in mailboxes if is_ours(mailbox)}
        self._rows = {row.pk: row for row in Channel.objects.filter(pk__in=ids)} if ids else {}

    def of(self, mailbox: Mailbox) -> Channel | None:
        """The channel of a mailbox; None where it is somebody's, or the channel is gone."""
        found = self._rows.get(_id_of(mailbox)) if is_ours(mailbox) else None
        return found if found is not None and found.provider_id == mailbox.provider_id else None


def _id_of(mailbox: Mailbox) -> int:
    return int(mailbox.channel.removeprefix(_OURS))
