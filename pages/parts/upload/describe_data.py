"""Steps 1 and 2 in words and tables, for pages to place: what was read, and its quality."""

import re
from dataclasses import asdict

import numpy as np
import pandas as pd
import streamlit as st

from core.data.dataset import Dataset
from core.data.eras import Eras
from core.findings.model import Finding
from core.forecast.evaluation.verdict import FEWEST_TEST_ROWS
from core.ingest.containers.excel.workbook import Sheet
from core.ingest.revisions.compare import FileChanges
from core.quality.profile import QualityProfile
from core.text.escape import plain_text
from core.text.format import format_count, format_p, format_percent


def dataset(data: Dataset) -> str:
    """Return one sentence on what was read."""
    series = f", in series by {data.series_column}" if data.series_column else ""
    if data.is_counted:
        size = f"{data.rows:,} rows and {len(data.columns):,} columns"
        return f"{size}, in the order of {data.time_column}{series}: no column tells the time."
    every = f", {frequency(data.frequency)}" if data.frequency else ""
    return (
        f"{data.rows:,} rows and {len(data.columns):,} columns, ordered by {data.time_column} "
        f"from {data.start[:10]} to {data.end[:10]}{every}{series}."
    )


def frequency(frequency: str) -> str:
    """Return how often a row comes, in words."""
    written = re.fullmatch(r"(\d*)([A-Za-z]+)(?:-[A-Z]+)?", frequency)
    unit = _FREQUENCIES.get(written[2]) if written else None
    if unit is None:
        return f"one row every {frequency}"
    return f"one row every {unit}" if written[1] in ("", "1") else f"one row every {written[1]} {unit}s"


def p_cell(p_value: float | None) -> str:
    """Return a p-value for a column that is headed by `p`."""
    if p_value is None:
        return ""
    written = format_p(p_value).removeprefix("p").removeprefix(" = ").strip()
    return written.replace(" ", "\N{NO-BREAK SPACE}")


_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars", " ": "blanks"}


def layout(data: Dataset) -> str:
    """Return one line on how the file was taken apart."""
    kind = f"Text in {data.encoding}" if data.format == "text" else f"{data.format} file"
    parted = f", cells parted by {_DELIMITERS.get(data.delimiter, data.delimiter)}" if data.format != "Excel" else ""
    rows = {0: "no header", 1: "a header of one row"}.get(data.header_rows, f"a header of {data.header_rows} rows")
    at = f" from line {data.header_line:,} on" if data.header_line not in (None, 1) else ""
    dates = f"; dates {data.day_order}" if data.day_order else ""
    left_out = (
        f"; {format_count(data.skipped_rows, 'line')} above or below the table left out" if data.skipped_rows else ""
    )
    return f"{kind}{parted}, decimal {'comma' if data.decimal == ',' else 'point'}, {rows}{at}{dates}{left_out}."


def changes(of: FileChanges) -> str:
    """Return one sentence on what a newer file changed."""
    restated = sum(column.cells for column in of.columns)
    columns = len(of.columns_new), len(of.columns_gone)
    differ = "holds another value" if restated == 1 else "hold other values"
    parts = [
        f"{format_count(of.added, 'row')} came and {of.gone.count:,} went" if of.added or of.gone.count else "",
        f"{format_count(columns[0], 'column')} came and {columns[1]:,} went" if any(columns) else "",
        f"{format_count(restated, 'cell')} of {of.matched:,} older rows {differ}" if restated else "",
    ]
    told = "; ".join(part for part in parts if part)
    return f"{told}." if told else "Nothing: both files hold the same rows, columns and values."


def sheets(of: tuple[Sheet, ...]) -> dict[str, str]:
    """Return the sheets of a workbook by name, each with how large it says to be."""
    words = {}
    for sheet in of:
        size = (
            "" if sheet.rows is None else f"{format_count(sheet.rows, 'row')} x {format_count(sheet.columns, 'column')}"
        )
        told = ", ".join(part for part in ("hidden" if sheet.hidden else "", size) if part)
        words[sheet.name] = f"{plain_text(sheet.name, most=60)}{told and f' ({told})'}"
    return words


_FREQUENCIES = {
    "B": "business day",
    "D": "day",
    "W": "week",
    "h": "hour",
    "min": "minute",
    "s": "second",
    "ms": "millisecond",
    "us": "microsecond",
    "MS": "month",
    "ME": "month",
    "BMS": "month",
    "BME": "month",
    "QS": "quarter",
    "QE": "quarter",
    "YS": "year",
    "YE": "year",
}


