"""An owner hears that a source cannot be read, and that it can be again."""

import pytest

from beforehand.alerts.models import SourceWord
from beforehand.connectors import state
from beforehand.connectors.models import Connection
from beforehand.people.models import User
from beforehand.people.roles import Role
from tests.support.post import Post

from .conftest import Desk


@pytest.fixture
def connection(desk: Desk) -> Connection:
    for name, role in (("olive", Role.OWNER), ("mara", Role.MANAGER)):
        User.objects.create(provider=desk.provider, username=name, email=f"{name}@northwind.test", role=role)
    return Connection.objects.create(
        provider=desk.provider, source=desk.source, connector="rt", since=desk.now, made=desk.now, path="p"
    )


def fails(desk: Desk, connection: Connection) -> None:
    state.failed(connection, "rt.example does not accept the key (401)", desk.now)


def test_an_owner_is_told_once_that_a_source_cannot_be_read_and_once_that_it_can(
    desk: Desk, post: Post, connection: Connection
) -> None:
    desk.at("2026-03-10T09:00")
    fails(desk, connection)
    desk.at("2026-03-10T09:09")
    fails(desk, connection)
    assert desk.mail(post) == []
    desk.at("2026-03-10T09:40")
    state.reached(connection, desk.now)
    desk.at("2026-03-10T12:00")
    assert desk.mail(post) == [
        ("olive", "PSA cannot be read since Tue 10 Mar 09:00: figures are as old as that"),
        ("olive", "PSA is read again: figures catch up by themselves"),
    ]
    assert "does not accept the key (401)" in str(post.letters[0].get_content())
    assert post.letters[1]["In-Reply-To"] == post.letters[0]["Message-ID"]


def test_a_short_failure_is_told_to_nobody(desk: Desk, post: Post, connection: Connection) -> None:
    desk.at("2026-03-10T09:00")
    fails(desk, connection)
    desk.at("2026-03-10T09:08")
    state.reached(connection, desk.now)
    desk.at("2026-03-10T12:00")
    assert desk.mail(post) == []


def test_a_second_failure_is_told_of_its_own(desk: Desk, post: Post, connection: Connection) -> None:
    for hour in ("09", "11"):
        desk.at(f"2026-03-10T{hour}:00")
        fails(desk, connection)
        desk.at(f"2026-03-10T{hour}:30")
        state.reached(connection, desk.now)
    desk.at("2026-03-10T12:00")
    assert [subject.split(" ")[1] for _, subject in desk.mail(post)] == ["cannot", "is", "cannot", "is"]


def test_a_mail_server_that_is_away_is_tried_again(desk: Desk, post: Post, connection: Connection) -> None:
    desk.at("2026-03-10T09:00")
    fails(desk, connection)
    post.refuses = True
    desk.at("2026-03-10T09:10")
    post.refuses = False
    desk.at("2026-03-10T09:30")
    assert len(desk.mail(post)) == 1
    assert SourceWord.objects.get().tries > 1
