"""`beforehand token`: tokens for programs, made, listed and revoked where no browser is at hand."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Annotated

import typer

from beforehand.kernel.faults import Fault, Refused


def build(open_database: Callable[[], None], clock: Callable[[], datetime]) -> typer.Typer:
    """The commands; they open the database when they are called."""
    app = typer.Typer(help="Tokens: what programs sign in with.", no_args_is_help=True)
    _add(app, open_database, clock)
    _list(app, open_database)
    _revoke(app, open_database, clock)
    return app


_Provider = Annotated[str, typer.Option(metavar="SLUG", help="Whose it is, where there are several.")]


def _add(app: typer.Typer, open_database: Callable[[], None], clock: Callable[[], datetime]) -> None:
    @app.command()
    def add(
        name: Annotated[str, typer.Argument(help="What it is for.")],
        scope: Annotated[list[str], typer.Option(help="events:write, tickets:read; may be repeated.")],
        source: Annotated[
            str, typer.Option(metavar="SLUG", help="The source it tells events of; made where there is none.")
        ] = "",
        expires: Annotated[str, typer.Option(metavar="DATE", help="The last day on which it lets in.")] = "",
        provider: _Provider = "",
    ) -> None:
        """Make a token. Its secret is printed once and cannot be shown again."""
        until = _end_of(expires)
        open_database()
        from django.db import transaction

        from beforehand.people import tokens
        from beforehand.people.accounts import provider_named
        from beforehand.tickets.sources import source_named

        whose = provider_named(provider)
        with transaction.atomic():
            token, secret = tokens.issue(whose, name, scope, clock(), source=source, expires=until)
            if source:
                source_named(whose, source)
        typer.echo(
            f"{token.name}: {', '.join(token.scopes)}. Its secret, which is not shown again:", err=True
        )
        typer.echo(secret)


def _list(app: typer.Typer, open_database: Callable[[], None]) -> None:
    @app.command("list")
    def list_(provider: _Provider = "") -> None:
        """List the tokens that let in, or did."""
        open_database()
        from beforehand.people.accounts import provider_named

        for token in provider_named(provider).tokens.order_by("created"):
            state = (
                "revoked" if token.revoked else f"expires {token.expires:%Y-%m-%d}" if token.expires else ""
            )
            used = f"last used {token.used:%Y-%m-%d %H:%M} UTC" if token.used else "never used"
            parts = [token.name, f"{token.hint}...", ", ".join(token.scopes), token.source, used, state]
            typer.echo("  ".join(part for part in parts if part))


def _revoke(app: typer.Typer, open_database: Callable[[], None], clock: Callable[[], datetime]) -> None:
    @app.command()
    def revoke(
        name: Annotated[str, typer.Argument(help="The token's name.")], provider: _Provider = ""
    ) -> None:
        """End a token: within two seconds it lets nobody in."""
        open_database()
        from beforehand.people import tokens
        from beforehand.people.accounts import provider_named

        there = {token.name: token for token in provider_named(provider).tokens.filter(revoked=None)}
        if name not in there:
            names = ", ".join(there) or "none, there are no tokens"
            raise Refused(Fault("token", repr(name), f"one of {names}"))
        tokens.revoke(there[name], clock())
        typer.echo(f"{name} is revoked.")


def _end_of(text: str) -> datetime | None:
    """The end of a day, as UTC has it; None for no text."""
    if not text:
        return None
    try:
        return datetime.combine(date.fromisoformat(text), time(23, 59, 59), UTC)
    except ValueError:
        raise Refused(Fault("--expires", repr(text), "a date", "2027-03-31")) from None
