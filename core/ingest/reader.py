"""From the user's file to a data set: nothing is lost or changed without a finding that says where."""

import csv
import hashlib
import io
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from core.errors import DataError, RecipeError
from core.escaping import spreadsheet_text
from core.findings import worst_first
from core.ingest.content import decode_content, read_bytes
from core.ingest.dataset import BAD_CELLS_FILE, Dataset, Kind, absent_column, dataset_key, write_dataset
from core.ingest.dialect import find_dialect
from core.ingest.finishing import finish_table
from core.ingest.header import name_columns
from core.ingest.judging import judge_table
from core.ingest.lines import TextTable, drop_trailing_column, split_table
from core.ingest.order import find_series, find_time, order_rows, series_codes
from core.ingest.remarks_on_rows import (
    say_dropped,
    say_layout,
    say_order,
    say_ragged,
    say_series,
    say_shape,
    say_time_column,
)
from core.ingest.rhythm import find_rhythm
from core.ingest.sentinels import mark_sentinels
from core.progress import Progress, ShouldStop, Silence, never_stop, require_going
from core.recipe import IngestSettings
from core.records import write_whole

_STEPS = 6
_PRICE_NAMES = ("close", "adj close", "price", "last", "settle", "target", "value", "y", "rate", "index", "level")


def read_table(
    source: Path,
    settings: IngestSettings,
    folder: Path,
    progress: Progress = Silence(),
    should_stop: ShouldStop = never_stop,
) -> Dataset:
    """Return the data set that the file becomes, written into `folder`; same file and settings, same data set.

    Raises `DataError` on what is no table or tells no time, `RecipeError` on a setting that does not fit the file, `Stopped`
    on request.
    """
    progress.step(0, _STEPS, "Reading the file")
    raw = read_bytes(source)
    fingerprint = hashlib.sha256(raw).hexdigest()
    content = decode_content(raw, settings.encoding)
    del raw
    require_going(should_stop)

    progress.step(1, _STEPS, "Finding the layout")
    dialect = find_dialect(content.data, settings.delimiter)

    progress.step(2, _STEPS, "Splitting lines into cells")
    text, dialect = drop_trailing_column(split_table(content.data, dialect), dialect)
    names, originals, naming = name_columns(dialect)
    for name in settings.ignore:
        if name not in names:
            raise absent_column(name, names)
    require_going(should_stop)

    progress.step(3, _STEPS, "Judging the columns")
    judged = judge_table(names, text, dialect.delimiter, settings, should_stop)

    progress.step(4, _STEPS, "Ordering the rows")
    ignored = frozenset(settings.ignore)
    time = find_time(names, judged.columns, settings.time_column, ignored)
    series = find_series(names, judged.columns, time, settings.series_column, ignored)
    lines = text.lines
    found = [*content.findings, *say_layout(dialect), *naming, *text.findings, *judged.findings]
    codes = None
    kept = np.flatnonzero(~np.isnat(time.values))
    dropped = np.flatnonzero(np.isnat(time.values))
    if len(dropped):
        found += say_dropped(
            dropped,
            int(kept[-1]) if len(kept) else -1,
            _texts(content.data, lines, dropped),
            lines,
            len(lines),
            time.name,
        )
    found += say_ragged(text, lines[dropped])
    if series is not None:
        codes = series_codes(judged.columns[names.index(series)])
        kept, nameless = kept[codes[kept] >= 0], kept[codes[kept] < 0]
        found += say_series(series, codes, nameless, lines, settings.series_column is not None)
    order = order_rows(time.values, codes, kept)
    stamps = time.values[order.rows]
    rhythm = find_rhythm(stamps, None if codes is None else codes[order.rows])
    other_times = [
        name
        for name, column in zip(names, judged.columns, strict=True)
        if column.kind == Kind.TIME and name != time.name
    ]
    found += say_time_column(time, other_times) + say_order(order, rhythm, stamps, lines, time.name)
    require_going(should_stop)

    progress.step(5, _STEPS, "Writing the table")
    finished = finish_table((names, originals), judged.columns, time, order.rows, lines, settings.sentinels, series)
    found += [*finished.findings, *say_shape(len(order.rows), len(names))]
    dataset = Dataset(
        folder=folder,
        fingerprint=fingerprint,
        key=dataset_key(source, settings, fingerprint),
        rows=len(order.rows),
        columns=finished.columns,
        time_column=time.name,
        series_column=series,
        frequency=rhythm.frequency,
        start=str(stamps.min()),
        end=str(stamps.max()),
        encoding=content.encoding,
        delimiter=dialect.delimiter,
        decimal=judged.decimal,
        header_rows=len(dialect.header),
        skipped_rows=len(dialect.preamble) + sum(f.count or 0 for f in found if f.code == "footer"),
        findings=worst_first(found),
    )
    folder.mkdir(parents=True, exist_ok=True)
    _write_bad_cells(folder, judged.bad_cells, text)
    write_dataset(dataset, finished.table)
    progress.step(_STEPS, _STEPS, "Read")
    return dataset


