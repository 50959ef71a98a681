"""Request Tracker 5, over its own interface REST2."""

from collections.abc import Mapping

from beforehand.connectors.contract import Connector, Reader, Setting, Tells
from beforehand.connectors.line import Line
from beforehand.engine.instants import SECOND

from .client import Client
from .hooks import hear
from .reader import RtReader
from .translate import DOMAIN

READS = 20


def _open(settings: Mapping[str, str], line: Line) -> Reader:
    queues = [name.strip() for name in settings.get("queues", "").split(",") if name.strip()]
    return RtReader(
        Client(line, settings["url"], settings["token"]), queues, settings.get("client") or DOMAIN
    )


def _calls(tickets: int) -> int:
    """A page of a hundred tickets, some eight of what happened to them, three of what was said, and after both an
    empty one."""
    return 4 + 14 * -(-tickets // 100)


CONNECTOR = Connector(
    slug="rt",
    title="Request Tracker",
    settings=(
        Setting("url", "Address", "Where RT is opened in a browser.", "url", "https://rt.example.com"),
        Setting(
            "token",
            "Token",
            "Of a user that reads: made under Logged in as, Settings, Auth Tokens.",
            "secret",
            "1-29-0123456789abcdef",
        ),
        Setting(
            "queues",
            "Queues",
            "Names of those to watch, with commas between; empty for all that the user sees.",
            required=False,
            example="Support, Network",
        ),
        Setting(
            "client",
            "Clients are told by",
            "The requestor's mail domain, the queue, or a custom field of the ticket by its name.",
            example="queue",
            default=DOMAIN,
        ),
    ),
    tells=Tells(precision=SECOND),
    open=_open,
    calls=_calls,
    hear=hear,
    reads=READS,
    creators=True,
    docs="guide/source-rt.md",
)
