import zoneinfo

import pytest
from django.core.exceptions import ValidationError

from beforehand.kernel.zones import validate_zone


def test_zones_come_from_the_pinned_package_and_not_from_the_machine() -> None:
    assert zoneinfo.TZPATH == ()


def test_a_zone_of_iana_is_taken() -> None:
    validate_zone("Europe/London")


@pytest.mark.parametrize("name", ["Europe/Londn", "GMT+1", "", "../etc/passwd"])
def test_anything_else_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match="IANA name"):
        validate_zone(name)
