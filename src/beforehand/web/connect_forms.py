"""The form of a connection, made of what its connector asks for: what is secret goes in, and never comes out."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django import forms

from beforehand.connectors.changes import INTERVALS, Asked
from beforehand.connectors.contract import Connector, Setting
from beforehand.connectors.models import Connection
from beforehand.connectors.writing import FIELDS
from beforehand.connectors.writing_changes import LONGEST
from beforehand.kernel.faults import Fault, Refused
from beforehand.tickets.models import Source

from .staff_forms import StaffForm, choice
from .unsaid import Unsaid

HISTORY_DAYS = 90
SETTING = "setting-"
"""How the names of fields begin that are the connector's own."""
FEW = 2
"""Fields with a good default that stand among the others; more of them are folded away."""


class ConnectionForm(StaffForm):
    """A connection. Whether it may be within the house is an owner's to say."""

    name = forms.CharField(max_length=200, label="Name", help_text="As pages call it.")
    since = forms.DateField(
        label="History since",
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="Tickets that changed since then are read, the newest first.",
    )
    share = forms.IntegerField(
        label="Our share of its calls, in percent", min_value=1, max_value=100, help_text=""
    )
    interval = forms.IntegerField(
        label="Looked at every so many seconds",
        min_value=INTERVALS[0],
        max_value=INTERVALS[1],
        help_text="For what changed; webhooks make it faster.",
    )
    allow_private = forms.BooleanField(
        required=False,
        label="May be within a private network",
        help_text="Then http:// is called too, and this machine itself.",
    )

    def __init__(
        self,
        connection: Connection,
        kind: Connector,
        owner: bool,
        data: Mapping[str, Any] | None = None,
        sources: list[Source] | None = None,
    ) -> None:
        super().__init__(data, initial=_initial(connection, kind))
        self.connection, self.kind, self.owner = connection, kind, owner
        self.fields["share"].help_text = _limit_of(kind)
        for setting in kind.settings:
            self.fields[SETTING + setting.name] = _field(setting, connection)
        if sources:
            self.fields["source"] = choice(
                "Goes on with",
                [(one.pk, one.name) for one in sources],
                "(a new source)",
                help_text="A source that was connected before keeps its tickets: they are known by the same ids.",
            )
        for name in _without(kind, owner):
            del self.fields[name]
        if kind.hear is None and not kind.tells_itself:
            self.fields["interval"].help_text = "For what changed."
        own = [SETTING + setting.name for setting in kind.settings]
        self.order_fields(["name", "source", *own, "allow_private", "since", "share", "interval"])

    @property
    def usual(self) -> list[forms.BoundField]:
        """What somebody who connects fills in or looks at."""
        return [field for field in self if field.name not in self._set_already]

    @property
    def rare(self) -> list[forms.BoundField]:
        """What is right as it comes, unless the check or the guide says otherwise."""
        return [field for field in self if field.name in self._set_already]

    @property
    def rare_open(self) -> bool:
        """Whether any of it is wrong, or other than it comes."""
        usual = {SETTING + one.name: one.default for one in self.kind.settings}
        return any(
            field.errors or (self.connection.pk and str(field.initial or "") != usual.get(field.name, ""))
            for field in self.rare
            if field.name in usual
        )

    @property
    def _set_already(self) -> set[str]:
        own = {SETTING + one.name for one in self.kind.settings if not one.required and one.kind != "secret"}
        return own if len(own) > FEW else set()

    def asked(self) -> Asked:
        """What the form says."""
        told = self.cleaned_data
        values = {one.name: _said(told.get(SETTING + one.name), one) for one in self.kind.settings}
        first: date | None = told.get("since")
        since = self.connection.since
        if first is not None:
            since = datetime(first.year, first.month, first.day, tzinfo=UTC)
        # What the form does not ask for stays as it is.
        interval = told.get("interval", self.connection.interval)
        share = told.get("share", self.connection.share)
        allow = told["allow_private"] if "allow_private" in self.fields else self._may_stay(values)
        return Asked(told["name"], values, interval, share, since, allow)

    def _may_stay(self, values: Mapping[str, str]) -> bool:
        """What an owner allowed was allowed for the address that it had."""
        places = [one.name for one in self.kind.settings if one.kind in ("url", "text")]
        same = all(str(self.connection.settings.get(name, "")) == values[name] for name in places)
        return self.connection.allow_private and same

    def refuse(self, refused: Refused) -> None:
        """Puts each fault to its field; those of the connector's own have longer names here."""
        own = {setting.name for setting in self.kind.settings}
        super().refuse(Refused([_by_field(fault, own) for fault in refused.faults]))


