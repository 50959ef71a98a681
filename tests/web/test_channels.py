"""The channels' pages."""

from collections.abc import Iterator

import pytest
from django.test import Client
from tests.support.receiver import Receiver, receiver

from beforehand.alerts.channel_changes import save_channel
from beforehand.alerts.hooks import opened
from beforehand.alerts.models import Channel
from beforehand.people.models import Provider, User
from beforehand.people.roles import Role

pytestmark = pytest.mark.django_db
SECRET = "a-secret-that-nobody-can-guess"
HOOK = {"name": "Desk hook", "kind": "webhook", "address": "https://a.example/hush-hush", "say": "full"}


@pytest.fixture
def there() -> Iterator[Receiver]:
    with receiver() as kept:
        yield kept


@pytest.fixture
def row(provider: Provider, there: Receiver) -> Channel:
    made = Channel(provider=provider, name="Ours", kind="webhook", allow_private=True)
    return save_channel(made, there.url, SECRET).channel


def as_role(user: User, role: Role) -> Client:
    user.role = role
    user.save()
    client = Client()
    client.force_login(user)
    return client


def test_a_manager_adds_a_webhook_and_is_told_its_secret_once(marta: User) -> None:
    client = as_role(marta, Role.MANAGER)
    page = client.post("/channels/new/", HOOK)
    row = Channel.objects.get()
    assert opened(row.secret) in page.content.decode()
    assert opened(row.address) == HOOK["address"]
    for address in ("/channels/", f"/channels/{row.pk}/"):
        text = client.get(address).content.decode()
        assert opened(row.secret) not in text
        assert "hush-hush" not in text


def test_what_was_wrong_is_said_and_the_address_does_not_come_back(marta: User) -> None:
    client = as_role(marta, Role.MANAGER)
    page = client.post("/channels/new/", {**HOOK, "address": "http://hush-hush.example/"})
    assert page.status_code == 400
    assert "hush-hush" not in page.content.decode()
    assert "https:// address" in page.content.decode()
    assert not Channel.objects.exists()


def test_what_is_left_empty_stays(marta: User, row: Channel, there: Receiver) -> None:
    client = as_role(marta, Role.OWNER)
    answer = client.post(
        f"/channels/{row.pk}/", {"name": "Another", "say": "bare", "address": "", "allow_private": "on"}
    )
    assert answer.status_code == 302
    row.refresh_from_db()
    assert (row.name, row.say, row.allow_private) == ("Another", "bare", True)
    assert (opened(row.address), opened(row.secret)) == (there.url, SECRET)


def test_a_private_network_is_an_owners_to_allow(marta: User, row: Channel, there: Receiver) -> None:
    client = as_role(marta, Role.MANAGER)
    said = {"name": "Ours", "say": "full", "allow_private": "on"}
    client.post("/channels/new/", {**HOOK, "allow_private": "on"})
    assert not Channel.objects.get(name="Desk hook").allow_private
    # Kept while the address stays, and over with another one.
    client.post(f"/channels/{row.pk}/", said)
    row.refresh_from_db()
    assert row.allow_private
    assert client.post(f"/channels/{row.pk}/", {**said, "address": there.url}).status_code == 400
    client.post(f"/channels/{row.pk}/", {**said, "address": f"https://127.0.0.1:{there.port}/"})
    row.refresh_from_db()
    assert not row.allow_private
    assert "private network" in client.post(f"/channels/{row.pk}/try/").content.decode()
    assert there.posted == []


def test_a_test_shows_the_answer_word_for_word(marta: User, row: Channel, there: Receiver) -> None:
    there.status, there.text = 404, "no such <b>room</b>"
    client = as_role(marta, Role.MANAGER)
    page = client.post(f"/channels/{row.pk}/try/").content.decode()
    assert "404 no such &lt;b&gt;room&lt;/b&gt;" in page
    assert [one.said["event"] for one in there.posted] == ["test"]
    assert "404 no such" in client.get("/channels/").content.decode()


@pytest.mark.parametrize("role", [Role.MEMBER, Role.READ_ONLY])
def test_others_see_the_channels_and_change_nothing(marta: User, row: Channel, role: Role) -> None:
    client = as_role(marta, role)
    page = client.get("/channels/").content.decode()
    assert "Ours" in page
    assert "Send me a test" not in page
    for address in ("new/", f"{row.pk}/", f"{row.pk}/try/", f"{row.pk}/active/"):
        assert client.post(f"/channels/{address}", HOOK).status_code == 403


def test_a_channel_goes_out_of_use_and_comes_back(marta: User, row: Channel) -> None:
    client = as_role(marta, Role.MANAGER)
    for said, active in (("no", False), ("yes", True)):
        client.post(f"/channels/{row.pk}/active/", {"active": said})
        row.refresh_from_db()
        assert row.active is active


def test_another_providers_channel_is_none_of_ours(marta: User, row: Channel) -> None:
    row.provider = Provider.objects.create(
        name="Other", slug="other", zone="Europe/London", created=row.provider.created
    )
    row.save()
    client = as_role(marta, Role.OWNER)
    assert "Ours" not in client.get("/channels/").content.decode()
    assert client.post(f"/channels/{row.pk}/try/").status_code == 404
    client.post(f"/channels/{row.pk}/active/", {"active": "no"})
    assert Channel.objects.get().active
