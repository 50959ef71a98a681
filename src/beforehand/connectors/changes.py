"""Changing the connections: every change is whole or refused, with all that is wrong. Secrets go in and not out."""

import secrets as chance
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.db import transaction

from beforehand.kernel import outward
from beforehand.kernel.faults import Fault, refuse_if_any
from beforehand.kernel.names import fold
from beforehand.kernel.secrets import Unreadable, seal
from beforehand.people.models import Provider
from beforehand.tickets.models import Source, SourceState

from .contract import Connector, Setting
from .models import Connection
from .registry import connectors
from .secrets import opened, sealed
from .sync import ask

INTERVALS = (10, 3_600)
LONGEST = 2_000
WHERE = ("url", "text", "choice")
"""Kinds of setting that say who is asked, and as whom: secrets are for the one they were entered with."""


class Asked(NamedTuple):
    """What a form says. `values`: settings by name, secrets among them; an empty secret leaves the one there is."""

    name: str
    values: Mapping[str, str]
    interval: int
    share: int
    since: datetime
    allow_private: bool = False

    def __repr__(self) -> str:
        """Without values, since secrets are among them: what is in a traceback is shown."""
        return f"Asked for {self.name!r}"


class Hooked(NamedTuple):
    """The address and the secret of a connection's webhook, to be shown once."""

    path: str
    secret: str

    def __repr__(self) -> str:
        """Without the secret: what is in a traceback is shown."""
        return "Hooked"


def new_connection(provider: Provider, kind: Connector, source: Source | None, now: datetime) -> Connection:
    """A connection that is not kept yet, and asks nothing before it is started; of a new source, or one there is."""
    if source is None:
        source = Source(
            provider=provider,
            precision=kind.tells.precision,
            messages=kind.tells.messages,
            responded=kind.tells.responded,
            texts=kind.tells.texts,
        )
    return Connection(
        provider=provider, source=source, connector=kind.slug, active=False, since=now, made=now,
        interval=kind.interval, share=kind.share, path=chance.token_urlsafe(32),
    )  # fmt: skip


def going_on(provider: Provider, kind: Connector) -> list[Source]:
    """The sources that a connection of this kind can go on with: those that tell the same and are asked by none."""
    return list(
        Source.objects.filter(provider=provider, connection=None, **kind.tells._asdict()).order_by("name")
    )


def save_connection(connection: Connection, asked: Asked, now: datetime) -> Connection:
    """Keep a connection, new or changed. Refused where a value is none; what was a secret is not repeated.

    One that is to go further back than before reads its past again.
    """
    kind = connectors()[connection.connector]
    with transaction.atomic():
        Provider.objects.select_for_update().get(pk=connection.provider_id)
        before, lost = _before(connection)
        kept = {} if lost or _is_elsewhere(kind, before, asked.values) else before
        faults = [*_values(connection, asked), *_numbers(asked, now)]
        for setting in kind.settings:
            faults += _setting(setting, asked, kept, before)
        refuse_if_any(faults)
        _fill(connection, kind, asked, kept)
        _keep(connection)
        if connection.active:
            ask(connection, now)
    return connection


def _keep(connection: Connection) -> None:
    source = connection.source
    if source.pk is None:
        source.slug = _free_slug(source)
    source.save()
    connection.source = source
    connection.save()


def _before(connection: Connection) -> tuple[dict[str, str], bool]:
    """The settings as they are, and whether the secrets among them can be read no more."""
    if connection.pk is None:
        return {}, False
    try:
        return opened(connection), False
    except Unreadable:
        return {name: str(value) for name, value in connection.settings.items()}, True


def _is_elsewhere(kind: Connector, before: Mapping[str, str], values: Mapping[str, str]) -> bool:
    """Whether another is asked than before: no secret of one goes to another."""
    where = [one.name for one in kind.settings if one.kind in WHERE]
    return any(before.get(name, "") != values.get(name, "").strip() for name in where)


def _values(connection: Connection, asked: Asked) -> Iterator[Fault]:
    name = " ".join(asked.name.split())
    others = Source.objects.filter(provider=connection.provider).exclude(pk=connection.source.pk)
    if not name or len(name) > 200:
        yield Fault("connection, name", repr(name[:60]), "a name of at most 200 letters", "ConnectWise")
    elif fold(name) in {fold(other) for other in others.values_list("name", flat=True)}:
        yield Fault("connection, name", repr(name), "a name that no other source has", f"{name} 2")


