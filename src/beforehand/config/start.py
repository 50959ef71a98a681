"""Starting Django for a command: settings, database, server."""

import os
from typing import TYPE_CHECKING

from beforehand.config import environ

if TYPE_CHECKING:
    from uvicorn._types import ASGI3Application

SETTINGS_MODULE = "beforehand.config.settings"


def start(database: str = "") -> None:
    """Django, ready. `database` is a DATABASE_URL that goes before the environment's. Refused for bad settings."""
    import django

    if database:
        environ.use_database(database)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS_MODULE)
    django.setup()


def open_database(database: str = "") -> None:
    """`start`, then the database: refused when a newer version has used it, brought up to date when it is older."""
    start(database)
    from beforehand.kernel.schema import bring_up_to_date

    bring_up_to_date()


def serve(host: str, port: int) -> None:
    """Serves until SIGTERM or Ctrl-C, and then leaves within two seconds whatever is still going on."""
    import uvicorn

    from beforehand.config.asgi import application

    app: ASGI3Application = application
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        lifespan="off",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=1,
    )
    uvicorn.Server(config).run()
