"""From the user's file to a data set.

Nothing is dropped or changed without a finding that reports where.
"""

import csv
import io
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
from core.errors.files import NoNamedSeries
from core.findings.ingest.reading import TableBelow
from core.findings.model import worst_first
from core.ingest.containers.open_any import PlainText, open_as_text
from core.ingest.layout.column_names import check_renamed, name_columns
from core.ingest.layout.decode import EncodingMismatch, TextSource, detect_encoding, require_text
from core.ingest.layout.dialect import Dialect, find_dialect
from core.ingest.layout.lines import mark_footer
from core.ingest.layout.multiple_tables import check_tables_below
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
    check_repeated_times,
    check_series,
    check_shape,
    check_time_column,
)
from core.ingest.series.side_by_side import align_blocks
from core.ingest.series.transposed import transpose_table
from core.ingest.series.write_table import KeptRows, write_table
from core.io.atomic import write_atomically
from core.progress import NoProgress, Progress, ShouldStop, never_stop, require_going
from core.recipe.model import IngestSettings
from core.recipe.unknown_names import check_unknown_names
from core.text.escape import spreadsheet_text

# In bytes. The columns of larger files are held on disk while they are read.
IN_MEMORY = 400 << 20


def read_table(
    source: Path,
    settings: IngestSettings,
    folder: Path,
    progress: Progress = NoProgress(),
    should_stop: ShouldStop = never_stop,
    fingerprint: str | None = None,
) -> Dataset:
    """Return the data set read from a file.

    The same file and settings always give the same data set.

    Raises `DataError` if the file is not a table or has no time column, `RecipeError` if a setting does not fit the file, `Stopped`
    on request.

    Parameters
    ----------
    source
        The user's file.
    settings
        How to read it.
    folder
        The folder to write the data set into.
    progress, should_stop
        Receives the progress, and returns whether to stop.
    fingerprint
        The SHA-256 of the file, or None to compute it.
    """
    progress.step(0, 1, "Opening the file")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix=".reading-", dir=folder.parent) as scratch,
        ThreadPoolExecutor(1) as beside,
    ):
        hashed = beside.submit(str, fingerprint) if fingerprint else beside.submit(fingerprint_file, source)
        plain = open_as_text(source, Path(scratch), settings.sheet, should_stop)
        plain = transpose_table(plain, settings, Path(scratch))
        dataset = _read_text(plain, settings, folder, Path(scratch), progress, should_stop)
    fingerprint = hashed.result()
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
    """Write the table and return the data set, still without its key.

    The columns of a large file are held in `scratch`.
    """
    source = detect_encoding(plain.path, settings.encoding if plain.delimiter is None else "utf-8", by_head=True)
    on_disk = scratch if source.size > IN_MEMORY else None
    split = partial(
        _split_first_table,
        plain=plain,
        settings=settings,
        on_disk=on_disk,
        progress=progress,
        should_stop=should_stop,
    )
    try:
        table = split(source)
    except EncodingMismatch:
        table = None
    # Retry outside `except`: the traceback would keep everything read so far alive.
    source, dialect, text, below = table or split(detect_encoding(plain.path))
    names, originals, naming = name_columns(dialect)
    in_file = names

    progress.step(0, 1, "Inferring the types of the columns")
    inferred = infer_table(names, text, dialect.delimiter, settings, on_disk, should_stop)

    progress.step(0, 1, "Ordering the rows")
    ignored = frozenset(settings.ignore)
    columns, lines = inferred.columns, text.lines
    blocks = align_blocks(names, originals, columns, lines, ignored)
    if blocks is not None:
        names, originals, columns, lines = blocks.names, blocks.originals, blocks.columns, blocks.lines
    time = find_time(names, columns, lines, settings)
    series = find_series(names, columns, time, settings.series_column, ignored)
    codes = None if series is None else series_codes(columns[names.index(series)])
    found = [
        *plain.findings,
        *source.check_text(dialect.delimiter),
        *check_preamble(dialect),
        *naming,
        *check_renamed(names, originals, dialect),
        *text.findings,
        *inferred.findings,
        *(blocks.findings if blocks is not None else ()),
    ]
    found += check_tables_below(below)
    kept = np.flatnonzero(~np.isnat(time.values))
    dropped = np.flatnonzero(np.isnat(time.values))
    footer_lines = 0
    if len(dropped):
        last = int(kept[-1]) if len(kept) else -1
        texts = source.lines(lines[dropped].tolist())
        is_footer = mark_footer(dropped, last, texts)
        footer_lines = int(np.count_nonzero(is_footer))
        found += check_dropped_rows(dropped, is_footer, texts, lines, len(lines), time.name)
    found += check_ragged_rows(text, lines[dropped]) + check_far_times(time, lines)
    long = None
    if series is not None and codes is not None:
        kept, nameless = kept[codes[kept] >= 0], kept[codes[kept] < 0]
        if not len(kept):
            raise NoNamedSeries(column=series)
        long = LongTable(
            names=names,
            originals=originals,
            columns=columns,
            time=time,
            series=series,
            codes=codes,
            lines=lines,
        )
        is_set = settings.pivot or settings.series_column is not None
        found += check_series(series, codes, nameless, lines, is_set, can_pivot(long, settings))
    order = order_rows(time.values, codes, kept)
    rows, reading, pivoted_by = KeptRows(order.rows, lines), settings, None
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
    start, end = str(stamps.min()), str(stamps.max())
    # Each has one entry per row, and writing the columns needs the memory.
    repeated = np.flatnonzero(np.isin(order.rows, order.repeated))
    del stamps, kept, dropped, codes, long
    require_going(should_stop)

    progress.step(0, 1, "Writing the table")
    described, on_cells, differing = write_table(
        (names, originals),
        columns,
        time,
        rows,
        reading,
        series,
        folder,
        should_stop,
        repeated,
    )
    found += [*check_repeated_times(order, lines, time.name, differing), *on_cells]
    found += check_shape(len(order.rows), len(names))
    _write_bad_cells(folder, inferred.bad_cells, text)
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
        start=start,
        end=end,
        encoding=source.encoding,
        delimiter=dialect.delimiter,
        decimal=inferred.decimal,
        header_rows=len(dialect.header),
        skipped_rows=dialect.lines_above + footer_lines + sum(table.count for table in below),
        findings=worst_first(found),
        pivoted_by=pivoted_by,
        header_line=dialect.header_lines[0] if dialect.header else None,
        day_order=inferred.day_order,
    )


