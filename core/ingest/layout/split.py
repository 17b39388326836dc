"""Rows to columns of text, or directly of numbers.

Numbers are parsed without the detour through text in long files with columns of plain numbers.
"""

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
from core.errors.files import ContradictoryQuotes
from core.findings.ingest.reading import TableBelow
from core.findings.model import Finding
from core.ingest.layout.decode import TextSource, line_ends
from core.ingest.layout.dialect import Dialect
from core.ingest.layout.lines import BlockOfLines, LineRepair, ParsedRows
from core.ingest.layout.multiple_tables import TableFinder
from core.ingest.values.infer import InferredColumn, infer_column
from core.ingest.values.numbers import NULL_SPELLINGS, blank_nulls, may_hold_long_numbers, read_plain
from core.ingest.values.spill import ColumnBuffer, DeferredValues
from core.progress import Progress, ShouldStop, require_going

THREADS = 2
_EXACT = 2.0**53
# Small enough that the text and cells of a block fit the cache of a core, large enough to amortise the calls per column.
BLOCK = 4 << 20
MANY_COLUMNS = 500
_FIRST_ROWS = 500
_NULL_WORDS = NULL_SPELLINGS.to_pylist()
# Arrow reads these as numbers unless they are listed as missing.
_NANS = {word for word in _NULL_WORDS if word.lower().endswith("nan")}


@dataclass(frozen=True, eq=False, kw_only=True)
class TextTable:
    """The cells of a file, the line number of each row, and what was repaired.

    `lines` has shape (rows,), int64. A column is an Arrow array of text, or of float64 with nulls if every cell is a plain number
    and at least one has a decimal point; `numeric` are the indices of the latter. `ragged` are the numbers of lines with too few
    or too many cells, shape (n,), int64; `extra` are the cells beyond the last column, `unplaced` rows whose cells may belong to
    several columns, both as (line, text). `below` are further
    tables below this one: their lines are rows here, although they should not be.
    """

    lines: np.ndarray
    ragged: np.ndarray
    extra: tuple[tuple[int, str], ...]
    unplaced: tuple[tuple[int, str], ...]
    findings: tuple[Finding, ...]
    below: tuple[TableBelow, ...]
    numeric: frozenset[int]
    _columns: ColumnBuffer
    _reread: dict[int, int]
    _columns_reread: ColumnBuffer | None

    def column(self, position: int) -> pa.Array:
        """Return a column, shape (rows,)."""
        columns, index = self._find(position)
        return columns.column(index)

    def deferred_numbers(self, position: int) -> DeferredValues | None:
        """Return a column of numbers on disk without loading it, or None for any other column."""
        if position not in self.numeric:
            return None
        return self._columns.deferred(position)

    def release(self, position: int) -> None:
        """Free a column that is not needed any more."""
        columns, index = self._find(position)
        columns.release(index)

    def _find(self, position: int) -> tuple[ColumnBuffer, int]:
        if self._columns_reread is not None and position in self._reread:
            return self._columns_reread, self._reread[position]
        return self._columns, position


def drop_trailing_columns(table: TextTable, dialect: Dialect) -> Dialect:
    """Return the layout without trailing columns that have neither a name nor a value.

    Such columns arise if every line ends with a delimiter.
    """
    width = dialect.width
    while width > 1 and not any(row[width - 1] for row in dialect.header):
        last = table.column(width - 1)
        if last.type != pa.string() or not pc.all(pc.equal(pc.utf8_trim_whitespace(last), "")).as_py():
            break
        width -= 1
    return replace(dialect, width=width, header=tuple(row[:width] for row in dialect.header))


