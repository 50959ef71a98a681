"""What the settings come to, in a process of their own for each environment."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from beforehand.config import settings

SHOW = """
import json
from beforehand.config import settings as s
security = [s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_HSTS_SECONDS]
print(json.dumps([*security, s.DEBUG, s.DATABASES["default"]]))
"""


def shown(data: Path, **values: str) -> list[Any]:
    env = {"PATH": os.environ["PATH"], "BEFOREHAND_DATA": str(data), **values}
    done = subprocess.run([sys.executable, "-c", SHOW], env=env, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_on_this_machine_alone_cookies_travel_over_http(tmp_path: Path) -> None:
    secure, csrf, hsts, debug, database = shown(tmp_path / "new")
    assert (secure, csrf, hsts, debug) == (False, False, 0, False)
    assert database["NAME"] == str(tmp_path / "new" / "beforehand.sqlite3")
    assert (tmp_path / "new").is_dir()


@pytest.mark.parametrize("name", ["BEFOREHAND_URL", "BEFOREHAND_HOSTS"])
def test_beyond_this_machine_cookies_are_secure(tmp_path: Path, name: str) -> None:
    value = "https://sla.example.com" if name == "BEFOREHAND_URL" else "sla.example.com"
    assert shown(tmp_path, **{name: value})[:3] == [True, True, 31_536_000]


def test_postgresql_is_used_through_the_pool(tmp_path: Path) -> None:
    database = shown(tmp_path, DATABASE_URL="postgres://u@h/n?sslmode=require")[4]
    assert database["OPTIONS"] == {
        "pool": {"min_size": 1, "max_size": 10, "timeout": 10},
        "sslmode": "require",
    }


def test_a_given_key_needs_no_folder_but_the_database_has_its_own(tmp_path: Path) -> None:
    shown(tmp_path / "new", BEFOREHAND_SECRET_KEY="k" * 40)
    assert list((tmp_path / "new").iterdir()) == []


@pytest.mark.sqlite
@pytest.mark.django_db(transaction=True)
def test_sqlite_waits_logs_ahead_and_holds_foreign_keys() -> None:
    options = settings.DATABASES["default"]["OPTIONS"]
    assert (options["transaction_mode"], options["timeout"]) == ("IMMEDIATE", 20)
    assert "synchronous=FULL" in options["init_command"]
    with connection.cursor() as cursor:
        found = {
            p: cursor.execute(f"PRAGMA {p}").fetchone()[0]
            for p in ("journal_mode", "foreign_keys", "busy_timeout")
        }
    assert found == {"journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 20_000}
