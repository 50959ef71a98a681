"""The program of the present (present.py); the demo starts it beside its server, and nobody else does."""

import json
import signal
import sys
import threading

from beforehand.config import start
from beforehand.kernel.faults import Refused


def main() -> None:
    """Do what the first line of the input says, until the input ends."""
    # Ctrl-C reaches the whole group: the server is to end first, and this by its pipe.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    first = sys.stdin.readline()
    ended = threading.Event()

    def listen() -> None:
        sys.stdin.read()
        ended.set()

    threading.Thread(target=listen, daemon=True).start()
    start.start()
    from .present import work

    try:
        work(json.loads(first), ended)
    except Refused as refused:
        raise SystemExit(str(refused)) from None


if __name__ == "__main__":
    main()
