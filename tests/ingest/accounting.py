"""Invariants of reading any file: an error with a sentence, or a data set that accounts for every line and cell."""

import codecs
import math
import re
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd

from core.data.columns import LINE, Column, Kind
from core.data.dataset import BAD_CELLS_FILE, Dataset
from core.data.store import load_dataset
from core.errors.model import PlumblineError
from core.ingest.containers.open_any import open_as_text
from core.ingest.reader import read_table
from core.ingest.values.notation import is_null
from core.recipe.model import IngestSettings

# Findings that count lines that did not become rows.
LEFT_OUT = ("preamble", "other-tables", "footer", "rows-without-time", "rows-without-series", "empty-rows")
_BOMS = {
    "utf-8": codecs.BOM_UTF8,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
}
_DAY = re.compile(r"(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}")
_PLAIN = re.compile(r"-?[0-9]{1,12}(?:\.[0-9]{1,12})?")


def read_and_check(source: Path, settings: IngestSettings, folder: Path) -> Dataset | str:
    """Return the data set, checked against the raw file, or the text of the error."""
    try:
        dataset = read_table(source, settings, folder)
    except PlumblineError as error:
        assert error.message.endswith("."), f"not a sentence: {error.message}"
        assert len(str(error)) < 1_000, "an error of more than 1000 characters"
        assert not (folder / "dataset.json").exists(), "rejected, but there is a data set"
        return str(error)
    with tempfile.TemporaryDirectory() as scratch:
        text = open_as_text(source, Path(scratch), settings.sheet).path.read_bytes()
    lines = lines_of(text, dataset.encoding)
    frame = dataset.read([LINE, *names_of(dataset)])
    check_lines(dataset, frame, lines)
    check_cells(dataset, frame)
    check_values(dataset, frame, lines)
    assert load_dataset(folder) == dataset, "dataset.json differs"
    assert (folder / BAD_CELLS_FILE).exists()
    return dataset


def names_of(dataset: Dataset) -> list[str]:
    names = [column.name for column in dataset.columns]
    return names if dataset.time_column in names else [dataset.time_column, *names]


def lines_of(data: bytes, encoding: str) -> list[str]:
    """Return the lines of a file, read independently of the reader."""
    if data.startswith(mark := _BOMS.get(encoding, b"\xff\xfe\xff")):
        data = data[len(mark) :]
    text = data.decode(encoding, errors="replace").replace("\r\n", "\n").replace("\r", "\n").rstrip("\0")
    text = re.sub(r"(?m)^\ufeff+", "", text)
    lines = text.split("\n")
    return lines[:-1] if not lines[-1] else lines


def count_of(dataset: Dataset, *codes: str) -> int:
    return sum(finding.count or 0 for finding in dataset.findings if finding.code in codes)


def check_lines(dataset: Dataset, frame: pd.DataFrame, lines: list[str]) -> None:
    """Every line of the file is a row, part of a row, in the header, blank, or counted in a finding."""
    numbers = frame[LINE].to_numpy()
    assert dataset.rows == len(frame) >= 1
    assert len(np.unique(numbers)) == len(numbers), "a line became two rows"
    assert numbers.min() >= 1
    assert numbers.max() <= len(lines), "a row is beyond the end of the file"
    filled = [line for line in lines if line.encode(errors="replace").strip()]
    first = filled[0].strip('" ')
    declaration = first.lower().startswith("sep=") and len(first) == 5 and first.isascii() and not first[4].isalnum()
    joined = count_of(dataset, "joined-lines")
    counted = dataset.rows + dataset.header_rows + declaration + count_of(dataset, *LEFT_OUT) + joined
    # Lines within a quoted cell may be blank.
    most = len(lines) if joined else len(filled)
    assert len(filled) <= counted <= most, f"{len(filled)} lines have text, {counted} are counted ({joined} joined)"
    assert dataset.skipped_rows == count_of(dataset, "preamble", "other-tables", "footer")
    for finding in dataset.findings:
        assert all(1 <= row <= len(lines) for row in finding.rows), finding
        assert finding.count is None or finding.count >= min(1, len(finding.rows)), finding


def check_cells(dataset: Dataset, frame: pd.DataFrame) -> None:
    """The counts of bad cells match the table, and its rows are in order."""
    for column in dataset.columns:
        bad, values = column.bad, frame[column.name]
        counts = (bad.missing, bad.infinite, bad.unparseable, bad.sentinel)
        assert all(0 <= count <= dataset.rows for count in counts), column
        assert bad.total <= dataset.rows, column
        assert int(values.isna().sum()) == bad.missing + bad.unparseable, column
        if column.kind.is_numeric:
            numbers = values.to_numpy(dtype=np.float64)
            assert int(np.isinf(numbers).sum()) == bad.infinite, column
            assert int(np.isin(numbers, column.sentinels).sum()) == bad.sentinel, column
        assert (column.kind == Kind.EMPTY) <= (bad.missing == dataset.rows), column
    times = frame[dataset.time_column]
    assert (dataset.start, dataset.end) == tuple(str(time) for time in (times.to_numpy().min(), times.to_numpy().max()))
    series = frame[dataset.series_column].to_numpy() if dataset.series_column else np.zeros(len(frame))
    for _, stamps in times.groupby(series, dropna=False):
        assert stamps.is_monotonic_increasing


def check_values(dataset: Dataset, frame: pd.DataFrame, lines: list[str]) -> None:
    """Plain cells have the value of their line, and every cell that became missing is counted as unparseable."""
    lost: Counter[str] = Counter()
    codes = {finding.code for finding in dataset.findings}
    if codes & {"transposed", "blocks-aligned"}:
        return
    repaired = bool(codes & {"realigned-rows", "shifted-rows", "joined-cells", "malformed-quotes"})
    for row, number in zip(frame.itertuples(index=False), frame[LINE], strict=True):
        line = lines[number - 1].replace("\0", "\ufffd")
        cells = _cells(line, dataset.delimiter)
        if '"' in line or "'" in line or "\\" in line or len(cells) < len(dataset.columns):
            continue
        if repaired and len(cells) > len(dataset.columns):
            continue
        for column, cell in zip(dataset.columns, cells, strict=False):
            kept, cell = row[frame.columns.get_loc(column.name)], cell.strip()
            if pd.isna(kept):
                lost[column.name] += not is_null(cell)
            elif (plain := _plain(dataset, column, cell)) is not None:
                kept = kept.strip() if isinstance(kept, str) else kept
                assert kept == plain or math.isclose(kept, plain, rel_tol=1e-15), (number, column.name, cell, kept)
    for column in dataset.columns:
        assert lost[column.name] <= column.bad.unparseable, (column, lost[column.name])


def _plain(dataset: Dataset, column: Column, cell: str) -> object:
    """Return the expected value of a cell, or None if it depends on notations or on other cells."""
    codes = {finding.code for finding in dataset.findings}
    if column.kind in (Kind.TEXT, Kind.CATEGORY):
        return cell
    if column.kind == Kind.TIME and _DAY.fullmatch(cell):
        joined = "date-and-clock-joined" in codes and column.name == dataset.time_column
        return None if joined else pd.Timestamp(cell)
    if column.kind == Kind.TIME or column.name == dataset.time_column or not _PLAIN.fullmatch(cell):
        return None
    if dataset.decimal != "." or codes & {"thousands-assumed", "number-notation"}:
        return None
    return float(cell)


def _cells(line: str, delimiter: str) -> list[str]:
    return re.split(r"[ \t]+", line.strip(" \t")) if delimiter == " " else line.split(delimiter)
