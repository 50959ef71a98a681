"""Logs that are not what they should be: each a clear error with its place and a way out, and nothing half done."""

import gzip
import io
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beforehand.connectors.log import lines as log_lines
from beforehand.connectors.log.commands import Order, import_logs
from beforehand.connectors.log.lines import Log
from beforehand.connectors.log.mapping import LogMapping
from beforehand.connectors.log.notation import parse_mapping
from beforehand.kernel.faults import Fault, Refused
from beforehand.people.models import Provider
from beforehand.tickets.models import Event, Source

from .conftest import CHANGES, HEADER, LOG, NOW, Take, counts

ROWS = LOG.removeprefix(HEADER)


def refused(
    take: Take, content: str | bytes, mapping: LogMapping | None = None, name: str = "log.csv"
) -> list[Fault]:
    """The faults of a log of which nothing is taken."""
    with pytest.raises(Refused) as caught:
        take(content, mapping, name=name) if mapping else take(content, name=name)
    assert not Event.objects.exists()
    return list(caught.value.faults)


def rejected(tmp_path: Path) -> list[str]:
    return (tmp_path / "log.csv.rejects.csv").read_text().splitlines()[1:]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"%PDF-1.7 ...", "a PDF"),
        (b"PK\x03\x04....", "a zip archive, or a workbook"),
        (b"<!doctype html><html>", "a web page"),
        (b"", "the file is empty"),
        (b"\n\n", "the file is empty"),
        (LOG.encode("utf-16"), "the mark of utf-16"),
        (LOG.encode("utf-16-le"), "NUL bytes"),
    ],
)
def test_what_is_no_table_is_named(take: Take, content: bytes, said: str) -> None:
    (fault,) = refused(take, content)
    assert "log.csv" in fault.place
    assert said in fault.found


def test_a_directory_and_a_missing_file_are_named_together(provider: Provider, tmp_path: Path) -> None:
    files = [str(tmp_path), str(tmp_path / "none.csv")]
    with pytest.raises(Refused) as caught:
        import_logs(Order(files, "servicenow", "", "", None, lambda: NOW))
    assert [fault.found for fault in caught.value.faults] == ["Is a directory", "No such file or directory"]
    assert not Source.objects.exists()


def test_a_packed_log_is_read_whatever_it_is_called(take: Take) -> None:
    assert counts(take(gzip.compress(LOG.encode()), name="log.csv")) == (6, 0, 0)


def test_a_cut_packed_log_is_refused_before_anything_is_taken(take: Take) -> None:
    (fault,) = refused(take, gzip.compress(LOG.encode())[:-20])
    assert "gzip stream that ends too early" in fault.found


def test_a_row_in_which_the_log_ends_is_rejected(take: Take, tmp_path: Path) -> None:
    assert counts(take(LOG[:-30])) == (5, 0, 1)
    (row,) = rejected(tmp_path)
    assert row.startswith(
        '7,"5 fields, expected 11 as in the header: the file ends in the middle of this row",T2,1,'
    )


def test_a_log_that_ends_within_quotes_is_rejected_there(take: Take, tmp_path: Path) -> None:
    assert counts(take(LOG + 'T3,0,2/3/2026 09:00,2/3/2026 09:05,"ann\nand ')) == (6, 0, 2)
    assert "the file ends inside a quoted field" in rejected(tmp_path)[0]


def test_a_quote_that_is_never_closed_takes_no_other_row_with_it(take: Take, tmp_path: Path) -> None:
    row = 'T0,0,2/3/2026 09:00,2/3/2026 09:05,"ann,New,Contoso,P3,?,?,?\n'
    assert counts(take(HEADER + row + ROWS)) == (6, 0, 1)
    assert rejected(tmp_path)[0].endswith(row[:-1])


def test_another_delimiter_is_named(take: Take) -> None:
    (fault,) = refused(take, LOG.replace(",", ";"))
    assert fault.example == 'delimiter: ";" in the mapping'


def test_the_first_byte_of_another_encoding_is_named(take: Take) -> None:
    (fault,) = refused(take, LOG.replace("Fabrikam", "Fabrikäm").encode("cp1252"))
    assert fault.place.endswith("log.csv, line 7, byte 55")
    assert (fault.found, "cp1252" in fault.example) == ("the byte 0xe4, which is not utf-8", True)


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-8-sig"])
def test_other_encodings_can_be_said(take: Take, encoding: str) -> None:
    mapping = parse_mapping(CHANGES + f"encoding: {encoding}\n", "m.yaml")
    assert counts(take(LOG.replace("Fabrikam", "Fabrikäm").encode(encoding), mapping)) == (6, 0, 0)
    assert Event.objects.filter(value="Fabrikäm").exists()


def test_a_byte_order_mark_is_no_part_of_the_first_header(take: Take) -> None:
    assert counts(take(LOG.encode("utf-8-sig"))) == (6, 0, 0)


