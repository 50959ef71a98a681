from datetime import UTC, datetime

import pytest
from django.contrib.auth import authenticate
from django.db import IntegrityError

from beforehand.kernel.faults import Refused
from beforehand.people import accounts
from beforehand.people.models import Provider, User

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
PASSWORD = "correct-horse-battery"


@pytest.fixture
def northwind() -> Provider:
    return accounts.create_provider("Northwind IT", "Europe/London", NOW)


def test_a_provider_gets_a_slug_of_its_name(northwind: Provider) -> None:
    assert (northwind.slug, northwind.created) == ("northwind-it", NOW)


def test_a_provider_without_name_or_zone_is_refused_with_every_fault() -> None:
    with pytest.raises(Refused) as caught:
        accounts.create_provider(" ", "Europe/Londn", NOW)
    places = {fault.place for fault in caught.value.faults}
    assert {"provider, name", "provider, slug", "provider, zone"} <= places


def test_the_first_user_can_sign_in_and_belongs_to_the_provider(northwind: Provider) -> None:
    user = accounts.create_first_user(northwind, "alice", "alice@northwind.example", PASSWORD)
    assert user.provider == northwind
    assert authenticate(username="alice", password=PASSWORD) == user


def test_there_is_no_second_first_user(northwind: Provider) -> None:
    accounts.create_first_user(northwind, "alice", "alice@northwind.example", PASSWORD)
    with pytest.raises(Refused, match="already there"):
        accounts.create_first_user(northwind, "bob", "bob@northwind.example", PASSWORD)


def test_every_fault_of_a_user_is_told_at_once(northwind: Provider) -> None:
    with pytest.raises(Refused) as caught:
        accounts.create_first_user(northwind, "al ice", "nowhere", "123")
    assert {fault.place for fault in caught.value.faults} == {
        "user, username",
        "user, email",
        "user, password",
    }
    assert not User.objects.exists()


def test_the_set_up_link_holds_until_the_first_user_is_made(northwind: Provider) -> None:
    token = accounts.setup_token()
    assert accounts.setup_token_holds(token)
    accounts.create_first_user(northwind, "alice", "alice@northwind.example", PASSWORD)
    assert not accounts.setup_token_holds(token)


def test_a_forged_set_up_link_does_not_hold() -> None:
    assert not accounts.setup_token_holds("ImZpcnN0LXVzZXIi:1abcde:forged")


def test_only_the_operator_may_be_without_a_provider() -> None:
    User.objects.create_superuser("operator", password=PASSWORD)
    with pytest.raises(IntegrityError):
        User.objects.create_user("stray", password=PASSWORD)
