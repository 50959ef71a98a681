"""`beforehand reread` and `beforehand check`, once the database is open."""

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from beforehand.engine.codes import METRICS
from beforehand.people.models import Provider
from beforehand.promises.models import Client

from .counting import Difference, differences
from .models import Ticket
from .reread import Reread, due, forget_derived
from .rereading import reread_all

SHOWN = 20
"""So many things that are wrong are named of each kind; of the others it is said how many they are."""


def reread(cores: int, *, from_nothing: bool) -> None:
    """Read everything again and say what came of it. `from_nothing` deletes all that is derived before."""
    for provider in Provider.objects.order_by("pk"):
        if from_nothing:
            forget_derived(provider.pk)
        came = _with_progress(provider, cores, write=True, thorough=True)
        _say(
            f"{provider.name}: read {came.tickets:,} tickets with {came.clocks:,} clocks again;"
            f" changed: {came.tickets_changed:,} tickets, {came.clocks_changed:,} clocks."
        )


def reread_due(cores: int) -> None:
    """Read again what must be before it is shown: after an upgrade, or where one from nothing was broken off."""
    for provider in Provider.objects.filter(pk__in=due()).order_by("pk"):
        Console(stderr=True).print(
            f"{provider.name}: every clock is read again, once.", highlight=False, markup=False
        )
        _with_progress(provider, cores, write=True)


def check(cores: int) -> bool:
    """Whether clocks are what their events give, and roll-ups what the clocks give; says which are not."""
    right = True
    for provider in Provider.objects.order_by("pk"):
        came = _with_progress(provider, cores, write=False)
        wrong = differences(provider.pk)
        some = Ticket.objects.filter(pk__in=came.wrong[:SHOWN]).order_by("pk")
        for number, external, source in some.values_list("number", "external_id", "source__name"):
            _say(
                f"{provider.name}: ticket {number or external} of {source} is not kept as its events give it."
            )
        _more(len(came.wrong) - SHOWN, f"{provider.name}: ... and so are {{}} more tickets.")
        names = dict(Client.objects.filter(provider=provider).values_list("pk", "name"))
        for difference in wrong[:SHOWN]:
            _say(f"{provider.name}: {_roll_up(difference, names)}")
        _more(len(wrong) - SHOWN, f"{provider.name}: ... and so are {{}} more roll-ups.")
        _say(
            f"{provider.name}: {came.tickets:,} tickets with {came.clocks:,} clocks read again:"
            f" {len(came.wrong):,} tickets and {len(wrong):,} roll-ups are not what they should be."
            + (" `beforehand reread` mends them." if came.wrong or wrong else "")
        )
        right = right and not came.wrong and not wrong
    return right


def _say(sentence: str) -> None:
    Console().print(sentence, soft_wrap=True, highlight=False, markup=False)


def _more(count: int, sentence: str) -> None:
    if count > 0:
        _say(sentence.format(f"{count:,}"))


def _roll_up(wrong: Difference, clients: dict[int, str]) -> str:
    (met, breached), (right_met, right_breached) = wrong.stored, wrong.counted
    if wrong.key is None:
        return f"a roll-up is lost in which {right_met:,} met and {right_breached:,} breached clocks count."
    client, month, metric, excluded, *rest = wrong.key
    name = clients.get(int(client), f"client {client}")
    cut = ", ".join(["excluded tickets"] * bool(excluded) + [str(part) for part in rest if part])
    return (
        f"the roll-up of {name}, {int(month) // 100}-{int(month) % 100:02}, {METRICS[int(metric)]}"
        f"{f' ({cut})' if cut else ''} has {met:,} met and {breached:,} breached; its clocks give {right_met:,} and"
        f" {right_breached:,}."
    )


def _with_progress(provider: Provider, cores: int, *, write: bool, thorough: bool = False) -> Reread:
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"), TimeRemainingColumn(),
        console=Console(stderr=True), transient=True,
    )  # fmt: skip
    with bar:
        task = bar.add_task(f"Reading {provider.name} again", total=None)

        def tell(_: Reread, done: int, all_runs: int) -> None:
            bar.update(task, completed=done, total=all_runs)

        return reread_all(provider, cores=cores, write=write, thorough=thorough, tell=tell)
