"""Sources that nothing describes but their name: whoever has a token for one tells its events in our own words."""

from datetime import timedelta

from beforehand.engine.instants import SECOND
from beforehand.kernel.faults import Fault, Refused
from beforehand.people.models import Provider

from .models import Source

SOURCE = "source"
"""Due rows of this kind, by the source's id: whoever tells owners of a source that cannot be read looks at it."""
QUIET = timedelta(minutes=10)
"""A source that is back within so long is told of to nobody; pages say it from the first failure on."""


def source_named(provider: Provider, slug: str) -> Source:
    """The source of this slug, made where there is none: it tells messages, and instants to the second.

    Refused for a slug that is none.
    """
    found = Source.objects.filter(provider=provider, slug=slug).first()
    if found is None:
        found = Source(
            provider=provider, slug=slug, name=slug.replace("-", " ").capitalize(), precision=SECOND
        )
        if (
            not slug
            or len(slug) > 60
            or not slug.replace("-", "").replace("_", "").isalnum()
            or not slug.isascii()
        ):
            raise Refused(
                Fault("source", repr(slug[:80]), "letters, figures and hyphens, at most 60", "monitoring")
            )
        found.save()
    return found
