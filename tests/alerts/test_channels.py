"""Channels that are told by name, with real rows, a worker, and somebody else's web server."""

import hashlib
import hmac
import logging
from collections.abc import Iterator

import pytest
from django.core.serializers import serialize
from django.db import connection
from django.test import override_settings

from beforehand.alerts import outbox, shapes
from beforehand.alerts.channel_changes import save_channel, set_active
from beforehand.alerts.hooks import key_parts
from beforehand.alerts.message import STEPS, Message
from beforehand.alerts.models import Attempt, Channel, Delivery, Mailbox, StepTaken
from beforehand.alerts.post import Answer
from beforehand.engine import history as h
from beforehand.engine.instants import to_instant
from beforehand.kernel.faults import Refused
from beforehand.promises.ladders import Ladder, Link, Match, Step, stored
from beforehand.promises.models import Ladder as LadderRow
from tests.support.post import Post
from tests.support.receiver import Receiver, receiver

from .conftest import ANSWER, Desk

DAY = "2026-03-10T"
OURS = "Ours"
SECRET = "a-secret-that-nobody-can-guess"


@pytest.fixture
def there() -> Iterator[Receiver]:
    with receiver() as kept:
        yield kept


def ladder(desk: Desk, *steps: Step) -> None:
    """All clocks climb these steps, for real."""
    said = stored(Ladder(OURS, steps, (Match(),)))
    LadderRow.objects.create(provider=desk.provider, name=OURS, said=said)
    desk.reread()
    desk.switch_on(OURS)


def tells(percent: int, *parties: str, urgency: str = "urgent") -> Step:
    return Step(percent, None, tuple(Link(((party,),)) for party in parties), urgency)


def channel(
    desk: Desk, address: str, kind: str = "webhook", name: str = "Desk hook", **more: object
) -> Channel:
    """A channel in use, which may be on this machine."""
    row = Channel(provider=desk.provider, name=name, kind=kind, allow_private=True, **more)
    return save_channel(row, address, SECRET if kind == "webhook" else "").channel


def test_a_signed_webhook_says_all_there_is_to_one_step(desk: Desk, there: Receiver) -> None:
    channel(desk, there.url)
    ladder(desk, tells(50, "channel desk  HOOK"))
    desk.open("48213", url="https://psa.northwind.test/48213")
    desk.at(DAY + "09:30")
    assert desk.told == [("50%", "Desk hook", "sent")]
    one = there.posted[0]
    stamp, said = one.headers["X-Beforehand-Timestamp"], one.said
    expected = hmac.new(SECRET.encode(), f"{stamp}.".encode() + one.body, hashlib.sha256).hexdigest()
    assert one.headers["X-Beforehand-Signature"] == f"v1={expected}"
    assert one.headers["Idempotency-Key"] == said["key"]
    assert one.headers["Content-Type"] == "application/json"
    assert (said["event"], said["ticket"], said["client"], said["metric"], said["step"]) == (
        "step", "48213", "Contoso", "response", "50%",
    )  # fmt: skip
    assert (
        said["headline"] == "Contoso, P1, response due in 30 minutes, unassigned: Mail server down (#48213)"
    )
    assert said["text"].startswith(said["headline"])
    assert said["sent_at"] == "2026-03-10T09:30:00Z"
    assert [link["name"] for link in said["links"]] == [
        "I have it", "The ticket here", "The ticket in your system",
    ]  # fmt: skip
    assert int(stamp) == 1773135000


def test_a_step_is_told_to_a_channel_once_and_to_people_beside_it(
    desk: Desk, there: Receiver, post: Post
) -> None:
    channel(desk, there.url)
    ladder(
        desk,
        Step(50, None, (Link((("channel Desk hook",), ("dispatcher",))), Link((("channel Desk hook",),)))),
    )
    desk.open("48213")
    desk.at(DAY + "09:59")
    assert sorted(desk.told) == [("50%", "Dee", "sent"), ("50%", "Desk hook", "sent")]
    assert len(there.posted) == 1
    assert Delivery.objects.get(name="Desk hook").technician is None
    # The second link is the same channel: nobody who was not told.
    assert StepTaken.objects.get().nobody == [1]


