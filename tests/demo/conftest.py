"""The simulated MSP's agreements, and worlds of them."""

from datetime import date

import pytest
from django.db import connection, transaction
from pytest_django import DjangoDbBlocker
from tests.demo.moments import WEDNESDAY

from beforehand.demo import cast
from beforehand.demo.intake import source_of_demo
from beforehand.demo.world import World
from beforehand.engine.instants import to_instant
from beforehand.promises.book import Book


@pytest.fixture(scope="session")
def book(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Book:
    """The demo's agreements, read once; the database is left as it was."""
    with django_db_blocker.unblock():
        with transaction.atomic():
            found = Book(source_of_demo(WEDNESDAY).provider)
            transaction.set_rollback(True)
        connection.close()
    return found


@pytest.fixture(scope="session")
def world(book: Book) -> World:
    """Three months of all clients, up to a Wednesday afternoon in London."""
    now = to_instant(WEDNESDAY)
    return World(cast.load(), book, seed=7, first=date(2026, 8, 25), rushes=(now,))


@pytest.fixture(scope="session")
def month(book: Book) -> World:
    """A month of three clients, one in each zone, up to the same afternoon."""
    now = to_instant(WEDNESDAY)
    return World(cast.load(3), book, seed=7, first=date(2026, 10, 25), rushes=(now,))