def _texts(data: bytes, lines: np.ndarray, places: np.ndarray) -> list[str]:
    """Return the text of the lines of these rows."""
    marks = np.flatnonzero(np.frombuffer(data, dtype=np.uint8) == ord("\n"))
    ends = np.append(marks, len(data))
    starts = np.concatenate(([0], marks + 1))
    return [data[starts[line] : ends[line]].decode() for line in (lines[places] - 1).tolist()]


def _write_bad_cells(folder: Path, cells: Sequence[tuple[int, str, str]], table: TextTable) -> None:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["line", "column", "text"])
    extra = [(line, "(beyond the last column)", cell) for line, cell in table.extra]
    for line, column, cell in sorted([*cells, *extra]):
        writer.writerow([line, spreadsheet_text(column), spreadsheet_text(cell)])
    write_whole(folder / BAD_CELLS_FILE, text.getvalue().encode())


def propose_target(dataset: Dataset) -> str:
    """Return the column most likely to be forecast: one named like a price, else the first that measures something.

    Whole numbers count or name things more often than they measure, and a column that is mostly bad measures nothing.
    Raises `DataError` if the data set holds no such column.
    """
    series = dataset.series_column
    numeric = [
        column.name
        for column in dataset.columns
        if column.kind.is_numeric
        and column.name not in (dataset.time_column, series)
        and column.bad.total < dataset.rows
    ]
    if not numeric:
        raise DataError("No column holds numbers, so there is nothing to forecast.", "Choose a file with numbers.")
    calm = {name: re.sub(r"[\s._\-]+", " ", name.lower()).strip() for name in numeric}
    for wanted in ("target", *_PRICE_NAMES):
        for name in numeric:
            if calm[name] == wanted:
                return name
    for wanted in _PRICE_NAMES[:6]:
        for name in numeric:
            if re.search(rf"(?:^|\W){wanted}(?:$|\W)", calm[name]):
                return name
    measured = [
        column.name
        for column in dataset.columns
        if column.name in calm and column.kind == Kind.NUMBER and column.bad.total < 0.3 * dataset.rows
    ]
    return measured[0] if measured else numeric[-1]


def require_target(dataset: Dataset, name: str | None) -> str:
    """Return the name of the target if it can be forecast; raises `RecipeError` that says what it holds if it cannot."""
    if name is None:
        raise RecipeError(
            "The recipe names no target.", f"Set ingest.target, for example to {propose_target(dataset)!r}."
        )
    column = dataset.column(name)
    other = "Name a column of numbers that change."
    if name == dataset.time_column:
        raise RecipeError(f"The target {name!r} is the time column.", other)
    if name == dataset.series_column:
        raise RecipeError(f"The target {name!r} is the series column.", other)
    if column.kind == Kind.EMPTY or column.bad.total >= dataset.rows:
        raise RecipeError(f"The target {name!r} holds no usable value in {dataset.rows:,} rows.", other)
    if not column.kind.is_numeric:
        raise RecipeError(f"The target {name!r} holds {column.kind.value}, not numbers.", other)
    values = dataset.read([name])[name].to_numpy(dtype=np.float64)
    good = values[np.isfinite(values) & ~mark_sentinels(values, column.sentinels)]
    if len(good) and (good == good[0]).all():
        raise RecipeError(f"The target {name!r} is {good[0]:g} in every row.", other)
    return name
