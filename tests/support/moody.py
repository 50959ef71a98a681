"""A mail server that does not behave: it hangs, drops, refuses, and loses what it has taken."""

import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage

ANSWERS = {"later": "451 not now", "never": "554 not wanted"}


class Moody:
    """`moods`: what is done about the next letters to an address, one each, before it behaves.

    hang: it answers no more; drop: it goes in the middle of a letter; later, never: it refuses, for now or for good;
    lose: it takes the letter, and goes before it says so. `answers` is cleared to hold back what it says to a letter
    that it has taken, and `greets` to say nothing at all.
    """

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.came: list[tuple[str, float]] = []
        """To whom a letter came, and when by the steady clock."""
        self.hung: list[float] = []
        """When it answered no more."""
        self.moods: dict[str, list[str]] = {}
        self.answers, self.greets, self.over = threading.Event(), threading.Event(), threading.Event()
        self.answers.set()
        self.greets.set()
        self.port = 0

    def wait_for(self, count: int, seconds: float = 300) -> None:
        """Until so many letters have come."""
        end = time.monotonic() + seconds
        while len(self.letters) < count:
            assert time.monotonic() < end, len(self.letters)
            time.sleep(0.05)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = allow_reuse_address = True
    request_queue_size = 128
    kept: Moody


class _Session(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        try:
            self._talk(self.server.kept)
        except OSError:
            return  # whoever wrote is gone

    def _talk(self, kept: Moody) -> None:
        kept.greets.wait()
        self._say("220 moody")
        to = ""
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"RCPT":
                to = line.decode().partition("<")[2].partition(">")[0]
            if verb == b"DATA":
                if not self._take(kept, to):
                    return
            elif verb == b"QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 fine")

    def _take(self, kept: Moody, to: str) -> bool:
        """Whether it goes on after this letter."""
        moods = kept.moods.get(to, [])
        mood = moods.pop(0) if moods else ""
        self._say("354 go on")
        if mood == "drop":
            self.rfile.readline()
            return False
        text = b""
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            text += line.removeprefix(b".")
        if mood == "hang":
            kept.hung.append(time.monotonic())
            kept.over.wait()
            return False
        if mood not in ANSWERS:
            kept.letters.append(message_from_bytes(text, policy=policy.default))  # type: ignore[arg-type]
            kept.came.append((to, time.monotonic()))
        if mood == "lose":
            return False
        kept.answers.wait()
        self._say(ANSWERS.get(mood, "250 kept"))
        return True

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@contextmanager
def moody() -> Iterator[Moody]:
    """The server, at a port of this machine."""
    server = _Server(("127.0.0.1", 0), _Session)
    server.kept = kept = Moody()
    kept.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield kept
    finally:
        for event in (kept.over, kept.answers, kept.greets):
            event.set()
        server.shutdown()
        server.server_close()
        thread.join()
