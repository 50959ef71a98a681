"""What the two pages of a source cost with which connecting ends, over very many tickets of an Autotask.

    .venv/bin/python -m benchmarks.autotask_pages [--tickets 50000] [--keep FOLDER] [--seconds 15]

300 clients, 500 contracts, three SLAs of which no time is told and four calendars of whose zones nobody knows: the
draft of agreements is inferred from due dates. Starts the program and asks over HTTP, signed in: what the ticket system
says against what the agreements say (its figures, and its draft), and what its words mean. Beside them, in the same
run, what the database takes to hand over the verdicts and clocks, and the clients page alone and while the draft is
asked for all the time.
"""

import os
import threading
from contextlib import ExitStack

from .autotask_source import make
from .board import place
from .boards import serving
from .compared import ask, asked_for, prepare, told


def main() -> None:
    """Fill, serve, ask, and a table."""
    options = asked_for(__doc__, 15)
    with ExitStack() as stack:
        os.environ.update(place(stack, options, options.tickets))
        cookie, row = prepare(options.tickets, make)
        page, seconds = f"/sources/{row}/compared/", options.seconds
        with serving() as (port, _):
            print("| | first, ms | median, ms | longest, ms |\n|---|---|---|---|")
            told("the clients page, alone", ask(port, cookie, "/clients/", seconds))
            told("the figures", ask(port, cookie, page, seconds))
            told("the draft", ask(port, cookie, f"{page}?draft=yes", seconds))
            told("what the words mean", ask(port, cookie, f"/sources/{row}/meaning/", seconds))
            others = threading.Thread(target=ask, args=(port, cookie, f"{page}?draft=yes", seconds))
            others.start()
            told("the clients page, meanwhile", ask(port, cookie, "/clients/", seconds))
            others.join()


if __name__ == "__main__":
    main()
