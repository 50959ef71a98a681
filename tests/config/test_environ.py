from pathlib import Path

import pytest

from beforehand.config import environ, values
from beforehand.kernel.faults import Refused


def refused(**values: str) -> list[str]:
    with pytest.raises(Refused) as caught:
        environ.read(values)
    return [str(fault) for fault in caught.value.faults]


def test_an_empty_environment_gives_an_installation_of_this_machine_alone() -> None:
    got = environ.read({})
    assert got.database is None
    assert got.loopback
    assert got.hosts == ("127.0.0.1", "localhost", "[::1]")
    assert got.data.name == ".beforehand"


def test_all_faults_are_told_at_once() -> None:
    faults = refused(BEFOREHAND_DEBUG="true", DATABASE_URL="mysql://x/y", BEFOREHAND_SECRET_KEY="short")
    assert len(faults) == 3
    assert "environment, BEFOREHAND_DEBUG: found 'true', expected yes or no (for example: yes)" in faults


def test_a_name_that_is_no_setting_is_refused_with_the_one_it_resembles() -> None:
    (fault,) = refused(BEFOREHAND_DTAA="/srv")
    assert fault.endswith("(for example: BEFOREHAND_DATA)")


def test_a_secret_is_never_repeated() -> None:
    faults = refused(BEFOREHAND_SECRET_KEY="hunter2", DATABASE_URL="postgres://u:hunter2@h:x/n")
    assert len(faults) == 2
    assert "hunter2" not in " ".join(faults)


def test_a_secret_may_lie_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "url"
    file.write_text("postgres://u@h/beforehand\n")
    got = environ.read({"DATABASE_URL_FILE": str(file)})
    assert got.database is not None
    assert got.database["NAME"] == "beforehand"
    assert "readable" in refused(DATABASE_URL_FILE=str(tmp_path / "missing"))[0]


def test_a_database_address_is_taken_apart_and_decoded() -> None:
    assert values.database("postgres://us%40er:p%2Fw@db.internal:6432/be%20fore?sslmode=require") == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "be fore",
        "USER": "us@er",
        "PASSWORD": "p/w",
        "HOST": "db.internal",
        "PORT": "6432",
        "OPTIONS": {"sslmode": "require"},
    }


@pytest.mark.parametrize(
    ("url", "name"), [("sqlite:////srv/b.sqlite3", "/srv/b.sqlite3"), ("sqlite:///b.sqlite3", "b.sqlite3")]
)
def test_a_file_may_be_the_database(url: str, name: str) -> None:
    assert values.database(url) == {"ENGINE": "django.db.backends.sqlite3", "NAME": name}


@pytest.mark.parametrize(
    "url", ["postgres://h", "postgres://h:99999/n", "/srv/db", "postgres://h/a/b", "sqlite://"]
)
def test_what_is_no_database_address_is_refused(url: str) -> None:
    assert len(refused(DATABASE_URL=url)) == 1


@pytest.mark.parametrize(
    "url", ["http://sla.example.com", "sla.example.com", "https://x/path", "ftp://localhost"]
)
def test_an_address_beyond_this_machine_must_be_https(url: str) -> None:
    assert len(refused(BEFOREHAND_URL=url)) == 1


def test_a_public_address_is_a_host_to_answer_to() -> None:
    got = environ.read({"BEFOREHAND_URL": "https://sla.example.com", "BEFOREHAND_HOSTS": "10.0.0.5, board"})
    assert got.hosts[0] == "sla.example.com"
    assert got.hosts[-2:] == ("10.0.0.5", "board")
    assert not got.loopback


@pytest.mark.parametrize("hosts", ["*", "https://x", "a b"])
def test_a_host_is_a_name_and_nothing_else(hosts: str) -> None:
    assert len(refused(BEFOREHAND_HOSTS=hosts)) == 1


def test_every_setting_is_in_the_reference() -> None:
    text = (Path(__file__).parents[2] / "docs" / "settings.md").read_text()
    for setting in environ.SETTINGS:
        assert f"### {setting.name}\n\n{setting.help}" in text


@pytest.mark.parametrize("address", ["hc-ping.com/x", "ftp://x/y", "https://u:p@x/y", "https://x/a b"])
def test_a_heartbeat_goes_to_a_web_address_that_is_not_repeated(address: str) -> None:
    (fault,) = refused(BEFOREHAND_HEARTBEAT=address)
    assert address not in fault
    assert environ.read({"BEFOREHAND_HEARTBEAT": "http://10.0.0.5:8000/ping/x"}).heartbeat


@pytest.mark.parametrize("token", ["short", "with spaces in between of it", "ünïcödé-and-long-enough"])
def test_the_token_of_the_metrics_is_long_and_plain(token: str) -> None:
    assert len(refused(BEFOREHAND_METRICS_TOKEN=token)) == 1