def test_a_try_that_is_repeated_has_the_same_key(desk: Desk, there: Receiver) -> None:
    there.answers = [503, 429, 408, 200]
    channel(desk, there.url)
    ladder(desk, tells(50, "channel Desk hook"))
    desk.open("48213")
    desk.at(DAY + "09:35")
    assert len(there.posted) == 4
    assert len({one.headers["Idempotency-Key"] for one in there.posted}) == 1
    assert len({one.headers["X-Beforehand-Signature"] for one in there.posted}) == 4
    assert desk.told == [("50%", "Desk hook", "sent")]


@pytest.mark.parametrize("status", [400, 403, 404, 410, 302])
def test_a_refusal_for_good_is_not_repeated_and_the_chain_moves_on_at_once(
    desk: Desk, there: Receiver, post: Post, status: int
) -> None:
    there.status, there.text = status, "channel_is_archived"
    channel(desk, there.url)
    ladder(desk, tells(50, "channel Desk hook", "service manager"))
    desk.open("48213")
    desk.at(DAY + "09:30")
    assert desk.told == [("50%", "Desk hook", "failed"), ("50%", "Cleo", "sent")]
    assert len(there.posted) == 1
    row = Channel.objects.get()
    assert (row.tried, row.tried_ok) == (desk.now, False)
    assert row.tried_answer.startswith(str(status))
    assert Attempt.objects.order_by("pk")[0].answer == row.tried_answer


def test_a_channel_out_of_use_or_unknown_is_nobody(desk: Desk, there: Receiver, post: Post) -> None:
    set_active(desk.provider, channel(desk, there.url).pk, False)
    ladder(desk, tells(50, "channel Desk hook", "channel Elsewhere", "dispatcher"))
    desk.open("48213")
    desk.at(DAY + "09:30")
    assert (desk.told, there.posted) == ([("50%", "Dee", "sent")], [])


def test_a_channel_that_goes_out_of_use_while_something_waits_gets_nothing(
    desk: Desk, there: Receiver
) -> None:
    there.answers = [503]
    row = channel(desk, there.url)
    ladder(desk, tells(50, "channel Desk hook"))
    desk.open("48213")
    desk.at(DAY + "09:30")
    set_active(desk.provider, row.pk, False)
    desk.at(DAY + "09:40")
    assert len(there.posted) == 1
    assert Delivery.objects.get().why == "the channel was switched off"
    desk.finds = ["unheard"]


def test_client_and_subject_stay_in_the_house_where_that_is_wanted(desk: Desk, there: Receiver) -> None:
    channel(desk, there.url, say="bare")
    ladder(desk, tells(50, "channel Desk hook"), tells(75, "channel Desk hook", urgency="normal"))
    desk.open("48213")
    desk.open("48214")
    desk.at(DAY + "09:50")
    # Two by themselves, and two that went as one.
    assert [one.said["event"] for one in there.posted] == ["step", "step", "steps"]
    assert there.posted[0].said["headline"] == "P1, response due in 30 minutes, unassigned (#48213)"
    for one in there.posted:
        assert b"Contoso" not in one.body
        assert b"Mail server" not in one.body
    assert [step["ticket"] for step in there.posted[2].said["steps"]] == ["48213", "48214"]


def test_slack_gets_text_without_markup_of_a_subject_and_a_button_for_each_link(
    desk: Desk, there: Receiver
) -> None:
    channel(desk, there.url, "slack")
    ladder(desk, tells(50, "channel Desk hook"))
    desk.open("48213", subject="<!channel> & <https://evil.test|your bank>")
    desk.at(DAY + "09:30")
    said = there.posted[0].said
    section, actions = said["blocks"]
    for text in (said["text"], section["text"]["text"]):
        assert "&lt;!channel&gt; &amp; &lt;https://evil.test|your bank&gt;" in text
        assert "<" not in text
    assert "/alerts/hold/" not in section["text"]["text"]
    assert [button["text"]["text"] for button in actions["elements"]] == ["I have it", "The ticket here"]
    assert all(button["url"].startswith("http") for button in actions["elements"])


