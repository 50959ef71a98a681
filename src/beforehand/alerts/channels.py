"""The ways by which somebody is reached."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import NamedTuple

from beforehand.kernel.names import fold
from beforehand.people.models import Provider
from beforehand.people.staff import Person

from .models import Channel, Mailbox, Way

MAIL = "mail"
MAIL_TOO = frozenset({MAIL, "email", "e-mail"})
PLACE, OWN = "channel:", "way:"


class Reach(NamedTuple):
    """A channel and an address on it: of somebody's own way its name, since the address is a secret."""

    channel: str
    address: str


class Place(NamedTuple):
    """A channel of the provider's own, as it is named in a ladder."""

    id: int
    name: str

    @property
    def reach(self) -> Reach:
        """The one way to it."""
        return Reach(f"{PLACE}{self.id}", self.name)


class Places:
    """The channels of one provider that are in use, and the ways to its people, read once."""

    def __init__(self, provider: Provider) -> None:
        rows = Channel.objects.filter(provider=provider, active=True)
        self._by_name: dict[str, Place] = {}
        self._by_phone: dict[str, str] = {}
        for folded, pk, name, by_phone in rows.values_list("folded", "pk", "name", "by_phone"):
            if by_phone:
                self._by_phone[folded] = f"{PLACE}{pk}"
            else:
                self._by_name[folded] = Place(pk, name)
        self._provider = provider

    @cached_property
    def _own(self) -> dict[tuple[int, str], Reach]:
        """The ways of people's own, by whose and which; read where any is asked for besides mail."""
        own = Way.objects.filter(provider=self._provider).values_list("technician", "folded", "pk", "name")
        return {(who, folded): Reach(f"{OWN}{pk}", name) for who, folded, pk, name in own}

    def named(self, name: str) -> Place | None:
        """The channel of this name, case and white space folded."""
        return self._by_name.get(fold(name))

    def ways_to(self, person: Person, wanted: Sequence[str] = ()) -> tuple[Reach, ...]:
        """How a person is reached, the first way first: over the channels of a step; where it names none, in the
        person's own order; and where they have none, by mail.
        """
        found = (self._way(person, fold(name)) for name in wanted or person.channels or (MAIL,))
        return tuple(dict.fromkeys(way for way in found if way is not None))

    def called(self, way: Reach) -> str:
        """What a way to somebody is called: mail, or its name."""
        names = {channel: name for name, channel in self._by_phone.items()}
        return way.address if way.channel.startswith(OWN) else names.get(way.channel, way.channel)

    def _way(self, person: Person, name: str) -> Reach | None:
        if name in MAIL_TOO:
            return Reach(MAIL, person.email) if person.email else None
        own = self._own.get((person.id, name))
        if own is not None:
            return own
        by_phone = self._by_phone.get(name)
        return Reach(by_phone, person.phone) if by_phone and person.phone else None


def is_ours(mailbox: Mailbox) -> bool:
    """Whether a mailbox is a channel's, and not somebody's."""
    return mailbox.channel.startswith(PLACE)


def is_own(mailbox: Mailbox) -> bool:
    """Whether a mailbox is a way of somebody's own."""
    return mailbox.channel.startswith(OWN)


class Lines:
    """What there is to some mailboxes besides their addresses, read once: the channel, or somebody's own way."""

    def __init__(self, mailboxes: Iterable[Mailbox]) -> None:
        some = list(mailboxes)
        channels = {_id_of(mailbox) for mailbox in some if is_ours(mailbox)}
        ways = {_id_of(mailbox) for mailbox in some if is_own(mailbox)}
        self._channels = Channel.objects.in_bulk(channels) if channels else {}
        self._ways = Way.objects.in_bulk(ways) if ways else {}

    def of(self, mailbox: Mailbox) -> Channel | Way | None:
        """The channel or way of a mailbox; None of an address of mail, and where it is gone."""
        found: Channel | Way | None = None
        if is_ours(mailbox):
            found = self._channels.get(_id_of(mailbox))
        elif is_own(mailbox):
            found = self._ways.get(_id_of(mailbox))
        return found if found is not None and found.provider_id == mailbox.provider_id else None


def _id_of(mailbox: Mailbox) -> int:
    return int(mailbox.channel.partition(":")[2])


def says_bare(mailbox: Mailbox, line: Channel | Way | None) -> bool:
    """Whether client and subject stay in the house on this way."""
    return mailbox.provider.mail_bare if line is None else line.say == Channel.Say.BARE
