"""What somebody here says of contacts: their tier, and which two sources mean one. Whoever changes it has the tickets
told anew (connectors/tiers.py)."""

from datetime import datetime

from django.db import transaction

from beforehand.kernel.faults import Fault, Refused, refuse_if_any
from beforehand.kernel.fields import EPOCH
from beforehand.promises.contacts import LONGEST
from beforehand.promises.models import Contact, ContactKey, ContactTier
from beforehand.promises.tiers import PERSON


def set_tier(contact: Contact, tier: str | None, now: datetime, always: bool) -> bool:
    """Say a contact's tier, "" for none, None for what the sources say: of tickets that are created from now on, or
    `always`, as a correction. Whether anything is another than before.
    """
    said = None if tier is None else " ".join(tier.split())
    if said is not None and len(said) > LONGEST:
        raise Refused([Fault(f"tier of {contact}", f"{len(said)} letters", f"at most {LONGEST}")])
    with transaction.atomic():
        ours = ContactTier.objects.filter(provider=contact.provider_id, contact=contact, source=PERSON)
        before = list(ours.order_by("since").values_list("since", "tier"))
        if said is None:
            ours.delete()
            return bool(before)
        if before and before[-1][1] == said and (not always or before == [(EPOCH, said)]):
            return False
        since = EPOCH if always else now
        ours.filter(since__gte=since).delete()
        ContactTier.objects.create(
            provider_id=contact.provider_id, contact=contact, source=PERSON, since=since, tier=said
        )
    return True


def join(key: ContactKey, contact: Contact) -> bool:
    """Let a source's contact be one of ours whom another source knows. What was said here of either holds on, that of
    ours first. Whether they were two until now.
    """
    with transaction.atomic():
        other = key.contact
        if other.pk == contact.pk:
            return False
        sources = other.keys.values_list("source", flat=True)
        twice = contact.keys.filter(source__in=list(sources)).first()
        refuse_if_any(
            [Fault(f"contacts, {key}", f"{twice}, whom {twice.source} tells apart", "somebody else")]
            if twice is not None
            else []
        )
        if contact.tiers.filter(source=PERSON).exists():
            other.tiers.filter(source=PERSON).delete()
        other.tiers.update(contact=contact)
        other.keys.update(contact=contact)
        other.delete()
    return True


def set_apart(key: ContactKey) -> None:
    """Note that a source's contact is nobody whom another source knows: it is not asked again."""
    key.apart = True
    key.save(update_fields=["apart"])
