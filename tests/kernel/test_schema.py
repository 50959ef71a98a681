import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.db.migrations.recorder import MigrationRecorder

from beforehand.kernel.faults import Refused
from beforehand.kernel.schema import bring_up_to_date, refuse_newer


@pytest.mark.django_db
def test_a_database_of_this_version_is_taken() -> None:
    refuse_newer()


@pytest.mark.django_db
@pytest.mark.parametrize("app", ["people", "a_room_of_next_year"])
def test_a_database_from_a_newer_version_is_refused_and_left_alone(app: str) -> None:
    MigrationRecorder(connection).record_applied(app, "0999_from_next_year")
    with pytest.raises(Refused, match=f"newer version of Beforehand .{app}.0999_from_next_year") as caught:
        bring_up_to_date()
    assert "restore the backup" in caught.value.faults[0].example


@pytest.mark.django_db(transaction=True)
def test_an_older_database_is_brought_up_to_date() -> None:
    call_command("migrate", "sessions", "zero", verbosity=0)
    assert "django_session" not in connections["default"].introspection.table_names()
    bring_up_to_date()
    assert "django_session" in connections["default"].introspection.table_names()
