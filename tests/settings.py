"""The product's settings, with what makes a suite fast and keeps it away from anybody's data."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

# No test may meet the developer's own settings, data folder or key.
for _name in [n for n in os.environ if n.startswith("BEFOREHAND_") and n not in {"BEFOREHAND_SHARED"}]:
    del os.environ[_name]
_data = tempfile.mkdtemp(prefix="beforehand-tests-")
atexit.register(shutil.rmtree, _data, ignore_errors=True)
os.environ["BEFOREHAND_DATA"] = _data

from beforehand.config.settings import *  # noqa: E402, F403
from beforehand.config.settings import DATABASES, INSTALLED_APPS  # noqa: E402

INSTALLED_APPS = ["tests.support.emptying", *INSTALLED_APPS]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# A file, as in the product: SQLite in memory locks differently and knows no WAL. Only fsync is left out.
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["TEST"] = {"NAME": str(Path(_data) / "test.sqlite3")}
    DATABASES["default"]["OPTIONS"]["init_command"] += "PRAGMA synchronous=OFF;"
