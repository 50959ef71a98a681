"""The first visit to the board and a ticket, with nothing in the browser's cache: its weight, and when it is seen.

.venv/bin/python -m benchmarks.first_visit [--tickets 300]
"""

import argparse
import os
import statistics
import tempfile
from pathlib import Path

from .boards import ROOT, Teller, run, serving, sign_in

TIMES = 5


def main() -> None:
    """The program on SQLite with so many open tickets, in Chromium, and a table."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--tickets", type=int, default=300)
    options = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="beforehand-benchmark-") as folder:
        os.environ["BEFOREHAND_DATA"] = folder
        run("agreements", "load", str(ROOT / "examples" / "msp.yaml"))
        token = run("token", "add", "Benchmark", "--scope", "events:write", "--source", "benchmark")
        session = sign_in()[0]
        with serving() as (port, _):
            Teller(port, token).open_tickets(options.tickets)
            look(f"http://127.0.0.1:{port}", session)


def look(server: str, session: str) -> None:
    """Each page five times, in a browser that knows nothing of it."""
    from playwright.sync_api import sync_playwright
    from tests.support.chrome import find_chrome
    from tests.support.visit import visit

    name, value = session.split("=", 1)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chrome(), args=["--no-sandbox"])
        print("| page | KB | of them styles, scripts, font | first seen, ms | largest, ms | shift |")
        print("|---|---|---|---|---|---|")
        for page_name, path in (("board", "/"), ("ticket", "/tickets/1/"), ("sign-in", "/sign-in/")):
            visits = []
            for _ in range(TIMES):
                context = browser.new_context(viewport={"width": 1280, "height": 800})
                if page_name != "sign-in":
                    context.add_cookies([{"name": name, "value": value, "url": server}])
                visits.append(visit(context.new_page(), server + path))
                context.close()
            last = visits[-1]
            kinds = [
                sum(size for file, size in last.files.items() if Path(file).suffix == kind) / 1000
                for kind in (".css", ".js", ".woff2")
            ]
            first, largest = (statistics.median(getattr(v, k) for v in visits) for k in ("first", "largest"))
            shift = max(v.shift for v in visits)
            print(
                f"| {page_name} | {last.weight / 1000:.0f} | {', '.join(f'{kind:.0f}' for kind in kinds)}"
                f" | {first:.0f} | {largest:.0f} | {shift:.4f} |"
            )
            assert not last.outside, last.outside
        browser.close()


if __name__ == "__main__":
    main()
