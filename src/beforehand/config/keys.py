"""The secret key, where the environment gives none: made once, for the owner's eyes only."""

import os
import secrets
from pathlib import Path

from beforehand.kernel.faults import Fault, Refused


def kept_key(data: Path) -> str:
    """The key kept in the data folder; made at the first call. Safe where several processes come first at once."""
    file = data / "secret-key"
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not file.exists():
            _make(file)
        key = file.read_text().strip()
    except OSError as error:
        raise Refused(
            Fault(
                "data folder",
                f"{data}: {error.strerror}",
                "a folder this user may write to",
                "BEFOREHAND_DATA=~/beforehand",
            )
        ) from error
    if len(key) < 32:
        raise Refused(
            Fault(
                str(file),
                f"{len(key)} characters",
                "the key made here once",
                "delete the file; everybody signs in anew",
            )
        )
    return key


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
