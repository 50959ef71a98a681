"""How the value of each setting is read: a function each, which raises Bad for what it cannot be."""

import secrets
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from beforehand.kernel.hosts import is_loopback

_CHECKOUT = Path(__file__).resolve().parents[3]


class Bad(ValueError):
    """(expected, example) of a value that cannot be read."""


def path(text: str) -> Path:
    return Path(text).expanduser().absolute() if text else _default_data()


def _default_data() -> Path:
    home = _CHECKOUT if (_CHECKOUT / "pyproject.toml").is_file() else Path.cwd()
    return home / ".beforehand"


def folders(text: str) -> tuple[Path, ...]:
    found = tuple(Path(part.strip()) for part in text.split(",") if part.strip())
    if any(not one.is_absolute() or one.parent == one for one in found):
        raise Bad("whole paths of folders with commas between, and never all of the disk", "/srv/exports")
    return found


def yes_or_no(text: str) -> bool:
    if text not in {"yes", "no"}:
        raise Bad("yes or no", "yes")
    return text == "yes"


def hosts(text: str) -> tuple[str, ...]:
    hosts = tuple(part.strip() for part in text.split(",") if part.strip())
    if any("/" in host or " " in host or host == "*" for host in hosts):
        raise Bad("host names with commas between, without scheme or port", "sla.example.com,10.0.0.5")
    return hosts


def url(text: str) -> str:
    bad = Bad("an https:// address without a path (http:// only for this machine)", "https://sla.example.com")
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        raise bad from None
    if not host or parts.path.strip("/") or parts.query:
        raise bad
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        raise bad
    return f"{parts.scheme}://{parts.netloc}"


def key(text: str) -> str:
    if text and len(text) < 32:
        raise Bad("at least 32 characters that nobody can guess", secrets.token_urlsafe(40))
    return text


def heartbeat(text: str) -> str:
    if not text:
        return text
    # Every command reads the settings, few call anybody.
    from beforehand.kernel import outward

    if outward.fault_of(text, allow_private=True):
        raise Bad(
            "an http:// or https:// address without user name, space or other letters than ASCII",
            "https://hc-ping.com/5b0c5d3e-6f0a-4f8e-9a52-1c1f0e7f2a11",
        )
    return text


def token(text: str) -> str:
    if text and (len(text) < 16 or not text.isascii() or not text.isprintable() or " " in text):
        raise Bad("at least 16 letters, figures and signs without spaces", secrets.token_urlsafe(30))
    return text


def database(text: str) -> dict[str, Any] | None:
    """Django's settings of a database address; None for the empty text (SQLite in the data folder)."""
    if not text:
        return None
    parts = urlsplit(text)
    if parts.scheme == "sqlite" and not parts.netloc and parts.path.strip("/"):
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": unquote(parts.path.removeprefix("/"))}
    bad = Bad(
        "postgres://user:password@host:port/name, special characters percent-encoded, or sqlite:///path",
        "postgres://beforehand:p%40ss@db.internal:5432/beforehand",
    )
    name = unquote(parts.path.strip("/"))
    try:
        port = parts.port
    except ValueError:
        raise bad from None
    if parts.scheme not in {"postgres", "postgresql"} or not name or "/" in name:
        raise bad
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(port or ""),
        "OPTIONS": dict(parse_qsl(parts.query)),
    }


def mail(text: str) -> dict[str, Any] | None:
    """Django's settings of a mail server's address; None for the empty text: no mail is sent."""
    if not text:
        return None
    bad = Bad(
        "smtp://user:password@host:port (with STARTTLS where there is a user) or smtps://, special characters"
        " percent-encoded",
        "smtps://beforehand%40example.com:p%40ss@mail.example.com:465",
    )
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise bad from None
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or parts.path.strip("/"):
        raise bad
    secure = parts.scheme == "smtps"
    return {
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": port or (465 if secure else 587 if parts.username else 25),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": secure,
        # A password never goes out in the clear.
        "EMAIL_USE_TLS": not secure and bool(parts.username),
    }


def address(text: str) -> str:
    if text and ("@" not in parseaddr(text)[1] or "\n" in text):
        raise Bad("an e-mail address, a name before it if wanted", "Beforehand <sla@example.com>")
    return text
