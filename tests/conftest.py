"""What every test may ask for."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# The suite tries the same examples each time; `--hypothesis-profile=deep` seeks new ones, a hundred times as many.
settings.register_profile("suite", deadline=None, derandomize=True, database=None)
settings.register_profile(
    "deep", deadline=None, database=None, max_examples=10_000, suppress_health_check=list(HealthCheck)
)
settings.load_profile("suite")

CHECKOUT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of vectors and real logs beside some checkouts; where there is none, the test is skipped."""
    folder = Path(os.environ.get("BEFOREHAND_SHARED") or CHECKOUT.parent / "shared")
    if not folder.is_dir():
        pytest.skip(f"needs the shared data, and there is none at {folder} (BEFOREHAND_SHARED says where)")
    return folder
