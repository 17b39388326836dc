"""Tables with their dates in a row and a series in each further row, transposed."""

import csv
import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path

from core.errors.files import TooManyColumns
from core.findings.ingest.reading import Transposed
from core.ingest.containers.open_any import PlainText
from core.ingest.layout.decode import EncodingMismatch, TextSource, detect_encoding
from core.ingest.layout.dialect import MAX_COLUMNS, find_delimiter
from core.ingest.layout.quotes import split_line
from core.ingest.values.notation import is_date_like, look_of
from core.ingest.values.timecodes import is_time_name
from core.recipe.model import IngestSettings

_HEAD_LINES = 30
_FEWEST_DATES = 4
_YEAR = re.compile(r"(?:19|20)\d\d")


def transpose_table(plain: PlainText, settings: IngestSettings, scratch: Path) -> PlainText:
    """Return the text with one row per date if its dates are in a row, else the text as it is.

    Parameters
    ----------
    plain
        The text of the user's file.
    settings
        `transpose` decides if it is set; None detects it.
    scratch
        A folder for the transposed text.
    """
    if settings.transpose is False or settings.header_line is not None:
        return plain
    encoding = settings.encoding if plain.delimiter is None else "utf-8"
    source = detect_encoding(plain.path, encoding, by_head=True)
    try:
        head = _head(source)
    except EncodingMismatch:
        head = _head(detect_encoding(plain.path))
    if not head:
        return plain
    delimiter = plain.delimiter or settings.delimiter or find_delimiter(head)
    row = _date_row([split_line(line, delimiter) for line in head])
    if row is None and settings.transpose:
        row = 0
    if row is None:
        return plain
    return _write(plain, detect_encoding(plain.path, encoding), delimiter, row, scratch)


def _write(plain: PlainText, source: TextSource, delimiter: str, row: int, scratch: Path) -> PlainText:
    lines = [line for block in source.blocks() for line in _lines(block.data)][row:]
    if len(lines) > MAX_COLUMNS:
        raise TooManyColumns(columns=len(lines), limit=MAX_COLUMNS, is_text=True)
    rows = [[cell.strip() for cell in split_line(line, delimiter)] for line in lines]
    corner, dates = rows[0][0], rows[0][1:]
    first = [corner if is_time_name(corner) else "Date", *dates]
    path = scratch / "transposed.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(zip_longest(first, *rows[1:], fillvalue=""))
    found = Transposed(series=len(rows) - 1, first=dates[0], last=dates[-1])
    return replace(plain, path=path, delimiter=",", findings=(*plain.findings, found))


def _date_row(rows: Sequence[Sequence[str]]) -> int | None:
    """Return the index of the row of dates above rows that begin with a name, or None.

    Examples
    --------
    >>> dates = ["2024-01-02", "2024-01-03", "2024-01-04", "2024-01-05"]
    >>> _date_row([["Item", *dates], ["Revenue", "1.5", "2", "2", "3"]]), _date_row([["Date", "Close"], [dates[0], "1"]])
    (0, None)
    """
    for index, cells in enumerate(rows[:5]):
        filled = [cell.strip() for cell in cells[1:] if cell.strip()]
        if len(filled) < _FEWEST_DATES or not (all(map(is_date_like, filled)) or _are_years(filled)):
            continue
        below = [row for row in rows[index + 1 :] if len(row) > 1]
        if not below or len({cell.strip() for cell in filled}) < len(filled):
            return None
        named = sum(look_of(row[0]) == "t" for row in below)
        numbers = [look_of(cell) in ("n", "") for row in below for cell in row[1:]]
        return index if named == len(below) and sum(numbers) >= 0.8 * len(numbers) else None
    return None


def _are_years(cells: Sequence[str]) -> bool:
    return all(_YEAR.fullmatch(cell) for cell in cells) and len({b - a for a, b in _steps(cells)}) == 1


def _steps(cells: Sequence[str]) -> list[tuple[int, int]]:
    return [(int(earlier), int(later)) for earlier, later in zip(cells, cells[1:], strict=False)]


def _head(source: TextSource) -> list[str]:
    return _lines(b"\n".join(source.block_of(1).data.split(b"\n", _HEAD_LINES)[:_HEAD_LINES]))


def _lines(data: bytes) -> list[str]:
    return [line for line in data.decode(errors="replace").split("\n") if line.strip()]