def eras(cut: Eras, is_counted: bool) -> str:
    """Return one line on where the eras are cut and how many rows each holds; rows that are only counted have no dates."""
    starts = ("", "", "") if is_counted else (cut.start, cut.validation_from, cut.test_from)
    train, validation, test = (
        f"{rows:,} rows from {start[:10]}" if start else f"{rows:,} rows"
        for rows, start in zip(cut.rows, starts, strict=True)
    )
    return f"Train {train} · validation {validation} · test {test}, sealed until you open it.{too_short(cut)}"


def too_short(cut: Eras) -> str:
    """Return that the test era is too short for a verdict, to be known before it is opened; empty where it is not."""
    rows = cut.rows[-1]
    if rows >= FEWEST_TEST_ROWS:
        return ""
    return f" A verdict needs at least {FEWEST_TEST_ROWS} test rows: on {rows:,} there will be none."


def stamp_columns(head: pd.DataFrame) -> dict[str, object]:
    """Return how columns of times are shown: ISO, without a clock where they tell none."""
    formats = {}
    for name in head.select_dtypes("datetime"):
        known = head[name].dropna()
        clock = "" if (known == known.dt.normalize()).all() else " HH:mm:ss"
        formats[name] = st.column_config.DatetimeColumn(format=f"YYYY-MM-DD{clock}")
    return formats


def series(data: Dataset, column: str) -> tuple[np.ndarray, np.ndarray, str]:
    """Return times, values and name of a column, of the first series where there are several."""
    names = [data.time_column, column, *([data.series_column] if data.series_column else [])]
    frame = data.read(names)
    name = column
    if data.series_column:
        first = frame[data.series_column].iloc[0]
        frame = frame[frame[data.series_column] == first]
        name = f"{column} of {first}"
    values = frame[column].to_numpy(dtype=np.float64, copy=True)
    values[~np.isfinite(values) | np.isin(values, data.column(column).sentinels)] = np.nan
    return frame[data.time_column].to_numpy(), values, name


def columns(data: Dataset) -> pd.DataFrame:
    """Return one row a column: what it was taken for, and its bad cells."""
    return pd.DataFrame(
        [
            {"column": c.name, "in the file": c.original_name, "kind": c.kind.value, **asdict(c.bad)}
            for c in data.columns
        ]
    )


def quality(data: Dataset, profile: QualityProfile) -> str:
    """Return one sentence on the state of the data."""
    cells = sum(column.all.rows for column in profile.columns)
    bad = sum(column.all.bad_ratio * column.all.rows for column in profile.columns)
    worst = max(profile.columns, key=lambda column: column.all.bad_ratio, default=None)
    if worst is None or bad < 0.5:
        return (
            f"None of the {cells:,} cells is missing, unreadable, infinite or a code; what they hold is judged below."
        )
    alike = [column.name for column in profile.columns if column.all.bad_ratio == worst.all.bad_ratio]
    others = alike[1] if len(alike) == 2 else f"{len(alike) - 1:,} others"
    which = f"columns are {alike[0]} and {others}" if len(alike) > 1 else f"column is {worst.name}"
    return (
        f"{format_percent(bad / cells)} of {cells:,} cells are bad; the worst {which} with "
        f"{format_percent(worst.all.bad_ratio)}."
    )


def findings(data: Dataset, quality: QualityProfile) -> tuple[Finding, ...]:
    """Return what reading and profiling found; codes that stand for a missing value are told once, by their number."""
    codes = tuple(finding for finding in data.findings if finding.code == "sentinel-code")
    of_profile = (finding for finding in quality.findings if not codes or finding.code != "sentinel-values")
    return (*codes, *of_profile, *(finding for finding in data.findings if finding not in codes))


# The words of the table of all columns: of which statistic, and what it means.
SHARES = {
    "bad": ("bad_ratio", "Share of rows that are missing, unreadable, infinite or a code."),
    "standing still": ("stale_ratio", "Share of rows in runs of at least five equal values."),
    "distinct": ("unique_ratio", "Share of good values that differ from each other."),
}
MEASURES = {
    "mean": ("mean", "Mean of the good values."),
    "std": ("std", "Standard deviation: how far values lie from the mean, as a rule."),
    "minimum": ("min", "Lowest good value."),
    "median": ("median", "Half of the good values lie below."),
    "maximum": ("max", "Highest good value."),
    "skewness": ("skewness", "Above 0: the longer tail is that of high values."),
    "kurtosis": ("kurtosis", "Excess kurtosis. Above 0: heavier tails than a normal."),
}


def profile(quality: QualityProfile) -> pd.DataFrame:
    """Return one row a column with its main statistics over all rows."""
    kept = SHARES | MEASURES
    return pd.DataFrame(
        [
            {"column": c.name, "kind": c.kind.value}
            | {words: getattr(c.all, name) for words, (name, _) in kept.items()}
            for c in quality.columns
        ]
    )
