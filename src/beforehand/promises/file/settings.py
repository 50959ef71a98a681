"""The settings of an edition or a version, as they are written and as the engine names them."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import yaml

from beforehand.engine.codes import METRICS, RETARGETS, STATES
from beforehand.promises.file.document import Path
from beforehand.promises.file.keys import KEYS
from beforehand.promises.file.notation import Misread, read_duration, say_duration
from beforehand.promises.file.reader import Reader, closest

PROMISED = METRICS[:6]
MAY_PAUSE = STATES[1:4]
NEVER_PAUSES = "scheduled-by-us"
NONE = "none"


class _Setting(NamedTuple):
    """A setting of one value: its engine name, how it is read and said."""

    name: str
    read: Callable[[str], Any]
    say: Callable[[Any], str]


def _choice(*words: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in words:
            raise Misread("one of " + ", ".join(words), f'"{closest(text, words) or words[0]}"')
        return text

    return read


def _yes_no(text: str) -> bool:
    if text.lower() not in ("yes", "no", "true", "false"):
        raise Misread("yes or no", "no")
    return text.lower() in ("yes", "true")


def _say_yes_no(value: bool) -> str:
    return "yes" if value else "no"


def _restart(text: str) -> int | None:
    return None if text == "never" else read_duration(text, days=True)


def _say_restart(value: int | None) -> str:
    return "never" if value is None else say_duration(value, days=True)


SETTINGS: dict[str, _Setting] = {
    "response by": _Setting(
        "response_by", _choice("human contact", "any reply", "status", "meaningful"), str
    ),
    "wait ends": _Setting("wait_ends", _choice("client message", "by-status"), str),
    "retarget": _Setting("retarget", _choice(*RETARGETS), str),
    "closed time counts": _Setting("closed_time_counts", _yes_no, _say_yes_no),
    "restart after": _Setting("restart_after", _restart, _say_restart),
    "merge start": _Setting("merge_start", _choice("earliest", "own"), str),
    "found by provider": _Setting(
        "found_by_provider", _choice("no response clock", "first human touch"), str
    ),
    "exclusions need approval": _Setting("exclusion_needs_approval", _yes_no, _say_yes_no),
}


def read_settings(reader: Reader, node: yaml.Node | None, path: Path) -> dict[str, Any]:
    """The settings that are given, by the engine's names; see promises.settings.settle."""
    if node is None:
        return {}
    settings: dict[str, Any] = {}
    for key, value in reader.table(node, path, KEYS["settings"]).items():
        here = (*path, key)
        if key == "pauses":
            settings["pauses"] = _pauses(reader, value, here)
            continue
        known = SETTINGS[key]
        before = len(reader.faults)
        found = reader.read(value, here, known.read)
        if len(reader.faults) == before:
            settings[known.name] = found
    return settings


def _pauses(reader: Reader, node: yaml.Node, path: Path) -> dict[str, list[str]]:
    """States by metric; the single word "none" stands for no pause of any metric."""
    if isinstance(node, yaml.ScalarNode):
        if reader.read(node, path, _choice(NONE)) is None:
            return {}
        return {metric: [] for metric in PROMISED}
    pauses = {}
    for metric, value in reader.table(node, path, PROMISED).items():
        here = (*path, metric)
        states: list[str] = []
        for spot, member in reader.items(value, here):
            states += reader.read(member, spot, _states) or []
        pauses[metric] = sorted(set(states), key=STATES.index)
    return pauses


def _states(text: str) -> list[str]:
    if text == NONE:
        return []
    states = [state.strip() for state in text.split(",")]
    for state in states:
        if state == NEVER_PAUSES:
            raise Misread(
                "a state that may pause: what we schedule ourselves never does", ", ".join(MAY_PAUSE)
            )
        if state not in MAY_PAUSE:
            example = closest(state, MAY_PAUSE) or MAY_PAUSE[0]
            raise Misread(f"{NONE}, or states that may pause: " + ", ".join(MAY_PAUSE), f'"{example}"')
    return states


def say_settings(settings: Mapping[str, Any]) -> list[tuple[str, str | dict[str, str]]]:
    """(key, value) as they are written; the pauses by metric, or "none" for all."""
    said: list[tuple[str, str | dict[str, str]]] = [
        (key, known.say(settings[known.name])) for key, known in SETTINGS.items() if known.name in settings
    ]
    pauses = settings.get("pauses")
    if pauses == {metric: [] for metric in PROMISED}:
        said.append(("pauses", NONE))
    elif pauses:
        said.append(("pauses", {m: ", ".join(pauses[m]) or NONE for m in PROMISED if m in pauses}))
    return said
