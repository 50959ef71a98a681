"""What the engine's tests are given: every way of reading a ticket, so that each rule is tested on all of them."""

from typing import Any

import pytest
from tests.engine.cast import Read
from tests.engine.readers import read_by_columns

from beforehand.engine import clock

READERS: dict[str, Read] = {"one at a time": clock.read, "in columns": read_by_columns}


@pytest.fixture(params=list(READERS.values()), ids=list(READERS))
def read(request: pytest.FixtureRequest) -> Any:
    """`read(history, terms, coverage, as_of, thresholds=..., spans=...)`, as in clock.py."""
    return request.param
