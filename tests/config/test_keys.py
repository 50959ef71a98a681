from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from beforehand.config.keys import kept_key
from beforehand.kernel.faults import Refused


def test_the_key_is_made_once_and_for_the_owner_alone(tmp_path: Path) -> None:
    data = tmp_path / "data"
    key = kept_key(data)
    assert len(key) >= 50
    assert kept_key(data) == key
    assert (data / "secret-key").stat().st_mode & 0o777 == 0o600
    assert [file.name for file in data.iterdir()] == ["secret-key"]


def test_processes_that_start_together_get_the_same_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(kept_key, [tmp_path] * 32))) == 1


def test_a_data_folder_that_cannot_be_made_is_refused_with_its_path(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Refused, match="file/data"):
        kept_key(tmp_path / "file" / "data")


def test_a_damaged_key_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "secret-key").write_text("")
    with pytest.raises(Refused, match="0 characters"):
        kept_key(tmp_path)
