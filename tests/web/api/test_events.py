"""POST /api/events over a real connection: kept before it is answered, or refused with everything that is wrong."""

import threading
from datetime import timedelta

import pytest
from tests.support.midweek import WEDNESDAY

from beforehand.people import tokens
from beforehand.people.models import Provider, Token
from beforehand.tickets.models import Clock, Conflict, Event, Ticket
from beforehand.tickets.sources import source_named

from .conftest import AT, Caller, created

NOW = WEDNESDAY


def places(answer: dict[str, dict[str, list[dict[str, str]]]]) -> list[str]:
    return [fault["place"] for fault in answer["error"]["faults"]]


def test_an_event_is_kept_and_its_clocks_are_read(caller: Caller) -> None:
    told = [
        created(),
        {**created(), "id": "k", "kind": "changed", "field": "client", "value": "Ashcombe Dental"},
        {**created(), "id": "p", "kind": "changed", "field": "priority", "value": "P1"},
    ]
    assert caller.post({"events": told}) == (200, {"taken": 3, "known": 0, "conflicts": 0, "tickets": 1})
    assert Ticket.objects.get(external_id="1").covered
    assert Clock.objects.count() >= 2


def test_the_same_again_is_known_and_other_content_a_conflict_that_is_listed(caller: Caller) -> None:
    """4.4"""
    assert caller.post(created())[0] == 200
    assert caller.post(created()) == (200, {"taken": 0, "known": 1, "conflicts": 0, "tickets": 1})
    other = {**created(), "at": "2026-11-24T11:00:00Z"}
    status, answer = caller.post([created("2"), other])
    assert (status, answer["taken"], answer["conflicts"], places(answer)) == (409, 1, 1, ["events[1]"])
    assert Conflict.objects.count() == 1
    assert Event.objects.count() == 2


def test_a_ticket_of_a_client_nobody_knows_is_taken_and_uncovered(caller: Caller) -> None:
    """2.3"""
    told = {**created(), "id": "k", "kind": "changed", "field": "client", "value": "Nobody Ltd"}
    assert caller.post([created(), told])[0] == 200
    ticket = Ticket.objects.get(external_id="1")
    assert (ticket.covered, ticket.client_name) == (False, "Nobody Ltd")


def test_of_ten_thousand_events_the_bad_one_is_named_and_none_is_kept(caller: Caller) -> None:
    told = [created(str(n)) for n in range(10_000)]
    told[7_312]["at"] = "2026-11-24T10:00:00"
    status, answer = caller.post({"events": told})
    assert (status, places(answer)) == (422, ["events[7312].at"])
    assert answer["error"]["message"].startswith("1 of 10,000 events cannot be kept. Nothing was kept")
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    ("more", "place"),
    [
        ({"at": "2026-11-24T10:00:00"}, "at"),
        ({"at": "9999-12-31T23:59:59Z"}, "at"),
        ({"at": "0001-01-01T00:00:00+14:00"}, "at"),
        ({"at": "31/02/2026"}, "at"),
        ({"at": 1_764_000_000}, "at"),
        ({"kind": "statu"}, "kind"),
        ({"kind": ["status"]}, "kind"),
        ({"kind": "status"}, "value"),
        ({"kind": "status", "value": ""}, "value"),
        ({"kind": "changed", "field": "x" * 41, "value": ""}, "field"),
        ({"kind": "starts"}, "since"),
        ({"ticket": ""}, "ticket"),
        ({"ticket": None}, "ticket"),
        ({"id": "x" * 201}, "id"),
        ({"id": "a\x00b"}, "id"),
        ({"value": "\ud800"}, "value"),
        ({"seq": 2**63}, "seq"),
        ({"seq": True}, "seq"),
        ({"seq": 1.5}, "seq"),
        ({"public": "yes"}, "public"),
        ({"judged": ["automatic", "loud"]}, "judged"),
        ({"judged": "automatic"}, "judged"),
        ({"until": "2026-11-24T09:00:00Z"}, "until"),
        ({"supersedes": "x" * 201}, "supersedes"),
        ({"tiket": "1"}, "tiket"),
    ],
)
def test_what_is_wrong_with_an_event_is_said_at_its_place(
    caller: Caller, more: dict[str, object], place: str
) -> None:
    status, answer = caller.post({**created(), **more})
    assert (status, places(answer)) == (422, [f"event.{place}"])
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b'{"events": [{"ticket": "1", ', 400, "not_json"),
        (b"[" * 100_000, 400, "not_json"),
        (b"\xff\xfe", 400, "not_json"),
        (b"", 400, "not_json"),
        (b'{"ticket": "1", "ticket": "2"}', 400, "not_json"),
        (b'{"seq": ' + b"9" * 5_000 + b"}", 400, "not_json"),
        (b'{"seq": NaN}', 400, "not_json"),
        (b"7", 422, "bad_events"),
        (b'{"events": {}}', 422, "bad_events"),
        (b'{"events": [], "source": "x"}', 422, "bad_events"),
        (b"[1, null, []]", 422, "bad_events"),
        (b"[" + b"{}," * 10_000 + b"{}]", 413, "too_many"),
    ],
)
def test_a_body_that_cannot_be_is_refused_in_the_one_shape(
    caller: Caller, body: bytes, status: int, code: str
) -> None:
    found, answer = caller.post(body)
    assert (found, answer["error"]["code"]) == (status, code)
    assert set(answer["error"]) == {"code", "message", "faults", "faults_not_listed"}


