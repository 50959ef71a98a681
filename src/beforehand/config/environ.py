"""The environment: every setting with its default and its meaning, read here and nowhere else."""

import difflib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from beforehand.config import values
from beforehand.kernel.faults import Fault, refuse_if_any
from beforehand.kernel.hosts import is_loopback

DEFAULT_URL = "http://127.0.0.1:8000"
# Read by ./beforehand and by the tests, which come before these settings.
_ELSEWHERE = frozenset({"BEFOREHAND_PYTHON", "BEFOREHAND_SHARED"})


@dataclass(frozen=True, slots=True)
class Setting:
    """One environment variable. A `secret` may also be given as NAME_FILE, the path of a file with it."""

    name: str
    default: str
    help: str
    read: Callable[[str], Any]
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Environment:
    """What the environment says, read and found right."""

    data: Path
    database: dict[str, Any] | None
    secret_key: str
    url: str
    hosts: tuple[str, ...]
    debug: bool
    signed_in_as: str = ""
    upgrade_backup: bool = True
    mail: dict[str, Any] | None = None
    mail_from: str = ""
    heartbeat: str = ""
    metrics_token: str = ""
    folders: tuple[Path, ...] = ()

    @property
    def keeps_key(self) -> bool:
        """Whether the secret key lies in the data folder."""
        return not self.secret_key

    @property
    def url_is_default(self) -> bool:
        """Whether nobody has said at which address people open this installation."""
        return self.url == DEFAULT_URL

    @property
    def loopback(self) -> bool:
        """Whether this installation is reached from its own machine only."""
        return all(is_loopback(host) for host in self.hosts)


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "BEFOREHAND_DATA",
        "",
        "Folder for the database and the secret key; .beforehand in the checkout.",
        values.path,
    ),
    Setting(
        "DATABASE_URL",
        "",
        "postgres://user:password@host:port/name or sqlite:///path; SQLite in the data folder.",
        values.database,
        secret=True,
    ),
    Setting(
        "BEFOREHAND_SECRET_KEY",
        "",
        "Signs sessions and links; made once and kept in the data folder.",
        values.key,
        secret=True,
    ),
    Setting(
        "BEFOREHAND_URL",
        DEFAULT_URL,
        "The address that people open, as it is to stand in links.",
        values.url,
    ),
    Setting("BEFOREHAND_HOSTS", "", "Further host names to answer to, with commas between.", values.hosts),
    Setting(
        "BEFOREHAND_DEBUG",
        "no",
        "yes shows errors with their code in the browser: for developers only.",
        values.yes_or_no,
    ),
    Setting(
        "BEFOREHAND_SIGNED_IN_AS",
        "",
        "A user whom every visitor from this machine is, without signing in: for a demo only.",
        str.strip,
    ),
    Setting(
        "BEFOREHAND_MAIL",
        "",
        "The server by which mail goes out: smtp://user:password@host:587 or smtps://; without it none does.",
        values.mail,
        secret=True,
    ),
    Setting(
        "BEFOREHAND_MAIL_FROM",
        "",
        "Whom mail is from; beforehand@ the host of BEFOREHAND_URL.",
        values.address,
    ),
    Setting(
        "BEFOREHAND_HEARTBEAT",
        "",
        "An address outside that is fetched while the checks of all alerts are clean; without it none is.",
        values.heartbeat,
        secret=True,
    ),
    Setting(
        "BEFOREHAND_METRICS_TOKEN",
        "",
        "What Prometheus shows to read /metrics; without it nobody reads them.",
        values.token,
        secret=True,
    ),
    Setting(
        "BEFOREHAND_FOLDERS",
        "",
        "Folders, with commas between, in and below which a source may be a watched folder of CSV files.",
        values.folders,
    ),
    Setting(
        "BEFOREHAND_UPGRADE_BACKUP",
        "yes",
        "no brings the database up to date without a backup of it before.",
        values.yes_or_no,
    ),
)


