"""The driver of `./beforehand test`."""

from pathlib import Path

import pytest

from tests.run import Run, environment, skips_in, summary

JUNIT = """<testsuites><testsuite>
<testcase classname="tests.a" name="runs"/>
<testcase classname="tests.a" name="known"><skipped type="pytest.xfail" message="a known fault"/></testcase>
<testcase classname="tests.a" name="data"><skipped type="pytest.skip" message="needs the data"/></testcase>
</testsuite></testsuites>"""


def test_a_skip_is_found_with_its_reason_and_an_expected_failure_is_none(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text(JUNIT)
    assert skips_in(tmp_path / "a.xml") == ["tests.a::data: needs the data"]


@pytest.mark.parametrize(("ci", "code"), [("true", 1), ("", 0)])
def test_a_skip_fails_in_ci_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ci: str, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CI", ci)
    assert summary(Run(tmp_path, skipped=["browser tests: no Chromium"])) == code
    assert "SKIPPED  browser tests: no Chromium" in capsys.readouterr().out


def test_a_failed_step_fails_the_whole(tmp_path: Path) -> None:
    assert summary(Run(tmp_path, failed=["mypy"])) == 1


def test_no_setting_of_the_developer_reaches_a_test(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BEFOREHAND_URL", "https://live.example.com")
    monkeypatch.setenv("DATABASE_URL", "postgres://live")
    monkeypatch.setenv("BEFOREHAND_SHARED", "/data")
    clean = environment(DATABASE_URL="postgres://ours")
    assert "BEFOREHAND_URL" not in clean
    assert (clean["DATABASE_URL"], clean["BEFOREHAND_SHARED"]) == ("postgres://ours", "/data")
