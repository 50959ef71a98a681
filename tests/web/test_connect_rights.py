"""What a check says of what is switched on besides reading: there, missing, or not to be seen before it is done."""

import pytest
from django.test import Client
from tests.connectors.connectwise.fake import Tenant
from tests.web.test_callback import OPEN, owner, press, row, tenant
from tests.web.test_connect import text_of

from beforehand.connectors.models import Connection

__all__ = ["owner", "row", "tenant"]  # the fixtures are those of the callback
pytestmark = pytest.mark.django_db
ADD = "Service Desk &gt; Service Tickets: add"


def check(client: Client, row: Connection) -> str:
    page = client.post(f"/sources/{row.pk}/check/")
    assert page.status_code == 200
    return " ".join(page.content.decode().split())


def test_nothing_is_said_of_what_nobody_switched_on(owner: Client, row: Connection) -> None:
    text = check(owner, row)
    assert "all that is needed may be read.</p>" in text
    assert "What is switched on besides" not in text


def test_what_cannot_be_seen_is_said_to_be_neither_there_nor_missing(
    owner: Client, row: Connection, tenant: Tenant
) -> None:
    tenant.open(1, "09:00")
    Connection.objects.update(write_notes=True, write_fields={"deadline": "Our deadline"})
    text = check(owner, row)
    assert "Of what is switched on besides nothing is known to be refused." in text
    assert f'<th scope="row">{ADD}</th><td><span class="unseen">Not seen yet</span></td>' in text
    assert "cannot be seen without writing, and is said here once it is refused" in text
    assert "<strong" not in text[text.index("<table") : text.rindex("</table>")]


def test_a_field_that_is_not_there_is_found_before_anything_is_written(
    owner: Client, row: Connection, tenant: Tenant
) -> None:
    tenant.open(1, "09:00")
    Connection.objects.update(write_fields={"deadline": "Our deadlin"})
    text = check(owner, row)
    assert "It may be read, but something that is switched on is not allowed:" in text
    assert "tickets there have no field of this name" in text
    assert text.index("What is switched on besides") < text.index("<caption>Reading")


def test_a_callback_that_somebody_withdrew_there_is_found(
    owner: Client, row: Connection, tenant: Tenant
) -> None:
    assert press(owner, row) == 302
    assert "What is switched on besides is allowed." in check(owner, row)
    assert tenant.lists["system/callbacks"][0]["url"] == f"{OPEN}/hooks/{row.path}"
    tenant.lists["system/callbacks"].clear()
    assert "it was withdrawn or switched off there" in check(owner, row)
    assert Connection.objects.get().called is not None


def test_whoever_names_fields_is_told_where_to_have_them_checked(owner: Client, row: Connection) -> None:
    assert 'Afterwards <a href="#do">check the connection</a>' in text_of(owner, f"/sources/{row.pk}/")
