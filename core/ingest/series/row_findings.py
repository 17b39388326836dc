"""Findings on rows: lines left out, the time column, series, the order of rows, and gaps."""

from collections.abc import Sequence

import numpy as np

from core.data.frequency import SamplingFrequency
from core.data.missing_bars import SessionHoles
from core.errors.series import NoValidTimes
from core.findings.ingest.rows import (
    DateAndClockJoined,
    DuplicateTimes,
    EmptyRows,
    FarTimes,
    Footer,
    MissingBars,
    NewestFirst,
    NoTimeColumn,
    NumbersAsTimes,
    OneRow,
    Preamble,
    RaggedRows,
    RowsWithoutSeries,
    RowsWithoutTime,
    SeriesColumn,
    ShortSessions,
    TimeColumnChosen,
    TimeCounted,
    TimeGaps,
    Unsorted,
    WideTable,
)
from core.findings.model import Finding, first_rows
from core.ingest.layout.dialect import Dialect
from core.ingest.layout.split import TextTable
from core.ingest.series.order import RowOrder, TimeColumn

_FIRST_USUAL, _LAST_USUAL = np.datetime64("1800-01-01"), np.datetime64("2100-01-01")


def check_preamble(dialect: Dialect) -> list[Finding]:
    """Return a finding on the lines above the table, which are skipped."""
    if not dialect.preamble:
        return []
    lines = np.array([line for line, _ in dialect.preamble])
    return [
        Preamble(
            texts=tuple(text for _, text in dialect.preamble),
            rows=first_rows(lines),
            count=len(lines) + dialect.more_above,
        )
    ]


def check_ragged_rows(table: TextTable, dropped: np.ndarray) -> list[Finding]:
    """Return a finding on rows with too few or too many cells.

    The lines `dropped`, shape (n,), int64, are excluded: they are reported elsewhere.
    """
    lines = np.setdiff1d(table.ragged, dropped)
    return [RaggedRows(extra=tuple(table.extra), rows=first_rows(lines), count=len(lines))] if len(lines) else []


def check_time_column(time: TimeColumn, others: Sequence[str]) -> list[Finding]:
    """Return how the time column was found, if that is not obvious.

    `others` are the other columns of times.
    """
    if time.source == "counted":
        return [NoTimeColumn()]
    if time.source == "confirmed":
        return [TimeCounted(column=time.name, is_row_number=not time.is_in_file)]
    findings: list[Finding] = []
    if time.code is not None:
        first = time.values[~np.isnat(time.values)][0]
        findings.append(NumbersAsTimes(column=time.name, time_code=time.code, first=first))
    if time.joined_with is not None:
        findings.append(DateAndClockJoined(column=time.name, clock=time.joined_with))
    if others:
        findings.append(TimeColumnChosen(column=time.name, others=tuple(others)))
    return findings


def check_far_times(time: TimeColumn, lines: np.ndarray) -> list[Finding]:
    """Return a finding on dates before 1800 or after 2099, such as 9999-12-31.

    `lines`, shape (rows of the file,), int64, are the line numbers of the rows.
    """
    far = np.flatnonzero((time.values < _FIRST_USUAL) | (time.values >= _LAST_USUAL))
    if not len(far) or time.source != "column":
        return []
    return [FarTimes(column=time.name, first=time.values[far[0]], rows=first_rows(lines[far]), count=len(far))]


def check_dropped_rows(
    dropped: np.ndarray, is_footer: np.ndarray, texts: Sequence[str], lines: np.ndarray, rows: int, time: str
) -> list[Finding]:
    """Return the findings on rows without a time: empty rows, footer, and lost rows.

    Raises `NoValidTimes` if no row has a time.

    Parameters
    ----------
    dropped
        Shape (n,), int64: the positions of the rows without a time.
    is_footer
        Shape (n,), bool: which of them are the footer.
    texts
        The lines of the dropped rows as they are in the file.
    lines
        Shape (rows,), int64: the line numbers of all rows.
    rows
        How many rows the file has.
    time
        The name of the time column.
    """
    if len(dropped) == rows:
        raise NoValidTimes(column=time)
    is_empty = np.array([not any(map(str.isalnum, text)) for text in texts], dtype=bool)
    is_lost = ~is_empty & ~is_footer

    def text_of(chosen: np.ndarray) -> tuple[str, ...]:
        return tuple(text for text, here in zip(texts[:1000], chosen[:1000], strict=True) if here)

    findings: list[Finding] = []
    if count := int(np.count_nonzero(is_empty)):
        findings.append(EmptyRows(rows=first_rows(lines[dropped[is_empty]]), count=count))
    if count := int(np.count_nonzero(is_footer)):
        findings.append(Footer(texts=text_of(is_footer), rows=first_rows(lines[dropped[is_footer]]), count=count))
    if count := int(np.count_nonzero(is_lost)):
        findings.append(
            RowsWithoutTime(
                time_column=time,
                texts=text_of(is_lost),
                length=rows,
                rows=first_rows(lines[dropped[is_lost]]),
                count=count,
            )
        )
    return findings


