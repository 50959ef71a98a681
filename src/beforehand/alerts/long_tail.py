"""Services that Apprise knows: asked by a process of its own, which is shut in and ends in time (apprise_child.py)."""

import json
import re
import subprocess
import sys
from typing import Any
from urllib.parse import unquote

from beforehand.kernel.outward import TIMEOUT_S

from . import apprise_services
from .message import Link, Message
from .post import PASSING, Answer
from .shapes import SEVERITIES

PHONE = "{phone}"
_SAMPLE = "+14155550123"
_START_S = 15
"""How long the process may take to be there, on a busy machine."""
_SHORTEST = 4
"""Letters of a word of an address that is never repeated."""
_HIDDEN = "***"
_KINDS = {"critical": "failure", "warning": "warning", "info": "info"}


def fault_of(address: str, allow_private: bool) -> str:
    """What is wrong with an address of Apprise's, in words that do not repeat it; "" where nothing is."""
    wrong = apprise_services.fault_of(address, allow_private)
    if wrong:
        return wrong
    done = _ask({"address": address.replace(PHONE, _SAMPLE), "allow_private": allow_private, "text": ""})
    return str(done["fault"]) if done else "Apprise did not come to an end with it"


def send(address: str, message: Message, allow_private: bool, phone: str = "") -> Answer:
    """Hand a message over to one service; never raises for what the other side does. `phone` takes {phone}'s place."""
    address = address.replace(PHONE, number(phone))
    wrong = apprise_services.fault_of(address, allow_private)
    if wrong:
        return Answer(False, wrong, permanent=True)
    urgency = message.notes[0].urgency if message.notes else "quiet"
    done = _ask(
        {
            "address": address,
            "allow_private": allow_private,
            "title": message.headline,
            "text": message.text,
            "short": short(message),
            "type": _KINDS[SEVERITIES.get(urgency, "info")],
        }
    )
    if done is None:
        return Answer(False, f"no whole answer within {TIMEOUT_S:g} seconds")
    return _hidden(_answer(done), address)


def number(phone: str) -> str:
    """A phone number as services want it: digits, with the + that it begins with."""
    digits = re.sub(r"\D", "", phone)
    return f"+{digits}" if phone.strip().startswith("+") else digits


def short(message: Message) -> str:
    """What fits where little fits: the first line, and the link that holds the chain."""
    links: tuple[Link, ...] = message.notes[0].links if len(message.notes) == 1 else ()
    return "\n".join([message.headline, *(f"{link.name}: {link.url}" for link in links[:1])])


def _ask(job: dict[str, Any]) -> dict[str, Any] | None:
    """What the process says; None where it said nothing in time, or broke."""
    said = json.dumps({"within": TIMEOUT_S, "title": "", "short": "", "type": "info", **job})
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-m", "beforehand.alerts.apprise_child"],
            input=said, capture_output=True, text=True, timeout=TIMEOUT_S + _START_S, cwd="/", env={}, check=False,
        )  # fmt: skip
        found: dict[str, Any] = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, ValueError):
        return None
    return found


def _answer(done: dict[str, Any]) -> Answer:
    """What a service answered. Refused by it in a body that says so is refused for good, as by a status."""
    if done["fault"] or done.get("refused"):
        return Answer(False, done["fault"] or done["refused"], permanent=True)
    said = [(int(status), text) for status, text in done["said"]]
    words = "; ".join([*(f"{status} {text}".strip() for status, text in said), *done["lost"]])
    text = f"{done['service']}: {words or ('taken' if done['ok'] else 'not taken')}"
    if done["ok"]:
        return Answer(True, text)
    passing = bool(done["lost"]) or not said or any(s >= 500 or s in PASSING for s, _ in said)
    return Answer(False, text, permanent=not passing)


def _hidden(answer: Answer, address: str) -> Answer:
    """The answer without the words of the address, as they are written and as they are meant."""
    rest = address.partition("://")[2]
    words = {word for text in (rest, unquote(rest)) for word in re.split(r"[/?&=:@#,;+]", text)}
    said = answer.said
    for word in sorted((word for word in words if len(word) >= _SHORTEST), key=len, reverse=True):
        said = said.replace(word, _HIDDEN)
    return answer._replace(said=said[:500].replace("\0", "\N{REPLACEMENT CHARACTER}"))
