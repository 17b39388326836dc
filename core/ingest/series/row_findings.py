"""What reading did to the rows: their layout, their time, their order, and those that were left out."""

from collections.abc import Sequence

import numpy as np

from core.data.frequency import SamplingFrequency
from core.errors.model import DataError
from core.findings.model import Finding, Remedy, Severity, first_rows, legacy_finding
from core.ingest.layout.dialect import Dialect
from core.ingest.layout.split import TextTable
from core.ingest.series.cell_findings import say_time_code, stamp_text
from core.ingest.series.no_time import ROW_NUMBER
from core.ingest.series.order import RowOrder, TimeColumn
from core.text.format import format_count

_PROBLEM_SHARE = 0.05
_FIRST_USUAL, _LAST_USUAL = np.datetime64("1800-01-01"), np.datetime64("2100-01-01")


def say_layout(dialect: Dialect) -> list[Finding]:
    """Return which lines above the table were left out."""
    if not dialect.preamble:
        return []
    lines = np.array([line for line, _ in dialect.preamble])
    shown = "; ".join(text[:80] for _, text in dialect.preamble[:5])
    return [
        legacy_finding(
            "preamble",
            Severity.WARNING,
            f"Lines above the table were left out: {len(lines) + dialect.more_above:,}",
            f"They read: {shown}",
            rows=first_rows(lines),
            count=len(lines) + dialect.more_above,
        )
    ]


def say_ragged(table: TextTable, gone: np.ndarray) -> list[Finding]:
    """Return which rows had too few or too many cells; lines that are `gone` are told elsewhere."""
    lines = np.setdiff1d(table.ragged, gone)
    if not len(lines):
        return []
    cut = ", ".join(f"line {line}: {text[:40]!r}" for line, text in table.extra[:10])
    return [
        legacy_finding(
            "ragged-rows",
            Severity.WARNING,
            f"Too few or too many cells in {format_count(len(lines), 'row')}",
            "Missing cells at the end of a row count as missing. "
            + (f"Cells beyond the last column were cut off and listed: {cut}." if cut else ""),
            rows=first_rows(lines),
            count=len(lines),
        )
    ]


def say_time_column(time: TimeColumn, others: Sequence[str]) -> list[Finding]:
    """Return how the time column was found, where that is not plain."""
    if time.code == "row count":
        return [
            legacy_finding(
                "no-time-column",
                Severity.PROBLEM,
                "No column holds dates or times: the rows are counted instead",
                "Row n is put n seconds after 1970 so that order is kept. This is right only if the rows stand in the order "
                "of time, at equal steps: models wait for your word that they do. Add a column of dates if there is one.",
                remedy=Remedy(
                    label="The rows are in order of time", section="ingest", field="time_column", value=ROW_NUMBER
                ),
            )
        ]
    if time.code == "asked row count":
        title = "The rows are counted in place of a time"
        return [
            legacy_finding("time-counted", Severity.WARNING, title, "Row n is put n seconds after 1970.", time.name)
        ]
    if time.code == "a counter":
        title = f"{time.name} counts, it tells no date"
        return [legacy_finding("time-counted", Severity.WARNING, title, "n is put n seconds after 1970.", time.name)]
    findings = []
    if time.code:
        first = stamp_text(time.values[~np.isnat(time.values)][0])
        findings.append(say_time_code(time.name, time.code, f"The first of them is read as {first}."))
    if time.joined_with is not None:
        title = f"{time.name} and {time.joined_with} were joined to one time stamp"
        findings.append(legacy_finding("date-and-clock-joined", Severity.INFO, title, column=time.name))
    if others:
        title = f"{time.name} is taken as the time column"
        detail = f"These hold times too: {', '.join(others[:10])}."
        findings.append(legacy_finding("time-column-chosen", Severity.INFO, title, detail, time.name))
    return findings


def say_far_times(time: TimeColumn, lines: np.ndarray) -> list[Finding]:
    """Return which of the rows have a time that is hardly meant: before 1800, or from 2100 on, as 9999-12-31 for "no end"."""
    far = np.flatnonzero((time.values < _FIRST_USUAL) | (time.values >= _LAST_USUAL))
    if not len(far) or "count" in time.code:
        return []
    first = stamp_text(time.values[far[0]])
    title = f"Times before 1800 or after 2099 in {time.name}: {format_count(len(far), 'row')}"
    detail = (
        f"The first of them is {first}. They stand in the table as they are. Such dates often mean that there is none: "
        "take the rows out of the file if so, because the last rows are the test era."
    )
    where = lines[far]
    return [legacy_finding("far-times", Severity.WARNING, title, detail, time.name, first_rows(where), len(where))]


