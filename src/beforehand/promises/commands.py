"""`beforehand agreements`: checking, loading and writing agreement files."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from beforehand.kernel.faults import Fault, Refused

if TYPE_CHECKING:
    from beforehand.people.models import Provider
    from beforehand.promises.draft.due_dates import Due
    from beforehand.promises.draft.hours import Question

FILE = Annotated[Path, typer.Argument(help="The agreement file.", show_default=False)]
CORRECT = Annotated[
    bool, typer.Option("--correct", help="Change what tickets already live by, where it was written wrongly.")
]
PROVIDER = Annotated[str, typer.Option(help="Which provider, by its short name, where there are several.")]
SOURCE = Annotated[str, typer.Argument(help="The source, by its short name.", show_default=False)]
OUT = Annotated[
    Path | None, typer.Option(help="Where the file goes, in place of standard output.", show_default=False)
]
ANSWER = Annotated[
    list[str] | None,
    typer.Option(
        metavar="KEY=ANSWER", help="What the source does not tell, by the key that this command says."
    ),
]


class Asked(NamedTuple):
    """A source that is asked: what people call its kind, and the day from which on its tickets are read; what its
    things are called in tickets here, by kind and name there; the due dates that it told."""

    title: str
    since: date
    names: Mapping[tuple[str, str], str] = {}
    dues: "Sequence[Due]" = ()


@dataclass(frozen=True)
class Above:
    """What these commands need from above this room: the database, the time, sources, and what tickets use."""

    open_database: Callable[[], None]
    now: Callable[[], datetime]
    used_versions: "Callable[[Provider], Collection[int]]"
    used_statuses: "Callable[[Provider], Iterable[tuple[str, str]]]"
    confirmed_statuses: "Callable[[Provider], Iterable[tuple[str, str]]]"
    asked: "Callable[[Provider, str], Asked]"


def build(above: Above) -> typer.Typer:
    """The commands of `beforehand agreements`."""
    app = typer.Typer(
        help="Check, load and write agreement files.", no_args_is_help=True, rich_markup_mode=None
    )

    @app.command("check")
    def check_file(file: FILE) -> None:
        """Say everything that is wrong with a file, and what is seldom meant. Needs no database."""
        _check(file, above.now())

    @app.command("load")
    def load_file(file: FILE, provider: PROVIDER = "", correct: CORRECT = False) -> None:
        """Take a file in: all of it or nothing. The same file again changes nothing."""
        above.open_database()
        _load(file, provider, correct, above)

    @app.command("dump")
    def dump_file(provider: PROVIDER = "") -> None:
        """Write everything promised as an agreement file, to standard output."""
        above.open_database()
        from beforehand.promises.file.dump import dump

        typer.echo(dump(provider_for(provider, "", "", above.now())), nl=False)

    @app.command("draft")
    def draft_file(source: SOURCE, out: OUT = None, provider: PROVIDER = "", answer: ANSWER = None) -> None:
        """Write what is promised with a draft of what a ticket system is set to. Changes nothing."""
        above.open_database()
        _draft(source, out, provider, answer or (), above)

    return app


def _draft(source: str, out: Path | None, slug: str, answers: Iterable[str], above: Above) -> None:
    from beforehand.promises.draft.make import draft_of
    from beforehand.promises.psa import renamed, set_up_of

    now = above.now()
    owner = provider_for(slug, "", "", now)
    asked = above.asked(owner, source)
    given = {key.strip(): text.strip() for key, _, text in (answer.partition("=") for answer in answers)}
    set_up = renamed(set_up_of(owner.pk, source), asked.names)
    draft = draft_of(owner, source, asked.title, set_up, asked.since, given, now, asked.dues)
    if draft is None:
        example = "its set-up is read a few times a day, where its key may read it"
        raise Refused(Fault(source, "no SLA in its set-up", "a source whose SLAs are known here", example))
    for note in draft.notes:
        typer.echo(note, err=True)
    for question in draft.questions:
        typer.echo(f"{question.text} ({_answered(question)})", err=True)
    if out is None:
        typer.echo(draft.text, nl=False)
        return
    try:
        out.write_text(draft.text, encoding="utf-8")
    except OSError as error:
        raise Refused(Fault(str(out), error.strerror or "no file", "a file that can be written")) from error
    plans = _count(draft.plans, "plan")
    typer.echo(
        f"{out}: what is promised, and a draft of {plans} from {asked.title}. Load it when it is right."
    )


def _answered(question: "Question") -> str:
    """The answer that a draft goes by, how it is known, and how to give another one."""
    how = question.how or ("assumed" if question.assumed else "")
    said = ": ".join(part for part in (how, question.answer) if part)
    if question.answer and not question.assumed:
        return said
    example = " | ".join(question.choices) or "..."
    return f'{said}; --answer "{question.key}={example}"'


def _check(file: Path, now: datetime) -> None:
    from beforehand.promises.file.check import check

    checked = check(file, now.date())
    say(checked.warnings, "warning")
    say(checked.faults, "fault")
    if checked.faults:
        typer.echo(
            f"{file}: {_count(checked.faults, 'fault')}, {_count(checked.warnings, 'warning')}.", err=True
        )
        raise typer.Exit(1)
    typer.echo(f"{file}: no fault, {_count(checked.warnings, 'warning')}.")


def _load(file: Path, slug: str, correct: bool, above: Above) -> None:
    from beforehand.promises.file.check import check
    from beforehand.promises.file.load import load_checked

    now = above.now()
    checked = check(file, now.date())
    if checked.document is None:
        say(checked.warnings, "warning")
        raise Refused(checked.faults)
    owner = provider_for(slug, checked.document.provider.name, checked.document.provider.zone, now)
    checked = check(file, now.date(), above.used_statuses(owner))
    say(checked.warnings, "warning")
    loaded = load_checked(
        checked, owner, now, above.used_versions(owner), correct, above.confirmed_statuses(owner)
    )
    typer.echo(
        f"{owner.name}: {'the terms are now those of' if loaded.changed else 'nothing new in'} {file}."
    )
    for sentence in (*loaded.statuses, *loaded.ladders):
        typer.echo(sentence)
    if loaded.changed and correct:
        typer.echo("Now read the tickets again: beforehand reread")


def say(faults: Iterable[Fault], kind: str = "") -> None:
    """Faults or warnings on standard error, one under the other."""
    head = f"{kind}: " if kind else ""
    for fault in faults:
        typer.echo(
            f"{head}{fault.place}\n    found     {fault.found}\n    expected  {fault.expected}", err=True
        )
        if fault.example:
            typer.echo(f"    example   {fault.example}", err=True)


def provider_for(slug: str, name: str, zone: str, now: datetime) -> "Provider":
    """The provider of that short name, or of that name, or the only one; made from the file where there is none.

    Raises Refused where that is not clear.
    """
    from beforehand.kernel.names import fold
    from beforehand.people.accounts import create_provider
    from beforehand.people.models import Provider

    providers = list(Provider.objects.order_by("pk"))
    found = [p for p in providers if p.slug == slug] if slug else providers
    if len(found) > 1 and name:
        found = [p for p in found if fold(p.name) == fold(name)]
    if len(found) == 1:
        return found[0]
    if not providers and name and not slug:
        return create_provider(name, zone, now)
    known = ", ".join(p.slug for p in providers) or "there is none yet"
    example = (
        "beforehand agreements load FILE makes it" if not providers else f"--provider {providers[0].slug}"
    )
    raise Refused(Fault("--provider", slug or "nothing", f"one of the providers: {known}", example))


def _count(found: Collection[object], word: str) -> str:
    return f"{len(found) or 'no'} {word}{'' if len(found) == 1 else 's'}"