def read(environ: Mapping[str, str]) -> Environment:
    """The settings in `environ`; Refused with every unknown name and every value that is not right."""
    faults = [*_unknown(environ)]
    read_values: dict[str, Any] = {}
    for setting in SETTINGS:
        try:
            read_values[setting.name] = setting.read(_text(setting, environ))
        except values.Bad as bad:
            expected, example = bad.args
            found = "a value that is kept secret" if setting.secret else repr(environ.get(setting.name, ""))
            faults.append(Fault(f"environment, {setting.name}", found, expected, example))
    refuse_if_any(faults)
    url = read_values["BEFOREHAND_URL"]
    own = (urlsplit(url).hostname or "", "localhost", "127.0.0.1", "[::1]")
    environment = Environment(
        data=read_values["BEFOREHAND_DATA"],
        database=read_values["DATABASE_URL"],
        secret_key=read_values["BEFOREHAND_SECRET_KEY"],
        url=url,
        hosts=tuple(dict.fromkeys((*own, *read_values["BEFOREHAND_HOSTS"]))),
        debug=read_values["BEFOREHAND_DEBUG"],
        signed_in_as=read_values["BEFOREHAND_SIGNED_IN_AS"],
        upgrade_backup=read_values["BEFOREHAND_UPGRADE_BACKUP"],
        mail=read_values["BEFOREHAND_MAIL"],
        heartbeat=read_values["BEFOREHAND_HEARTBEAT"],
        metrics_token=read_values["BEFOREHAND_METRICS_TOKEN"],
        folders=read_values["BEFOREHAND_FOLDERS"],
        mail_from=read_values["BEFOREHAND_MAIL_FROM"] or f"Beforehand <beforehand@{urlsplit(url).hostname}>",
    )
    if environment.signed_in_as and not environment.loopback:
        beyond = [host for host in environment.hosts if not is_loopback(host)]
        refuse_if_any([open_to_others("BEFOREHAND_SIGNED_IN_AS", environment.signed_in_as, beyond[0])])
    return environment


def open_to_others(name: str, value: str, host: str) -> Fault:
    """The fault of signing everybody in where more than this machine can come."""
    return Fault(
        f"environment, {name}",
        f"{value!r}, while answering to {host}",
        "no such setting where anybody but this machine can come",
        "leave it away and sign in",
    )


def current() -> Environment:
    """What this process's environment says."""
    return read(os.environ)


def use_database(url: str) -> None:
    """Sets DATABASE_URL for this process and its children, before Django starts (the demo has its own)."""
    os.environ["DATABASE_URL"] = url


def use_for_demo(database: str, url: str, user: str) -> None:
    """Settings of this process and its children, before Django starts: a database of its own, this machine alone.

    Every visitor is `user`; what the environment says of these things is for the real installation.
    """
    os.environ.pop("DATABASE_URL_FILE", None)
    os.environ.update(
        DATABASE_URL=database, BEFOREHAND_URL=url, BEFOREHAND_HOSTS="", BEFOREHAND_SIGNED_IN_AS=user
    )


def _text(setting: Setting, environ: Mapping[str, str]) -> str:
    file = environ.get(f"{setting.name}_FILE", "") if setting.secret else ""
    if not file:
        return environ.get(setting.name) or setting.default
    try:
        return Path(file).read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise values.Bad(
            f"a readable text file ({error})", f"{setting.name}_FILE=/run/secrets/beforehand"
        ) from None


def _unknown(environ: Mapping[str, str]) -> list[Fault]:
    known = {s.name for s in SETTINGS} | {f"{s.name}_FILE" for s in SETTINGS if s.secret} | _ELSEWHERE
    strangers = sorted(name for name in environ if name.startswith("BEFOREHAND_") and name not in known)
    names = ", ".join(sorted(known - _ELSEWHERE))
    return [
        Fault(f"environment, {name}", "a setting that does not exist", f"one of {names}", *_like(name, known))
        for name in strangers
    ]


def _like(name: str, known: set[str]) -> list[str]:
    return difflib.get_close_matches(name, known, n=1)
