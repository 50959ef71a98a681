"""The settings that terms may change, as they are stored: those that are given, by the engine's names."""

from collections.abc import Mapping
from typing import Any

from beforehand.engine.terms import Settings

DEFAULTS = Settings()


def settle(*layers: Mapping[str, Any]) -> Settings:
    """The engine's settings: the defaults, then each layer over the last; pauses metric by metric."""
    given: dict[str, Any] = {}
    pauses: dict[str, tuple[str, ...]] = dict(DEFAULTS.pauses)
    for layer in layers:
        given.update({name: value for name, value in layer.items() if name != "pauses"})
        pauses.update({metric: tuple(states) for metric, states in layer.get("pauses", {}).items()})
    return Settings(**given, pauses=pauses)
