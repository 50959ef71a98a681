"""Which pages this server sends: a page that was sent by another asks to be loaded again."""

import hashlib
from importlib.metadata import version
from pathlib import Path

_WEB = Path(__file__).resolve().parents[1]


def _version() -> str:
    """The program's version and a word for the scripts, styles and templates as they lie on the disk."""
    files = sorted(file for folder in ("static", "templates") for file in (_WEB / folder).rglob("*.*"))
    content = hashlib.blake2b(digest_size=6)
    for file in files:
        content.update(f"{file.relative_to(_WEB)} {file.stat().st_size} {file.stat().st_mtime_ns}\n".encode())
    return f"{version('beforehand')}-{content.hexdigest()}"


VERSION = _version()
