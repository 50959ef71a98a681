"""Who may come in: invitations, roles, second factors, forgotten passwords; mail goes to a real mail server."""

import re
import time
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client
from pytest_django import Settings
from tests.support.post import Post, post_office

from beforehand.engine.history import created, message
from beforehand.engine.instants import to_instant
from beforehand.kernel.faults import Refused
from beforehand.people import invitations, members
from beforehand.people.models import Invitation, Provider, User
from beforehand.people.roles import Role
from beforehand.tickets.events import TicketEvent, Written
from beforehand.tickets.ledger import append
from beforehand.tickets.models import MessageText, Source, Ticket

pytestmark = pytest.mark.django_db
TOTP_PERIOD = 30
NEW = {"username": "sam", "name": "Sam Oduya", "password": "a-long-enough-one", "again": "a-long-enough-one"}


@pytest.fixture
def owner(marta: User) -> User:
    marta.role = Role.OWNER
    marta.email = "marta@northgate.example"
    marta.save()
    return marta


@pytest.fixture
def inside(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


@pytest.fixture
def post(settings: Settings) -> Iterator[Post]:
    with post_office() as office:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.SENDS_MAIL = "127.0.0.1", office.port, True
        yield office


def invited(inside: Client, role: str = "member") -> str:
    """The path of a new invitation's link."""
    page = inside.post("/people/invite/", {"email": "sam@northgate.example", "role": role})
    link: str = page.context["link"]
    return link.partition("8000")[2]


def code_of(secret: str) -> str:
    # Good for half a minute after it has ended, too.
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // TOTP_PERIOD)))


def with_factor(user: User) -> str:
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    secret = str(generate_totp_secret())
    TOTP.activate(user, secret)
    RecoveryCodes.activate(user)
    return secret


def test_who_is_invited_becomes_a_user_of_that_role_once(inside: Client, provider: Provider) -> None:
    address = invited(inside)
    visitor = Client()
    assert b"sam@northgate.example" in visitor.get(address).content
    assert visitor.post(address, NEW).headers["Location"] == "/"
    sam = User.objects.get(username="sam")
    assert (sam.provider, sam.role, sam.email) == (provider, Role.MEMBER, "sam@northgate.example")
    assert visitor.get("/").status_code == 200
    assert Client().get(address).status_code == 404
    assert Client().post(address, {**NEW, "username": "mallory"}).status_code == 404


def test_every_fault_of_a_new_user_is_told_and_the_invitation_stays(inside: Client) -> None:
    address = invited(inside)
    answer = Client().post(address, {**NEW, "username": "marta", "password": "short", "again": "short"})
    assert set(answer.context["form"].errors) == {"username", "password"}
    assert Client().post(address, NEW).status_code == 302


def test_an_invitation_ends_after_a_week_and_when_it_is_taken_back(inside: Client, now: datetime) -> None:
    address = invited(inside)
    secret = address.rstrip("/").rpartition("/")[2]
    assert invitations.find(secret, now + timedelta(days=6)) is not None
    assert invitations.find(secret, now + timedelta(days=8)) is None
    inside.post(f"/people/invitations/{Invitation.objects.get().pk}/")
    assert Client().get(address).status_code == 404


def test_another_invitation_to_the_same_address_replaces_the_first(inside: Client) -> None:
    first, second = invited(inside), invited(inside, "manager")
    assert Client().get(first).status_code == 404
    Client().post(second, NEW)
    assert User.objects.get(username="sam").role == Role.MANAGER


def test_what_is_wrong_with_an_invitation_is_said(inside: Client, owner: User) -> None:
    answer = inside.post("/people/invite/", {"email": "nobody", "role": "king"})
    assert answer.status_code == 400
    assert len(answer.context["faults"]) == 2
    assert inside.post("/people/invite/", {"email": owner.email, "role": "member"}).status_code == 400
    assert not Invitation.objects.exists()


def test_an_invitation_goes_out_by_mail(inside: Client, post: Post) -> None:
    page = inside.post("/people/invite/", {"email": "sam@northgate.example", "role": "member"})
    assert [letter["To"] for letter in post.letters] == ["sam@northgate.example"]
    assert page.context["link"] in post.letters[0].get_content()
    post.refuses = True
    page = inside.post("/people/invite/", {"email": "kim@northgate.example", "role": "member"})
    assert b"could not be sent" in page.content
    assert page.context["link"]


@pytest.mark.parametrize("role", [Role.MANAGER, Role.MEMBER, Role.READ_ONLY])
def test_only_owners_see_and_change_people(client: Client, marta: User, role: Role) -> None:
    marta.role = role
    marta.save()
    client.force_login(marta)
    assert client.get("/people/").status_code == 403
    for address in ("invite/", "invitations/1/", f"{marta.pk}/", "second-factor/", "texts/"):
        assert client.post(f"/people/{address}", {"what": "role", "role": "owner"}).status_code == 403
    marta.refresh_from_db()
    assert marta.role == role
    assert b'href="/people/"' not in client.get("/").content


def test_there_is_always_an_owner_who_can_come_in(inside: Client, owner: User, provider: Provider) -> None:
    with pytest.raises(Refused):
        members.change_role(provider, owner.pk, Role.MEMBER)
    with pytest.raises(Refused):
        members.set_active(provider, owner.pk, False)
    answer = inside.post(f"/people/{owner.pk}/", {"what": "out"})
    assert b"the only owner" in answer.content
    User.objects.create_user("kim", provider=provider, role=Role.OWNER)
    members.change_role(provider, owner.pk, Role.MEMBER)


def test_users_of_another_provider_cannot_be_touched(inside: Client, now: datetime) -> None:
    other = Provider.objects.create(name="Other", slug="other", zone="UTC", created=now)
    theirs = User.objects.create_user("kim", provider=other, role=Role.OWNER)
    for what in ("role", "out", "password", "factor"):
        answer = inside.post(f"/people/{theirs.pk}/", {"what": what, "role": "read-only"})
        assert answer.status_code == 400
        assert "link" not in answer.context
    theirs.refresh_from_db()
    assert (theirs.role, theirs.is_active) == (Role.OWNER, True)
    assert b"kim" not in inside.get("/people/").content


def test_who_is_not_let_in_any_more_is_out_at_once(inside: Client, provider: Provider) -> None:
    kim = User.objects.create_user("kim", password="kim-kim-kim-kim", provider=provider)
    theirs = Client()
    theirs.force_login(kim)
    assert theirs.get("/").status_code == 200
    inside.post(f"/people/{kim.pk}/", {"what": "out"})
    assert theirs.get("/").status_code == 302
    theirs.post("/sign-in/", {"login": "kim", "password": "kim-kim-kim-kim"})
    assert theirs.get("/").status_code == 302
    inside.post(f"/people/{kim.pk}/", {"what": "in"})
    assert (
        theirs.post("/sign-in/", {"login": "kim", "password": "kim-kim-kim-kim"}).headers["Location"] == "/"
    )


def set_password(address: str, password: str) -> int:
    visitor = Client()
    there = visitor.get(address).headers.get("Location", "")
    if not there:
        return 404
    answer = visitor.post(there, {"password1": password, "password2": password})
    return int(answer.status_code)


def test_an_owner_makes_a_link_for_a_new_password(inside: Client, owner: User) -> None:
    page = inside.post(f"/people/{owner.pk}/", {"what": "password"})
    address = page.context["link"].partition("8000")[2]
    assert set_password(address, "another-long-one") == 302
    assert set_password(address, "yet-another-long-one") == 404
    answer = Client().post("/sign-in/", {"login": "marta", "password": "another-long-one"})
    assert answer.headers["Location"] == "/"
    assert inside.get("/").status_code == 302  # whoever was signed in by the old one is not any more


def test_a_forgotten_password_is_set_by_a_mail(owner: User, post: Post) -> None:
    asked = Client().post("/forgotten/", {"email": "Marta@northgate.example"})
    unknown = Client().post("/forgotten/", {"email": "nobody@northgate.example"})
    assert asked.headers["Location"] == unknown.headers["Location"]
    (letter,) = post.letters
    assert letter["To"] == "marta@northgate.example"
    link = re.search(r"http\S+", letter.get_content())
    assert link is not None
    assert set_password("/" + link[0].split("/", 3)[3], "another-long-one") == 302


def test_mail_that_cannot_be_sent_is_said(owner: User, post: Post) -> None:
    post.refuses = True
    answer = Client().post("/forgotten/", {"email": "marta@northgate.example"})
    assert answer.status_code == 503
    assert b"could not be sent" in answer.content


def test_without_a_mail_server_nobody_is_promised_a_mail(client: Client) -> None:
    page = client.get("/forgotten/").content
    assert b"No mail is sent" in page
    assert b"<form method" not in page[page.index(b"<main") :]


def test_guessing_a_password_is_throttled_even_where_the_right_one_follows(owner: User) -> None:
    visitor = Client()
    for _ in range(5):
        visitor.post("/sign-in/", {"login": "marta", "password": "wrong"})
    answer = visitor.post("/sign-in/", {"login": "marta", "password": "marta-marta-hale"})
    assert answer.status_code == 200
    assert b"Too many attempts" in answer.content
    assert visitor.get("/").status_code == 302


def sign_in(visitor: Client, code: str) -> str:
    visitor.post("/sign-in/", {"login": "marta", "password": "marta-marta-hale"})
    assert visitor.get("/").status_code == 302
    return str(visitor.post("/sign-in/code/", {"code": code}).headers.get("Location", ""))


def test_with_a_second_factor_the_password_alone_lets_nobody_in(owner: User) -> None:
    secret = with_factor(owner)
    visitor = Client()
    assert sign_in(visitor, "000000") == ""
    assert visitor.get("/").status_code == 302
    assert sign_in(Client(), code_of(secret)) == "/"


def test_a_recovery_code_lets_in_once(owner: User) -> None:
    with_factor(owner)
    code = str(Authenticator.objects.get(user=owner, type="recovery_codes").wrap().get_unused_codes()[0])
    assert sign_in(Client(), code) == "/"
    assert sign_in(Client(), code) == ""


def test_a_second_factor_is_set_up_by_scanning_and_typing_its_code(client: Client, owner: User) -> None:
    client.post("/sign-in/", {"login": "marta", "password": "marta-marta-hale"})
    assert client.get("/account/second-factor/").headers["Location"].startswith("/account/confirm/")
    client.post("/account/confirm/", {"password": "marta-marta-hale"})
    page = client.get("/account/second-factor/")
    secret = page.context["form"].secret
    assert client.post("/account/second-factor/", {"code": "000000"}).status_code == 200
    assert not Authenticator.objects.exists()
    answer = client.post("/account/second-factor/", {"code": code_of(secret)})
    assert answer.headers["Location"] == "/account/recovery-codes/"
    assert len(client.get("/account/recovery-codes/").context["unused_codes"]) == 10
    assert b"On: signing in takes a code" in client.get("/account/").content


def test_where_it_is_demanded_nothing_else_is_open_without_it(client: Client, owner: User) -> None:
    client.post("/sign-in/", {"login": "marta", "password": "marta-marta-hale"})
    client.post("/people/second-factor/", {"second_factor": "yes"})
    for address in ("/", "/clients/", "/people/", "/account/", "/live/board"):
        assert client.get(address).headers["Location"] == "/account/second-factor/"
    client.post("/account/confirm/", {"password": "marta-marta-hale"})
    secret = client.get("/account/second-factor/").context["form"].secret
    client.post("/account/second-factor/", {"code": code_of(secret)})
    assert client.get("/").status_code == 200


def test_an_owner_drops_a_lost_second_factor(inside: Client, provider: Provider) -> None:
    kim = User.objects.create_user("kim", provider=provider)
    with_factor(kim)
    inside.post(f"/people/{kim.pk}/", {"what": "factor"})
    assert not Authenticator.objects.filter(user=kim).exists()


def test_nobody_signs_up_by_themselves(client: Client) -> None:
    assert client.get("/accounts/signup/").status_code in {302, 404}
    assert client.get("/signup/").status_code in {302, 404}


def test_an_owner_lets_texts_be_kept_and_deletes_them_again(
    inside: Client, provider: Provider, now: datetime
) -> None:
    inside.post("/people/texts/", {"keep_texts": "yes"})
    provider.refresh_from_db()
    source = Source.objects.create(provider=provider, slug="psa", name="PSA")
    at = to_instant(now)
    told = [
        TicketEvent("1", created(at, id="c")),
        Written("1", message(at + 1, id="m"), "It says <b>this</b>"),
    ]
    append(source, told, now)
    ticket = Ticket.objects.get()
    page = inside.get(f"/tickets/{ticket.pk}/").content
    assert b"It says &lt;b&gt;this&lt;/b&gt;" in page
    assert b"19 characters" in page
    inside.post("/people/texts/", {"keep_texts": "no"})
    assert not MessageText.objects.exists()
    assert b"It says" not in inside.get(f"/tickets/{ticket.pk}/").content