class WriteBackForm(StaffForm):
    """What is written to tickets in their source, and where."""

    notes = forms.BooleanField(
        required=False,
        label="Write notes",
        help_text="Internal ones: when a step that rings is reached, and when its chain ends.",
    )
    deadline = forms.CharField(
        required=False,
        max_length=LONGEST,
        label="Field for the deadline",
        help_text="The earliest of a ticket's clocks that run, in UTC.",
    )
    risk = forms.CharField(
        required=False,
        max_length=LONGEST,
        label="Field for the risk",
        help_text="From 1 late to 5 waits, so that a list sorted by it has the worst first.",
    )
    line = forms.CharField(
        required=False,
        max_length=LONGEST,
        label="Field for the line",
        help_text="The name of the line that won.",
    )

    def __init__(self, row: Connection, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, initial={"notes": row.write_notes, **row.write_fields})
        for name in FIELDS:
            self.fields[name].widget.attrs |= {"autocomplete": "off", "spellcheck": "false"}

    def fields_named(self) -> dict[str, str]:
        """The source's names of the fields, by ours."""
        return {name: self.cleaned_data[name] for name in FIELDS}


def _without(kind: Connector, owner: bool) -> list[str]:
    """Fields that mean nothing to this kind, or are not this user's to fill in."""
    names = [] if owner and kind.is_asked else ["allow_private"]
    if not kind.is_asked:
        names += ["since", "share"]
    if kind.tells_itself:
        names.append("interval")
    return names


def _by_field(fault: Fault, own: set[str]) -> Fault:
    where, _, field = fault.place.rpartition(", ")
    name = SETTING + field if field in own else field
    example = f", such as {fault.example}" if fault.example else ""
    return Fault(f"{where}, {name}", fault.found, fault.expected + example)


def _initial(connection: Connection, kind: Connector) -> dict[str, object]:
    since = connection.since if connection.pk else connection.made - timedelta(days=HISTORY_DAYS)
    found: dict[str, object] = {
        "name": connection.source.name or kind.title,
        "since": since.date(),
        "share": connection.share,
        "interval": connection.interval,
        "allow_private": connection.allow_private,
        "source": connection.source.pk,
    }
    for setting in kind.settings:
        if setting.kind != "secret":
            value = connection.settings.get(setting.name, "" if connection.pk else setting.default)
            found[SETTING + setting.name] = value == "yes" if setting.kind == "flag" else value
    return found


def _limit_of(kind: Connector) -> str:
    if kind.limit is None:
        return "No limit of it is known; what it refuses is waited for."
    calls, window = kind.limit
    hours = window / 3_600_000_000
    per = "an hour" if hours == 1 else f"in {window // 60_000_000} minutes"
    return f"{kind.title} takes {calls:,} calls {per}, from all programs together."


def _field(setting: Setting, connection: Connection) -> forms.Field:
    more: dict[str, Any] = {"label": setting.label, "help_text": setting.help}
    if setting.example:
        more["help_text"] = f"{setting.help} Such as {setting.example}".strip()
    if setting.kind == "flag":
        return forms.BooleanField(required=False, **more)
    if setting.kind == "choice":
        none = [] if setting.required else [("", "(none)")]
        choices = [*none, *((one, one) for one in setting.choices)]
        return forms.ChoiceField(required=setting.required, choices=choices, **more)
    if setting.kind == "whole":
        return forms.IntegerField(required=setting.required, min_value=0, **more)
    attrs = {"autocomplete": "off", "spellcheck": "false"}
    if setting.kind == "secret":
        there = connection.pk is not None and bool(connection.secrets)
        if there:
            more["help_text"] = f"There is one; leave this empty to keep it. {more['help_text']}".strip()
        return forms.CharField(
            required=setting.required and not there, max_length=2000, widget=Unsaid(), **more
        )
    return forms.CharField(
        required=setting.required, max_length=2000, widget=forms.TextInput(attrs=attrs), **more
    )


def _said(value: object, setting: Setting) -> str:
    """A setting as it is kept: in text."""
    if setting.kind == "flag":
        return "yes" if value else ""
    return "" if value is None else str(value).strip()
