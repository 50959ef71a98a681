"""The cases of other engines: every portable one agrees, the others differ as recorded."""

import io
from functools import lru_cache
from pathlib import Path

import pytest

from beforehand.conform.ask import differing
from beforehand.conform.files import File, load
from beforehand.conform.peers import agrees_again, reasons

VECTORS = sorted(Path(__file__).with_name("vectors").glob("*.json"))


@lru_cache
def vectors(path: Path) -> File:
    return load([str(path)], io.BytesIO())[0]


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_every_portable_case_agrees(path: Path) -> None:
    wrong = {case.id: found for case in vectors(path).cases if case.portable and (found := differing(case))}
    assert wrong == {}


def test_no_portable_case_is_lost() -> None:
    portable = [case.portable for path in VECTORS for case in vectors(path).cases]
    assert (len(VECTORS), len(portable), sum(portable)) == (15, 901, 809)


DIFFERENCES = {
    ("1.3", ""): "biz-095 biz-121 rickar_cal-046 sifex_sla_timer-021",
    (
        "1.4",
        "",
    ): "erpnext-065 erpnext-066 erpnext-067 erpnext-068 erpnext-069 otrs_legacy-034 otrs_legacy-049 "
    "otrs_legacy-050 otrs_legacy-051 otrs_legacy-052 otrs_legacy-053 otrs_legacy-054 otrs_legacy-055 "
    "working_hours-019 working_hours-101",
    ("1.4", "the span turned round"): "php_business_time-094 rickar_cal-016",
    ("1.4", "the span turned round, negative"): "business_time-048 business_time-049 working_hours-092",
    ("1.4", "whole minutes, the rest dropped"): "otrs_legacy-012 otrs_legacy-013 zammad_legacy-047",
    ("1.5", "the next opening"): "biz-031",
    ("1.6", "the next opening"): "biz-004 business_time-025 servicenow_docs-007",
    (
        "3.3",
        "",
    ): "erpnext-070 otobo-079 zammad_legacy-024 zammad_legacy-026 zammad_legacy-027 zammad_legacy-029 "
    "zammad_legacy-031 zammad_legacy-033",
    ("3.3", "the setting pauses, naming no state"): "rt-032",
    ("3.3, 3.6", ""): "zammad_legacy-022",
    ("3.7", "the setting closed_time_counts"): "dynamics365_docs-015",
    ("3.8", ""): "rt-025 rt-026 rt-027 rt-030 zammad_legacy-011",
    ("3.8, 1.4", ""): "zammad_legacy-039",
    ("4.2", "a correction from creation (6.3)"): "zammad_legacy-073",
    ("5.2", ""): "rt-024",
}
"""Rules by which we differ, what of ours gives the other answer all the same, and the cases."""


def test_the_other_cases_differ_by_the_recorded_rules_and_no_others() -> None:
    found: dict[tuple[str, str], list[str]] = {}
    for path in VECTORS:
        for case in vectors(path).cases:
            if not case.portable and differing(case):
                known = reasons(case)
                cure = next((reason.cure for reason in known if agrees_again(case, reason)), "")
                found.setdefault((", ".join(reason.rule for reason in known), cure), []).append(case.id)
    assert {key: " ".join(ids) for key, ids in found.items()} == DIFFERENCES
