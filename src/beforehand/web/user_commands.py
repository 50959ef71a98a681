"""`beforehand users`: the way back in where nobody can sign in any more; whoever may read the database may do it."""

from collections.abc import Callable
from typing import Annotated

import typer

Name = Annotated[str, typer.Argument(help="The user's name, as it is typed when signing in.")]


def build(open_database: Callable[[], None]) -> typer.Typer:
    """The commands of `beforehand users`."""
    app = typer.Typer(
        help="List users, and let back in who cannot sign in.", no_args_is_help=True, rich_markup_mode=None
    )

    @app.command("list")
    def list_users() -> None:
        """Every user: name, role, provider, whether a second factor is on, whether they may come in."""
        open_database()
        from allauth.mfa.models import Authenticator

        from beforehand.people.models import User

        with_factor = set(Authenticator.objects.values_list("user", flat=True))
        for user in User.objects.select_related("provider").order_by("username"):
            words = [user.username, user.role, user.provider.name if user.provider else "operator"]
            words += ["second factor"] if user.pk in with_factor else []
            words += [] if user.is_active else ["not let in"]
            typer.echo("  ".join(words))

    @app.command("password-link")
    def password_link(name: Name) -> None:
        """Print a link by which a user sets a new password; good for three days, and once."""
        open_database()
        from beforehand.people.members import named

        from .passwords import password_link

        typer.echo(password_link(named(name)))

    @app.command("drop-second-factor")
    def drop_second_factor(name: Name) -> None:
        """Let a user sign in by the password alone again: the app and the recovery codes are lost."""
        open_database()
        from allauth.mfa.models import Authenticator

        from beforehand.people.members import named

        gone = Authenticator.objects.filter(user=named(name)).delete()[0]
        typer.echo("The second factor is dropped." if gone else "There was no second factor.")

    return app
