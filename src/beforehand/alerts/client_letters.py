"""What a client's contact is told: the step's own text, and nothing of our insides."""

from beforehand.engine.zones import local_datetime
from beforehand.promises.addressee import filled
from beforehand.tickets.models import Ticket

from .message import STEP, Message
from .models import Delivery, Mailbox
from .post import Letter

_UNDUE = "a time that is not set while the ticket waits"


def letter(mailbox: Mailbox, row: Delivery, deadline: int | None, now: int, name: str, host: str) -> Letter:
    """The mail about one ticket; a conversation of its own, apart from ours. `deadline` and `now` in microseconds."""
    ticket, provider = row.alert.ticket, row.provider
    number = _number(ticket)
    zone = ticket.client.zone if ticket.client is not None else provider.zone
    due = _UNDUE if deadline is None else f"{local_datetime(zone, deadline):%a %d %b %H:%M}"
    values = {
        "ticket": number,
        "subject": ticket.subject or "(no subject)",
        "client": ticket.client_name,
        "priority": ticket.priority or "none",
        "due": due,
        "provider": provider.name,
    }
    subject = f"Your ticket {number}"
    if ticket.subject and not provider.mail_bare:
        subject += f": {ticket.subject}"
    body = f"{filled(row.text, values).strip()}\n\n{provider.name}\n"
    thread = f"client-of-{ticket.pk}@{host}"
    return Letter(mailbox.address, " ".join(subject.split())[:180], body, name, thread, now // 1_000_000)


def message(made: Letter) -> Message:
    """The same as programs would read it."""
    return Message(STEP, made.id, made.subject, made.body, (), made.at)


def _number(ticket: Ticket) -> str:
    return f"#{(ticket.number or ticket.external_id).lstrip('#')}"
