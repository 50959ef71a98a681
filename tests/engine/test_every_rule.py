"""Every rule of chapters 1 to 5 has a test that bears its number."""

import re
from pathlib import Path

HERE = Path(__file__).parent
RULES = HERE.parents[1] / "docs" / "ideas" / "how-a-clock-runs.md"
ELSEWHERE = {
    "2.1": "versions of an agreement: tests/promises",
    "4.3": "a ticket that moves to another client is read anew under its agreement: tests/tickets",
}


def test_every_rule_has_a_test_that_bears_its_number() -> None:
    rules = re.findall(r"^\*\*([1-5]\.\d+)\*\*", RULES.read_text(encoding="utf-8"), re.MULTILINE)
    tested = {
        f"{chapter}.{number}"
        for path in HERE.glob("test_chapter_*.py")
        for chapter, number in re.findall(
            r"^def test_(\d)_(\d+)_", path.read_text(encoding="utf-8"), re.MULTILINE
        )
    }
    assert len(rules) > 30
    assert [rule for rule in rules if rule not in tested and rule not in ELSEWHERE] == []
    assert tested <= set(rules)
