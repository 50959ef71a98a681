"""A provider's revision: another word whenever anything promised may be another."""

from secrets import token_hex

from beforehand.promises.models import ProviderTerms


def new_revision() -> str:
    """A word unlike any before."""
    return token_hex(8)


def renew(using: str, **_signal: object) -> None:
    """After a restore no Book may be taken for a later one, though it be of the revision that was restored.

    It may know clients who came by themselves after the backup, which changes no revision.
    """
    for terms in ProviderTerms.objects.using(using):
        terms.revision = new_revision()
        terms.save(update_fields=["revision"])
