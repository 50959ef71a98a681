"""Mail, handed to the server that the installation names; its answer is kept word for word."""

import re
import smtplib
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate
from typing import NamedTuple

from django.conf import settings

from . import sessions

PASSING = frozenset({408, 425, 429})
"""Refusals over HTTP that are another answer later."""
PERMANENT = 500
"""SMTP answers from here on will be the same tomorrow (RFC 5321, 4.2.1)."""


class Letter(NamedTuple):
    """A message to one address. `id` and `thread` are Message-IDs without brackets: a ticket is one conversation."""

    to: str
    subject: str
    body: str
    id: str
    thread: str
    at: int
    """Seconds since the epoch."""


class Answer(NamedTuple):
    """What came of a try: `permanent` where another will come to the same, `unsure` where it may have been taken."""

    ok: bool
    said: str
    permanent: bool = False
    unsure: bool = False


def send_mail(letter: Letter) -> Answer:
    """Hand a letter over; never raises for what the other side does."""
    if not settings.SENDS_MAIL:
        return Answer(False, "no mail server is set: BEFOREHAND_MAIL names one", permanent=True)
    try:
        with sessions.session() as server:
            return _hand_over(server, letter)
    except _Refused as refused:
        return refused.answer
    except smtplib.SMTPResponseException as error:
        return _answer(error.smtp_code, error.smtp_error)
    except UnicodeError:
        return Answer(False, "the address has letters that mail servers do not take", permanent=True)
    except (OSError, smtplib.SMTPException) as error:
        return Answer(False, f"{type(error).__name__}: {error}"[:500])


class _Refused(Exception):
    """The letter was not taken, as far as is known; the connection is in the middle of it."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.said)
        self.answer = answer


def _hand_over(server: smtplib.SMTP, letter: Letter) -> Answer:
    sender = settings.DEFAULT_FROM_EMAIL
    plain = sender.rpartition("<")[2].rstrip(">")
    for code, said in (server.mail(plain), server.rcpt(letter.to)):
        if not 200 <= code < 300:
            raise _Refused(_answer(code, said))
    try:
        code, said = server.data(_message(letter, sender).as_bytes())
    except smtplib.SMTPResponseException:
        raise
    except OSError as error:
        # Some of it was sent, and no answer came: another try has the same Message-ID.
        raise _Refused(Answer(False, f"{type(error).__name__}: {error}"[:500], unsure=True)) from error
    answer = _answer(code, said)
    if not answer.ok:
        raise _Refused(answer)
    return answer


def _message(letter: Letter, sender: str) -> EmailMessage:
    # Not folded where it need not be: some programs show the fold.
    message = EmailMessage(policy=SMTP.clone(max_line_length=900))
    message["From"], message["To"], message["Subject"] = sender, letter.to, _in_a_header(letter.subject)
    message["Date"], message["Message-ID"] = formatdate(letter.at), f"<{letter.id}>"
    if letter.thread != letter.id:
        message["In-Reply-To"] = message["References"] = f"<{letter.thread}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.body)
    return message


def _in_a_header(text: str) -> str:
    """Words of strangers: what reads as an encoded word is taken apart by Python's email, line ends within and all."""
    return re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", text).replace("=?", "= ?")


def _answer(code: int, said: bytes | str) -> Answer:
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    # PostgreSQL keeps no NUL in a text: what cannot be noted would be sent again and again.
    said_so = f"{code} {text}"[:500].replace("\0", "\N{REPLACEMENT CHARACTER}")
    return Answer(200 <= code < 300, said_so, permanent=code >= PERMANENT)
