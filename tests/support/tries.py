"""How many examples a test tries."""

from hypothesis import settings


def tries(count: int) -> int:
    """So many; of them a quarter among the unit tests, whose like is run after each change (tests/conftest.py)."""
    return max(1, count // 4) if settings.get_current_profile_name() == "quick" else count
