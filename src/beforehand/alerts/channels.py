"""The ways by which somebody is reached."""

from collections.abc import Sequence
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


def channel_of(mailbox: Mailbox) -> Channel | None:
    """The channel of a mailbox; None where it is somebody's, or the channel is gone."""
    if not is_ours(mailbox):
        return None
    pk = int(mailbox.channel.removeprefix(_OURS))
    return Channel.objects.filter(provider=mailbox.provider_id, pk=pk).first()
