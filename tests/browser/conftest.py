"""A browser that is installed here, and a look at a page by axe-core."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect
from tests.support import midweek
from tests.support.chrome import find_chrome

# Playwright's synchronous calls run on an event loop, in whose thread Django would refuse the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

# What is waited for comes; how soon is for the machine to say. Where soon is what is tested, the test says how soon.
PATIENCE_MS = 90_000
expect.set_options(timeout=PATIENCE_MS)

_QUIET = ("--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    browser = find_chrome()
    if browser is None:
        pytest.skip("no Chromium or Chrome is installed")
    # Chromium's sandbox refuses root.
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {"executable_path": browser, "args": [*_QUIET, *sandbox]}


@pytest.fixture(autouse=True)
def clock(request: pytest.FixtureRequest) -> Iterator[None]:
    """As in tests/web/conftest.py, but where a process of its own serves the pages, by its machine's clock."""
    with midweek.pages(simulated="served" not in request.fixturenames):
        yield


@pytest.fixture
def context(context: BrowserContext) -> BrowserContext:
    """Playwright's own, which waits for pages and for what can be clicked."""
    context.set_default_timeout(PATIENCE_MS)
    return context


@pytest.fixture
def axe_findings() -> Callable[[Page], list[str]]:
    """What axe-core finds wrong with a page, a line each."""

    def look(page: Page) -> list[str]:
        found = Axe().run(page).response["violations"]
        return [f"{v['id']}: {v['help']} {[node['html'] for node in v['nodes']]}" for v in found]

    return look
