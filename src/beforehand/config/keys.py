"""The data folder and, where the environment gives none, the secret key in it: made once, for its owner."""

import os
import secrets
from pathlib import Path

from beforehand.kernel.faults import Fault, Refused


def make_folder(data: Path) -> None:
    """Makes the data folder, for its owner alone, unless it is there; Refused when it cannot be made."""
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise _unusable(data, error) from error


def kept_key(data: Path) -> str:
    """The key kept in the data folder, made at the first call; the same for processes that come at once."""
    make_folder(data)
    file = data / "secret-key"
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


def _unusable(data: Path, error: OSError) -> Refused:
    expected = "a folder that this user may write to"
    return Refused(
        Fault("data folder", f"{data}: {error.strerror}", expected, "BEFOREHAND_DATA=~/beforehand")
    )


def _make(file: Path) -> None:
    # Written whole under another name and then linked, so that nobody ever reads half a key or a second one.
    draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as out:
            out.write(secrets.token_urlsafe(48))
            out.flush()
            os.fsync(out.fileno())
        os.link(draft, file)
    except FileExistsError:
        return
    finally:
        draft.unlink()
