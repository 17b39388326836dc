"""The size of blocks and of parts of columns, and whether they are held on disk, do not change the data set."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.data import frequency
from core.data.columns import LINE
from core.data.dataset import BAD_CELLS_FILE, Dataset
from core.errors.files import LineTooLong
from core.errors.model import PlumblineError
from core.ingest import reader
from core.ingest.layout import decode, split
from core.ingest.values import numbers
from core.ingest.values.numbers import may_hold_long_numbers
from core.recipe.model import IngestSettings
from tests.ingest.test_edge_files import EDGE
from tests.ingest.test_real_files import REAL

FILES = sorted(EDGE.glob("e*")) + sorted(REAL.glob("*.csv") if REAL else [])
# Lines of ten thousand columns or of megabytes are a block each: slow, and they test nothing else.
SMALL = [file for file in FILES if file.stat().st_size < 3_000_000]


def read(file: Path, folder: Path) -> tuple[Dataset, pd.DataFrame, bytes] | str:
    try:
        dataset = reader.read_table(file, IngestSettings(), folder)
    except PlumblineError as error:
        return str(error)
    frame = dataset.read([LINE, *(column.name for column in dataset.columns)])
    return replace(dataset, folder=Path()), frame, (folder / BAD_CELLS_FILE).read_bytes()


@pytest.fixture
def in_blocks(monkeypatch: pytest.MonkeyPatch):
    def set_size(size: int, on_disk: bool) -> None:
        monkeypatch.setattr(split, "BLOCK", size)
        monkeypatch.setattr(split, "MANY_COLUMNS", 10**9)
        monkeypatch.setattr(reader, "IN_MEMORY", -1 if on_disk else 1 << 40)
        for module in (numbers, frequency):
            monkeypatch.setattr(module, "_AT_ONCE", 97 if on_disk else 1 << 40)

    return set_size


def assert_same(whole: object, cut: object) -> None:
    if isinstance(whole, str):
        assert cut == whole
        return
    assert cut[0] == whole[0]
    pd.testing.assert_frame_equal(cut[1], whole[1], check_exact=True)
    assert cut[2] == whole[2]


@pytest.mark.parametrize("file", SMALL, ids=lambda file: file.name)
def test_a_file_read_in_many_blocks_on_disk_gives_the_same_data_set(file: Path, tmp_path: Path, in_blocks) -> None:
    in_blocks(1 << 30, on_disk=False)
    whole = read(file, tmp_path / "whole")
    in_blocks(max(997, file.stat().st_size // 60), on_disk=True)
    assert_same(whole, read(file, tmp_path / "cut"))
    assert sorted(os.listdir(tmp_path)) in ([], ["cut", "whole"])


MESSY = [
    '2024-01-{day:02},{value:.4f},"a ""word"", and\nanother line",{value:.2f}',
    '2024-01-{day:02},{value:.4f},an open " quote,{value:.2f}',
    "",
    "2024-01-{day:02},{value:.4f},short",
    "2024-01-{day:02},{value:.4f},long,{value:.2f},beyond",
    "2024-01-{day:02},NA,plain,nan",
    "2024-01-{day:02},{value:.20f},plain,inf",
    "2024-01-{day:02},12345678901234567,plain,1e400",
    "2024-01-{day:02},n.a.?,plain,{value:.2f}",
    '2024-01-{day:02},"{value:.4f}",\u00e4\u00f6\u20ac,{value:.2f}',
    ",,,",
]


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_rows_are_repaired_alike_wherever_blocks_begin(seed: int, encoding: str, tmp_path: Path, in_blocks) -> None:
    chance = np.random.default_rng(seed)
    plain = "2024-01-{day:02},{value:.4f},plain,{value:.2f}"
    odd = [str(line) for line in chance.choice(MESSY, size=3)] if seed else []
    lines = ["Date,x,note,y"] + [
        str(chance.choice(odd) if odd and chance.random() < 0.05 else plain).format(
            day=place % 28 + 1, value=chance.normal()
        )
        for place in range(300)
    ]
    file = tmp_path / "messy.csv"
    end = str(chance.choice(["\n", "\r\n", "\r"]))
    file.write_bytes(end.join(lines).encode(encoding))
    in_blocks(1 << 30, on_disk=False)
    whole = read(file, tmp_path / "whole")
    for size in (64, 500, 3_000):
        in_blocks(size, on_disk=bool(seed % 2))
        assert_same(whole, read(file, tmp_path / f"cut-{size}"))


def test_the_type_of_a_column_with_a_late_word_is_inferred_from_all_of_it(tmp_path: Path, in_blocks) -> None:
    lines = ["Date,x,y"] + [
        f"{day:%Y-%m-%d},{place}.5,{place}.25" for place, day in enumerate(pd.date_range("2020-01-01", periods=900))
    ]
    lines[700] = lines[700].replace("699.5", "n/b")
    file = tmp_path / "late.csv"
    file.write_text("\n".join(lines))
    in_blocks(2_000, on_disk=True)
    dataset, frame, bad = read(file, tmp_path / "cut")
    assert dataset.column("x").kind == "number" and dataset.column("x").bad.unparseable == 1
    assert frame["x"].notna().sum() == 899 and frame["y"].notna().all()
    assert b"701,x,n/b" in bad


@pytest.mark.parametrize("word", ["NaN", "nAn", "-", "n.a.", "#N/A N/A"])
def test_a_word_for_a_missing_value_may_first_appear_far_down(word: str, tmp_path: Path, in_blocks) -> None:
    days = pd.date_range("2020-01-01", periods=900)
    lines = ["Date,x,y", *(f"{day:%Y-%m-%d},{place}.5,{place}.25" for place, day in enumerate(days))]
    for row in (700, 701, 850):
        lines[row] = lines[row].replace(f",{row - 1}.5,", f",{word},")
    file = tmp_path / "late.csv"
    file.write_text("\n".join(lines))
    in_blocks(2_000, on_disk=False)
    dataset, frame, bad = read(file, tmp_path / "cut")
    assert dataset.column("x").bad.missing == 3 and dataset.column("x").bad.unparseable == 0
    assert frame["x"].isna().to_numpy().nonzero()[0].tolist() == [699, 700, 849]
    assert frame["x"].sum() == sum(place + 0.5 for place in range(900) if place not in (699, 700, 849))
    assert frame["y"].notna().all() and bad.count(b"\n") == 1


@pytest.mark.parametrize("offset", range(8))
@pytest.mark.parametrize(
    ("number", "is_long"),
    [
        ("-0.00123456789012345678", True),
        ("-0.0012345678901234567", False),
        ("123456789.012345678", True),
        ("123456789.01234567", False),
        ("00000000.123456789012345678", True),
        ("0.00000000000000000000", False),
        ("2015-01-01 00:00:00.000000", False),
    ],
)
def test_a_number_of_18_digits_is_detected_at_any_offset(number: str, is_long: bool, offset: int) -> None:
    for before, after in (("", ""), ("1.5,", ",0.25\n"), (f"0.1234567890123456,{number},", "\n")):
        assert may_hold_long_numbers(f"{' ' * offset}{before}{number}{after}".encode()) is is_long


@pytest.mark.parametrize("offset", range((1 << 18) - 24, (1 << 18) + 3))
def test_a_number_of_18_digits_is_detected_across_the_pieces_searched(offset: int) -> None:
    assert may_hold_long_numbers(b" " * offset + b"123456789.012345678\n")
    assert not may_hold_long_numbers(b" " * offset + b"123456789.01234567\n")


def test_a_long_run_of_zeros_is_searched_quickly() -> None:
    assert may_hold_long_numbers(b"0." + b"0" * 5_000_000)


def test_a_number_with_too_many_digits_for_a_float_is_reported_in_any_block(tmp_path: Path, in_blocks) -> None:
    days = pd.date_range("2020-01-01", periods=900)
    lines = ["Date,x,y", *(f"{day:%Y-%m-%d},{place}.5,{place}.25" for place, day in enumerate(days))]
    lines[700] = lines[700].replace("699.5", "699.500000000000000001")
    lines[800] = lines[800].replace("799.25", "9007199254740993")
    file = tmp_path / "digits.csv"
    file.write_text("\n".join(lines))
    in_blocks(2_000, on_disk=False)
    dataset, _, _ = read(file, tmp_path / "cut")
    found = {finding.column: finding.rows for finding in dataset.findings}
    assert found == {"x": (701,), "y": (801,)}


def test_an_endless_line_is_rejected_before_it_fills_the_memory(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(decode, "LONGEST_LINE", 20_000_000)
    file = tmp_path / "endless.csv"
    file.write_bytes(b"Date,x\n2024-01-01,1\n" + b"a" * 40_000_000)
    with pytest.raises(LineTooLong) as caught:
        reader.read_table(file, IngestSettings(), tmp_path / "cut")
    assert (caught.value.line, caught.value.limit) == (3, 20_000_000)
