"""Keeps the contacts that sources tell: by their ids there, so that who is renamed stays who they were.

Tickets have a contact's name and no id. So the name that a source's tickets have for a contact is the first that was
known, and no other contact's: of two of one name the second has the address beside it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from beforehand.engine.instants import to_instant
from beforehand.kernel.fields import EPOCH, from_micros
from beforehand.kernel.names import fold
from beforehand.people.models import Provider
from beforehand.promises.addressee import LONGEST_MAIL, NOBODY, Addressee
from beforehand.promises.book import Book
from beforehand.promises.models import ClientKey, Contact, ContactKey, ContactTier
from beforehand.promises.tiers import Tiered, tier_at

LONGEST = 200


class ContactSaid(NamedTuple):
    """A person of a client, as a source tells them. `key`: its id there. `client`: the client by its name, or by the
    source's id of it under `client_key`. `tier`: such as VIP, "" for none; None where this does not tell it, as a
    ticket that only names its contact. `in_use`: whether the source has them in use. `at`: when it was so, in
    microseconds, where it may be told late or again; else it is so now.
    """

    key: str
    name: str
    email: str = ""
    client: str = ""
    client_key: str = ""
    tier: str | None = None
    in_use: bool = True
    at: int | None = None


class Learnt(NamedTuple):
    """What came of contacts: the names that tickets have for them, by key; whether any are new; whose tier changed."""

    names: Mapping[str, str]
    are_new: bool
    changed: frozenset[int]


def learn(provider: Provider, source: str, said: Iterable[ContactSaid], now: datetime, book: Book) -> Learnt:
    """Keep contacts of a source, within a transaction in which nobody else keeps some of the same source.

    One that is told whole and not in use is not taken on.
    """
    some = {key_of(one): _clean(one) for one in said if one.key}
    rows = ContactKey.objects.filter(provider=provider, source=source, key__in=list(some))
    known = {row.key: row for row in rows.select_related("contact")}
    some = {key: _named(one, known.get(key)) for key, one in some.items()}
    fresh = {key: one for key, one in some.items() if key not in known and (one.in_use or one.tier is None)}
    moved = [row for key, row in known.items() if _says_other(row, some[key])]
    ContactKey.objects.bulk_update(
        moved, ["named", "folded", "email", "client", "client_folded", "gone", "said"], batch_size=100
    )
    Contact.objects.bulk_update([row.contact for row in moved], ["name", "email"], batch_size=100)
    made = _made(provider, source, fresh, book)
    known |= {row.key: row for row in made}
    changed = _keep_tiers([(row, some[key].tier) for key, row in known.items()], now)
    return Learnt({key: row.name for key, row in known.items()}, bool(made), frozenset(changed))


def key_of(one: ContactSaid) -> str:
    """The key under which a contact is kept."""
    return one.key[:LONGEST]


def tiers_of(provider: int, source: str, names: Iterable[str]) -> Callable[[str, int], str]:
    """Says which tier tickets of a source have from their contacts, by the name that they have for each and the
    instant of their creation."""
    keys = ContactKey.objects.filter(provider=provider, source=source, name__in=list(names))
    contacts = dict(keys.values_list("contact_id", "name"))
    said: dict[str, list[Tiered]] = {}
    rows = ContactTier.objects.filter(provider=provider, contact__in=contacts)
    for contact, by, since, tier in rows.values_list("contact_id", "source", "since", "tier"):
        said.setdefault(contacts[contact], []).append(Tiered(by, to_instant(since), tier))
    return lambda name, at: tier_at(said.get(name, ()), source, at)


def _clean(one: ContactSaid) -> ContactSaid:
    def short(text: str, most: int = LONGEST) -> str:
        some = " ".join(text.replace("\x00", "").split())[:most].strip()
        while (
            len(fold(some)) > 2 * LONGEST
        ):  # folded, a few characters become many, and PostgreSQL keeps no more
            some = some[:-1].strip()
        return some

    email = short(one.email, LONGEST_MAIL).lower()
    return one._replace(
        key=key_of(one),
        name=short(one.name),
        email=email,
        client=short(one.client),
        tier=None if one.tier is None else short(one.tier),
    )


def _named(one: ContactSaid, row: ContactKey | None) -> ContactSaid:
    """With a name, where none is told: the one that is known, else what else there is."""
    known = "" if row is None else row.named
    return (
        one if one.name else one._replace(name=known or one.email[:LONGEST] or f"Contact {one.key}"[:LONGEST])
    )


def _says_other(row: ContactKey, one: ContactSaid) -> bool:
    """Put into a row what is told now; whether it is other than before. A ticket says no more than is known whole,
    and what was so earlier only what is not known of now."""
    if one.tier is None and row.tier is not None:
        return False
    before, said = (row.named, row.email, row.client, row.gone), row.said
    whole = one.tier is not None
    now = (
        one.name,
        one.email if whole else one.email or row.email,
        one.client or row.client,
        whole and not one.in_use,
    )
    if one.at is not None and said is not None and one.at <= to_instant(said):
        named = one.name if row.named == row.email else row.named
        now = (named, row.email or one.email, row.client or one.client, row.gone)
    elif one.at is not None:
        row.said = from_micros(one.at)
    if now == before and row.said == said:
        return False
    row.named, row.email, row.client, row.gone = now
    row.folded, row.client_folded = fold(row.named), fold(row.client)
    row.contact.name, row.contact.email = row.named, row.email
    return True


def _made(provider: Provider, source: str, fresh: Mapping[str, ContactSaid], book: Book) -> list[ContactKey]:
    """Rows for contacts that this source had not told yet."""
    if not fresh:
        return []
    names = _free_names(provider, source, fresh)
    same = certain(provider, source, list(fresh.values()), book)
    new = {
        key: Contact(provider=provider, name=one.name, email=one.email)
        for key, one in fresh.items()
        if key not in same
    }
    Contact.objects.bulk_create(new.values())
    return ContactKey.objects.bulk_create(
        [
            ContactKey(
                provider=provider,
                contact=same.get(key) or new[key],
                source=source,
                key=key,
                name=names[key],
                named=one.name,
                folded=fold(one.name),
                email=one.email,
                client=one.client,
                client_folded=fold(one.client),
                said=None if one.at is None else from_micros(one.at),
            )
            for key, one in fresh.items()
        ]
    )


def _free_names(provider: Provider, source: str, fresh: Mapping[str, ContactSaid]) -> dict[str, str]:
    """The names that tickets will have for contacts: their own, or with what tells them from another of that name."""
    wishes = {
        key: [
            one.name,
            *([f"{one.name[:80]}, {one.email}"[:LONGEST]] if one.email else []),
            f"{one.name[:80]} ({key})"[:LONGEST],
            f"{one.name[:80]} ({sha256(key.encode()).hexdigest()[:16]})",
        ]
        for key, one in fresh.items()
    }
    asked = {wish for some in wishes.values() for wish in some}
    rows = ContactKey.objects.filter(provider=provider, source=source, name__in=asked)
    taken = set(rows.values_list("name", flat=True))
    found: dict[str, str] = {}
    for key, some in wishes.items():
        found[key] = next(wish for wish in some if wish not in taken)
        taken.add(found[key])
    return found


def certain(provider: Provider, source: str, some: Sequence[ContactSaid], book: Book) -> dict[str, Contact]:
    """Contacts of ours that these surely are, by key: known to another source by the same name and address, of the
    same client. One alone of the two may be a shared mailbox, or a namesake.
    """
    mails = {one.email for one in some if one.email}
    others = ContactKey.objects.filter(provider=provider, email__in=mails).exclude(source=source)
    rows = list(others.select_related("contact").order_by("pk")) if mails else []
    taken = set(
        ContactKey.objects.filter(
            provider=provider, source=source, contact__in=[row.contact_id for row in rows]
        ).values_list("contact_id", flat=True)
    )
    found = {}
    for one in some:
        for row in rows:
            alike = (row.email, row.folded) == (one.email, fold(one.name))
            if alike and row.contact_id not in taken and are_of_one(book, row.client, one.client):
                found[one.key] = row.contact
                taken.add(row.contact_id)
                break
    return found


def are_of_one(book: Book, client: str, other: str) -> bool:
    """Whether two names of sources mean one client of ours."""
    first, second = book.client(client), book.client(other)
    return first is not None and second is not None and first.id == second.id


def kept_addressee(provider: int, source: str, name: str, client: int | None) -> Addressee | None:
    """How one writes to the contact whom tickets of a source call so, about a ticket of a client of ours: NOBODY where
    they have no address, are out of use, or are not that client's. None where nobody is known by that name.
    """
    row = ContactKey.objects.filter(provider=provider, source=source, name=name).first() if name else None
    if row is None:
        return None
    names = ClientKey.objects.filter(provider=provider, client=client, folded=row.client_folded)
    if not row.email or row.gone or client is None or not names.exists():
        return NOBODY
    return Addressee(row.named if row.named.lower() != row.email else "", row.email)


def _keep_tiers(some: Sequence[tuple[ContactKey, str | None]], now: datetime) -> set[int]:
    """Keep the tiers that are told; the contacts of which they are other than before. What is told first has been so
    all along, as far as anybody knows."""
    told, rows = [], []
    for key, tier in some:
        if tier is None or tier == key.tier:
            continue
        if tier or key.tier is not None:
            since = EPOCH if key.tier is None else now
            rows.append(
                ContactTier(
                    provider_id=key.provider_id,
                    contact_id=key.contact_id,
                    source=key.source,
                    since=since,
                    tier=tier,
                )
            )
        key.tier = tier
        told.append(key)
    ContactKey.objects.bulk_update(told, ["tier"], batch_size=400)
    ContactTier.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["provider", "contact", "source", "since"],
        update_fields=["tier"],
    )
    return {row.contact_id for row in rows}
