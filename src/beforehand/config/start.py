"""Starting Django for a command: settings, database, server."""

import os
import socket
from datetime import UTC, datetime
from functools import partial
from types import FrameType

from beforehand.config import environ
from beforehand.kernel.faults import Fault, Refused
from beforehand.kernel.hosts import is_loopback

SETTINGS_MODULE = "beforehand.config.settings"


def start(database: str = "") -> None:
    """Django, ready. `database` is a DATABASE_URL in place of the environment's. Refused for bad settings."""
    import django

    if database:
        environ.use_database(database)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS_MODULE)
    django.setup()


def open_database(database: str = "", *, keep: bool = True) -> None:
    """`start`, then the database: refused if a newer version has used it, else brought up to date.

    With `keep`, one that is changed for that is backed up before, unless the environment says otherwise. What this
    version derives of events and an older one did not is there afterwards.
    """
    start(database)
    from beforehand.config import backups
    from beforehand.kernel.schema import bring_up_to_date

    keeping = keep and environ.current().upgrade_backup
    bring_up_to_date(keep=partial(backups.keep_before_upgrade, datetime.now(UTC)) if keeping else None)
    from beforehand.tickets.models import Rereading

    if Rereading.objects.filter(key=Rereading.DUE).exists():
        from beforehand.tickets import commands

        commands.reread_due(os.cpu_count() or 1)


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there; Refused when it cannot be had."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listening = socket.create_server((host, port), family=family, backlog=128)
    except OSError as error:
        found = f"{host}, port {port}: {error.strerror}"
        raise Refused(
            Fault("address to serve at", found, "one that is free here", f"--port {port + 1}")
        ) from error
    # asyncio sets it only where a socket says that it is TCP's; without it each answer waits 40 ms for the caller.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def refuse_others(host: str) -> None:
    """Refused where every visitor is signed in (the demo) and more than this machine could come to `host`."""
    name = environ.current().signed_in_as
    if name and not is_loopback(host):
        raise Refused(environ.open_to_others("BEFOREHAND_SIGNED_IN_AS", name, host))


def set_up_link(host: str, port: int) -> str:
    """The address at which the first user is made; "" when there is one already.

    It is at BEFOREHAND_URL, which the browser of whoever installs this can reach; where that is left as it
    comes, at the port that is served.
    """
    from django.urls import reverse

    from beforehand.people import accounts

    if not accounts.needs_first_user():
        return ""
    here = f"http://{host}:{port}" if environ.current().url_is_default else environ.current().url
    return here + reverse("set-up", args=[accounts.setup_token()])


def serve(listening: socket.socket) -> None:
    """Serves until SIGTERM or Ctrl-C, and then leaves within two seconds whatever is still going on.

    Streams would go on for ever: they are ended at once, with a word to their browsers, which come back by themselves.
    """
    import uvicorn

    from beforehand.config.asgi import application, events, hooks, live

    class Server(uvicorn.Server):
        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            live.stop()
            super().handle_exit(sig, frame)

    config = uvicorn.Config(
        application, lifespan="off", log_config=None, access_log=False, timeout_graceful_shutdown=1
    )
    try:
        Server(config).run(sockets=[listening])
    finally:
        hooks.close()
        events.close()
