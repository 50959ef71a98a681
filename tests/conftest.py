"""What every test may ask for."""

import os
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of vectors and real logs beside some checkouts; where there is none, the test is skipped."""
    folder = Path(os.environ.get("BEFOREHAND_SHARED") or CHECKOUT.parent / "shared")
    if not folder.is_dir():
        pytest.skip(f"needs the shared data, and there is none at {folder} (BEFOREHAND_SHARED says where)")
    return folder
