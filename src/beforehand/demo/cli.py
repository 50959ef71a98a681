"""`beforehand demo` and `beforehand replay` as the command line has them."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

Port = Annotated[
    int | None,
    typer.Option(min=1, max=65535, help="The port to listen at; without it 8000 or the next that is free."),
]
NoBrowser = Annotated[bool, typer.Option("--no-browser", help="Open no browser.")]
Speed = Annotated[float, typer.Option(min=1, max=600, help="How many times as fast as real time it goes on.")]
Day = "%Y-%m-%d"


def demo(
    port: Port = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Make it anew.")] = False,
    no_browser: NoBrowser = False,
    remove: Annotated[bool, typer.Option("--remove", help="Delete the demo, and do nothing else.")] = False,
    speed: Speed = 1,
    day: Annotated[
        datetime | None, typer.Option(formats=[Day], help="Live this day of it again, from its morning on.")
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=1000, hidden=True)] = 730,
    clients: Annotated[int, typer.Option(min=0, hidden=True)] = 0,
) -> None:
    """Serve a simulated MSP, signed in, in a database of its own: a first look without any set-up."""
    from beforehand.demo import command
    from beforehand.demo.state import Scale

    if remove:
        typer.echo("The demo is deleted." if command.remove() else "There was no demo.")
        return
    how = command.How(port, not no_browser, speed)
    if day is not None:
        command.run_day(how, day.date(), Scale(days=min(days, command.PAST), clients=clients))
        return
    command.run(how, fresh, Scale(days=days, clients=clients), datetime.now(UTC))


def replay(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A log, as `import` takes it.")],
    mapping: Annotated[
        str, typer.Option(help="How the log is to be read: a mapping file, or the name of one.")
    ],
    agreements: Annotated[Path, typer.Option(help="The agreement file that its tickets are held to.")],
    around: Annotated[
        datetime | None,
        typer.Option(
            formats=[Day], help="A day of the log whose week becomes this one; its middle, if not told."
        ),
    ] = None,
    port: Port = None,
    no_browser: NoBrowser = False,
    speed: Speed = 1,
) -> None:
    """Play a real log as if it happened now, signed in, in a database of its own that goes with it."""
    from beforehand.demo import replay as playing
    from beforehand.demo.command import How

    log = playing.Log(file, mapping, agreements, around.date() if around else None)
    playing.replay(log, How(port, not no_browser, speed), datetime.now(UTC))