def split_table(
    source: TextSource, dialect: Dialect, scratch: Path | None, progress: Progress, should_stop: ShouldStop
) -> TextTable:
    """Return the cells of all lines from the first line of data on.

    In files larger than a block, columns whose first rows are plain numbers are parsed as numbers, several times faster than
    through text. A column in which a later cell is not such a number is read again as text, because types are inferred from whole
    columns. Raises `DataError` if the quotes of the file contradict each other, `Stopped` on request.

    Parameters
    ----------
    source
        The text.
    dialect
        Its layout.
    scratch
        A folder for the columns, or None to hold them in memory.
    progress, should_stop
        Receives the progress, and returns whether to stop.
    """
    repair, finder = LineRepair(dialect), TableFinder(dialect)
    columns = ColumnBuffer(dialect.width, scratch)
    lines: list[np.ndarray] = []
    size = BLOCK * max(1, dialect.width // MANY_COLUMNS)
    plan = _plan_numbers(source, dialect) if source.size > size else _ParsePlan()
    for parsed in _parse_blocks(source, size, repair, finder, plan, progress, should_stop):
        plan.failed |= parsed.failed
        columns.add(parsed.columns)
        lines.append(parsed.lines)
    columns.close()
    # The process would keep the memory of the blocks.
    pa.default_memory_pool().release_unused()
    failed = sorted(plan.failed)
    reread = None
    if failed:
        reread = ColumnBuffer(len(failed), scratch and _subfolder(scratch))
        again = _ParsePlan(only=failed)
        for parsed in _parse_blocks(source, size, LineRepair(dialect), None, again, progress, should_stop):
            reread.add(parsed.columns)
        reread.close()
    return TextTable(
        lines=np.concatenate(lines) if lines else np.empty(0, np.int64),
        ragged=np.array(sorted(repair.ragged), dtype=np.int64),
        extra=tuple(sorted(repair.extra)),
        unplaced=tuple(sorted(repair.unplaced)),
        findings=repair.check_lines(),
        below=finder.tables(repair.last_row),
        numeric=plan.numeric.difference(failed),
        _columns=columns,
        _reread={position: index for index, position in enumerate(failed)},
        _columns_reread=reread,
    )


@dataclass(kw_only=True)
class _ParsePlan:
    """Which columns to parse, and which of them as numbers.

    `only` are the columns to parse, None for all; `null_words` are the words for a missing value among the numbers.

    `failed` are columns parsed as numbers that contain something else; they are read again as text.
    """

    only: list[int] | None = None
    numeric: frozenset[int] = frozenset()
    null_words: list[str] = field(default_factory=_NULL_WORDS.copy)
    failed: set[int] = field(default_factory=set)

    def as_text(self) -> "_ParsePlan":
        """Return the plan for the same columns, all of them as text."""
        return replace(self, numeric=frozenset())


@dataclass(kw_only=True)
class _ParsedBlock:
    """The rows of one block as columns.

    `failed` are the columns parsed as numbers that contain something else.
    """

    columns: list[pa.Array]
    lines: np.ndarray
    failed: set[int]

    def convert_to_numbers(self, positions: frozenset[int]) -> None:
        """Convert text columns to numbers.

        A column that cannot be converted becomes null and is marked as failed.
        """
        for position in positions:
            column = self.columns[position]
            if column.type == pa.string():
                read = read_plain(blank_nulls(column))
                if read is None or len(read.overflow) or len(read.imprecise):
                    floats = np.full(len(column), np.nan)
                    self.failed.add(position)
                else:
                    floats = np.asarray(read.values, dtype=np.float64)
                missing = np.isnan(floats)
                self.columns[position] = column = pa.array(np.where(missing, 0.0, floats), mask=missing)
            # Infinity may be an overflow, Arrow accepts odd spellings of NaN, and a float cannot hold integers of this size: only
            # the text can decide. The buffer includes masked cells, so a column may be read again needlessly.
            raw = np.frombuffer(column.buffers()[1], dtype=np.float64) if len(column) else np.zeros(1)
            if not (np.minimum.reduce(raw) > -_EXACT and np.maximum.reduce(raw) < _EXACT):
                self.failed.add(position)


def _parse_blocks(
    source: TextSource,
    size: int,
    repair: LineRepair,
    finder: TableFinder | None,
    plan: _ParsePlan,
    progress: Progress,
    should_stop: ShouldStop,
) -> Iterator[_ParsedBlock]:
    """Yield the blocks of the file as columns, in order, parsed by two threads."""
    done = 0
    pending: deque[Future[_ParsedBlock]] = deque()
    with ThreadPoolExecutor(THREADS) as pool:
        for block in source.blocks(size):
            require_going(should_stop)
            progress.step(min(done, source.size), source.size, "Splitting lines into cells")
            done += len(block.data)
            lines = repair.take(block)
            if finder is not None:
                finder.search(lines)
            pending.append(pool.submit(_parse, lines, repair, plan, frozenset(plan.failed)))
            if len(pending) > THREADS:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()


def _parse(
    lines: BlockOfLines, repair: LineRepair, plan: _ParsePlan, failed: frozenset[int] = frozenset()
) -> _ParsedBlock:
    """Return the rows as columns; those that `failed` will be read again, and are null here."""
    remaining = replace(plan, numeric=plan.numeric - failed)
    try:
        rows, columns = _split(lines, repair, remaining)
    except pa.ArrowInvalid:
        rows, columns = _split(lines, repair, remaining.as_text())
    if columns and len(columns[0]) != len(rows.lines):
        raise ContradictoryQuotes(lines=len(rows.lines), rows=len(columns[0]))
    parsed = _ParsedBlock(columns=columns, lines=rows.lines, failed=set())
    for position in failed:
        parsed.columns[position] = pa.nulls(len(rows.lines), pa.float64())
    if remaining.numeric and may_hold_long_numbers(rows.text):
        texts = _read_cells(rows, repair.dialect, remaining.as_text())
        for position in remaining.numeric:
            parsed.columns[position] = texts[position]
    parsed.convert_to_numbers(remaining.numeric)
    return parsed


def _split(lines: BlockOfLines, repair: LineRepair, plan: _ParsePlan) -> tuple[ParsedRows, list[pa.Array]]:
    rows = lines.rows()
    try:
        columns = _read_cells(rows, repair.dialect, plan)
        if not columns or len(columns[0]) == len(rows.lines):
            return rows, columns
    except pa.ArrowInvalid:
        pass
    repair.fit(lines)
    rows = lines.rows()
    return rows, _read_cells(rows, repair.dialect, plan)


def _read_cells(rows: ParsedRows, dialect: Dialect, plan: _ParsePlan) -> list[pa.Array]:
    """Return the cells as columns.

    From the first word for a missing value that is not in the plan, the plan includes all such words.
    """
    try:
        return _read_csv(rows, dialect, plan)
    except pa.ArrowInvalid:
        if not plan.numeric or plan.null_words == _NULL_WORDS:
            raise
    cells = _read_csv(rows, dialect, replace(plan, null_words=_NULL_WORDS))
    plan.null_words[:] = _NULL_WORDS
    return cells


def _read_csv(rows: ParsedRows, dialect: Dialect, plan: _ParsePlan) -> list[pa.Array]:
    names = [str(position) for position in range(dialect.width)]
    only = names if plan.only is None else [names[position] for position in plan.only]
    kinds = {name: pa.float64() if int(name) in plan.numeric else pa.string() for name in only}
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
            include_columns=only if plan.only is not None else None,
            null_values=plan.null_words,
            strings_can_be_null=False,
        ),
    )
    return [column.chunk(0) if column.num_chunks == 1 else column.combine_chunks() for column in table.columns]


def _plan_numbers(source: TextSource, dialect: Dialect) -> _ParsePlan:
    """Return a plan to parse columns as numbers.

    These are columns whose first rows are plain numbers, at least one with a decimal point.
    """
    block = source.block_of(dialect.first_data_line)
    ends = line_ends(block.data)[: dialect.first_data_line - block.first_line + 1 + _FIRST_ROWS]
    repair = LineRepair(dialect)
    parsed = _parse(repair.take(replace(block, data=block.data[: ends[-1]])), repair, _ParsePlan())
    numeric, words = set(), {"", *_NANS}
    for position, column in enumerate(parsed.columns):
        inferred = infer_column(column)
        if isinstance(inferred, InferredColumn) and inferred.kind == Kind.NUMBER and np.isfinite(inferred.values).any():
            numeric.add(position)
            words.update(column.filter(pc.is_in(column, NULL_SPELLINGS)).unique().to_pylist())
    return _ParsePlan(numeric=frozenset(numeric), null_words=sorted(words))


def _subfolder(folder: Path) -> Path:
    below = folder / "reread"
    below.mkdir(exist_ok=True)
    return below