def test_teams_gets_a_card_whose_text_knows_no_markup(desk: Desk, there: Receiver) -> None:
    there.status = 202
    channel(desk, there.url, "teams")
    ladder(desk, tells(50, "channel Desk hook"))
    desk.open("48213", subject="[your bank](https://evil.test)")
    desk.at(DAY + "09:30")
    assert desk.told == [("50%", "Desk hook", "sent")]
    (attached,) = there.posted[0].said["attachments"]
    assert attached["contentType"] == "application/vnd.microsoft.card.adaptive"
    card = attached["content"]
    assert {block["type"] for block in card["body"]} == {"RichTextBlock"}
    assert "[your bank](https://evil.test)" in card["body"][0]["inlines"][0]["text"]
    assert [one["title"] for one in card["actions"]] == ["I have it", "The ticket here"]


def test_teams_gets_no_more_lines_than_it_takes_and_how_many_are_left_out() -> None:
    text = "\n".join(f"- Contoso, P1, ticket {number} of a long summary" for number in range(1000))
    card = shapes.teams(Message(STEPS, "key", "1000 alerts", text, (), 0))
    body = card["attachments"][0]["content"]["body"]
    assert len(shapes.as_json(card)) < 28_000
    assert body[-1]["inlines"][0]["text"].startswith(f"… and {1000 - len(body) + 1} more lines")


def test_an_address_of_a_ticket_that_none_can_go_to_is_not_in_a_message(desk: Desk, there: Receiver) -> None:
    channel(desk, there.url, "slack")
    ladder(desk, tells(50, "channel Desk hook"))
    desk.open("48213", url="/tickets/48213")
    desk.open("48214", url="javascript:alert(1)")
    desk.at(DAY + "09:30")
    names = [[button["text"]["text"] for button in one.said["blocks"][1]["elements"]] for one in there.posted]
    assert names == [["I have it", "The ticket here"]] * 2