def check_series(
    series: str, codes: np.ndarray, nameless: np.ndarray, lines: np.ndarray, is_set: bool, can_pivot: bool
) -> list[Finding]:
    """Return how many series were found, and which rows belong to none.

    Parameters
    ----------
    series
        The name of the series column.
    codes
        Shape (rows of the file,), int64: the number of the series of each row, -1 if it has none.
    nameless
        Shape (n,), int64: the positions of rows with a time but without a series.
    lines
        Shape (rows of the file,), int64: the line numbers of the rows.
    is_set
        Whether the settings name the series column or ask for a pivot; then it is not reported.
    can_pivot
        Whether the table can be pivoted to one column per series.
    """
    findings: list[Finding] = []
    if not is_set:
        findings.append(SeriesColumn(column=series, series=int(codes.max()) + 1, can_pivot=can_pivot))
    if len(nameless):
        rows = first_rows(lines[nameless])
        findings.append(RowsWithoutSeries(column=series, rows=rows, count=len(nameless)))
    return findings


def check_order(
    order: RowOrder, frequency: SamplingFrequency, times: np.ndarray, lines: np.ndarray, time: str
) -> list[Finding]:
    """Return how rows were sorted, and where time stamps are missing.

    Parameters
    ----------
    order
        The order of the rows; its positions are those in the file.
    times
        Shape (kept rows,), datetime64[us]: the time stamps in the new order.
    lines
        Shape (rows of the file,), int64: the line numbers of the rows.
    time
        The name of the time column.
    """
    findings: list[Finding] = []
    if order.direction == "newest first":
        findings.append(NewestFirst())
    elif order.direction == "unsorted":
        findings.append(Unsorted(column=time, rows=first_rows(lines[order.late]), count=len(order.late)))
    if len(frequency.gaps):
        longest = int(np.argmax(frequency.missing))
        after = frequency.gaps[longest]
        findings.append(
            TimeGaps(
                column=time,
                longest=frequency.missing[longest],
                before=times[after - 1],
                after=times[after],
                rows=first_rows(lines[order.rows[frequency.gaps]]),
                count=len(frequency.gaps),
            )
        )
    return findings + _check_sessions(frequency.holes, order, lines, time)


def _check_sessions(holes: SessionHoles, order: RowOrder, lines: np.ndarray, time: str) -> list[Finding]:
    """Return findings on the bars missing within sessions, and on sessions that start late or end early."""
    findings: list[Finding] = []
    inside, late, early = holes.of("inside"), holes.of("start"), holes.of("end")
    if len(inside.rows):
        findings.append(
            MissingBars(
                column=time,
                first=inside.first[0],
                places=len(inside.rows),
                rows=first_rows(lines[order.rows[inside.rows]]),
                count=int(inside.counts.sum()),
            )
        )
    short = holes.take(holes.kinds != "inside")
    if len(short.rows):
        findings.append(
            ShortSessions(
                column=time,
                late=len(late.rows),
                early=len(early.rows),
                first=short.first[0],
                rows=first_rows(lines[order.rows[short.rows]]),
                count=int(short.counts.sum()),
            )
        )
    return findings


def check_repeated_times(
    order: RowOrder, lines: np.ndarray, time: str, disagreeing: Sequence[tuple[str, int]]
) -> list[Finding]:
    """Return a finding on rows that repeat a time stamp of their series.

    Parameters
    ----------
    order
        The order of the rows; its positions are those in the file.
    lines
        Shape (rows of the file,), int64: the line numbers of the rows.
    time
        The name of the time column.
    disagreeing
        Columns whose values differ between such rows, with how often.
    """
    if not len(order.repeated):
        return []
    rows = first_rows(lines[order.repeated])
    return [DuplicateTimes(column=time, disagreeing=tuple(disagreeing), rows=rows, count=len(order.repeated))]


def check_shape(rows: int, columns: int) -> list[Finding]:
    """Return a finding if the table is too small to learn from."""
    if rows < 2:
        return [OneRow()]
    return [WideTable(columns=columns, length=rows)] if columns > max(rows, 50) else []
