"""The same message in each channel's own words: pure functions from a message to what is posted."""

import hmac
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from .message import TEST, Link, Message, Note

PAGERDUTY = "https://events.pagerduty.com/v2/enqueue"
OPSGENIE = "https://api.opsgenie.com/v2/alerts"
SEVERITIES = {"urgent": "critical", "normal": "warning", "quiet": "info"}
PRIORITIES = {"urgent": "P1", "normal": "P3", "quiet": "P5"}
_SLACK_TEXT, _SLACK_BUTTONS, _TEAMS_BUTTONS, _SUMMARY = 2900, 5, 6, 1024
_TEAMS_CARD = 20_000
_OPSGENIE_LINE, _OPSGENIE_TEXT = 130, 15_000
_FIELDS = ("ticket", "client", "subject", "metric", "step", "urgency")
_DAY = "%Y-%m-%dT%H:%M:%SZ"


def as_json(said: dict[str, Any]) -> bytes:
    """The bytes that are sent, and signed."""
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """What a receiver of a webhook compares: HMAC-SHA256 over the timestamp, a full stop, and the body."""
    signed = f"{timestamp}.".encode() + body
    return f"v1={hmac.new(secret.encode(), signed, sha256).hexdigest()}"


def webhook(message: Message) -> dict[str, Any]:
    """Everything; what is of one ticket stands at the top where the message is about one."""
    one = message.notes[0] if len(message.notes) == 1 else None
    said = {
        "event": message.event,
        "key": message.key,
        **_note(one),
        "headline": message.headline,
        "text": message.text,
        "sent_at": datetime.fromtimestamp(message.at, UTC).strftime(_DAY),
    }
    return said if one is not None else {**said, "steps": [_note(note) for note in message.notes]}


def _note(note: Note | None) -> dict[str, Any]:
    if note is None:
        return {**dict.fromkeys(_FIELDS), "links": []}
    return {
        "ticket": note.ticket or None,
        "client": note.client or None,
        "subject": note.subject or None,
        "metric": note.metric or None,
        "step": note.step or None,
        "urgency": note.urgency,
        "links": _named(note.links),
    }


def _named(links: Sequence[Link]) -> list[dict[str, str]]:
    return [{"name": link.name, "url": link.url} for link in links]


def slack(message: Message) -> dict[str, Any]:
    """An incoming webhook's message: text, and a button for each link."""
    blocks: list[dict[str, Any]] = [
        {
            "type": "section",
            "text": {"type": "mrkdwn", "text": _for_slack(_plain(message)), "verbatim": True},
        }
    ]
    buttons = [
        {"type": "button", "text": {"type": "plain_text", "text": link.name[:75]}, "url": link.url}
        for link in _links(message)[:_SLACK_BUTTONS]
    ]
    if buttons:
        blocks.append({"type": "actions", "elements": buttons})
    return {"text": _for_slack(message.headline), "blocks": blocks}


def _for_slack(text: str) -> str:
    # So that a ticket's subject mentions nobody and hides no link.
    safe = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return safe if len(safe) <= _SLACK_TEXT else safe[:_SLACK_TEXT].rpartition("\n")[0] or safe[:_SLACK_TEXT]


def teams(message: Message) -> dict[str, Any]:
    """A workflow webhook's message: an adaptive card, whose runs of text know no markup that a subject could use."""
    lines = [line for line in _plain(message).splitlines() if line]
    body = _within_card(
        [
            {"type": "RichTextBlock", "inlines": [_run(line, bold=place == 0)]}
            for place, line in enumerate(lines)
        ]
    )
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
        "actions": [
            {"type": "Action.OpenUrl", "title": link.name, "url": link.url}
            for link in _links(message)[:_TEAMS_BUTTONS]
        ],
    }
    kind = "application/vnd.microsoft.card.adaptive"
    return {"type": "message", "attachments": [{"contentType": kind, "contentUrl": None, "content": card}]}


def _within_card(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """As many as Teams takes, which refuses a card of more than 28 KB; and how many lines were left out."""
    room, kept = _TEAMS_CARD, list[dict[str, Any]]()
    for place, block in enumerate(blocks):
        room -= len(as_json(block))
        if room < 0:
            said = f"… and {len(blocks) - place} more lines, which are too many for Teams: see Alerts."
            return [*kept, {"type": "RichTextBlock", "inlines": [_run(said, bold=True)]}]
        kept.append(block)
    return kept


def _run(text: str, bold: bool) -> dict[str, str]:
    run = {"type": "TextRun", "text": text}
    return {**run, "weight": "Bolder"} if bold else run


def pagerduty(message: Message, key: str) -> dict[str, Any]:
    """An event of the Events API v2: all steps of one clock's cycle are one incident."""
    return {
        "routing_key": key,
        "event_action": "trigger",
        "dedup_key": incident(message),
        "payload": {
            "summary": message.headline[:_SUMMARY],
            "source": "Beforehand",
            "severity": SEVERITIES[_worst(message)],
            "custom_details": {**_details(message), "text": message.text},
        },
        "links": [{"href": link.url, "text": link.name} for link in _links(message)],
    }


def opsgenie(message: Message) -> dict[str, Any]:
    """An alert of the Alert API, by whose alias all steps of one clock's cycle are one."""
    line = message.headline
    return {
        "message": line if len(line) <= _OPSGENIE_LINE else line[: _OPSGENIE_LINE - 1].rstrip() + "…",
        "alias": incident(message),
        "description": message.text[:_OPSGENIE_TEXT],
        "priority": PRIORITIES[_worst(message)],
        "source": "Beforehand",
        "tags": ["Beforehand"],
        "details": _details(message),
    }


def incident(message: Message) -> str:
    """What names an incident with an incident tool: the same for all that is told of one clock in one cycle."""
    one = message.notes[0] if len(message.notes) == 1 else None
    return message.key if one is None or message.event == TEST else one.thread


def _worst(message: Message) -> str:
    return next(
        (word for word in SEVERITIES if any(note.urgency == word for note in message.notes)), "normal"
    )


def _details(message: Message) -> dict[str, str]:
    one = message.notes[0] if len(message.notes) == 1 else None
    details = {"ticket": one.ticket, "metric": one.metric, "step": one.step} if one else {}
    return {**details, "client": one.client} if one and one.client else details


def _plain(message: Message) -> str:
    """The text without the lines of the links, where these are buttons."""
    urls = [link.url for link in _links(message)]
    if len(message.notes) != 1:
        return message.text
    return "\n".join(line for line in message.text.splitlines() if not any(url in line for url in urls))


def _links(message: Message) -> tuple[Link, ...]:
    return message.notes[0].links if len(message.notes) == 1 else ()
