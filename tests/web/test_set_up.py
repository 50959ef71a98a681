"""The first user of an installation."""

from datetime import UTC, datetime

import pytest
from django.core import signing
from django.test import Client

from beforehand.config import start
from beforehand.people import accounts
from beforehand.people.models import Provider, User

pytestmark = pytest.mark.django_db
FORM = {
    "name": "Northgate Managed IT",
    "zone": "Europe/London",
    "username": "alice",
    "email": "alice@northgate.example",
    "password": "correct-horse-battery",
    "again": "correct-horse-battery",
}


def link() -> str:
    return f"/set-up/{accounts.setup_token()}/"


def test_the_link_makes_provider_and_user_and_signs_in(client: Client) -> None:
    answer = client.post(link(), FORM)
    assert answer.headers["Location"] == "/"
    user = User.objects.get()
    assert (user.username, user.provider.name) == ("alice", "Northgate Managed IT")  # type: ignore[union-attr]
    assert client.get("/").status_code == 200


def test_the_link_works_once(client: Client) -> None:
    address = link()
    client.post(address, FORM)
    assert Client().get(address).status_code == 404
    assert Client().post(address, {**FORM, "username": "mallory"}).status_code == 404
    assert User.objects.count() == 1


def test_another_link_makes_nothing(client: Client) -> None:
    for token in ("x", signing.dumps("first-user", salt="another")):
        answer = client.post(f"/set-up/{token}/", FORM)
        assert answer.status_code == 404
        assert b"not valid any more" in answer.content
    assert not User.objects.exists()


def test_a_link_ends_after_a_day(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    address = link()
    monkeypatch.setattr(accounts, "SETUP_AGE", -accounts.SETUP_AGE)
    assert client.get(address).status_code == 404


def test_a_provider_that_is_there_stays_and_is_not_asked_for(client: Client) -> None:
    kept = accounts.create_provider("Kept", "Europe/Berlin", datetime(2026, 1, 1, tzinfo=UTC))
    assert b"Your company" not in client.get(link()).content
    client.post(link(), FORM)
    assert list(Provider.objects.all()) == [kept]
    assert User.objects.get().provider == kept


def test_every_fault_is_told_at_its_field_and_nothing_is_made(client: Client) -> None:
    answer = client.post(
        link(), {**FORM, "zone": "Europe/Londn", "username": "al ice", "password": "alice", "again": "alice"}
    )
    form = answer.context["form"]
    assert {"zone", "username", "password"} <= set(form.errors)
    assert not Provider.objects.exists()
    assert not User.objects.exists()


def test_two_passwords_that_differ_are_told(client: Client) -> None:
    answer = client.post(link(), {**FORM, "again": "another-password"})
    assert answer.context["form"].errors["again"] == ["This is not the same password."]


def test_serve_prints_the_link_only_while_nobody_is_there(client: Client) -> None:
    printed = start.set_up_link("127.0.0.1", 8123)
    assert printed.startswith("http://127.0.0.1:8123/set-up/")
    client.post(printed.removeprefix("http://127.0.0.1:8123"), FORM)
    assert start.set_up_link("127.0.0.1", 8123) == ""


def test_the_sign_in_page_says_where_to_begin(client: Client) -> None:
    assert b"Nobody can sign in yet" in client.get("/sign-in/").content
    client.post(link(), FORM)
    assert b"Nobody can sign in yet" not in Client().get("/sign-in/").content


@pytest.mark.parametrize(
    ("asked", "leads"), [("/?state=late", "/?state=late"), ("https://evil.example/", "/"), ("", "/")]
)
def test_a_theme_is_kept_and_leads_back(client: Client, asked: str, leads: str) -> None:
    answer = client.post("/theme/", {"theme": "dark", "next": asked})
    assert answer.headers["Location"] == leads
    assert client.cookies["theme"].value == "dark"
    assert b'data-theme="dark"' in client.get("/sign-in/").content


def test_a_theme_that_is_none_is_not_kept(client: Client) -> None:
    client.post("/theme/", {"theme": '"><script>'})
    assert "theme" not in client.cookies
    client.cookies["theme"] = "purple"
    assert b'data-theme="system"' in client.get("/sign-in/").content
