"""Taking a draft: what is taken is what was seen, whatever the source, its owner or somebody else changed meanwhile."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.test import Client
from tests.support import judged
from tests.support.forms import fields_of, send_draft, take_draft
from tests.support.toy import registered
from tests.web.test_connect import as_role, text_of
from tests.web.test_first_look import OFFICE, SET_UP, connect, nothing_promised

from beforehand.connectors.models import Connection
from beforehand.people.models import Provider, User
from beforehand.people.roles import Role
from beforehand.promises import models as promises
from beforehand.promises import psa
from beforehand.promises.file.dump import dump

pytestmark = pytest.mark.django_db
SHOWN = "compared/?draft=yes"


@pytest.fixture(autouse=True)
def toys() -> Iterator[None]:
    with registered():
        yield


@pytest.fixture
def client(marta: User) -> Client:
    return as_role(marta, Role.OWNER)


@pytest.fixture
def bare(provider: Provider, now: datetime) -> Connection:
    """A source with an SLA, in hours of which it does not say where they are; nothing is promised yet."""
    row = connect(provider, judged.make(provider, now), now, since=now - timedelta(days=90))
    nothing_promised(provider)
    judged.set_up(provider, row.source, SET_UP, now)
    return row


@pytest.fixture
def source(bare: Connection) -> str:
    return f"/sources/{bare.pk}/"


def another(row: Connection, *changed: psa.Plain) -> None:
    """The set-up was read anew, and these are in it now."""
    kinds = {type(one) for one in changed}
    promises.SetUpPiece.objects.all().delete()
    rest = [one for one in SET_UP if type(one) not in kinds]
    judged.set_up(row.provider, row.source, [*rest, *changed], row.made)


def test_what_was_shown_is_taken_at_once(client: Client, source: str) -> None:
    assert take_draft(client, source).headers["Location"] == f"{source}compared/?taken=yes"
    assert promises.Agreement.objects.exists()


def test_another_zone_is_shown_before_it_is_taken(client: Client, source: str, bare: Connection) -> None:
    answer = take_draft(client, source, {"zone of 1": "Asia/Tokyo"})
    assert answer.status_code == 409
    assert not promises.Agreement.objects.exists()
    said = answer.content.decode()
    assert "You gave other answers than those under which it was shown." in said
    assert "set to something else" not in said
    assert (
        "<li>Gold, hours: Mon-Fri 9:00-17:30, Asia/Tokyo, zone entered by hand"
        " (was Mon-Fri 9:00-17:30, Europe/London, zone not told, assumed)</li>" in said
    )
    assert '<span class="tag">was Mon-Fri 9:00-17:30, Europe/London, zone not told, assumed</span>' in said
    assert "<option selected>Asia/Tokyo</option>" in said
    send_draft(client, source, said)
    assert "Office (zone entered by hand)" in dump(bare.provider)


def test_that_the_assumed_zone_is_right_is_an_answer(client: Client, source: str, bare: Connection) -> None:
    take_draft(client, source, asked="&answer-zone%20of%201=Europe/London")
    assert "Office (zone entered by hand)" in dump(bare.provider)


def test_a_set_up_that_was_read_anew_is_shown_before_it_is_taken(
    client: Client, source: str, bare: Connection
) -> None:
    shown = text_of(client, f"{source}{SHOWN}")
    another(bare, psa.Sla("1", "Gold", (psa.Target("response", 5, "P2"), psa.Target("plan", 60, "P2")), "1"))
    answer = send_draft(client, source, shown)
    assert answer.status_code == 409
    assert not promises.Agreement.objects.exists()
    said = answer.content.decode()
    assert "Toy Desk is set to something else than when it was shown." in said
    assert "<li>Gold, response for P2: 5m (was 1h)</li>" in said
    assert "<li>New: Gold, plan for P2: 1h</li>" in said
    assert "<li>No more in it: Gold, resolution for P2: 16h</li>" in said
    assert '5m <span class="tag">was 1h</span>' in said
    assert '1h <span class="tag">new</span>' in said
    send_draft(client, source, said)
    assert promises.Target.objects.count() == 2


@pytest.mark.parametrize(
    "changed",
    [
        (psa.Serves("1", "1", "Ashcombe Ltd"),),
        (psa.Calendar("1", "Office", OFFICE, holidays=("h",)), psa.HolidayList("h", "UK", (("2026-12-25", "Xmas", True),))),
    ],
    ids=["other clients", "other holidays"],
)  # fmt: skip
def test_whatever_is_another_is_said(
    client: Client, source: str, bare: Connection, changed: tuple[psa.Plain, ...]
) -> None:
    shown = text_of(client, f"{source}{SHOWN}")
    another(bare, *changed)
    answer = send_draft(client, source, shown)
    assert answer.status_code == 409
    assert "<li>" in answer.content.decode().split('role="alert"')[1].split("</div>")[0]


def test_a_set_up_that_gives_the_same_draft_is_taken(client: Client, source: str, bare: Connection) -> None:
    shown = text_of(client, f"{source}{SHOWN}")
    judged.set_up(bare.provider, bare.source, [psa.Status("77", "Parked", holds=True)], bare.made)
    assert send_draft(client, source, shown).status_code == 302


def test_one_that_gives_none_any_more_is_said_and_not_taken(
    client: Client, source: str, bare: Connection
) -> None:
    shown = text_of(client, f"{source}{SHOWN}")
    another(bare, psa.Sla("1", "Gold", (), "1"))
    answer = send_draft(client, source, shown)
    assert answer.status_code == 409
    assert "Nothing that could be taken." in answer.content.decode()


def test_an_answer_that_nobody_can_read_needs_no_third_click(client: Client, source: str) -> None:
    answer = take_draft(client, source, {"zone of 1": "Tokio"})
    assert answer.status_code == 409
    said = answer.content.decode()
    assert "Tokio: no time zone of the IANA database" in said
    assert send_draft(client, source, said).status_code == 302


def test_who_does_not_say_what_was_seen_takes_nothing(client: Client, source: str) -> None:
    for sent in ({}, {"seen": "0-0-0-0", "shown": "[]"}, {"seen": "x", "shown": '{"said": 1}'}):
        answer = client.post(f"{source}draft/", sent)
        assert answer.status_code == 409
        assert "Nothing says which one that was." in answer.content.decode()
    assert not promises.Agreement.objects.exists()


def test_others_than_owners_look_at_it_with_other_answers(marta: User, source: str) -> None:
    client = as_role(marta, Role.READ_ONLY)
    fields = fields_of(text_of(client, f"{source}{SHOWN}"), f"{source}draft/shown/")
    answer = client.post(f"{source}draft/shown/", fields | {"answer-zone of 1": "Asia/Tokyo"}, follow=True)
    assert "<option selected>Asia/Tokyo</option>" in answer.content.decode()
