"""The calls to an Autotask: zones, pages, limits, and errors that mean something else than they say."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from tests.connectors.autotask.conftest import settings_of
from tests.connectors.autotask.fake import SECRET, Autotask

from beforehand.connectors.autotask import memory
from beforehand.connectors.autotask.client import Client
from beforehand.connectors.autotask.lookup import ALL
from beforehand.connectors.autotask.reader import Reader
from beforehand.connectors.line import Line
from beforehand.connectors.trouble import Down, Forbidden, Limited, Missing, Odd, Trouble, Unauthorised

NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)


@pytest.fixture
def client(autotask: Autotask, line: Line) -> Client:
    return Client(settings_of(autotask), line)


def test_the_zone_is_asked_for_once_and_again_when_the_tenant_has_moved(
    autotask: Autotask, client: Client
) -> None:
    assert client.count("Tickets", [ALL]) == 0
    assert client.zone().url == f"{autotask.url}/zone5/ATServicesRest"
    autotask.zone = 12
    assert client.count("Tickets", [ALL]) == 0
    assert client.zone().url.endswith("/zone12/ATServicesRest")


def test_a_wrong_key_is_no_move_and_says_nothing_of_it(autotask: Autotask, line: Line) -> None:
    with pytest.raises(Unauthorised) as caught:
        Client(settings_of(autotask) | {"secret": "wr0ng"}, line).count("Tickets", [ALL])
    assert "wr0ng" not in str(caught.value)
    with pytest.raises(Unauthorised, match="no API user"):
        Client(settings_of(autotask) | {"user": "nobody"}, line).zone()


def test_no_other_host_gets_the_key(autotask: Autotask, line: Line, client: Client) -> None:
    assert client._may_have_our_key("https://webservices5.autotask.net/ATServicesRest")
    for url in (
        "https://autotask.net.example.com",
        "http://webservices5.autotask.net",
        "https://xautotask.net",
        "",
    ):
        assert not client._may_have_our_key(url)


def test_pages_are_followed_with_the_same_body(autotask: Autotask, client: Client) -> None:
    autotask.page = 3
    ids = [autotask.create(NOW) for _ in range(8)]
    assert [row["id"] for row in client.query("Tickets", [ALL])] == ids
    assert [path for _, path, _ in autotask.seen if "/query" in path] == ["Tickets/query"] + [
        "Tickets/query/next"
    ] * 2


def test_pages_that_go_round_in_circles_end(autotask: Autotask, client: Client) -> None:
    autotask.page, autotask.circles = 3, True
    for _ in range(8):
        autotask.create(NOW)
    with pytest.raises(Odd, match="no end"):
        list(client.query("Tickets", [ALL]))


@pytest.mark.parametrize("spoilt", ["html", "cut"])
def test_what_is_no_whole_answer_is_no_answer(autotask: Autotask, client: Client, spoilt: str) -> None:
    client.count("Tickets", [ALL])
    autotask.spoils = [spoilt] * 9
    with pytest.raises((Odd, Down)):
        client.count("Tickets", [ALL])


def test_a_question_is_asked_again_where_the_connection_broke(autotask: Autotask, client: Client) -> None:
    client.count("Tickets", [ALL])
    autotask.spoils = ["gone", "cut"]
    assert client.count("Tickets", [ALL]) == 0


def test_500_is_a_missing_right_a_missing_thing_or_an_error(autotask: Autotask, reader: Reader) -> None:
    autotask.refuses = {"TicketHistory"}
    with pytest.raises(Forbidden, match="TicketHistory"):
        list(reader.client.query("TicketHistory", [{"op": "eq", "field": "ticketID", "value": 1}]))
    with pytest.raises(Missing):
        reader.write_note("77", "Late in an hour.")
    autotask.lame = {"everything"}
    with pytest.raises(Down):
        reader.client.count("Tickets", [ALL])


def test_many_readers_stay_under_three_at_a_time(autotask: Autotask, line: Line) -> None:
    autotask.slow = 0.05
    clients = [Client(settings_of(autotask), line) for _ in range(8)]
    clients[0].count("Tickets", [ALL])
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda n: clients[n % 8].count("Tickets", [ALL]), range(32)))
    assert found == [0] * 32
    assert max(autotask.most_inside.values()) <= 3


def test_itgenatr005_waits_and_is_no_error_of_theirs(autotask: Autotask, client: Client) -> None:
    client.count("Tickets", [ALL])
    autotask.inside["Tickets"] = 3  # another program with the same key
    with pytest.raises(Limited, match="three calls") as caught:
        client.count("Tickets", [ALL])
    assert 0 < caught.value.wait <= 60


def test_what_others_use_is_watched(autotask: Autotask, line: Line) -> None:
    def fresh() -> Client:
        return Client(settings_of(autotask), line)

    fresh().count("Tickets", [ALL])
    assert not line.limits.is_scarce(20)
    autotask.others = 7_600
    autotask.clock = lambda: NOW + timedelta(minutes=6)
    fresh().count("Tickets", [ALL])
    fresh().count("Tickets", [ALL])
    assert line.limits.is_scarce(20), "the past waits"
    autotask.others = 9_100
    autotask.clock = lambda: NOW + timedelta(minutes=12)
    fresh().count("Tickets", [ALL])
    before = len(autotask.calls)
    for _ in range(3):
        with pytest.raises(Limited, match="left to them"):
            fresh().count("Tickets", [ALL])
    assert len(autotask.calls) - before <= 3, "only looks whether there is room again"
    autotask.others = 100
    assert fresh().count("Tickets", [ALL]) == 0


def test_the_databases_own_refusal_waits(autotask: Autotask, client: Client) -> None:
    client.zone()
    client.memory.threshold = memory.Threshold(2**60, 0, 10_000)
    autotask.others = 10_000
    with pytest.raises(Limited):
        client.count("Tickets", [ALL])


def test_a_key_that_may_not_know_the_threshold_reads_all_the_same(autotask: Autotask, client: Client) -> None:
    autotask.refuses = {"ThresholdInformation"}
    for _ in range(5):
        client.count("Tickets", [ALL])
    assert autotask.asked("ThresholdInformation") == 1


def test_no_trouble_tells_a_secret(autotask: Autotask, client: Client) -> None:
    troubles: list[Trouble] = []
    for fault in ("html", "cut", "gone"):
        autotask.spoils = [fault] * 9
        with pytest.raises(Trouble) as caught:
            client.count("Tickets", [ALL])
        troubles.append(caught.value)
        autotask.spoils = []
    assert all(SECRET not in f"{one!r} {one.__cause__!r}" for one in troubles)
