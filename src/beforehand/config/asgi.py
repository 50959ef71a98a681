"""The ASGI application: Django, which is synchronous here, in eight threads, and the lanes beside it.

Under ASGI itself Django 5.2 hands every request through one thread and answers a third as many. What must not wait for
a thread (streams that stay open all day, events that arrive by the hundred) has a lane of its own.
"""

import os
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from a2wsgi import WSGIMiddleware
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "beforehand.config.settings")
_django: Any = get_wsgi_application()

from django.urls import reverse  # noqa: E402  (only once Django is set up)

from beforehand.web.api.events import EventsLane  # noqa: E402
from beforehand.web.api.hooks import HOOKS, HooksLane  # noqa: E402
from beforehand.web.live.lane import Lane  # noqa: E402

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class Lanes:
    """An application that hands requests for some paths to applications of their own.

    A path is exact, or ends with a slash and stands for all that lies right below it.
    """

    def __init__(self, lanes: Mapping[str, App], otherwise: App) -> None:
        self.lanes, self.otherwise = lanes, otherwise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        lane = None
        if scope["type"] == "http":
            path: str = scope["path"]
            lane = self.lanes.get(path) or self.lanes.get(path[: path.rfind("/") + 1])
        await (lane or self.otherwise)(scope, receive, send)


# Django's annotations and a2wsgi's describe the one protocol in two ways, and a2wsgi's and ours the other.
_pages: Any = WSGIMiddleware(_django, workers=8)
events, live = EventsLane(), Lane(_django)
hooks = HooksLane(events.writer)
LANES: dict[str, App] = {
    "/api/events": events,
    HOOKS: hooks,
    reverse("live-board"): live,
    reverse("live-ticket"): live,
}
application = Lanes(LANES, _pages)
