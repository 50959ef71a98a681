"""The connectors there are: each folder here that has a `CONNECTOR`, and what is registered besides."""

import importlib
import pkgutil
from functools import cache

from .contract import Connector

_more: dict[str, Connector] = {}


@cache
def _found() -> tuple[Connector, ...]:
    from beforehand import connectors as room

    found = []
    for module in pkgutil.iter_modules(room.__path__):
        if module.ispkg:
            made = importlib.import_module(f"{room.__name__}.{module.name}")
            if isinstance(connector := getattr(made, "CONNECTOR", None), Connector):
                found.append(connector)
    return tuple(found)


def connectors() -> dict[str, Connector]:
    """All of them by slug, in the order of their titles."""
    every = {one.slug: one for one in _found()} | _more
    return dict(sorted(every.items(), key=lambda pair: pair[1].title))


def connector(slug: str) -> Connector:
    """The connector of this slug; KeyError where there is none."""
    return connectors()[slug]


def register(connector: Connector) -> None:
    """Add a connector that is no folder here. ValueError where its slug is taken."""
    if connector.slug in connectors():
        raise ValueError(f"there is a connector {connector.slug!r} already")
    _more[connector.slug] = connector


def withdraw(slug: str) -> None:
    """Take a registered connector away again."""
    _more.pop(slug, None)