def say_dropped(
    dropped: np.ndarray, last_kept: int, texts: Sequence[str], lines: np.ndarray, rows: int, time: str
) -> list[Finding]:
    """Return what happened to the rows that have no time: footers, empty rows, and rows that are lost.

    `dropped` are their positions, `texts` their lines. Raises `DataError` if they are all of the file.
    """
    if len(dropped) == rows:
        raise DataError(f"No row has a readable time in {time!r}.", "Name another time column, or mend the dates.")
    empty = np.array([not any(map(str.isalnum, text)) for text in texts], dtype=bool)
    footer = (dropped > last_kept) & ~empty
    groups = (
        ("empty-rows", Severity.INFO, "Rows without any value were passed over", empty, ""),
        ("footer", Severity.WARNING, "Lines below the table were left out", footer, "They hold no time"),
        (
            "rows-without-time",
            Severity.WARNING,
            f"Rows without a readable time in {time}",
            ~empty & ~footer,
            "Left out",
        ),
    )
    findings = []
    for code, severity, title, chosen, why in groups:
        count = int(np.count_nonzero(chosen))
        if not count:
            continue
        grave = code == "rows-without-time" and count > _PROBLEM_SHARE * rows
        shown = "; ".join(text[:60] for text, here in list(zip(texts, chosen, strict=True))[:1000] if here)[:300]
        findings.append(
            legacy_finding(
                code,
                Severity.PROBLEM if grave else severity,
                f"{title}: {count:,}",
                f"{why}: {shown}" if why else "",
                rows=first_rows(lines[dropped[chosen]]),
                count=count,
            )
        )
    return findings


def say_series(
    series: str, codes: np.ndarray, nameless: np.ndarray, lines: np.ndarray, is_plain: bool, remedy: Remedy | None
) -> list[Finding]:
    """Return how many series were found, unless that `is_plain`, and which rows belong to none (at the places `nameless`)."""
    findings = []
    if not is_plain:
        title = f"{series} tells {int(codes.max()) + 1:,} series apart"
        detail = "Time stamps repeat, and each comes once for each of its values."
        findings.append(legacy_finding("series-column", Severity.INFO, title, detail, series, remedy=remedy))
    if len(nameless):
        title = f"Rows that name no series in {series} were left out: {len(nameless):,}"
        where = first_rows(lines[nameless])
        findings.append(
            legacy_finding("rows-without-series", Severity.WARNING, title, "", series, where, len(nameless))
        )
    return findings


def say_order(
    order: RowOrder, frequency: SamplingFrequency, times: np.ndarray, lines: np.ndarray, time: str
) -> list[Finding]:
    """Return how the rows were put in order, which stamps repeat and where some are missing.

    `times` are the stamps in the new order; the positions in `order` are those of the file.
    """
    findings = []
    if order.direction == "newest first":
        findings.append(
            legacy_finding("newest-first", Severity.INFO, "The file runs from new to old: its rows were turned round")
        )
    elif order.direction == "unsorted":
        findings.append(
            legacy_finding(
                "unsorted",
                Severity.WARNING,
                f"The rows were sorted by time: {format_count(len(order.late), 'row')} stood below a later one",
                column=time,
                rows=first_rows(lines[order.late]),
                count=len(order.late),
            )
        )
    if len(order.repeated):
        findings.append(
            legacy_finding(
                "duplicate-times",
                Severity.WARNING,
                f"Time stamps that another row has too: {format_count(len(order.repeated), 'row')}",
                "All are kept here; cleaning keeps one of each, the last unless its settings say otherwise. If the file holds "
                "several series, name the column that tells them apart.",
                time,
                first_rows(lines[order.repeated]),
                len(order.repeated),
            )
        )
    if len(frequency.gaps):
        longest = int(np.argmax(frequency.missing))
        after = frequency.gaps[longest]
        span = _span_text(frequency.missing[longest] / np.timedelta64(1, "s"))
        findings.append(
            legacy_finding(
                "time-gaps",
                Severity.WARNING,
                f"The time stamps have {format_count(len(frequency.gaps), 'gap')}; the longest is {span}",
                f"From {stamp_text(times[after - 1])} to {stamp_text(times[after])}. The lines are the first after each gap.",
                time,
                first_rows(lines[order.rows[frequency.gaps]]),
                len(frequency.gaps),
            )
        )
    return findings


def say_shape(rows: int, columns: int) -> list[Finding]:
    """Return whether the table is too small to learn from."""
    if rows < 2:
        return [legacy_finding("one-row", Severity.WARNING, "The table has one row", "Nothing can be learned from it.")]
    if columns > max(rows, 50):
        detail = "With more columns than rows, any target can be fitted by chance."
        return [legacy_finding("wide-table", Severity.WARNING, f"{columns:,} columns and only {rows:,} rows", detail)]
    return []


def _span_text(seconds: float) -> str:
    """Return a length of time in the largest unit that it fills."""
    units = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))
    unit, size = next((each for each in units if seconds >= each[1]), units[-1])
    number = f"{seconds / size:,.0f}" if seconds >= 10 * size else f"{seconds / size:.3g}"
    return f"{number} {unit}{'' if number == '1' else 's'}"
