"""The connectors there are: each folder here that has a `CONNECTOR`."""

import importlib
import pkgutil
from functools import cache

from .contract import Connector


@cache
def connectors() -> dict[str, Connector]:
    """All of them by slug, in the order of their titles."""
    from beforehand import connectors as room

    found = []
    for module in pkgutil.iter_modules(room.__path__):
        if module.ispkg:
            made = importlib.import_module(f"{room.__name__}.{module.name}")
            if isinstance(connector := getattr(made, "CONNECTOR", None), Connector):
                found.append(connector)
    return {one.slug: one for one in sorted(found, key=lambda one: one.title)}


def connector(slug: str) -> Connector:
    """The connector of this slug; KeyError where there is none."""
    return connectors()[slug]
