"""The command line. Each command imports what it needs when it is called, so that --help is there at once."""

import os
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from beforehand.demo.cli import demo, replay

if TYPE_CHECKING:
    from beforehand.kernel.faults import Fault
    from beforehand.people.models import Provider

app = typer.Typer(
    name="beforehand",
    help="Every ticket against what its client was promised.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def _options() -> None:
    """Keeps the commands named even while there is only one."""


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="The address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port to listen at.")] = 8000,
    workers: Annotated[
        int, typer.Option(min=0, max=64, help="Workers beside it, which watch clocks and send alerts.")
    ] = 1,
) -> None:
    """Serve the pages, and do beside it what is due."""
    from beforehand.config import start
    from beforehand.config import workers as crew

    start.refuse_others(host)
    listening = start.listen(host, port)
    start.open_database()
    from beforehand.people.models import Provider
    from beforehand.promises.file.load import keep_ahead

    for provider in Provider.objects.all():
        keep_ahead(provider, datetime.now(UTC))
    typer.echo(f"Beforehand is at http://{host}:{port}/ (Ctrl-C ends it)")
    if link := start.set_up_link(host, port):
        typer.echo(f"Nobody can sign in yet. The first user is made here, once, within a day:\n    {link}")
    with crew.beside(workers):
        start.serve(listening)


@app.command()
def worker(
    parent: Annotated[int, typer.Option(hidden=True)] = 0,
    slow: Annotated[bool, typer.Option("--slow", hidden=True)] = False,
) -> None:
    """Watch clocks and send alerts, in a process of its own. Of these there may be several; serve runs one already."""
    from beforehand.config import start
    from beforehand.config import workers as crew

    start.open_database()
    crew.run(parent, slow=slow)


app.command()(demo)
app.command()(replay)


@app.command()
def migrate() -> None:
    """Bring the database up to date (every command does so by itself)."""
    from beforehand.config import start

    start.open_database()
    typer.echo("The database is up to date.")


@app.command()
def backup(
    file: Annotated[str, typer.Argument(metavar="FILE", help="The file to write; - is standard output.")],
    verify: Annotated[
        bool, typer.Option("--verify", help="Write nothing: read FILE to the end and check that it is whole.")
    ] = False,
) -> None:
    """Put all there is, the secret key too, into one file, while everything goes on."""
    from beforehand.config import backup_commands

    if verify:
        backup_commands.verify(file)
    else:
        backup_commands.back_up(file, datetime.now(UTC))


@app.command()
def restore(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A backup; - is standard input.")],
    replace: Annotated[
        bool,
        typer.Option(
            "--replace", help="Also where the database holds something; that is backed up before it goes."
        ),
    ] = False,
) -> None:
    """Put a backup in the place of the database: all of it, or nothing is changed."""
    from beforehand.config import backup_commands

    backup_commands.restore(file, datetime.now(UTC), replace=replace)


@app.command()
def conform(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE...", help="Cases in JSON, plain or .gz; - is standard input.")
    ],
) -> None:
    """Run files of test cases against the engine: a line for each that differs, then the count."""
    from beforehand.conform.report import conform as run
    from beforehand.engine.errors import Invalid
    from beforehand.kernel.faults import Fault, Refused

    try:
        wrong = False
        for line, counts in run(files, sys.stdin.buffer):
            typer.echo(line)
            wrong |= counts
    except Invalid as invalid:
        raise Refused(Fault(*fault) for fault in invalid.faults) from invalid
    raise typer.Exit(1 if wrong else 0)


Cores = Annotated[int, typer.Option(min=0, help="Processes that share the work; by default one a core.")]


@app.command()
def reread(
    from_nothing: Annotated[
        bool, typer.Option("--from-nothing", help="First delete everything that is derived from events.")
    ] = False,
    cores: Cores = 0,
) -> None:
    """Read every clock again from its events, and write what differs."""
    from beforehand.config import start

    start.open_database()
    from beforehand.tickets import commands

    commands.reread(cores or os.cpu_count() or 1, from_nothing=from_nothing)


