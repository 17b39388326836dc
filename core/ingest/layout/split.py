"""ParsedRows to columns: cells as text, or at once as numbers where a long file is plainly of numbers."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from core.data.columns import Kind
from core.errors.model import DataError
from core.findings.model import Finding
from core.ingest.layout.decode import TextSource, line_ends
from core.ingest.layout.dialect import Dialect
from core.ingest.layout.lines import BlockOfLines, LineMender, ParsedRows
from core.ingest.layout.multiple_tables import TableBelow, TableWatch
from core.ingest.values.infer import InferredColumn, infer_column
from core.ingest.values.numbers import NULL_SPELLINGS, blank_nulls, may_hold_long_numbers, read_plain
from core.ingest.values.spill import ColumnBuffer, DeferredValues
from core.progress import Progress, ShouldStop, require_going

THREADS = 2
# Arrow's own allocator gives memory back at once and asks for it again: that took half of the time of a long file.
pa.set_memory_pool(pa.system_memory_pool())

_EXACT = 2.0**53
# So small that text and cells of a block stay in the cache of a core, so large that its columns are worth the call.
BLOCK = 4 << 20
MANY_COLUMNS = 500
_FIRST_ROWS = 500
_NULL_WORDS = NULL_SPELLINGS.to_pylist()
# Arrow takes these for numbers where they are not named.
_NANS = {word for word in _NULL_WORDS if word.lower().endswith("nan")}


@dataclass(frozen=True, eq=False, kw_only=True)
class TextTable:
    """The cells of a file, the line of each row, and what had to be mended.

    A column is an Arrow array of text, or of float64 with nulls where every cell is a plain number with a point somewhere.
    `ragged` are the lines with too few or too many cells, `extra` the cells beyond the last column: (line, text). `below` are
    tables that begin further down: their lines are rows here, and do not belong there. `numeric` are the places of the numbers.
    """

    lines: np.ndarray
    ragged: np.ndarray
    extra: tuple[tuple[int, str], ...]
    findings: tuple[Finding, ...]
    below: tuple[TableBelow, ...]
    numeric: frozenset[int]
    _columns: ColumnBuffer
    _again: dict[int, int]
    _columns_again: ColumnBuffer | None

    def column(self, place: int) -> pa.Array:
        """Return a column."""
        if place in self._again:
            return self._columns_again.column(self._again[place])
        return self._columns.column(place)

    def waiting_numbers(self, place: int) -> DeferredValues | None:
        """Return a column that waits on disk and was parsed as numbers, as it lies there, or None for any other."""
        if place not in self.numeric:
            return None
        return self._columns.deferred(place)

    def release(self, place: int) -> None:
        """Let a column go that is not needed any more."""
        if place in self._again:
            self._columns_again.release(self._again[place])
        else:
            self._columns.release(place)


def drop_trailing_columns(table: TextTable, dialect: Dialect) -> tuple[TextTable, Dialect]:
    """Return table and layout without the last columns that have neither name nor value: lines end with delimiters."""
    width = dialect.width
    while width > 1 and not any(row[width - 1] for row in dialect.header):
        last = table.column(width - 1)
        if last.type != pa.string() or not pc.all(pc.equal(pc.utf8_trim_whitespace(last), "")).as_py():
            break
        width -= 1
    return table, replace(dialect, width=width, header=tuple(row[:width] for row in dialect.header))


def split_table(
    source: TextSource, dialect: Dialect, scratch: Path | None, progress: Progress, should_stop: ShouldStop
) -> TextTable:
    """Return the cells of all lines from the first data line on; they wait in the folder `scratch`, or in memory without one.

    In files of more than a block, what the first rows show to be plain numbers is parsed as numbers, several times quicker than
    through text.
    Where a later cell is none, the whole column is read once more as text: kinds are judged on whole columns.
    """
    mender, watch = LineMender(dialect), TableWatch(dialect)
    columns = ColumnBuffer(dialect.width, scratch)
    lines: list[np.ndarray] = []
    size = BLOCK * max(1, dialect.width // MANY_COLUMNS)
    wanted = _look_for_numbers(source, dialect) if source.size > size else _Wanted()
    for piece in _parsed(source, size, mender, watch, wanted, progress, should_stop):
        wanted.broken |= piece.broken
        columns.add(piece.columns)
        lines.append(piece.lines)
    columns.close()
    # What the blocks took would stay with the process.
    pa.default_memory_pool().release_unused()
    broken = sorted(wanted.broken)
    again = None
    if broken:
        again = ColumnBuffer(len(broken), scratch and _subfolder(scratch))
        for piece in _parsed(source, size, LineMender(dialect), None, _Wanted(only=broken), progress, should_stop):
            again.add(piece.columns)
        again.close()
    return TextTable(
        lines=np.concatenate(lines) if lines else np.empty(0, np.int64),
        ragged=np.array(sorted(mender.ragged), dtype=np.int64),
        extra=tuple(sorted(mender.extra)),
        findings=mender.findings(),
        below=watch.tables(mender.last_row),
        numeric=wanted.numeric.difference(broken),
        _columns=columns,
        _again={place: number for number, place in enumerate(broken)},
        _columns_again=again,
    )


@dataclass(kw_only=True)
class _Wanted:
    """Which columns are wanted (None: all), which of them as numbers at once, and the words for a missing value among these.

    `broken` are those meant to be numbers that hold something else: they will be read once more.
    """

    only: list[int] | None = None
    numeric: frozenset[int] = frozenset()
    null_words: list[str] = field(default_factory=_NULL_WORDS.copy)
    broken: set[int] = field(default_factory=set)

    def as_text(self) -> "_Wanted":
        """Return the same columns, all of them as text."""
        return replace(self, numeric=frozenset())


@dataclass(kw_only=True)
class _Piece:
    """The rows of one block as columns; `broken` are those meant to be numbers that hold something else."""

    columns: list[pa.Array]
    lines: np.ndarray
    broken: set[int]

    def read_as_numbers(self, places: frozenset[int]) -> None:
        """Turn text into numbers at these places; where that cannot be, nothing is left and the place is `broken`."""
        for place in places:
            column = self.columns[place]
            if column.type == pa.string():
                read = read_plain(blank_nulls(column))
                sound = read is not None and not len(read.overflow) and not len(read.imprecise)
                floats = np.asarray(read.values, dtype=np.float64) if sound else np.full(len(column), np.nan)
                gone = np.isnan(floats)
                self.columns[place] = column = pa.array(np.where(gone, 0.0, floats), mask=gone)
                if not sound:
                    self.broken.add(place)
            # An infinite number may be an overflow, Arrow reads odd spellings of NaN, and a float does not keep whole numbers
            # so large: only the text can tell. What lies under a missing cell is looked at too: at worst the column is read
            # once more for nothing.
            raw = np.frombuffer(column.buffers()[1], dtype=np.float64) if len(column) else np.zeros(1)
            if not (np.minimum.reduce(raw) > -_EXACT and np.maximum.reduce(raw) < _EXACT):
                self.broken.add(place)


def _parsed(
    source: TextSource,
    size: int,
    mender: LineMender,
    watch: TableWatch | None,
    wanted: _Wanted,
    progress: Progress,
    should_stop: ShouldStop,
) -> Iterator[_Piece]:
    """Yield the blocks of the file as columns, in order, split by two threads."""
    done = 0
    waiting: deque[Future[_Piece]] = deque()
    with ThreadPoolExecutor(THREADS) as pool:
        for block in source.blocks(size):
            require_going(should_stop)
            progress.step(min(done, source.size), source.size, "Splitting lines into cells")
            done += len(block.data)
            lines = mender.take(block)
            if watch is not None:
                watch.look(lines)
            waiting.append(pool.submit(_parse, lines, mender, wanted, frozenset(wanted.broken)))
            if len(waiting) > THREADS:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _parse(lines: BlockOfLines, mender: LineMender, wanted: _Wanted, broken: frozenset[int] = frozenset()) -> _Piece:
    """Return the rows as columns; those `broken` will be read once more, and hold nothing here."""
    sound = replace(wanted, numeric=wanted.numeric - broken)
    try:
        rows, columns = _split(lines, mender, sound)
    except pa.ArrowInvalid:
        rows, columns = _split(lines, mender, sound.as_text())
    if columns and len(columns[0]) != len(rows.lines):
        raise DataError(
            f"{len(rows.lines):,} lines made {len(columns[0]):,} rows: the quotes of this file contradict each other.",
            "Write the file anew with every text cell in double quotes.",
        )
    piece = _Piece(columns=columns, lines=rows.lines, broken=set())
    for place in broken:
        piece.columns[place] = pa.nulls(len(rows.lines), pa.float64())
    if sound.numeric and may_hold_long_numbers(rows.text):
        texts = _read_cells(rows, mender.dialect, sound.as_text())
        for place in sound.numeric:
            piece.columns[place] = texts[place]
    piece.read_as_numbers(sound.numeric)
    return piece


def _split(lines: BlockOfLines, mender: LineMender, wanted: _Wanted) -> tuple[ParsedRows, list[pa.Array]]:
    rows = lines.rows()
    try:
        columns = _read_cells(rows, mender.dialect, wanted)
        if not columns or len(columns[0]) == len(rows.lines):
            return rows, columns
    except pa.ArrowInvalid:
        pass
    mender.mend(lines)
    rows = lines.rows()
    return rows, _read_cells(rows, mender.dialect, wanted)


def _read_cells(rows: ParsedRows, dialect: Dialect, wanted: _Wanted) -> list[pa.Array]:
    """Return the cells as columns; a word for a missing value that the first rows do not hold is looked for from here on."""
    try:
        return _read_by(wanted, rows, dialect)
    except pa.ArrowInvalid:
        if not wanted.numeric or wanted.null_words == _NULL_WORDS:
            raise
    cells = _read_by(replace(wanted, null_words=_NULL_WORDS), rows, dialect)
    wanted.null_words[:] = _NULL_WORDS
    return cells


def _read_by(wanted: _Wanted, rows: ParsedRows, dialect: Dialect) -> list[pa.Array]:
    names = [str(place) for place in range(dialect.width)]
    only = names if wanted.only is None else [names[place] for place in wanted.only]
    kinds = {name: pa.float64() if int(name) in wanted.numeric else pa.string() for name in only}
    if not rows.text:
        return [pa.array([], kind) for kind in kinds.values()]
    table = pacsv.read_csv(
        pa.BufferReader(pa.py_buffer(rows.text)),
        read_options=pacsv.ReadOptions(
            column_names=names, use_threads=False, block_size=min(max(len(rows.text), rows.longest) + 2, 2**31 - 1)
        ),
        parse_options=pacsv.ParseOptions(
            delimiter=dialect.delimiter,
            quote_char=dialect.quote if dialect.quote and dialect.quote.encode() in rows.text else False,
            newlines_in_values=rows.joined,
        ),
        convert_options=pacsv.ConvertOptions(
            column_types=kinds,
            include_columns=only if wanted.only is not None else None,
            null_values=wanted.null_words,
            strings_can_be_null=False,
        ),
    )
    return [column.chunk(0) if column.num_chunks == 1 else column.combine_chunks() for column in table.columns]


def _look_for_numbers(source: TextSource, dialect: Dialect) -> _Wanted:
    """Return which columns hold plain numbers in the first rows, one of them at least with a point that marks no thousands."""
    block = source.block_of(dialect.first_data_line)
    ends = line_ends(block.data)[: dialect.first_data_line - block.first_line + 1 + _FIRST_ROWS]
    mender = LineMender(dialect)
    piece = _parse(mender.take(replace(block, data=block.data[: ends[-1]])), mender, _Wanted())
    found, words = set(), {"", *_NANS}
    for place, column in enumerate(piece.columns):
        judged = infer_column(column)
        if isinstance(judged, InferredColumn) and judged.kind == Kind.NUMBER and np.isfinite(judged.values).any():
            found.add(place)
            words.update(column.filter(pc.is_in(column, NULL_SPELLINGS)).unique().to_pylist())
    return _Wanted(numeric=frozenset(found), null_words=sorted(words))


def _subfolder(folder: Path) -> Path:
    below = folder / "again"
    below.mkdir(exist_ok=True)
    return below
