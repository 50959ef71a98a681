"""Whatever can POST: a signed webhook whose body is events in our own words (plain/)."""

from collections.abc import Mapping

from beforehand.connectors.contract import Connector, Tells
from beforehand.connectors.line import Line
from beforehand.connectors.unasked import Unasked
from beforehand.engine.instants import SECOND

from .hooks import hear


def _open(_settings: Mapping[str, str], _line: Line) -> Unasked:
    return Unasked()


CONNECTOR = Connector(
    slug="generic",
    title="Webhook of your own",
    settings=(),
    tells=Tells(precision=SECOND),
    open=_open,
    calls=lambda _: 0,
    hear=hear,
    tells_itself=True,
    docs="guide/source-generic.md",
)
