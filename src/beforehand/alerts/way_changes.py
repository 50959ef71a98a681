"""Changing the ways to somebody: every change is whole or refused. An address goes in and not out."""

from collections.abc import Iterator

from django.db import transaction

from beforehand.kernel.faults import Fault, refuse_if_any
from beforehand.kernel.names import fold
from beforehand.people.models import Provider, Technician

from .channel_changes import apprise_faults
from .channels import MAIL_TOO
from .hooks import sealed
from .long_tail import PHONE
from .models import Channel, Way


def add_way(way: Way, address: str) -> Way:
    """Keep a new way to somebody; it is the last in their order, until they say otherwise. Refused with all faults."""
    address = address.strip()
    with transaction.atomic():
        Provider.objects.select_for_update().get(pk=way.provider_id)
        refuse_if_any([*_name(way), *_address(way, address)])
        way.address = sealed(address)
        way.save()
        who = Technician.objects.get(pk=way.technician_id)
        order = who.channels or (["email"] if who.email else [])
        if fold(way.name) not in map(fold, order):
            who.channels = [*order, way.name]
            who.save(update_fields=["channels"])
    return way


def remove_way(way: Way) -> None:
    """A way is gone: what waits there falls over to the next one."""
    with transaction.atomic():
        who = Technician.objects.select_for_update().get(pk=way.technician_id)
        who.channels = [name for name in who.channels if fold(name) != way.folded]
        who.save(update_fields=["channels"])
        way.delete()


def _name(way: Way) -> Iterator[Fault]:
    name = fold(way.name)
    if not name or len(way.name) > 40 or "," in way.name or name in MAIL_TOO:
        expected = "a name of its own of at most 40 letters, without a comma, and not that of the mail"
        yield Fault("way, name", repr(way.name), expected, "sms")
    elif Way.objects.filter(provider=way.provider, technician=way.technician_id, folded=name).exists():
        yield Fault("way, name", repr(way.name), "a name that no other way to them has")
    if way.say not in Channel.Say.values:
        yield Fault("way, say", "something else", f"one of {', '.join(Channel.Say.values)}")


def _address(way: Way, address: str) -> Iterator[Fault]:
    if not address:
        yield Fault("way, address", "none", "an Apprise address", "twilio://SID:TOKEN@FROM/TO")
    elif PHONE in address:
        yield Fault(
            "way, address", PHONE, "the number itself: only a channel of all has it from each one's page"
        )
    else:
        yield from apprise_faults(address, way.allow_private)
