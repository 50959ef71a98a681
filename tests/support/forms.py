"""What a browser would send of a form that a page has."""

from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

from django.test import Client

NO_ANSWERS: Mapping[str, str] = {}


class _Form(HTMLParser):
    """The fields of the form whose button or itself leads to an address, as they stand there."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[set[str], dict[str, str]]] = []
        self._select, self._option = "", ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(({has.get("action", "")}, {}))
        if not self.forms:
            return
        addresses, fields = self.forms[-1]
        if tag == "button" and "formaction" in has:
            addresses.add(has["formaction"].partition("#")[0])
        elif tag == "input" and has.get("name"):
            fields[has["name"]] = has.get("value", "")
        elif tag == "select":
            self._select = has["name"]
        elif tag == "option" and "selected" in dict(attrs):
            fields[self._select] = has.get("value", "")
            self._option = "" if "value" in has else self._select

    def handle_data(self, data: str) -> None:
        if self._option:
            self.forms[-1][1][self._option] = data
            self._option = ""


def fields_of(page: str, address: str) -> dict[str, str]:
    """The fields of the form that can be sent to this address."""
    reader = _Form()
    reader.feed(page)
    return next(fields for addresses, fields in reader.forms if address in addresses)


def take_draft(client: Client, source: str, answers: Mapping[str, str] = NO_ANSWERS, asked: str = "") -> Any:
    """Press the button that takes the draft of a source, with these answers put into its form by their questions' keys."""
    answer = client.get(f"{source}compared/?draft=yes{asked}")
    return send_draft(client, source, answer.content.decode(), answers)


def send_draft(client: Client, source: str, page: str, answers: Mapping[str, str] = NO_ANSWERS) -> Any:
    """The same on a page that is there already."""
    fields = fields_of(page, f"{source}draft/")
    return client.post(f"{source}draft/", fields | {f"answer-{key}": said for key, said in answers.items()})
