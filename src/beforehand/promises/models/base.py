"""What all tables of this room share: they are Owned, and many have names that come once."""

from collections.abc import Sequence

from django.db import models
from django.db.models import Q

from beforehand.people.owned import Owned

__all__ = ["Owned", "once"]


def once(
    name: str, owners: Sequence[str], fields: Sequence[str], ownerless: bool
) -> list[models.UniqueConstraint]:
    """These fields once per provider and owner, for each kind of owner and (if so) without one.

    An owner is a nullable reference of which at most one is set. SQLite takes each NULL for another value,
    hence one partial constraint for each.
    """
    each = [
        models.UniqueConstraint(
            fields=["provider", owner, *fields],
            condition=Q(**{f"{owner}__isnull": False}),
            name=f"{name}_per_{owner}",
        )
        for owner in owners
    ]
    if ownerless:
        nobody = Q(**{f"{owner}__isnull": True for owner in owners})
        each.append(
            models.UniqueConstraint(
                fields=["provider", *fields], condition=nobody, name=f"{name}_per_provider"
            )
        )
    return each
