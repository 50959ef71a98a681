"""IANA zones, by the rules of the pinned tzdata package alone (clock.md 1.7)."""

import zoneinfo
from functools import cache

from django.core.exceptions import ValidationError


def never_ask_the_machine() -> None:
    """From here on `zoneinfo` reads the tzdata package and not the files of the operating system."""
    zoneinfo.reset_tzpath(to=())
    zoneinfo.ZoneInfo.clear_cache()


@cache
def known_zones() -> frozenset[str]:
    """The names of all zones there are rules for."""
    return frozenset(zoneinfo.available_timezones())


def validate_zone(name: str) -> None:
    """For a model's field: ValidationError unless `name` is an IANA zone."""
    if name not in known_zones():
        raise ValidationError(
            "%(name)s is no time zone: expected an IANA name such as Europe/London.",
            code="zone",
            params={"name": name},
        )
