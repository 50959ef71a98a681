"""What of a provider's promises its tickets use."""

from beforehand.people.models import Provider

from .models import Ticket


def used_versions(provider: Provider) -> set[int]:
    """The versions that tickets live by (2.1)."""
    found = Ticket.objects.filter(provider=provider).values_list("version_id", flat=True)
    return {version for version in found.distinct() if version is not None}


def used_statuses(provider: Provider) -> set[tuple[str, str]]:
    """The (board, status) that tickets are in now."""
    found = Ticket.objects.filter(provider=provider).exclude(status="")
    return set(found.values_list("board", "status").distinct())
