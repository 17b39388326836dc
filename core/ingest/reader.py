"""From the user's file to a data set: nothing is lost or changed without a finding that says where."""

import csv
import io
import re
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from core.data.columns import Kind
from core.data.dataset import BAD_CELLS_FILE, Dataset
from core.data.frequency import find_frequency
from core.data.store import dataset_key, fingerprint_file, write_description
from core.errors.columns import UnknownColumn
from core.errors.model import DataError, RecipeError
from core.findings.model import worst_first
from core.ingest.containers.open_any import PlainText, open_as_text
from core.ingest.layout.column_names import name_columns
from core.ingest.layout.decode import Refuted, TextSource, find_text, require_text
from core.ingest.layout.dialect import Dialect, find_dialect
from core.ingest.layout.multiple_tables import TableBelow, say_tables_below
from core.ingest.layout.split import TextTable, drop_trailing_columns, split_table
from core.ingest.series.infer_table import infer_table
from core.ingest.series.order import find_series, find_time, order_rows, series_codes
from core.ingest.series.pivot import LongTable, can_pivot, pivot_table
from core.ingest.series.row_findings import (
    check_dropped_rows,
    check_far_times,
    check_order,
    check_preamble,
    check_ragged_rows,
    check_series,
    check_shape,
    check_time_column,
)
from core.ingest.series.write_table import KeptRows, write_table
from core.ingest.values.sentinels import mark_sentinels
from core.io.atomic import write_atomically
from core.progress import Progress, ShouldStop, Silence, never_stop, require_going
from core.recipe.model import IngestSettings
from core.recipe.unknown_names import check_unknown_names
from core.text.escape import spreadsheet_text

# Larger files wait on disk while they are read: what they become in memory would follow their size.
IN_MEMORY = 400 << 20
_PRICE_NAMES = ("close", "adj close", "price", "last", "settle", "target")
_TARGET_NAMES = ("target", *_PRICE_NAMES, "value", "y", "rate", "index", "level", "return", "returns")


def read_table(
    source: Path,
    settings: IngestSettings,
    folder: Path,
    progress: Progress = Silence(),
    should_stop: ShouldStop = never_stop,
    fingerprint: str | None = None,
) -> Dataset:
    """Return the data set that the file becomes, written into `folder`; same file and settings, same data set.

    `fingerprint`, the SHA-256 of the file, saves hashing it once more. Raises `DataError` on what is no table or tells no
    time, `RecipeError` on a setting that does not fit the file, `Stopped` on request.
    """
    progress.step(0, 1, "Opening the file")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix=".reading-", dir=folder.parent) as scratch,
        ThreadPoolExecutor(1) as beside,
    ):
        hashed = None if fingerprint else beside.submit(fingerprint_file, source)
        plain = open_as_text(source, Path(scratch), settings.sheet, should_stop)
        dataset = _read_text(plain, settings, folder, Path(scratch), progress, should_stop)
    fingerprint = fingerprint or hashed.result()
    dataset = replace(dataset, fingerprint=fingerprint, key=dataset_key(source, settings, fingerprint))
    write_description(dataset)
    progress.step(1, 1, "Read")
    return dataset


