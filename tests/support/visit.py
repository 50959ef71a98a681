"""A first visit to a page in Chromium, with nothing in its cache: what went over the line, and when what was seen."""

from typing import Any, NamedTuple
from urllib.parse import urlsplit

from playwright.sync_api import Page

_WATCH = """
window.seen = {shift: 0, largest: 0};
new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.seen.shift += entry.value;
}).observe({type: 'layout-shift', buffered: true});
new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.seen.largest = entry.startTime;
}).observe({type: 'largest-contentful-paint', buffered: true});
"""
_FIRST = "performance.getEntriesByName('first-contentful-paint')[0].startTime"


class Visit(NamedTuple):
    """`files` are bytes on the line, headers too, by path; instants are ms after the visit began.

    `shift` is the cumulative layout shift, `outside` what was asked of any other server.
    """

    files: dict[str, int]
    first: float
    largest: float
    shift: float
    outside: list[str]

    @property
    def weight(self) -> int:
        """Bytes of everything."""
        return sum(self.files.values())


def visit(page: Page, url: str) -> Visit:
    """Look at a page until it has been quiet for a second."""
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    line.send("Network.clearBrowserCache")
    urls: dict[str, str] = {}
    sizes: dict[str, float] = {}
    line.on(
        "Network.requestWillBeSent", lambda told: urls.setdefault(told["requestId"], told["request"]["url"])
    )
    line.on("Network.responseReceived", lambda told: _add(sizes, told, told["response"]["encodedDataLength"]))
    line.on("Network.dataReceived", lambda told: _add(sizes, told, told["encodedDataLength"]))
    line.on(
        "Network.loadingFinished", lambda told: sizes.update({told["requestId"]: told["encodedDataLength"]})
    )
    page.add_init_script(_WATCH)
    page.goto(url)
    page.wait_for_timeout(1_000)
    seen = page.evaluate("window.seen")
    here = urlsplit(url).netloc
    asked = {key: urlsplit(found) for key, found in urls.items() if not found.startswith("data:")}
    return Visit(
        {found.path: int(sizes.get(key, 0)) for key, found in asked.items()},
        page.evaluate(_FIRST),
        seen["largest"],
        seen["shift"],
        [found.geturl() for found in asked.values() if found.netloc != here],
    )


def _add(sizes: dict[str, float], told: dict[str, Any], more: float) -> None:
    sizes[told["requestId"]] = sizes.get(told["requestId"], 0) + more