def test_a_body_of_100_mb_is_refused_without_being_read(caller: Caller) -> None:
    status, answer = caller.call("POST", "/api/events", b"", **{"Content-Length": str(100_000_000)})
    assert (status, answer["error"]["code"]) == (413, "too_long")


def test_only_a_token_that_holds_and_has_the_scope_lets_in(caller: Caller, provider: Provider) -> None:
    def secret(name: str, **more: object) -> str:
        return tokens.issue(provider, name, [tokens.EVENTS_WRITE], NOW, source="monitoring", **more)[1]  # type: ignore[arg-type]

    old = secret("Old", expires=NOW + timedelta(days=1))
    Token.objects.filter(name="Old").update(expires=NOW - timedelta(days=1))
    gone = secret("Gone")
    tokens.revoke(Token.objects.get(name="Gone"), NOW)
    _, reads = tokens.issue(provider, "Reads", [tokens.TICKETS_READ], NOW)
    for given, status, code in (
        ("", 401, "not_signed_in"),
        ("bfh_guessed", 401, "not_signed_in"),
        (old, 401, "not_signed_in"),
        (gone, 401, "not_signed_in"),
        (reads, 403, "scope_missing"),
    ):
        found, answer = Caller(caller.port, given).post(created())
        assert (found, answer["error"]["code"]) == (status, code)
    assert not Event.objects.exists()


def test_a_token_tells_of_its_own_provider_alone(caller: Caller, provider: Provider) -> None:
    other = Provider.objects.create(name="Southwind", slug="southwind", zone="Europe/London", created=NOW)
    source_named(other, "monitoring")
    _, secret = tokens.issue(other, "Theirs", [tokens.EVENTS_WRITE], NOW, source="monitoring")
    assert caller.post(created())[0] == 200
    assert Caller(caller.port, secret).post(created())[1]["taken"] == 1
    assert {t.provider_id for t in Ticket.objects.filter(external_id="1")} == {provider.pk, other.pk}


def test_other_methods_are_refused_in_the_one_shape(caller: Caller) -> None:
    status, answer = caller.call("GET", "/api/events")
    assert (status, answer["error"]["code"]) == (405, "wrong_method")


def test_many_who_tell_of_one_ticket_at_once_lose_nothing(caller: Caller) -> None:
    caller.post(created())

    def tell(who: int) -> None:
        for n in range(10):
            event = {"ticket": "1", "id": f"{who}/{n}", "at": AT, "kind": "message", "seq": n}
            assert Caller(caller.port, caller.secret).post(event)[0] == 200

    tellers = [threading.Thread(target=tell, args=(who,)) for who in range(6)]
    for teller in tellers:
        teller.start()
    for teller in tellers:
        teller.join()
    assert Event.objects.count() == 61
    assert Ticket.objects.get(external_id="1").events == 61


def test_a_use_is_noted_and_no_secret_is_kept(caller: Caller) -> None:
    caller.post(created())
    token = Token.objects.get(name="Monitoring")
    assert token.used is not None
    assert caller.secret not in str(Token.objects.values_list())


def test_a_text_is_taken_with_a_message_alone_and_not_kept(caller: Caller) -> None:
    said = {
        **created(),
        "id": "m",
        "kind": "message",
        "text": "The password is hunter2. I will call you by noon.",
    }
    assert caller.post([created(), said])[0] == 200
    assert "hunter2" not in repr(list(Event.objects.values()))
    assert caller.post(said) == (200, {"taken": 0, "known": 1, "conflicts": 0, "tickets": 1})
    assert caller.post({**said, "text": "Something else"})[0] == 409
    for wrong in (
        {"kind": "status", "value": "New"},
        {"text": "a\0b"},
        {"text": "\ud800"},
        {"text": "x" * 200_001},
    ):
        status, answer = caller.post({**said, "id": "w", **wrong})
        assert (status, places(answer)) == (422, ["event.text"])