def _read_text(
    plain: PlainText,
    settings: IngestSettings,
    folder: Path,
    scratch: Path,
    progress: Progress,
    should_stop: ShouldStop,
) -> Dataset:
    """Return the data set without the key of its file, and write its table; what is large waits in the folder `scratch`."""
    source = find_text(plain.path, settings.encoding if plain.delimiter is None else "utf-8", by_opening=True)
    waiting = scratch if source.size > IN_MEMORY else None
    split = partial(
        _split_first_table,
        plain=plain,
        settings=settings,
        waiting=waiting,
        progress=progress,
        should_stop=should_stop,
    )
    try:
        table = split(source)
    except Refuted:
        table = None
    # Not where the error is caught: it holds on to all that was read.
    source, dialect, text, below = table or split(find_text(plain.path))
    names, originals, naming = name_columns(dialect)
    in_file = names

    progress.step(0, 1, "Judging the columns")
    judged = infer_table(names, text, dialect.delimiter, settings, waiting, should_stop)

    progress.step(0, 1, "Ordering the rows")
    ignored = frozenset(settings.ignore)
    time = find_time(names, judged.columns, text.lines, settings)
    series = find_series(names, judged.columns, time, settings.series_column, ignored)
    lines = text.lines
    found = [
        *plain.findings,
        *source.findings(dialect.delimiter),
        *check_preamble(dialect),
        *naming,
        *text.findings,
        *judged.findings,
    ]
    found += say_tables_below(below)
    codes = long = None
    kept = np.flatnonzero(~np.isnat(time.values))
    dropped = np.flatnonzero(np.isnat(time.values))
    if len(dropped):
        last = int(kept[-1]) if len(kept) else -1
        found += check_dropped_rows(dropped, last, source.lines(lines[dropped].tolist()), lines, len(lines), time.name)
    found += check_ragged_rows(text, lines[dropped]) + check_far_times(time, lines)
    if series is not None:
        codes = series_codes(judged.columns[names.index(series)])
        kept, nameless = kept[codes[kept] >= 0], kept[codes[kept] < 0]
        if not len(kept):
            raise RecipeError(
                f"No row with a time names a series in {series!r}.", "Name another series column, or none."
            )
        long = LongTable(
            names=names, originals=originals, columns=judged.columns, time=time, series=series, codes=codes, lines=lines
        )
        is_set = settings.pivot or settings.series_column is not None
        found += check_series(series, codes, nameless, lines, is_set, can_pivot(long, settings))
    order = order_rows(time.values, codes, kept)
    columns, rows, reading, pivoted_by = judged.columns, KeptRows(order.rows, lines), settings, None
    if settings.pivot:
        wide = pivot_table(long, order, settings, should_stop)
        names, originals, columns, reading = wide.names, wide.originals, wide.columns, wide.settings
        time, order, rows, pivoted_by, series, codes = wide.time, wide.order, wide.rows, series, None, None
        found += wide.findings
    stamps = rows.take(time.values)
    frequency = find_frequency(stamps, None if codes is None else codes[order.rows])
    other_times = [
        name for name, column in zip(names, columns, strict=True) if column.kind == Kind.TIME and name != time.name
    ]
    listed = {
        "Ignore": settings.ignore,
        "Zero means missing": reading.zero_is_missing,
        "Numbers, not dates": settings.as_numbers,
    }
    found += check_unknown_names(listed, names if in_file is names else [*in_file, *names])
    found += check_time_column(time, other_times) + check_order(order, frequency, stamps, lines, time.name)
    first, last = str(stamps.min()), str(stamps.max())
    # Each is as long as the file has rows, and the columns need the room.
    del stamps, kept, dropped, codes, long
    require_going(should_stop)

    progress.step(0, 1, "Writing the table")
    described, on_cells = write_table((names, originals), columns, time, rows, reading, series, folder, should_stop)
    found += [*on_cells, *check_shape(len(order.rows), len(names))]
    _write_bad_cells(folder, judged.bad_cells, text)
    return Dataset(
        folder=folder,
        fingerprint="",
        key="",
        format=plain.format.value,
        rows=len(order.rows),
        columns=described,
        time_column=time.name,
        time_source=time.source,
        series_column=series,
        frequency=frequency.frequency,
        start=first,
        end=last,
        encoding=source.encoding,
        delimiter=dialect.delimiter,
        decimal=judged.decimal,
        header_rows=len(dialect.header),
        skipped_rows=sum(f.count or 0 for f in found if f.code in ("preamble", "footer", "other-tables")),
        findings=worst_first(found),
        pivoted_by=pivoted_by,
        header_line=dialect.header_lines[0] if dialect.header else None,
        day_order=judged.day_order,
    )


def _split_first_table(
    source: TextSource,
    plain: PlainText,
    settings: IngestSettings,
    waiting: Path | None,
    progress: Progress,
    should_stop: ShouldStop,
) -> tuple[TextSource, Dialect, TextTable, tuple[TableBelow, ...]]:
    """Return the lines of the first table, their layout, their cells, and the tables below: with those in it, all would differ."""
    below: tuple[TableBelow, ...] = ()
    while True:
        head = source.block_of(settings.header_line or 1)
        require_text(head.data)
        asked = plain.delimiter or settings.delimiter
        dialect = find_dialect(head, asked, settings.header_line, settings.header_rows)
        if head.first_line > 1:
            first, count = source.opening((*dialect.header_lines, dialect.first_data_line)[0])
            dialect = replace(dialect, preamble=first, more_above=count - len(first))
        text = split_table(source, dialect, waiting, progress, should_stop)
        if not text.below:
            return source, *reversed(drop_trailing_columns(text, dialect)), below
        below = (*text.below, *below)
        source = replace(source, last_line=below[0].first_line - 1)


def _write_bad_cells(folder: Path, cells: Sequence[tuple[int, str, str]], table: TextTable) -> None:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["line", "column", "text"])
    extra = [(line, "(beyond the last column)", cell) for line, cell in table.extra]
    for line, column, cell in sorted([*cells, *extra]):
        writer.writerow([line, spreadsheet_text(column), spreadsheet_text(cell)])
    write_atomically(folder / BAD_CELLS_FILE, text.getvalue().encode())


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
    for wanted in _TARGET_NAMES:
        for name in numeric:
            if calm[name] == wanted:
                return name
    for wanted in _PRICE_NAMES:
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
    names = [column.name for column in dataset.columns]
    if name not in names and name != dataset.time_column:
        raise UnknownColumn(column=name, columns=names, role="target")
    other = "Name a column of numbers that change."
    if name == dataset.time_column:
        raise RecipeError(f"The target {name!r} is the time column.", other)
    if name == dataset.series_column:
        raise RecipeError(f"The target {name!r} is the series column.", other)
    column = dataset.column(name)
    if column.kind == Kind.EMPTY or column.bad.total >= dataset.rows:
        raise RecipeError(f"The target {name!r} holds no usable value in {dataset.rows:,} rows.", other)
    if not column.kind.is_numeric:
        raise RecipeError(f"The target {name!r} holds {column.kind.value}, not numbers.", other)
    values = dataset.read([name])[name].to_numpy(dtype=np.float64)
    good = values[np.isfinite(values) & ~mark_sentinels(values, column.sentinels)]
    if len(good) and (good == good[0]).all():
        raise RecipeError(f"The target {name!r} is {good[0]:g} in every row.", other)
    return name
