"""Parquet files written as CSV text from which every number can be read back exactly."""

import csv
import io
from functools import cache
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from core.errors.files import DamagedParquet, EmptyParquet, TooManyColumns
from core.findings.ingest.reading import NestedColumns
from core.findings.model import Finding
from core.ingest.containers.limits import LimitedFile, Limits, require_within_limit
from core.ingest.containers.line_breaks import LINE_BREAK, LineBreaks
from core.ingest.layout.dialect import MAX_COLUMNS
from core.progress import ShouldStop, never_stop, require_going

_BATCH_CELLS = 1_000_000
_BATCH_ROWS = 65_536
_BUFFER = 1 << 16  # bytes per column
_PLAIN = pacsv.WriteOptions(include_header=False, quoting_style="none")
_QUOTED = pacsv.WriteOptions(include_header=False, quoting_style="needed")


def parquet_to_text(
    source: Path, target: Path, limits: Limits = Limits(), should_stop: ShouldStop = never_stop
) -> tuple[Finding, ...]:
    """Write a Parquet file as CSV text and return findings on what was dropped or changed.

    Row i, from 0, is written on line i + 2. A missing value becomes an empty cell; times with a zone keep it. Raises `DataError` on
    a damaged file, one without rows or columns, and one that would be too large as text; raises `Stopped` on request.

    Parameters
    ----------
    source, target
        The Parquet file, and the text file to write.
    limits, should_stop
        Limits on the size of the text, and whether to stop.
    """
    try:
        with pq.ParquetFile(source, buffer_size=_BUFFER, pre_buffer=False, page_checksum_verification=True) as file:
            nested = _check_columns(file, limits)
            breaks = LineBreaks()
            with LimitedFile(target, limits) as out:
                _write(file, out, breaks, limits, should_stop)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise DamagedParquet from error
    return (*nested, *breaks.check_cells())


def _check_columns(file: pq.ParquetFile, limits: Limits) -> list[Finding]:
    """Return a finding on nested columns; raises `DataError` without other columns or rows."""
    fields = list(file.schema_arrow)
    flat = sum(_is_flat(field.type) for field in fields)
    rows = file.metadata.num_rows
    if not flat or not rows:
        raise EmptyParquet(rows=rows, columns=flat)
    if len(fields) > MAX_COLUMNS:
        raise TooManyColumns(columns=len(fields), limit=MAX_COLUMNS, is_text=False)
    # Runs of equal values take no space in Parquet, but each cell takes a byte of text: check before writing.
    require_within_limit(flat * rows, limits)
    nested = tuple((field.name, str(field.type)) for field in fields if not _is_flat(field.type))
    return [NestedColumns(columns=nested)] if nested else []


def _write(file: pq.ParquetFile, out: LimitedFile, breaks: LineBreaks, limits: Limits, should_stop: ShouldStop) -> None:
    fields = list(file.schema_arrow)
    flat = [field.name for field in fields if _is_flat(field.type)]
    header = io.StringIO()
    csv.writer(header, lineterminator="\n").writerow(
        [_column_name(breaks.replace_in_name(name), flat) for name in flat]
    )
    # Equal values take no space in Parquet, so the ratio of sizes is no sign of a bomb.
    out.write(header.getvalue().encode(), None)
    line = 2
    for batch in file.iter_batches(
        batch_size=max(1, min(_BATCH_ROWS, _BATCH_CELLS // len(fields))),
        columns=None if len(flat) == len(fields) else flat,
    ):
        require_going(should_stop)
        columns = [_writable(column, line, breaks) for column in batch.columns if _is_flat(column.type)]
        table = pa.table(columns, names=[str(position) for position in range(len(columns))])
        out.write(_as_csv(table), None)
        line += len(batch)
        if limits.is_enough(out.written):
            break


def _column_name(name: str, names: list[str]) -> str:
    """Return the name of a column; pandas writes a placeholder for an index without a name."""
    return "index" if name == "__index_level_0__" and "index" not in names else name


def _as_csv(table: pa.Table) -> memoryview:
    """Return the rows as CSV text, with quotes only around cells that need them."""
    try:
        sink = pa.BufferOutputStream()
        pacsv.write_csv(table, sink, _PLAIN)
    except pa.ArrowInvalid:
        sink = pa.BufferOutputStream()
        pacsv.write_csv(table, sink, _QUOTED)
    return memoryview(sink.getvalue())


def _is_flat(kind: pa.DataType) -> bool:
    if isinstance(kind, pa.BaseExtensionType):
        return _is_flat(kind.storage_type)
    return not pa.types.is_nested(kind) or pa.types.is_dictionary(kind)


def _writable(column: pa.Array, first_line: int, breaks: LineBreaks) -> pa.Array:
    """Return the column in a type whose text every reader takes as the same value."""
    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    kind = column.type
    if pa.types.is_floating(kind):
        # The shortest text of a 32-bit float is a different number in 64 bits.
        return column.cast(pa.float64())
    if pa.types.is_timestamp(kind):
        return _coarsest(column)
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        column = _decoded(column)
    elif not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        return column
    broken = pc.match_substring_regex(column, LINE_BREAK)
    if not pc.any(broken).as_py():
        return column
    breaks.count_rows(first_line + pc.indices_nonzero(broken).to_numpy())
    return pc.replace_substring_regex(column, LINE_BREAK, " ")


def _coarsest(column: pa.Array) -> pa.Array:
    """Return the time stamps in the coarsest exact unit: nine zeros are slow to parse."""
    zone = column.type.tz
    if zone is not None and not _is_known(zone):
        zone = "UTC"
    for unit in ("s", "ms", "us", "ns"):
        try:
            return column.cast(pa.timestamp(unit, zone))
        except pa.ArrowInvalid:
            continue
    return column


@cache
def _is_known(zone: str) -> bool:
    """Return whether this time zone is installed; the UTC time is known without it."""
    try:
        pc.strftime(pa.scalar(0, pa.timestamp("s", zone)))
    except pa.ArrowInvalid:
        return False
    return True


def _decoded(column: pa.Array) -> pa.Array:
    """Return binary cells as text: some programs do not mark text as such."""
    try:
        return column.cast(pa.large_binary()).cast(pa.large_string())
    except pa.ArrowInvalid:
        texts = [None if value is None else value.decode(errors="replace") for value in column.to_pylist()]
        return pa.array(texts, type=pa.large_string())
