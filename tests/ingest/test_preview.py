"""Previews: the first lines of a file and the rows they become."""

import bz2
import gzip
import lzma

import pandas as pd

from core.data.columns import LINE
from core.errors.files import FileKind, HeaderLineNotFound, NotATable
from core.errors.model import DataError
from core.ingest.preview import preview_file
from core.recipe.model import IngestSettings
from tests.ingest.workbook_examples import rows, write_workbook

DAYS = pd.bdate_range("2000-01-03", periods=20_000)
TEXT = "Bank of Testing\nDate,Close\n" + "".join(f"{day:%d/%m/%Y},{place}.5\n" for place, day in enumerate(DAYS))


def test_the_head_of_a_long_file_is_read_like_all_of_it(tmp_path) -> None:
    file = tmp_path / "long.csv"
    file.write_text(TEXT)
    preview = preview_file(file, IngestSettings(), most_lines=10)
    assert preview.lines[:3] == ("Bank of Testing", "Date,Close", "03/01/2000,0.5") and len(preview.lines) == 10
    assert preview.rows[LINE].tolist() == list(range(3, 13))
    assert preview.rows["Close"].tolist()[:3] == [0.5, 1.5, 2.5]
    assert preview.dataset.rows < len(DAYS)


def test_rows_keep_the_order_of_a_file_with_the_newest_first(tmp_path) -> None:
    file = tmp_path / "back.csv"
    file.write_text("Date,x\n" + "".join(f"{day:%Y-%m-%d},{place}\n" for place, day in enumerate(DAYS[:50][::-1])))
    preview = preview_file(file, IngestSettings())
    assert preview.rows[LINE].is_monotonic_increasing and preview.rows["x"].tolist()[:2] == [0, 1]


def test_a_long_table_is_not_pivoted(tmp_path) -> None:
    file = tmp_path / "panel.csv"
    lines = [f"{day:%Y-%m-%d},{name},{place}.5" for name in "AB" for place, day in enumerate(DAYS)]
    file.write_text("\n".join(["day,who,x", *lines]))
    preview = preview_file(file, IngestSettings(pivot=True))
    assert preview.problem is None
    assert set(preview.rows["who"]) == {"A"} and preview.rows["x"].tolist()[:2] == [0.5, 1.5]


def test_wrong_settings_are_reported_beside_the_lines(tmp_path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("Date;x\n" + "".join(f"2024-01-{day:02};{day},5\n" for day in range(1, 29)))
    assert preview_file(file, IngestSettings()).rows["x"].tolist()[:2] == [1.5, 2.5]
    wrong = preview_file(file, IngestSettings(delimiter="|"))
    assert wrong.lines[0] == "Date;x" and isinstance(wrong.problem, DataError)
    assert wrong.rows.columns.tolist() == [LINE, "Date;x"] and wrong.rows["Date;x"][0] == "2024-01-01;1,5"


def test_rows_without_a_time_are_shown_with_their_columns(tmp_path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("firm;sales\n" + "".join(f"firm {place}é;{place},5\n" for place in range(40)), encoding="cp1252")
    preview = preview_file(file, IngestSettings())
    assert isinstance(preview.problem, DataError)
    assert preview.rows["sales"].tolist()[:2] == [0.5, 1.5]
    assert [column.name for column in preview.dataset.columns] == ["firm", "sales"]
    assert (preview.dataset.encoding, preview.dataset.decimal) == ("cp1252", ",")
    counted = preview_file(file, IngestSettings(time_column="row number"))
    assert counted.problem is None and counted.rows.equals(preview.rows)


def test_only_the_beginning_of_a_long_workbook_or_archive_is_unpacked(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("core.ingest.preview._ENOUGH", 1000)
    lines = [["Date", "Close"], *([f"{day:%Y-%m-%d}", f"{place}.5"] for place, day in enumerate(DAYS[:500]))]
    book = write_workbook(tmp_path / "a.xlsx", {"Notes": rows(["x"]), "Prices": rows(*lines), "More": ""})
    preview = preview_file(book, IngestSettings(sheet="prices"))
    assert [sheet.name for sheet in preview.sheets] == ["Notes", "Prices", "More"] and preview.sheet == "Prices"
    assert preview.rows["Close"].tolist()[:2] == [0.5, 1.5] and 30 < preview.dataset.rows < 100
    assert preview_file(book, IngestSettings(sheet="none")).sheets == preview.sheets
    for compress in (gzip.compress, bz2.compress, lzma.compress):
        packed = tmp_path / "a.csv.packed"
        packed.write_bytes(compress(TEXT.encode() + bytes(range(256)) * 20_000))
        preview = preview_file(packed, IngestSettings())
        assert preview.problem is None and preview.rows["Close"].tolist()[:2] == [0.5, 1.5]


def test_an_archive_cut_short_after_the_preview_is_no_problem(tmp_path, monkeypatch) -> None:
    packed = tmp_path / "a.csv.gz"
    packed.write_bytes(gzip.compress(TEXT.encode())[:60_000])
    monkeypatch.setattr("core.ingest.preview._ENOUGH", 1000)
    assert preview_file(packed, IngestSettings()).rows["Close"].tolist()[:2] == [0.5, 1.5]


def test_a_compressed_file_is_unpacked_and_an_image_is_rejected(tmp_path) -> None:
    packed = tmp_path / "a.csv.gz"
    packed.write_bytes(gzip.compress(TEXT.encode()))
    assert preview_file(packed, IngestSettings()).lines[1] == "Date,Close"
    image = tmp_path / "b.csv"
    image.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    problem = preview_file(image, IngestSettings()).problem
    assert isinstance(problem, NotATable) and problem.kind is FileKind.PNG


def test_a_table_below_the_preview_is_no_problem(tmp_path) -> None:
    file = tmp_path / "long.csv"
    prices = [f"2020-01-{1 + place % 28:02d},{place}.5" for place in range(30_000)]
    file.write_text("\n".join(["date,close", *prices, "", "month,ret", "2020-01-01,1", "2020-02-01,2", ""]))
    preview = preview_file(file, IngestSettings(header_line=30_003))
    assert (preview.rows, preview.problem, len(preview.lines)) == (None, None, 60)
    short = tmp_path / "short.csv"
    short.write_text("date,close\n2020-01-01,1\n")
    assert isinstance(preview_file(short, IngestSettings(header_line=9)).problem, HeaderLineNotFound)


def test_a_cell_of_megabytes_is_cut_in_the_preview(tmp_path) -> None:
    file = tmp_path / "note.csv"
    file.write_text("date,note,close\n" + "".join(f"2020-01-0{day},{'x' * 2_000_000},{day}.5\n" for day in range(1, 4)))
    preview = preview_file(file, IngestSettings())
    assert max(map(len, preview.lines)) == preview.rows["note"].str.len().max() == 500
    assert preview.rows["close"].iloc[0] == 1.5


def test_direction_marks_and_zero_widths_are_written_out(tmp_path):
    path = tmp_path / "marks.csv"
    path.write_text("date,name,close\n2024-01-01,\u202egpj.exe\u200b,1\n2024-01-02,plain,2\n", encoding="utf-8")
    shown = preview_file(path, IngestSettings())
    assert shown.lines[1] == "2024-01-01,⟨U+202E⟩gpj.exe⟨U+200B⟩,1"
    assert shown.rows["name"].tolist() == ["⟨U+202E⟩gpj.exe⟨U+200B⟩", "plain"]
