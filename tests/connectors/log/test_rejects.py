"""The file of rows that could not be taken."""

from pathlib import Path

from beforehand.connectors.log.notation import parse_mapping

from .conftest import CHANGES, HEADER, LOG, Take, counts, told

BAD = 'T9,0,31/02/2026 09:00,2/3/2026 09:05,"ann, or ""bob""",New,Contoso,P3,?,?,?\n'


def test_rows_stay_untouched_and_the_mended_file_can_be_imported(take: Take, tmp_path: Path) -> None:
    take(LOG + BAD)
    rejects = tmp_path / "log.csv.rejects.csv"
    header, row = rejects.read_text().splitlines(keepends=True)
    assert header == "rejected_line,rejected_reason," + HEADER
    assert row.endswith(BAD)
    mended = rejects.read_text().replace(",31/02/2026", ",28/02/2026")
    assert counts(take(mended, name="log.csv.rejects.csv")) == (1, 0, 0)
    assert told()[-4][:2] == ("T9", "created")


def test_a_mended_file_that_is_not_right_yet_comes_back_with_its_new_reason_alone(
    take: Take, tmp_path: Path
) -> None:
    take(LOG + BAD)
    rejects = tmp_path / "log.csv.rejects.csv"
    mended = rejects.read_text().replace(",31/02/2026", ",30/02/2026")
    assert counts(take(mended, name="again.csv")) == (0, 0, 1)
    header, row = (tmp_path / "again.csv.rejects.csv").read_text().splitlines(keepends=True)
    assert header == "rejected_line,rejected_reason," + HEADER
    assert row.endswith('(29/02/2016 13:05)",' + BAD.replace("31/02", "30/02"))
    assert row.count("expected a date") == 1


def test_a_file_of_rejected_rows_from_before_is_kept(take: Take, tmp_path: Path) -> None:
    take(LOG + BAD)
    rejects = tmp_path / "log.csv.rejects.csv"
    rejects.write_text("mended by hand")
    came = take(LOG + BAD)
    assert came.moved == (rejects, tmp_path / "log.csv.rejects.1.csv")
    assert came.moved[1].read_text() == "mended by hand"
    assert take(LOG + BAD).moved is None


def test_no_file_is_made_where_all_rows_are_taken(take: Take, tmp_path: Path) -> None:
    assert take(LOG).rejects is None
    assert not list(tmp_path.glob("*rejects*"))


def test_it_is_written_as_the_log_is(take: Take, tmp_path: Path) -> None:
    mapping = parse_mapping(CHANGES + 'encoding: utf-16\ndelimiter: ";"\n', "m.yaml")
    content = (LOG + BAD.replace(", or", "; ör")).replace(",", ";")
    take(content.encode("utf-16"), mapping)
    text = (tmp_path / "log.csv.rejects.csv").read_text(encoding="utf-16")
    assert text.splitlines()[1].endswith('"ann; ör ""bob""";New;Contoso;P3;?;?;?')
