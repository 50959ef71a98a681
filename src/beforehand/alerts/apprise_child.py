"""A process of its own in which Apprise hands over one message: `python -I -m beforehand.alerts.apprise_child`.

The job comes as JSON on standard input, the answer goes out the same way. Addresses are given by users, and Apprise's
services are many: so the process is shut in before the address is read. Whatever a service tries, it connects to the
machines that it may connect to, reads the files of its own installation, and starts nothing.
"""

import json
import logging
import signal
import sys
import sysconfig
from pathlib import Path
from typing import Any

import apprise
import requests
from apprise.plugins import NotifyBase

from beforehand.kernel.outward import is_private

SHORT = 500
"""A service whose messages are at most so long gets the short text."""
_CONNECT_S = 5
_MARK_ROOM = 8
"""Bytes for the sign that something was left out."""
_OURS = tuple(
    {f"{Path(place).resolve()}/" for place in (*sysconfig.get_paths().values(), sys.prefix, sys.base_prefix)}
)
_SYSTEM = (
    "/etc/hosts", "/etc/resolv.conf", "/etc/localtime", "/etc/ssl/", "/dev/null", "/dev/urandom",
    "/usr/share/zoneinfo/",
)  # fmt: skip
_CLOSED = (
    "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.system", "os.remove", "os.rename",
    "os.mkdir", "os.rmdir", "os.putenv", "os.link", "os.symlink", "os.truncate", "os.chmod", "os.kill", "pty.",
    "shutil.", "socket.bind", "ctypes.dlopen", "webbrowser.", "smtplib.", "ftplib.", "imaplib.", "poplib.",
)  # fmt: skip


class Closed(OSError):
    """What is not done in here."""


class Watch:
    """What a service tries, and what became of it."""

    def __init__(self, allow_private: bool, within: float) -> None:
        self.allow_private, self.within = allow_private, within
        self.refused = ""
        self.said: list[tuple[int, str]] = []
        self.lost: list[str] = []

    def shut_in(self) -> None:
        """From here on nothing else is done, whoever asks for it."""
        watch = self

        class Session(requests.Session):
            """Asks no proxy of the environment, follows nobody elsewhere, and keeps what was answered."""

            def request(self, *args: Any, **more: Any) -> requests.Response:
                """One request."""
                self.trust_env = False
                more |= {"allow_redirects": False, "timeout": (_CONNECT_S, watch.within)}
                try:
                    response = super().request(*args, **more)
                except requests.RequestException as error:
                    watch.lost.append(_why(error))
                    raise
                watch.said.append((response.status_code, response.text[:1000]))
                return response

        requests.Session = requests.sessions.Session = Session  # type: ignore[misc]
        sys.addaudithook(self._see)

    def _see(self, event: str, args: tuple[Any, ...]) -> None:
        if event == "open":
            self._may_open(args)
        elif event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
            self._may_connect(args[1] if len(args) > 1 else None)
        elif event.startswith(_CLOSED) and args != (None,):
            self._refuse(f"the service wanted to do what is not done here ({event})")

    def _may_open(self, args: tuple[Any, ...]) -> None:
        path, mode = args[0], args[1]
        if isinstance(path, int):
            return
        place = str(Path(path.decode() if isinstance(path, bytes) else path).resolve())
        writes = isinstance(mode, str) and set(mode) & set("wax+")
        if writes or not place.startswith((*_OURS, *_SYSTEM)):
            self._refuse("the service wanted to open a file of this machine")

    def _may_connect(self, address: Any) -> None:
        if not isinstance(address, tuple):
            self._refuse("the service wanted to talk to a program of this machine")
        if self.allow_private:
            return
        try:
            private = is_private(str(address[0]))
        except ValueError:
            private = True
        if private:
            self._refuse(
                "the address is of a private network, or this machine: an owner can allow that for a channel"
            )

    def _refuse(self, why: str) -> None:
        self.refused = self.refused or why
        raise Closed(why)


def _why(error: requests.RequestException) -> str:
    """What kept a request from being answered, without the address that it was for."""
    found = error.args[0] if error.args else error
    found = getattr(found, "reason", found)
    return f"{type(found).__name__}: {str(found).rpartition('): ')[2]}"[:300]


def service_of(address: str) -> NotifyBase | str:
    """Apprise's service for an address; or, in words, why there is none."""
    made = apprise.Apprise.instantiate(address, asset=_asset(), suppress_exceptions=True)
    if not isinstance(made, NotifyBase):
        return "Apprise cannot read it: a part is missing, or not as the service writes it"
    if len(made) > 1:
        return "it has several recipients: each is to be a channel, so that each is tried again by itself"
    return made


def _asset() -> apprise.AppriseAsset:
    return apprise.AppriseAsset(
        app_id="Beforehand", app_desc="Beforehand", storage_mode="memory", async_mode=False
    )


def within(text: str, room: int) -> str:
    """The lines that fit, counted as JSON has them: what a service takes is mostly said of that."""
    if len(json.dumps(text, ensure_ascii=False).encode()) <= room:
        return text
    kept = list[str]()
    for line in text.splitlines():
        room -= len(json.dumps(line, ensure_ascii=False).encode())
        if room < _MARK_ROOM:
            return "\n".join([*kept, "…"])
        kept.append(line)
    return "\n".join(kept)


def main() -> None:
    """Do the job that stands on standard input."""
    job = json.load(sys.stdin)
    if hasattr(signal, "alarm"):
        signal.alarm(int(job["within"]) + 1)
    logging.getLogger("apprise").addHandler(logging.NullHandler())
    logging.getLogger("apprise").propagate = False
    apprise.Apprise().details()  # so that all services are read before the doors are shut
    watch = Watch(job["allow_private"], job["within"])
    watch.shut_in()
    json.dump(_done(job, watch), sys.stdout)


def _done(job: dict[str, Any], watch: Watch) -> dict[str, Any]:
    service = service_of(job["address"])
    if isinstance(service, str):
        return {"fault": watch.refused or service}
    name = str(service.service_name)
    if not job["text"]:
        return {"fault": "", "service": name}
    limit = service.body_maxlen
    title = job["title"] if service.title_maxlen else ""
    text = job["text"]
    if isinstance(limit, int) and limit > 0:
        # Apprise sends what is too long as it is, and the service refuses it for good.
        text = job["short"] if limit <= SHORT else within(text, limit - len(json.dumps(title).encode()))
    ok = service.notify(body=text, title=title, notify_type=job["type"])
    return {
        "fault": "", "service": name, "ok": bool(ok), "said": watch.said, "lost": watch.lost, "refused": watch.refused,
    }  # fmt: skip


if __name__ == "__main__":
    main()