def test_pagerduty_sees_one_incident_of_a_clock_as_urgent_as_the_step(
    desk: Desk, there: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    there.status = 202
    monkeypatch.setattr(shapes, "PAGERDUTY", there.url)
    channel(desk, "R0UT1NGKEY0123456789abcdefABCDEF", "pagerduty")
    ladder(desk, tells(50, "channel Desk hook", urgency="normal"), tells(75, "channel Desk hook"))
    desk.open("48213")
    desk.at(DAY + "09:45")
    first, second = (one.said for one in there.posted)
    assert first["routing_key"] == "R0UT1NGKEY0123456789abcdefABCDEF"
    assert (first["event_action"], first["payload"]["severity"], second["payload"]["severity"]) == (
        "trigger", "warning", "critical",
    )  # fmt: skip
    assert first["dedup_key"] == second["dedup_key"]
    assert first["payload"]["summary"].startswith("Contoso, P1, response due in 30 minutes")
    assert [link["text"] for link in first["links"]] == ["I have it", "The ticket here"]


def test_a_test_goes_the_way_of_all_messages_and_its_answer_is_kept_word_for_word(
    desk: Desk, there: Receiver
) -> None:
    row = channel(desk, there.url)
    there.status, there.text = 500, "invalid_token, sorry"
    assert outbox.try_out(row, desk.now) == Answer(False, "500 invalid_token, sorry")
    row.refresh_from_db()
    assert (row.tried, row.tried_ok, row.tried_answer) == (desk.now, False, "500 invalid_token, sorry")
    said = there.posted[0].said
    assert (said["event"], said["ticket"], said["client"]) == ("test", None, None)
    assert "X-Beforehand-Signature" in there.posted[0].headers


def test_a_private_address_is_not_called_unless_the_owner_allows_it(desk: Desk, there: Receiver) -> None:
    row = channel(desk, f"https://127.0.0.1:{there.port}/x")
    row.allow_private = False
    row.save()
    answer = outbox.try_out(row, desk.now)
    assert (answer.ok, answer.permanent) == (False, True)
    assert "private network" in answer.said
    assert there.posted == []


def test_secrets_are_nowhere_in_clear(desk: Desk, there: Receiver, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    row = channel(desk, there.url)
    there.status, there.text = 403, f"no {there.url} with {SECRET} at /hook/the-path-is-secret"
    ladder(desk, tells(50, "channel Desk hook"))
    desk.open("48213")
    desk.at(DAY + "09:30")
    rows = [*Channel.objects.all(), *Attempt.objects.all(), *Delivery.objects.all(), *Mailbox.objects.all()]
    database = serialize("json", rows)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM alerts_channel")
        database += repr(cursor.fetchall())
    for place in (database, repr(row), str(row), caplog.text):
        assert "the-path-is-secret" not in place
        assert SECRET not in place
    assert Attempt.objects.get().answer == "403 no *** with *** at ***"


def test_under_another_secret_key_it_says_what_to_do(desk: Desk, there: Receiver) -> None:
    row = channel(desk, there.url)
    with override_settings(SECRET_KEY="another-key-of-at-least-32-letters!!"):
        answer = outbox.try_out(row, desk.now)
    assert (answer.ok, answer.permanent, there.posted) == (False, True, [])
    assert "enter it again" in answer.said


def test_a_simulated_provider_calls_nobody(desk: Desk, there: Receiver) -> None:
    row = channel(desk, there.url)
    desk.provider.simulated = True
    desk.provider.save()
    row.refresh_from_db()
    assert not outbox.try_out(Channel.objects.get(), desk.now).ok
    assert there.posted == []


@pytest.mark.parametrize(
    ("change", "address", "secret", "fault"),
    [
        ({"name": " "}, "https://a.example/", "", "channel, name"),
        ({"name": "DESK  hook"}, "https://a.example/", "", "channel, name"),
        ({"kind": "fax"}, "https://a.example/", "", "channel, kind"),
        ({"say": "all"}, "https://a.example/", "", "channel, say"),
        ({}, "", "", "channel, address"),
        ({}, "http://a.example/", "", "channel, address"),
        ({}, "https://a.example/", "short", "channel, secret"),
        ({"kind": "pagerduty"}, "no key", "", "channel, address"),
    ],
)
def test_a_channel_that_cannot_be_is_refused_and_its_secrets_are_not_repeated(
    desk: Desk, change: dict[str, str], address: str, secret: str, fault: str
) -> None:
    channel(desk, "https://other.example/hook")
    row = Channel(provider=desk.provider, **{"name": "New", "kind": "webhook", **change})
    with pytest.raises(Refused) as refused:
        save_channel(row, address, secret)
    assert fault in [one.place for one in refused.value.faults]
    assert "a.example" not in str(refused.value)
    assert Channel.objects.count() == 1


def test_opsgenie_sees_one_alert_of_a_clock_by_its_alias_within_what_it_takes(
    desk: Desk, there: Receiver, post: Post
) -> None:
    there.status = 202
    channel(desk, f"{there.url}#12345678-abcd-4321-9876-0123456789ab", "opsgenie")
    ladder(desk, tells(50, "channel Desk hook", urgency="normal"), tells(75, "channel Desk hook"))
    desk.open("48213", subject="Mail server down, nobody can send or receive anything at all " * 3)
    desk.at(DAY + "09:45")
    first, second = there.posted
    assert first.headers["Authorization"] == "GenieKey 12345678-abcd-4321-9876-0123456789ab"
    assert (first.said["priority"], second.said["priority"]) == ("P3", "P1")
    assert first.said["alias"] == second.said["alias"]
    assert first.said["message"].startswith("Contoso, P1, response due in 30 minutes")
    assert len(first.said["message"]) == 130
    assert first.said["details"]["ticket"] == "48213"
    assert set(first.said) == {"message", "alias", "description", "priority", "source", "tags", "details"}


TOOLS = [
    ("pagerduty", "R0UT1NGKEY0123456789abcdefABCDEF"),
    ("opsgenie", "12345678-abcd-4321-9876-0123456789ab"),
]


def actions(there: Receiver) -> list[str]:
    """What was asked of an incident tool, in order."""
    found = []
    for one in there.posted:
        closes = one.path.partition("?")[0].endswith("/close")
        found.append("resolve" if closes else one.said.get("event_action", "trigger"))
    return found


@pytest.mark.parametrize(("kind", "key"), TOOLS)
def test_what_was_opened_with_an_incident_tool_is_closed_once_when_the_chain_or_the_clock_ends(
    desk: Desk, there: Receiver, kind: str, key: str
) -> None:
    there.status = 202
    channel(desk, f"{there.url}#{key}", kind)
    ladder(desk, tells(50, "channel Desk hook"), tells(75, "channel Desk hook"))
    desk.open("48213")
    desk.at(DAY + "09:31")
    desk.tell("48213", h.assigned(to_instant(desk.now), "Ada", id="a"))
    desk.at(DAY + "09:40")
    assert actions(there) == ["trigger", "resolve"]
    desk.at(DAY + "09:46")
    assert actions(there) == ["trigger", "resolve", "trigger"]
    desk.tell("48213", h.message(to_instant(desk.now), ANSWER, person="Ada", id="m"))
    desk.at(DAY + "12:00")
    response = [one for one in there.posted if "-0-1-" in str(one.body) or "-0-1-" in one.path]
    assert len(response) == 4
    assert actions(there)[:4] == ["trigger", "resolve", "trigger", "resolve"]
    if kind == "opsgenie":
        opened = there.posted[0].said["alias"]
        assert there.posted[1].path == f"/hook/the-path-is-secret/{opened}/close?identifierType=alias"
        assert there.posted[1].headers["Authorization"] == f"GenieKey {key}"
    else:
        opened = there.posted[0].said["dedup_key"]
        assert there.posted[1].said == {"routing_key": key, "event_action": "resolve", "dedup_key": opened}


def test_closing_is_tried_again_until_it_is_taken(desk: Desk, there: Receiver) -> None:
    there.answers, there.status = [202, 503, 429], 202
    channel(desk, f"{there.url}#{TOOLS[0][1]}", "pagerduty")
    ladder(desk, tells(50, "channel Desk hook"))
    desk.open("48213")
    desk.at(DAY + "09:31")
    desk.tell("48213", h.assigned(to_instant(desk.now), "Ada", id="a"))
    desk.at(DAY + "09:45")
    assert actions(there) == ["trigger", "resolve", "resolve", "resolve"]
    assert Delivery.objects.get().closed is not None


def test_steps_of_several_tickets_are_an_incident_each(desk: Desk, there: Receiver) -> None:
    there.status = 202
    channel(desk, f"{there.url}#{TOOLS[0][1]}", "pagerduty")
    ladder(desk, tells(50, "channel Desk hook", urgency="normal"))
    for ticket in ("48213", "48214", "48215"):
        desk.open(ticket)
    desk.at(DAY + "09:35")
    assert len({one.said["dedup_key"] for one in there.posted}) == len(there.posted) == 3


def test_an_opsgenie_key_alone_goes_to_opsgenie() -> None:
    assert key_parts("opsgenie", "the-key") == ("https://api.opsgenie.com/v2/alerts", "the-key")


def test_a_technician_who_is_reached_by_email_gets_mail(desk: Desk, post: Post) -> None:
    # As the staff's form writes it.
    dee = desk.people["Dee"]
    dee.channels = ["email", "sms"]
    dee.save()
    ladder(desk, tells(50, "dispatcher"))
    desk.open("48213")
    desk.at(DAY + "09:30")
    assert desk.told == [("50%", "Dee", "sent")]


def test_a_webhook_without_a_secret_gets_one_that_is_told_once(desk: Desk) -> None:
    row = Channel(provider=desk.provider, name="New", kind="webhook")
    kept = save_channel(row, "https://a.example/", "")
    assert len(kept.secret) > 32
    assert save_channel(kept.channel, "", "").secret == ""