def _split_first_table(
    source: TextSource,
    plain: PlainText,
    settings: IngestSettings,
    on_disk: Path | None,
    progress: Progress,
    should_stop: ShouldStop,
) -> tuple[TextSource, Dialect, TextTable, tuple[TableBelow, ...]]:
    """Return the source up to the end of the first table, its layout, cells and tables below.

    Once tables below are found, the first one is read again without them, because their cells would change its types.
    """
    below: tuple[TableBelow, ...] = ()
    while True:
        head = source.block_of(settings.header_line or 1)
        require_text(head.data)
        delimiter = plain.delimiter or settings.delimiter
        dialect = find_dialect(head, delimiter, settings.header_line, settings.header_rows)
        if head.first_line > 1:
            first, count = source.first_lines((*dialect.header_lines, dialect.first_data_line)[0])
            dialect = replace(dialect, preamble=first, more_above=count - len(first))
        text = split_table(source, dialect, on_disk, progress, should_stop)
        if not text.below:
            return source, drop_trailing_columns(text, dialect), text, below
        below = (*text.below, *below)
        source = replace(source, last_line=below[0].first_line - 1)


def _write_bad_cells(folder: Path, cells: Sequence[tuple[int, str, str]], table: TextTable) -> None:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["line", "column", "text"])
    extra = [(line, "(beyond the last column)", cell) for line, cell in table.extra]
    extra += [(line, "(several columns)", text) for line, text in table.unplaced]
    for line, column, cell in sorted([*cells, *extra]):
        writer.writerow([line, spreadsheet_text(column), spreadsheet_text(cell)])
    write_atomically(folder / BAD_CELLS_FILE, text.getvalue().encode())