def test_a_date_that_is_none_is_rejected_with_line_column_value_and_format(
    take: Take, tmp_path: Path
) -> None:
    row = "T1,0,31/02/2026 09:00,2/3/2026 09:05,ann,New,Contoso,P3,?,?,?\n"
    assert counts(take(HEADER + row + ROWS)) == (6, 0, 1)
    assert rejected(tmp_path) == [
        "2,\"column opened: found '31/02/2026 09:00', expected a date as %d/%m/%Y %H:%M (29/02/2016 13:05)\","
        + row[:-1]
    ]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("T1,0,2/3/2026 09:00", "3 fields, expected 11"),
        ("T1,0,2/3/2026 09:00,2/3/2026 09:05,a,New,C,P3,?,?,?,?", "12 fields, expected 11"),
        (",0,2/3/2026 09:00,2/3/2026 09:05,a,New,C,P3,?,?,?", "column id: found nothing"),
        ("T1,0,?,2/3/2026 09:05,a,New,C,P3,?,?,?", "column opened: found nothing"),
        (
            "T1,x,2/3/2026 09:00,2/3/2026 09:05,a,New,C,P3,?,?,?",
            "column no: found 'x', expected a whole number",
        ),
        ("T1,1_0,2/3/2026 09:00,2/3/2026 09:05,a,New,C,P3,?,?,?", "column no: found '1_0'"),
        ("T1,0,2/3/2026 09:00,2/3/2026 09:05,a,New,C\0,P3,?,?,?", "column client: found a NUL character"),
        ("T1,0,2/3/2026 09:00,2/3/2026 09:05,a\0,New,C,P3,?,?,?", "column who: found a NUL character"),
        ('T1,0,2/3/2026 09:00,2/3/2026 09:05,"a"b,New,C,P3,?,?,?', "not CSV: "),
        ("T1,0,2/3/2026 09:00,2/3/0026 09:05,a,New,C,P3,?,?,?", "column updated: found '2/3/0026 09:05'"),
        (
            f"T1,0,2/3/2026 09:00,2/3/2026 09:05,a,New,{'C' * 201},P3,?,?,?",
            f"column client: found '{'C' * 60}...' of 201 characters",
        ),
        ("T" * 201 + ",0,2/3/2026 09:00,2/3/2026 09:05,a,New,C,P3,?,?,?", "column id: found 'TTT"),
    ],
)
def test_rows_that_cannot_be_taken_go_aside_with_a_reason(
    take: Take, tmp_path: Path, row: str, said: str
) -> None:
    assert counts(take(HEADER + row + "\n" + ROWS)) == (6, 0, 1)
    (found,) = rejected(tmp_path)
    assert found.startswith(f'2,"{said}')
    assert found.endswith(f",{row}")


def test_a_field_without_end_takes_no_memory_without_end(
    take: Take, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_lines, "LONGEST_FIELD", 1_000)
    came = take(HEADER + 'T0,0,2/3/2026 09:00,2/3/2026 09:05,"' + "x\n" * 600 + ROWS)
    assert came.rejected >= 1
    assert "a field of more than 1,000 characters" in rejected(tmp_path)[0]
    assert came.taken == 6


def test_a_line_without_end_is_refused(take: Take, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_lines, "LONGEST_LINE", 1_000)
    (fault,) = refused(take, LOG + "x" * 1_000)
    assert (fault.place.endswith("line 8"), fault.found) == (True, "a line of more than 1,000 characters")


def test_a_header_that_stands_twice_is_named(take: Take) -> None:
    (fault,) = refused(take, LOG.replace("team,owner", "state,owner"))
    assert fault.found == "the same header again: 'state' in columns 6, 9"


def test_all_columns_that_are_missing_are_named_with_those_that_were_meant(take: Take) -> None:
    faults = refused(take, LOG.replace("opened,updated", "Opened,up_dated").replace("state", "xyz"))
    assert [(fault.found.partition(" among")[0], fault.example) for fault in faults] == [
        ("no column 'opened'", "Opened"),
        ("no column 'updated'", "up_dated"),
        ("no column 'state'", ""),
    ]
    assert "changes.yaml names at files.changes.fields.status" in faults[2].expected
    assert "id, no, Opened, up_dated" in faults[0].found


def test_standard_input_is_read(provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    packed = io.BytesIO(gzip.compress((LOG + "T9,1\n").encode()))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(packed)))
    mapping = tmp_path / "mine.yaml"
    mapping.write_text(CHANGES)
    assert not import_logs(Order(["-"], str(mapping), "", "", None, lambda: NOW))
    assert Event.objects.exists()
    assert (tmp_path / "stdin.rejects.csv").read_text().endswith("T9,1\n")


cell = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)


@given(
    st.lists(st.lists(cell, min_size=2, max_size=4), max_size=6),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
)
def test_rows_are_read_with_the_very_text_they_stand_in(rows: list[list[str]], end: str, ends: bool) -> None:
    quoted = ",".join
    content = end.join(quoted('"' + c.replace('"', '""') + '"' for c in row) for row in rows) + (
        end if ends else ""
    )
    log = Log("x.csv", "utf-8", ",")
    found = list(log.rows(io.StringIO(content, newline="")))
    assert [row.cells for row in found] == rows
    assert "".join(row.raw for row in found) == (content if rows else "")


@given(st.text(st.sampled_from('a,"\n\r '), max_size=40))
def test_no_character_of_a_log_is_lost(content: str) -> None:
    found = list(Log("x.csv", "utf-8", ",").rows(io.StringIO(content, newline="")))
    assert "".join(row.raw for row in found).replace("\r", "").replace("\n", "") == content.replace(
        "\r", ""
    ).replace("\n", "")
