"""Where the API is, and what goes wrong on the way to it."""

from collections.abc import Callable

import pytest
from tests.connectors.connectwise.fake import Mood, Tenant
from tests.connectors.connectwise.world import CLIENT, PRIVATE

from beforehand.connectors.connectwise.client import api_site
from beforehand.connectors.connectwise.reader import Reader
from beforehand.connectors.line import Down, Forbidden, Limited, Odd, Trouble, Unauthorised

HTML = Mood(200, b"<html>Down for maintenance</html>", (("Content-Type", "text/html"),))


def test_every_call_says_who_we_are_and_follows_no_foreign_link(tenant: Tenant, reader: Reader) -> None:
    for number in range(1, 1202):
        tenant.open(number, "09:00")
    assert len(reader.ids_between(0, 2**61 // 1000)) == 1201
    calls = tenant.asked("service/tickets")
    assert [call.query.get("pageId") for call in calls] == [None, "1000"]
    assert all(call.headers["clientid"] == CLIENT for call in calls)
    assert all(call.headers["authorization"].startswith("Basic ") for call in calls)


def test_the_codebase_is_asked_for_once_and_again_when_it_moved(tenant: Tenant, reader: Reader) -> None:
    tenant.open(1, "09:00")
    reader.begin()
    reader.read(["1"])
    assert len(tenant.asked("/login/companyinfo/northwind")) == 1
    tenant.codebase = "v2026_1/"
    assert reader.read(["1"])[0].id == "1"
    assert len(tenant.asked("/login/companyinfo/northwind")) == 2


def test_a_ticket_that_is_not_there_is_gone_only_at_the_right_address(tenant: Tenant, reader: Reader) -> None:
    tenant.open(1, "09:00")
    reader.begin()
    tenant.codebase = "v2026_1/"
    assert [one.gone for one in reader.read(["1", "2"])] == [False, True]
    assert reader.read(["no-number"])[0].gone


def test_an_unknown_company_is_said_to_be_unknown(open_reader: Callable[..., Reader]) -> None:
    with pytest.raises(Unauthorised, match="no company “elsewhere”"):
        open_reader(company="elsewhere").begin()


@pytest.mark.parametrize("said", [b"{}", b'{"Codebase": "../../etc"}', b"[1]"])
def test_what_says_not_where_the_api_is_is_odd(tenant: Tenant, reader: Reader, said: bytes) -> None:
    tenant.moods["/northwind"] = [Mood(200, said)]
    with pytest.raises(Odd, match="where its API is"):
        reader.begin()


def test_a_wrong_key_is_refused_and_never_repeated(open_reader: Callable[..., Reader]) -> None:
    with pytest.raises(Unauthorised) as refused:
        open_reader(private_key="wrong-key").begin()
    assert "wrong-key" not in str(refused.value)


@pytest.mark.parametrize(
    ("mood", "kind"),
    [
        (HTML, Odd),
        (Mood(200, b'[{"id": 1, "summ'), Odd),
        (Mood(200, b'{"id": 1}'), Odd),
        (Mood(200, b"[1, 2]"), Odd),
        (Mood(302, headers=(("Location", "https://elsewhere.test/"),)), Odd),
        (Mood(400, b'{"code": "InvalidObject", "message": "conditions"}'), Odd),
        (Mood(403), Forbidden),
        (Mood(429, headers=(("Retry-After", "120"),)), Limited),
        (Mood(500), Down),
    ],
)
def test_answers_that_are_none_are_told_apart(
    tenant: Tenant, reader: Reader, mood: Mood, kind: type[Trouble]
) -> None:
    tenant.moods["service/tickets"] = [mood] * 9
    with pytest.raises(kind) as told:
        reader.begin()
    assert PRIVATE not in str(told.value)


def test_a_broken_answer_and_a_short_limit_are_tried_again(tenant: Tenant, reader: Reader) -> None:
    tenant.open(1, "09:00")
    tenant.moods["service/tickets"] = [Mood(200, b"[" + b" " * 4000 + b"]", cut=True), Mood(503)]
    assert '"mark"' in reader.begin()
    tenant.moods["service/tickets"] = [
        Mood(429, headers=(("Retry-After", "0"),)),
        Mood(429, headers=(("Retry-After", "1"),)),
    ]
    assert '"mark"' in reader.begin()


def test_a_limit_without_a_time_waits_by_itself(tenant: Tenant, reader: Reader) -> None:
    tenant.moods["service/tickets"] = [Mood(429)] * 9
    with pytest.raises(Limited) as told:
        reader.begin()
    assert told.value.wait >= 0


def test_pages_that_go_in_a_circle_are_left(tenant: Tenant, reader: Reader) -> None:
    round_ = (("Link", '<https://elsewhere.test/?pageId=7>; rel="next"'),)
    tenant.moods["/members"] = [Mood(200, b'[{"id": 7}]', round_)] * 9
    with pytest.raises(Odd, match="circle"):
        list(reader.client.all("system/members", forward=True))
    tenant.open(7, "09:00")
    tenant.moods["service/tickets"] = [Mood(200, b"[]"), Mood(200, b'[{"id": 7}]', round_)]
    assert not reader.changes('{"mark": 0, "next": {"pageId": "7"}}').more


@pytest.mark.parametrize(
    ("site", "api"),
    [
        ("https://na.myconnectwise.net", "https://api-na.myconnectwise.net"),
        ("https://api-eu.myconnectwise.net/", "https://api-eu.myconnectwise.net"),
        ("au.myconnectwise.net", "https://api-au.myconnectwise.net"),
        ("https://psa.northwind.test:8443/anything", "https://psa.northwind.test:8443"),
    ],
)
def test_the_api_has_a_host_of_its_own_in_the_cloud(site: str, api: str) -> None:
    assert api_site(site) == api


def test_settings_that_cannot_be_are_refused_in_words(open_reader: Callable[..., Reader]) -> None:
    with pytest.raises(Trouble, match="client id"):
        open_reader(client_id="ключ")
    with pytest.raises(Trouble, match="status Statut"):
        open_reader(history="status Statut modifié")


def test_which_right_is_missing_is_said_by_module(tenant: Tenant, reader: Reader) -> None:
    tenant.forbidden = {"system/audittrail", "finance/"}
    rights = reader.check()
    assert {right.name for right in rights if not right.ok} == {
        "System > API Reports: inquire",
        "Finance > Agreements: inquire",
    }
    assert all("System > Security Roles" in right.how for right in rights)
    tenant.forbidden = {"service/", "system/", "time/", "company/", "finance/"}
    assert not any(right.ok for right in reader.check())
