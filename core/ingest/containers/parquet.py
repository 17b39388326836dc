"""Parquet to CSV text, a batch at a time: every number comes back exactly as it was."""

import csv
import io
from functools import cache
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from core.errors.model import DataError
from core.findings.model import Finding, Severity, legacy_finding
from core.ingest.containers.limits import LimitedFile, Limits, require_room
from core.ingest.containers.line_breaks import LINE_BREAK, LineBreaks
from core.ingest.layout.dialect import MAX_COLUMNS
from core.progress import ShouldStop, never_stop, require_going
from core.text.escape import plain_text

_BATCH_CELLS = 1_000_000
_BATCH_ROWS = 65_536
_BUFFER = 1 << 16  # for each column
_PLAIN = pacsv.WriteOptions(include_header=False, quoting_style="none")
_QUOTED = pacsv.WriteOptions(include_header=False, quoting_style="needed")


def parquet_to_text(
    source: Path, target: Path, limits: Limits = Limits(), should_stop: ShouldStop = never_stop
) -> tuple[Finding, ...]:
    """Write a Parquet file as CSV text, row i of it (from 0) on line i + 2, and return what was left out or changed.

    A missing value becomes an empty cell; times with a zone keep it. Raises `DataError` on a damaged file, one without rows
    or columns, or one that would be too large as text.
    """
    try:
        with pq.ParquetFile(source, buffer_size=_BUFFER, pre_buffer=False, page_checksum_verification=True) as file:
            nested = _require_table(file, limits)
            breaks = LineBreaks()
            with LimitedFile(target, limits) as out:
                _write(file, out, breaks, limits, should_stop)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise DataError(
            "This Parquet file is damaged, or uses a feature that cannot be read.",
            "Get the file anew, or save the table as CSV.",
        ) from error
    return (*nested, *breaks.findings())


def _require_table(file: pq.ParquetFile, limits: Limits) -> list[Finding]:
    """Return what is said about columns that no table can hold; raises `DataError` if there is nothing else."""
    fields = list(file.schema_arrow)
    flat = sum(_is_flat(field.type) for field in fields)
    rows = file.metadata.num_rows
    if not flat or not rows:
        raise DataError(
            f"This Parquet file has {rows:,} rows and {flat:,} columns with one value a cell.",
            "Choose a file with rows.",
        )
    if len(fields) > MAX_COLUMNS:
        raise DataError(
            f"The file has {len(fields):,} columns; at most {MAX_COLUMNS:,} can be read.", "Save fewer columns."
        )
    # A run of equal values takes no room in Parquet: what is too large is refused before a line of it is written.
    require_room(flat * rows, limits)
    nested = [field for field in fields if not _is_flat(field.type)]
    if not nested:
        return []
    named = ", ".join(
        f"{plain_text(field.name, most=60)} ({plain_text(str(field.type), most=60)})" for field in nested[:10]
    )
    return [
        legacy_finding(
            "nested-columns",
            Severity.WARNING,
            "Columns that hold several values a cell were left out",
            f"They are {named}{', …' if len(nested) > 10 else ''}. To use them, save their parts as columns.",
            column=nested[0].name if len(nested) == 1 else None,
            count=len(nested),
        )
    ]


def _write(file: pq.ParquetFile, out: LimitedFile, breaks: LineBreaks, limits: Limits, should_stop: ShouldStop) -> None:
    fields = list(file.schema_arrow)
    flat = [field.name for field in fields if _is_flat(field.type)]
    header = io.StringIO()
    csv.writer(header, lineterminator="\n").writerow([_shown_name(breaks.replace_in_name(name), flat) for name in flat])
    # Equal values take no room in Parquet: how many times its size the text is proves nothing.
    out.write(header.getvalue().encode(), None)
    line = 2
    for batch in file.iter_batches(
        batch_size=max(1, min(_BATCH_ROWS, _BATCH_CELLS // len(fields))),
        columns=None if len(flat) == len(fields) else flat,
    ):
        require_going(should_stop)
        columns = [_writable(column, line, breaks) for column in batch.columns if _is_flat(column.type)]
        table = pa.table(columns, names=[str(place) for place in range(len(columns))])
        out.write(_as_csv(table), None)
        line += len(batch)
        if limits.are_met(out.written):
            break


def _shown_name(name: str, names: list[str]) -> str:
    """Return the name of a column; pandas gives an index without a name a placeholder."""
    return "index" if name == "__index_level_0__" and "index" not in names else name


def _as_csv(table: pa.Table) -> memoryview:
    """Return the rows as CSV text, with quotes only where a text needs them."""
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
    """Return the column in a type whose text means the same value to every reader."""
    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    kind = column.type
    if pa.types.is_floating(kind):
        # The shortest text of a 32-bit number is another number when it is read with 64 bits.
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
    """Return the time stamps in the largest unit that loses nothing: nine digits of zeros are slow to read."""
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
    """Return whether the rules of this time zone are at hand; the instant is known without them."""
    try:
        pc.strftime(pa.scalar(0, pa.timestamp("s", zone)))
    except pa.ArrowInvalid:
        return False
    return True


def _decoded(column: pa.Array) -> pa.Array:
    """Return bytes as the text that they mostly are: some programs do not mark text as such."""
    try:
        return column.cast(pa.large_binary()).cast(pa.large_string())
    except pa.ArrowInvalid:
        texts = [None if value is None else value.decode(errors="replace") for value in column.to_pylist()]
        return pa.array(texts, type=pa.large_string())
