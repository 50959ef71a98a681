"""Mail, handed to the server that the installation names; its answer is kept word for word."""

import smtplib
import socket
import ssl
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate
from typing import NamedTuple

from django.conf import settings

TIMEOUT_S = 15
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
        with _server() as server:
            return _hand_over(server, letter)
    except smtplib.SMTPResponseException as error:
        return _answer(error.smtp_code, error.smtp_error)
    except UnicodeError:
        return Answer(False, "the address has letters that mail servers do not take", permanent=True)
    except (OSError, smtplib.SMTPException) as error:
        return Answer(False, f"{type(error).__name__}: {error}"[:500])


def _server() -> smtplib.SMTP:
    host, port = settings.EMAIL_HOST, settings.EMAIL_PORT
    safe = ssl.create_default_context()
    if settings.EMAIL_USE_SSL:
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_S, context=safe)
    else:
        server = smtplib.SMTP(host, port, local_hostname=socket.gethostname(), timeout=TIMEOUT_S)
    if settings.EMAIL_USE_TLS:
        server.starttls(context=safe)
    if settings.EMAIL_HOST_USER:
        server.login(settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD)
    return server


def _hand_over(server: smtplib.SMTP, letter: Letter) -> Answer:
    server.ehlo_or_helo_if_needed()
    sender = settings.DEFAULT_FROM_EMAIL
    plain = sender.rpartition("<")[2].rstrip(">")
    for code, said in (server.mail(plain), server.rcpt(letter.to)):
        if not 200 <= code < 300:
            return _answer(code, said)
    try:
        code, said = server.data(_message(letter, sender).as_bytes())
    except smtplib.SMTPResponseException:
        raise
    except (OSError, smtplib.SMTPException) as error:
        # Some of it was sent, and no answer came: another try has the same Message-ID.
        return Answer(False, f"{type(error).__name__}: {error}"[:500], unsure=True)
    return _answer(code, said)


def _message(letter: Letter, sender: str) -> EmailMessage:
    # Not folded where it need not be: some programs show the fold.
    message = EmailMessage(policy=SMTP.clone(max_line_length=900))
    message["From"], message["To"], message["Subject"] = sender, letter.to, letter.subject
    message["Date"], message["Message-ID"] = formatdate(letter.at), f"<{letter.id}>"
    if letter.thread != letter.id:
        message["In-Reply-To"] = message["References"] = f"<{letter.thread}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.body)
    return message


def _answer(code: int, said: bytes | str) -> Answer:
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    return Answer(200 <= code < 300, f"{code} {text}"[:500], permanent=code >= PERMANENT)
