"""`beforehand reread`, once the database is open."""

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from beforehand.people.models import Provider

from .reread import Reread, forget_derived
from .rereading import reread_all


def reread(cores: int, *, check: bool, from_nothing: bool) -> bool:
    """Read everything again and say what came of it; whether all rows were right already.

    `check` writes nothing. `from_nothing` deletes all that is derived before.
    """
    right = True
    for provider in Provider.objects.order_by("pk"):
        if from_nothing:
            forget_derived(provider.pk)
        came = _with_progress(provider, cores, write=not check)
        right = right and not (came.tickets_changed or came.clocks_changed)
        Console().print(_sentence(provider, came, check), soft_wrap=True, highlight=False, markup=False)
    return right


def _with_progress(provider: Provider, cores: int, *, write: bool) -> Reread:
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"), TimeRemainingColumn(),
        console=Console(stderr=True), transient=True,
    )  # fmt: skip
    with bar:
        task = bar.add_task(f"Reading {provider.name} again", total=None)

        def tell(_: Reread, done: int, all_runs: int) -> None:
            bar.update(task, completed=done, total=all_runs)

        return reread_all(provider, cores=cores, write=write, tell=tell)


def _sentence(provider: Provider, came: Reread, check: bool) -> str:
    verb = "would change" if check else "changed"
    return (
        f"{provider.name}: read {came.tickets:,} tickets with {came.clocks:,} clocks again;"
        f" {verb}: {came.tickets_changed:,} tickets, {came.clocks_changed:,} clocks."
    )
