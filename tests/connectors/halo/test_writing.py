"""What is written back: notes that the client does not see, and custom fields."""

from collections.abc import Callable

import pytest
from tests.connectors.halo.conftest import NOW, Hand, at
from tests.connectors.halo.fake import Halo

from beforehand.connectors.halo.reader import Reader
from beforehand.connectors.line import Forbidden

Make = Callable[..., Reader]


def test_a_note_is_hidden_sends_no_mail_and_changes_no_status(halo: Halo, reader: Make) -> None:
    halo.open(1001, NOW)
    reader().write_note("1001", "Beforehand: 75% of the response is used.")
    (sent,) = [one for one in halo.calls if one.method == "POST" and one.path == "/api/Actions"]
    (body,) = sent.body
    assert (body["hiddenfromuser"], body["sendemail"], body["outcome"]) == (True, False, "Private Note")
    assert not {"new_status", "status_id"} & body.keys()


def test_a_kind_of_note_that_sends_mail_is_not_used(halo: Halo, reader: Make) -> None:
    halo.open(1001, NOW)
    with pytest.raises(Forbidden, match="sends mail"):
        reader(note="Mail").write_note("1001", "x")
    assert len(halo.actions[1001]) == 1


def test_custom_fields_by_name_and_nothing_else(halo: Halo, reader: Make) -> None:
    halo.open(1001, NOW)
    reader().write_fields("1001", {"CFDeadline": "2026-03-10 17:00"})
    (sent,) = [one for one in halo.calls if one.method == "POST" and one.path == "/api/Tickets"]
    assert sent.body[0]["customfields"] == [{"name": "CFDeadline", "value": "2026-03-10 17:00"}]


@pytest.mark.django_db
def test_our_note_is_nobodys_work(hand: Hand, halo: Halo, reader: Make) -> None:
    halo.open(1001, at("10 09:00"))
    reader().write_note("1001", "Beforehand: 75%")
    hand.pull(at("10 09:10"))
    assert not [told for told in hand.told(1001) if told[2].startswith("action-2")]