def _numbers(asked: Asked, now: datetime) -> Iterator[Fault]:
    least, most = INTERVALS
    if not least <= asked.interval <= most:
        yield Fault("connection, interval", str(asked.interval), f"{least} to {most} seconds", "60")
    if not 1 <= asked.share <= 100:
        yield Fault("connection, share", str(asked.share), "1 to 100 percent", "10")
    if asked.since > now:
        yield Fault("connection, since", f"{asked.since:%Y-%m-%d}", "a day that has begun")


def _setting(
    setting: Setting, asked: Asked, kept: Mapping[str, str], before: Mapping[str, str]
) -> Iterator[Fault]:
    # What was found is not repeated: it may be a secret.
    place, value = f"connection, {setting.name}", asked.values.get(setting.name, "").strip()
    if setting.kind == "secret" and not value:
        if setting.name in before and setting.name not in kept:
            yield Fault(place, "nothing", "to be entered again, since something else is asked than before")
        elif setting.required and setting.name not in kept:
            yield Fault(place, "nothing", "a value", setting.example)
    elif not value:
        if setting.required and setting.kind != "flag":
            yield Fault(place, "nothing", "a value", setting.example)
    elif len(value) > LONGEST:
        yield Fault(place, f"{len(value)} letters", f"at most {LONGEST}")
    elif setting.kind == "url" and (wrong := outward.fault_of(value, asked.allow_private)):
        yield Fault(place, f"one that is not called ({wrong})", "an https:// address", setting.example)
    elif setting.kind == "whole" and not value.isdecimal():
        yield Fault(place, "no number", "a whole number", setting.example or "10")
    elif setting.kind == "choice" and value not in setting.choices:
        yield Fault(place, "something else", f"one of {', '.join(setting.choices)}")


def _fill(connection: Connection, kind: Connector, asked: Asked, kept: Mapping[str, str]) -> None:
    values = {one.name: asked.values.get(one.name, "").strip() for one in kind.settings}
    secret = {one.name for one in kind.settings if one.kind == "secret"}
    connection.settings = {name: value for name, value in values.items() if name not in secret}
    told = {name: values[name] or kept.get(name, "") for name in secret}
    connection.secrets = sealed({name: value for name, value in told.items() if value})
    connection.source.name = " ".join(asked.name.split())
    connection.interval, connection.share = asked.interval, asked.share
    connection.allow_private = asked.allow_private
    if asked.since < connection.since and connection.back_begun is not None:
        connection.back, connection.back_begun, connection.back_done = "", None, None
        connection.back_read, connection.back_total = 0, None
    connection.since = asked.since


def _free_slug(source: Source) -> str:
    taken = set(Source.objects.filter(provider=source.provider).values_list("slug", flat=True))
    plain = "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in source.name.lower())
    slug = "-".join(part for part in plain.split("-") if part)[:50] or "source"
    names = (slug if n == 1 else f"{slug}-{n}" for n in range(1, len(taken) + 2))
    return next(name for name in names if name not in taken)


def set_active(provider: Provider, pk: int, active: bool, now: datetime) -> None:
    """A connection is started, or goes on; or nothing is asked any more, and all stays as it is."""
    with transaction.atomic():
        for connection in Connection.objects.select_for_update().filter(provider=provider, pk=pk):
            connection.active, connection.waits = active, None
            connection.save(update_fields=["active", "waits"])
            if active:
                ask(connection, now)
            else:
                state = SourceState.objects.filter(provider=provider, source=connection.source_id)
                state.update(failing=None, fault="", tries=0)


def renew_hook(connection: Connection) -> Hooked:
    """A new address and secret for the webhook: from here on those before are worth nothing."""
    path, secret = chance.token_urlsafe(32), chance.token_urlsafe(32)
    connection.path, connection.hook_secret = path, seal(secret, settings.SECRET_KEY)
    connection.called = None  # at the address of before, which is worth nothing now
    connection.save(update_fields=["path", "hook_secret", "called"])
    return Hooked(path, secret)


def remove_connection(connection: Connection) -> None:
    """Ask the source no more, and forget its keys and how far it was read. The source and its tickets stay."""
    with transaction.atomic():
        SourceState.objects.filter(provider=connection.provider, source=connection.source).delete()
        connection.delete()
