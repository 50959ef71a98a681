"""The source that a mapping describes, and whose it is."""

from beforehand.kernel.faults import Fault, Refused
from beforehand.people.models import Provider
from beforehand.promises.file.notation import say_duration
from beforehand.tickets.models import Source, Ticket

from .mapping import LogMapping, Tells


def source_of(provider: Provider, mapping: LogMapping, slug: str) -> Source:
    """The source of a mapping, made where there is none yet.

    Raises Refused where its tickets came by a mapping that tells otherwise: their readings stand on that.
    """
    slug = slug or mapping.source
    source = Source.objects.filter(provider=provider, slug=slug).first()
    if source is None:
        source = Source(provider=provider, slug=slug)
    elif _tells(source) != mapping.tells and Ticket.objects.filter(provider=provider, source=source).exists():
        found = f"source {slug!r} with tickets that came with {_say(_tells(source))}"
        expected = f"the same in {mapping.file}, which says {_say(mapping.tells)}"
        raise Refused(Fault("source", found, expected, f"--source {slug}-2 makes another"))
    tells = mapping.tells
    source.name = mapping.name
    source.precision, source.messages = tells.precision, tells.messages
    source.responded, source.texts = tells.responded, tells.texts
    source.save()
    return source


def _tells(source: Source) -> Tells:
    return Tells(source.precision, source.messages, source.responded, source.texts)


def _say(tells: Tells) -> str:
    words = [f"precision {say_duration(tells.precision) or '0'}"]
    words += [
        f"{name} {'yes' if getattr(tells, name) else 'no'}" for name in ("messages", "responded", "texts")
    ]
    return ", ".join(words)
