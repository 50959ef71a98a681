"""What every test may ask for."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from django.test import TransactionTestCase
from django.test.utils import setup_databases, teardown_databases
from hypothesis import HealthCheck, settings
from pytest_django import DjangoDbBlocker

from tests.support import migrated

# The suite tries the same examples each time; `--hypothesis-profile=deep` seeks new ones, a hundred times as many.
# The unit tests are "quick", a quarter of them; the whole number is tried with the tests of the program.
# How long an example takes to be made up says how busy the machine is, and is no fault.
settings.register_profile(
    "suite",
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("quick", settings.get_profile("suite"), max_examples=25)
settings.register_profile(
    "deep", deadline=None, database=None, max_examples=10_000, suppress_health_check=list(HealthCheck)
)
settings.load_profile("quick")

DATABASE = {"db", "transactional_db", "live_server", "django_db_setup"}
CHECKOUT = Path(__file__).resolve().parents[1]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what meets the database. To all other tests pytest-django refuses it, so that this leaves out none."""
    for item in items:
        is_case = issubclass(getattr(item, "cls", None) or object, TransactionTestCase)
        asks = DATABASE.intersection(getattr(item, "fixturenames", ()))
        if is_case or asks or item.get_closest_marker("django_db"):
            item.add_marker("database")


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_modify_db_settings: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """The database of this process: on SQLite a copy of a file that is migrated once, on PostgreSQL made here."""
    made = None
    with django_db_blocker.unblock():
        if connection.vendor == "sqlite":
            file = Path(connection.settings_dict["TEST"]["NAME"])
            migrated.copy_to(file)
            connection.close()
            connection.settings_dict["NAME"] = str(file)
        else:
            made = setup_databases(0, interactive=False)
    yield
    with django_db_blocker.unblock():
        connection.close()  # on SQLite the file goes with its folder
        if made is not None:
            teardown_databases(made, 0)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of vectors and real logs beside some checkouts; where there is none, the test is skipped."""
    folder = Path(os.environ.get("BEFOREHAND_SHARED") or CHECKOUT.parent / "shared")
    if not folder.is_dir():
        pytest.skip(f"needs the shared data, and there is none at {folder} (BEFOREHAND_SHARED says where)")
    return folder
