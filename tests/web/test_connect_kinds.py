"""Connections that are not asked as others are, and what is written back by those that can be written to."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from tests.support.toy import TOY, Toy, registered, toy
from tests.web.test_connect import as_role, connect, text_of

from beforehand.connectors.models import Connection, Written
from beforehand.connectors.writing import WRITE_BACK
from beforehand.kernel.models import Due
from beforehand.people.models import User
from beforehand.people.roles import Role
from beforehand.tickets.models import SourceState, Ticket
from beforehand.web import moment

pytestmark = pytest.mark.django_db

NOT_THEIRS = (
    "How far is the past read?",
    "What will it take?",
    "Our calls in",
    "Is anything missing?",
    "To be read yet",
)


@pytest.fixture
def there() -> Iterator[Toy]:
    with registered(TOY._replace(writes=True)), toy() as kept:
        yield kept


@pytest.fixture
def owner(marta: User) -> Client:
    return as_role(marta, Role.OWNER)


def names_of(client: Client, slug: str) -> set[str]:
    return set(client.get(f"/sources/connect/{slug}/").context["form"].fields)


def started(client: Client, slug: str, **said: str) -> Connection:
    answer = client.post(f"/sources/connect/{slug}/", {"name": "It", **said})
    assert answer.status_code == 302, answer.content.decode()
    row = Connection.objects.get()
    client.post(f"/sources/{row.pk}/active/", {"active": "yes"})
    return row


def test_what_tells_by_itself_is_asked_for_its_name_alone(owner: Client) -> None:
    assert names_of(owner, "generic") == {"name"}
    row = started(owner, "generic")
    text = text_of(owner, f"/sources/{row.pk}/")
    for words in (
        *NOT_THEIRS,
        "Read last",
        "Next look",
        "Read it now",
        "Check the connection",
        "Changes are behind",
    ):
        assert words not in text
    assert "It is listened to" in text
    page = owner.post(f"/sources/{row.pk}/webhook/")
    made = page.context["hook"]
    assert made.secret in page.content.decode()
    assert f"/hooks/{made.path}" in page.content.decode()
    assert made.secret not in text_of(owner, f"/sources/{row.pk}/")


def test_what_tells_by_itself_is_never_called_old(owner: Client) -> None:
    row = started(owner, "generic")
    long_ago = moment.now() - timedelta(days=3)
    SourceState.objects.create(provider=row.provider, source=row.source, reached=long_ago, failing=long_ago)
    assert "are as old as" not in text_of(owner, "/")


def test_one_that_was_heard_and_stopped_is_not_called_new(owner: Client) -> None:
    row = started(owner, "generic")
    Connection.objects.update(heard=moment.now())
    owner.post(f"/sources/{row.pk}/active/", {"active": "no"})
    assert "Stopped: nothing is taken from it" in text_of(owner, f"/sources/{row.pk}/")


def test_a_folder_has_no_past_calls_or_proofs(owner: Client, tmp_path: Path) -> None:
    assert names_of(owner, "folder") == {"name", "setting-folder", "setting-mapping", "interval"}
    folder = {"setting-folder": str(tmp_path), "setting-mapping": "helpdesk", "interval": "60"}
    row = started(owner, "folder", **folder)
    Connection.objects.update(looked=moment.now(), back_done=moment.now())
    text = text_of(owner, f"/sources/{row.pk}/")
    for words in (*NOT_THEIRS, "Can it call us?", "Webhook heard"):
        assert words not in text
    for words in ("Read last", "Read it now", "Check the connection"):
        assert words in text
    kept = owner.post(f"/sources/{row.pk}/settings/", {"name": "Exports", **folder, "interval": "90"})
    assert kept.status_code == 302
    now = Connection.objects.get()
    assert (now.interval, now.share, now.since) == (90, row.share, row.since)


def test_forged_webhooks_are_counted_on_the_page(owner: Client, there: Toy) -> None:
    row = connect(owner, there)
    assert "Forged ones refused</dt><dd>0" in text_of(owner, f"/sources/{row.pk}/")
    Connection.objects.update(forged=1234)
    text = text_of(owner, f"/sources/{row.pk}/")
    assert "1,234" in text
    assert "Forged is what came to its address" in text


def test_what_is_written_back_is_switched_on_and_off(owner: Client, there: Toy) -> None:
    row = connect(owner, there)
    ticket = Ticket.objects.create(provider=row.provider, source=row.source, external_id="T1", runs=1)
    assert "Nothing: it is only read." in text_of(owner, f"/sources/{row.pk}/")
    said = {"notes": "on", "deadline": " SLA  due ", "risk": "SLA risk", "line": ""}
    assert owner.post(f"/sources/{row.pk}/write-back/", said).status_code == 302
    row = Connection.objects.get()
    assert (row.write_notes, row.write_fields) == (True, {"deadline": "SLA due", "risk": "SLA risk"})
    assert [due.key for due in Due.objects.filter(kind=WRITE_BACK)] == [ticket.pk]
    text = text_of(owner, f"/sources/{row.pk}/")
    assert "deadline in <strong>SLA due</strong>, risk in <strong>SLA risk</strong>" in text
    assert owner.post(f"/sources/{row.pk}/write-back/", {}).status_code == 302
    row = Connection.objects.get()
    assert (row.write_notes, row.write_fields) == (False, {})


def test_all_that_is_wrong_with_the_fields_is_said_and_nothing_kept(owner: Client, there: Toy) -> None:
    row = connect(owner, there)
    said = {"notes": "on", "deadline": "SLA", "risk": "sla", "line": "a\u202eb"}
    page = owner.post(f"/sources/{row.pk}/write-back/", said)
    assert page.status_code == 400
    assert page.context["write"].errors.keys() == {"risk", "line"}
    assert "deadline stands in this one" in page.content.decode()
    row = Connection.objects.get()
    assert (row.write_notes, row.write_fields) == (False, {})


def test_one_that_cannot_be_written_to_is_not_switched_on(owner: Client) -> None:
    row = started(owner, "generic")
    assert "What is written back?" not in text_of(owner, f"/sources/{row.pk}/")
    assert owner.post(f"/sources/{row.pk}/write-back/", {"notes": "on"}).status_code == 400
    assert not Connection.objects.get().write_notes


@pytest.mark.parametrize("role", [Role.MEMBER, Role.READ_ONLY])
def test_others_see_what_is_written_and_change_nothing(marta: User, there: Toy, role: Role) -> None:
    row = connect(as_role(marta, Role.OWNER), there)
    client = as_role(marta, role)
    text = text_of(client, f"/sources/{row.pk}/")
    assert "What is written back?" in text
    assert "Change what is written" not in text
    assert client.post(f"/sources/{row.pk}/write-back/", {"notes": "on"}).status_code == 403


def test_what_could_not_be_written_is_listed_with_why(owner: Client, there: Toy) -> None:
    row = connect(owner, there)
    ticket = Ticket.objects.create(provider=row.provider, source=row.source, external_id="T7")
    rows = [
        Written(
            provider=row.provider, connection=row, ticket=ticket, key=key, text="x", asked=row.made,
            state=state, fault=fault,
        )
        for key, state, fault in (
            ("n1", Written.State.FAILED, "its key may not add notes"),
            ("n2", Written.State.WAITING, ""),
            ("n3", Written.State.WRITTEN, ""),
            *((f"m{number}", Written.State.FAILED, "no") for number in range(20)),
        )
    ]  # fmt: skip
    Written.objects.bulk_create(rows[::-1])
    text = text_of(owner, f"/sources/{row.pk}/")
    assert "its key may not add notes" in text
    assert "To be written yet: 1." in text
    assert "And 1 more." in text
