"""The data folder and, where the environment gives none, the secret key in it: made once, for its owner."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from beforehand.kernel.faults import Fault, Refused


def make_folder(data: Path) -> None:
    """Makes the data folder, for its owner alone, unless it is there; Refused when it cannot be made."""
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise _unusable(data, error) from error


KEY_FILE = "secret-key"


def kept_key(data: Path) -> str:
    """The key kept in the data folder, made at the first call; the same for processes that come at once."""
    make_folder(data)
    file = data / KEY_FILE
    try:
        if not file.exists():
            _make(file)
        key = file.read_text().strip()
    except OSError as error:
        raise _unusable(data, error) from error
    if len(key) < 32:
        way_out = "delete the file: a new key is made, and everybody signs in anew"
        raise Refused(Fault(str(file), f"{len(key)} characters", "the key that was made here once", way_out))
    return key


@contextmanager
def another_key(data: Path, key: str) -> Iterator[None]:
    """Puts another key in the place of the kept one at the end of what is done within; if that fails, not.

    It is on the disk before, so that there is room for it. Refused where there is none.
    """
    draft = data / f".{KEY_FILE}.{secrets.token_hex(8)}"
    try:
        _write(draft, key)
        yield
        draft.replace(data / KEY_FILE)
    except OSError as error:
        raise _unusable(data, error) from error
    finally:
        draft.unlink(missing_ok=True)


def _unusable(data: Path, error: OSError) -> Refused:
    expected = "a folder that this user may write to"
    return Refused(
        Fault("data folder", f"{data}: {error.strerror}", expected, "BEFOREHAND_DATA=~/beforehand")
    )


def _make(file: Path) -> None:
    # Written whole under another name and then linked, so that nobody ever reads half a key or a second one.
    draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    try:
        _write(draft, secrets.token_urlsafe(48))
        os.link(draft, file)
    except FileExistsError:
        return
    finally:
        draft.unlink(missing_ok=True)


def _write(file: Path, key: str) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as out:
        out.write(key)
        out.flush()
        os.fsync(out.fileno())
