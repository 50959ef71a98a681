"""Who may come in."""

from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RegexPattern
from pytest_django import Settings

from beforehand.people.models import Provider, User

pytestmark = pytest.mark.django_db
OPEN_TO_ALL = {
    "healthz", "sign-in", "account_login", "set-up", "join", "theme", "mfa_authenticate", "account_inactive",
    "account_reset_password", "account_reset_password_done", "account_reset_password_from_key",
    "account_reset_password_from_key_done", "alert-hold", "health", "metrics",
}  # fmt: skip
"""What is to be seen by who has not signed in: the ways in, what monitors ask, and "I have it" by a signed link."""
VALUES: dict[str, Any] = {"pk": 1, "way": 1, "token": "x", "secret": "x", "slug": "x"}


def routes(patterns: list[URLPattern | URLResolver], before: str = "") -> list[tuple[str, str]]:
    """(name, address) of every route."""
    found = []
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if route.startswith("api/"):
            continue  # by token, not by session: tests/web/api
        if isinstance(pattern, URLResolver):
            found += routes(pattern.url_patterns, route)
        else:
            if isinstance(pattern.pattern, RegexPattern):
                found.append((pattern.name or "", "/forgotten/x-y/"))
                continue
            for name in pattern.pattern.converters:
                route = next(
                    route.replace(part, str(VALUES[name]))
                    for part in (f"<{kind}:{name}>" for kind in ("int", "str"))
                    if part in route
                )
            found.append((pattern.name or "", f"/{route}"))
    return found


ROUTES = routes(get_resolver().url_patterns)


@pytest.mark.parametrize(("name", "address"), [r for r in ROUTES if r[0] not in OPEN_TO_ALL])
def test_every_page_asks_a_stranger_to_sign_in(client: Client, name: str, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/sign-in/?next=")


def test_the_pages_open_to_all_are_these_alone() -> None:
    assert {name for name, _ in ROUTES} >= OPEN_TO_ALL


def sign_in(client: Client, user: str, password: str, after: str = "") -> Any:
    return client.post("/sign-in/", {"login": user, "password": password, "next": after})


def test_signing_in_leads_to_the_page_that_was_asked_for(client: Client, marta: User) -> None:
    answer = sign_in(client, "marta", "marta-marta-hale", "/?state=late")
    assert answer.headers["Location"] == "/?state=late"
    assert client.get("/").status_code == 200


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_signing_in_leads_nowhere_else(client: Client, marta: User, elsewhere: str) -> None:
    assert sign_in(client, "marta", "marta-marta-hale", elsewhere).headers["Location"] == "/"


def test_a_wrong_name_and_a_wrong_password_are_told_alike(client: Client, marta: User) -> None:
    wrong_name = sign_in(client, "nobody", "marta-marta-hale").content.replace(b"nobody", b"marta")
    wrong_password = sign_in(client, "marta", "wrong").content
    pages = [
        page[page.index(b"<h1>") : page.index(b"csrfmiddleware", page.index(b"<h1>"))]
        for page in (wrong_name, wrong_password)
    ]
    assert pages[0] == pages[1]
    assert b"do not belong together" in pages[0]


def test_a_form_from_elsewhere_is_refused() -> None:
    answer = Client(enforce_csrf_checks=True).post("/sign-in/", {"login": "marta", "password": "x"})
    assert answer.status_code == 403
    assert b"This form has expired" in answer.content


def test_signing_out_takes_a_form_and_not_a_link(signed_in: Client) -> None:
    assert signed_in.get("/sign-out/").status_code == 405
    assert signed_in.post("/sign-out/").headers["Location"] == "/sign-in/"
    assert signed_in.get("/").status_code == 302


class TestSignedInBySetting:
    @pytest.fixture(autouse=True)
    def demo(self, settings: Settings, marta: User) -> None:
        settings.SIGNED_IN_AS = "marta"

    def test_a_visitor_from_this_machine_is_signed_in(self, client: Client) -> None:
        answer = client.get("/", headers={"host": "127.0.0.1:8000"})
        assert answer.status_code == 200
        assert b"Marta Hale" in answer.content
        assert b"Sign out" not in answer.content

    @pytest.mark.parametrize(
        "request_of",
        [
            {"REMOTE_ADDR": "10.0.0.7"},
            {"HTTP_HOST": "sla.example.com"},
            {"HTTP_X_FORWARDED_FOR": "10.0.0.7"},
        ],
    )
    def test_nobody_else_is(self, client: Client, settings: Settings, request_of: dict[str, str]) -> None:
        settings.ALLOWED_HOSTS = ["127.0.0.1", "sla.example.com"]
        answer = client.get("/", **{"HTTP_HOST": "127.0.0.1", **request_of})  # type: ignore[arg-type]
        assert answer.status_code == 302

    def test_a_user_who_is_not_there_signs_nobody_in(self, client: Client, settings: Settings) -> None:
        settings.SIGNED_IN_AS = "somebody"
        assert client.get("/", headers={"host": "127.0.0.1"}).status_code == 302


def test_an_operator_of_several_providers_is_told_to_use_another_account(
    client: Client, provider: Provider
) -> None:
    Provider.objects.create(name="Other", slug="other", zone="UTC", created=provider.created)
    client.force_login(User.objects.create(username="root", is_superuser=True))
    answer = client.get("/")
    assert answer.status_code == 403
    assert b"belongs to no provider" in answer.content


def test_an_operator_of_one_provider_sees_it(client: Client, provider: Provider) -> None:
    client.force_login(User.objects.create(username="root", is_superuser=True))
    assert client.get("/").status_code == 200


def test_a_page_that_is_not_there_says_so(signed_in: Client) -> None:
    answer = signed_in.get("/nowhere/")
    assert answer.status_code == 404
    assert b"There is nothing here" in answer.content
