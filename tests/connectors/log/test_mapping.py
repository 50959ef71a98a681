"""Mapping files: what they say, and what is wrong with them."""

import re
from pathlib import Path

import pytest

from beforehand.connectors.log import library
from beforehand.connectors.log.mapping import FACTS, MOMENTS, SHAPES
from beforehand.connectors.log.notation import KEYS, TELLS, parse_mapping
from beforehand.connectors.log.shapes import AUTHOR_KEYS, COLUMN_KEYS, MORE, ROLES
from beforehand.kernel.faults import Refused

from ...conftest import CHECKOUT
from .conftest import CHANGES

WRONG = r"""
name: Wrong
source: Our Log
zone: Europe/Londn
precision: soon
tells: {messages: perhaps, respnded: no}
dates: ["%H:%M"]
delimiter: ";;"
encoding: utf-99
files:
  one:
    rows: change
  two:
    rows: changes
    ticket: id
    changd: updated
    fields:
      statsu: state
      type: {part: "("}
      client: {column: secret, columns: [a]}
    author: {clients: [x]}
    ignore: [secret]
  three:
    rows: tickets
    ticket: id
    created: opened
    fields: {status: state}
"""


def test_all_faults_are_named_at_once_with_their_lines() -> None:
    with pytest.raises(Refused) as caught:
        parse_mapping(WRONG, "wrong.yaml")
    found = {
        (int(re.search(r"line (\d+)", fault.place)[1]), fault.found, fault.example)  # type: ignore[index]
        for fault in caught.value.faults
    }
    assert {
        (3, "'Our Log'", "our-tickets"),
        (4, "'Europe/Londn'", "Europe/London"),
        (5, "'soon'", '"4h", "30m" or "1h 30m"'),
        (6, "'perhaps'", "yes"),
        (6, "'respnded'", "responded"),
        (8, "';;'", '";"'),
        (9, "'utf-99'", "utf-8, cp1252 or utf-16"),
        (12, "'change'", "changes"),
        (16, "'changd'", "changed"),
        (13, "no created", "created: name of a column"),
        (13, "no changed", "changed: name of a column"),
        (18, "'statsu'", "status"),
        (19, "'('", '"^.{5}(.+)"'),
        (19, "both or neither", "column: name of a column"),
        (20, "both or neither", "column: name of a column"),
        (21, "no column", "column: updated_by"),
        (27, "a status without the time it is of", "changed: last_updated"),
    } <= found


def test_a_column_to_ignore_cannot_be_read() -> None:
    with pytest.raises(Refused, match="'who', which is among those to ignore"):
        parse_mapping(CHANGES.replace("[closed_at]", "[who]"), "m.yaml")


@pytest.mark.parametrize(
    "text", ["", "- a list", "a: [", "name: x\nname: y", "files: {}", "\tname: x", "files:"]
)
def test_what_is_no_mapping_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        parse_mapping(text, "m.yaml")


def test_the_mappings_that_come_with_it_are_found_by_name() -> None:
    assert library.names() == ["helpdesk", "servicenow"]
    assert [library.find(name).source for name in library.names()] == ["helpdesk", "servicenow"]


def test_a_mapping_nobody_knows_is_refused_with_the_one_that_was_meant(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"service-now.*servicenow"):
        library.find("service-now")
    with pytest.raises(Refused, match="No such file"):
        library.find(str(tmp_path / "mine.yaml"))


def test_every_key_has_its_place_in_the_guide() -> None:
    guide = (CHECKOUT / "docs/guide/import.md").read_text()
    keys = {*KEYS, *TELLS, *SHAPES, *FACTS, *MOMENTS, *COLUMN_KEYS, *AUTHOR_KEYS}
    for required, optional in ROLES.values():
        keys |= {*required, *optional}
    keys |= {key for more in MORE.values() for key in more}
    assert [key for key in sorted(keys) if f"`{key}`" not in guide] == []


def test_the_mapping_in_the_guide_can_be_read() -> None:
    guide = (CHECKOUT / "docs/guide/import.md").read_text()
    samples = re.findall(r"```yaml\n(.*?)```", guide, re.DOTALL)
    assert samples
    for sample in samples:
        parse_mapping(sample, "guide.yaml")
