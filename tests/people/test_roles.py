from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connection
from django.db.migrations.executor import MigrationExecutor

from beforehand.people import accounts
from beforehand.people.models import User
from beforehand.people.roles import Role

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_each_role_includes_itself_and_those_after_it() -> None:
    assert [role.below for role in Role] == [tuple(Role)[place:] for place in (1, 2, 3, 4)]
    assert all(role.includes(role) for role in Role)


@pytest.mark.django_db
def test_a_user_may_read_only_unless_somebody_says_more() -> None:
    provider = accounts.create_provider("Northwind IT", "Europe/London", NOW)
    assert User.objects.create_user("bob", provider=provider).role == Role.READ_ONLY


@pytest.mark.django_db
def test_the_first_user_is_an_owner() -> None:
    alice = accounts.set_up(
        "Northwind IT", "UTC", "alice", "alice@northwind.example", "correct-horse-battery", NOW
    )
    assert alice.role == Role.OWNER


@pytest.mark.django_db
def test_there_is_no_other_role() -> None:
    with pytest.raises(IntegrityError):
        User.objects.create_superuser("operator", role="admin")


@pytest.mark.program
@pytest.mark.django_db(transaction=True)
def test_users_from_before_there_were_roles_become_owners() -> None:
    before, after = [("people", "0003_token")], [("people", "0004_user_role")]
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    executor = MigrationExecutor(connection)
    executor.migrate(before)
    try:
        old = executor.loader.project_state(before).apps.get_model("people", "User")
        old.objects.create(username="operator", is_superuser=True)
        executor = MigrationExecutor(connection)
        executor.migrate(after)
        new = executor.loader.project_state(after).apps.get_model("people", "User")
        assert new.objects.get().role == "owner"
        new.objects.all().delete()
    finally:
        MigrationExecutor(connection).migrate(newest)