@app.command()
def check(cores: Cores = 0) -> None:
    """Hold every clock against its events and every roll-up against its clocks; exit code 1 where any differs."""
    from beforehand.config import start

    start.open_database()
    from beforehand.tickets import commands

    if not commands.check(cores or os.cpu_count() or 1):
        raise typer.Exit(1)


def _agreements() -> typer.Typer:
    from beforehand.config import start
    from beforehand.promises.commands import Above, Asked, build

    def used_versions(provider: "Provider") -> set[int]:
        from beforehand.tickets.uses import used_versions

        return used_versions(provider)

    def used_statuses(provider: "Provider") -> set[tuple[str, str]]:
        from beforehand.tickets.uses import used_statuses

        return used_statuses(provider)

    def confirmed_statuses(provider: "Provider") -> set[tuple[str, str]]:
        from beforehand.connectors.asked import confirmed_statuses

        return confirmed_statuses(provider)

    def asked(provider: "Provider", source: str) -> Asked:
        from beforehand.connectors.asked import due_dates_of, names_here, title_and_first_day

        title, since = title_and_first_day(provider, source)
        return Asked(title, since, names_here(provider, source), due_dates_of(provider, source))

    return build(
        Above(
            start.open_database,
            lambda: datetime.now(UTC),
            used_versions,
            used_statuses,
            confirmed_statuses,
            asked,
        )
    )


def _tokens() -> typer.Typer:
    from beforehand.config import start
    from beforehand.web.api.commands import build

    return build(start.open_database, lambda: datetime.now(UTC))


def _users() -> typer.Typer:
    from beforehand.config import start
    from beforehand.web.user_commands import build

    return build(start.open_database)


app.add_typer(_agreements(), name="agreements")
app.add_typer(_users(), name="users")
app.add_typer(_tokens(), name="token")


@app.command("import")
def import_(
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE...", help="CSV files, also packed (.gz); - is standard input."),
    ],
    mapping: Annotated[
        str,
        typer.Option(
            metavar="NAME|PATH", help="Which column is what: servicenow, helpdesk or a file of yours."
        ),
    ],
    source: Annotated[
        str,
        typer.Option(metavar="SLUG", help="The source to put the tickets under, in place of the mapping's."),
    ] = "",
    provider: Annotated[
        str, typer.Option(metavar="SLUG", help="Whose tickets they are, where there are several providers.")
    ] = "",
    rejects: Annotated[
        str,
        typer.Option(
            metavar="PATH", help="Where rows go that cannot be taken, in place of FILE.rejects.csv."
        ),
    ] = "",
) -> None:
    """Take in tickets from a log. It may be stopped and repeated: nothing is taken twice."""
    from datetime import UTC, datetime
    from pathlib import Path

    from beforehand.config import start

    start.open_database()
    from beforehand.connectors.log import commands

    order = commands.Order(
        files, mapping, source, provider, Path(rejects) if rejects else None, lambda: datetime.now(UTC)
    )
    if not commands.import_logs(order):
        raise typer.Exit(1)


def _database_fault(error: Exception) -> "Fault | None":
    """What to say of a database that cannot work on (a full disk, a lost server); None where we are at fault."""
    if "django.db" not in sys.modules:
        return None
    from django.db import OperationalError

    from beforehand.kernel.faults import Fault

    if not isinstance(error, OperationalError):
        return None
    way_out = "room on the disk or the server back, then the same command again: nothing is half done"
    return Fault("database", str(error), "a database that takes rows", way_out)


def main() -> None:
    """Runs the command that was asked for; what is refused is said plainly and ends with exit code 2."""
    from beforehand.kernel.faults import Refused
    from beforehand.promises.commands import say

    try:
        app()
    except Refused as refused:
        say(refused.faults)
        sys.exit(2)
    except Exception as error:
        fault = _database_fault(error)
        if fault is None:
            raise
        say([fault])
        sys.exit(2)
