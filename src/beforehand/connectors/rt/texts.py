"""The words of RT's messages, of which each comes in parts: plain, HTML, or both. Pure."""

from collections.abc import Sequence
from html.parser import HTMLParser

from .client import Item


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def handle_starttag(self, tag: str, _attrs: object) -> None:
        if tag in ("p", "br", "div", "tr", "li"):
            self.words.append("\n")


def texts_of(parts: Sequence[Item]) -> dict[str, str]:
    """The text of each message by its transaction: its first plain part, else its first of HTML without the marks."""
    found: dict[str, str] = {}
    for wanted in ("text/plain", "text/html"):
        for part in parts:
            id_, text = str(part.get("TransactionId") or ""), part.get("Content")
            if (
                id_ in found
                or part.get("Filename")
                or not isinstance(text, str)
                or not text.strip()
                or not str(part.get("ContentType") or "").startswith(wanted)
            ):
                continue
            found[id_] = text if wanted == "text/plain" else _stripped(text)
    return {id_: text.replace("\x00", "")[:200_000] for id_, text in found.items()}


def _stripped(html: str) -> str:
    words = _Words()
    words.feed(html)
    words.close()
    return "".join(words.words).strip()
