"""Where this machine keeps a Chromium or Chrome."""

import shutil
from pathlib import Path

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge")
_ON_A_MAC = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)


def find_chrome() -> str | None:
    """The path of an installed browser of Chromium's family, or None."""
    found = (shutil.which(name) for name in _NAMES)
    apps = (path for path in _ON_A_MAC if Path(path).exists())
    return next((path for path in (*found, *apps) if path), None)
