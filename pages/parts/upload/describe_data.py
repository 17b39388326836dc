"""Sentences and tables of steps 1 and 2: the file as read, and the quality of its data."""

import re
from dataclasses import asdict

import numpy as np
import pandas as pd
import streamlit as st

from core.data.dataset import Dataset
from core.data.eras import Eras
from core.errors.model import DataError
from core.findings.columns import SentinelValues
from core.findings.model import Finding, Severity
from core.forecast.evaluation.trials import Trials
from core.forecast.evaluation.verdict import FEWEST_TEST_ROWS
from core.ingest.containers.excel.workbook import Sheet
from core.ingest.revisions.compare import FileChanges
from core.ingest.target import TargetReason, guess_target
from core.quality.profile import QualityProfile
from core.recipe.model import Recipe
from core.text.escape import markdown_text, plain_text
from core.text.format import format_count, format_p, format_percent
from pages.parts.widgets.placing import ColumnConfigs

_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe", " ": "space"}
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


def dataset_sentence(data: Dataset) -> str:
    """Return in one sentence what was read: size, time column, span, frequency and series."""
    size = f"{format_count(data.rows, 'row')} and {format_count(len(data.columns), 'column')}"
    series = f", in series by {data.series_column}" if data.series_column else ""
    if data.is_counted:
        return f"{size}, ordered by {data.time_column}{series}: no column holds times."
    frequency = f", {frequency_text(data.frequency)}" if data.frequency else ""
    return f"{size}, ordered by {data.time_column} from {data.start[:10]} to {data.end[:10]}{frequency}{series}."


_REASONS = {
    TargetReason.NAME: "it has the usual name of a target",
    TargetReason.MARKET: "it is named after a market, so it is the column most like a price",
    TargetReason.PRICE: "its name says that it is a price",
    TargetReason.MEASURED: "it is the first column of measured values",
    TargetReason.LAST_NUMBER: "it is the last column of numbers",
}


def target_reason(data: Dataset, recipe: Recipe) -> str:
    """Return why the target was proposed, as markdown; empty if the recipe names the target."""
    if recipe.ingest.target is not None:
        return ""
    try:
        guess = guess_target(data)
    except DataError:
        return "No column of numbers was found, so nothing can be forecast."
    return f"Proposed: {markdown_text(guess.column)}, because {_REASONS[guess.reason]}. Change it here."


def frequency_text(frequency: str) -> str:
    """Return the sampling frequency, given as a pandas offset alias, as text."""
    match = re.fullmatch(r"(\d*)([A-Za-z]+)(?:-[A-Z]+)?", frequency)
    unit = _FREQUENCIES.get(match[2]) if match else None
    if match is None or unit is None:
        return f"one row every {frequency}"
    return f"one row per {unit}" if match[1] in ("", "1") else f"one row every {match[1]} {unit}s"


def p_cell(p_value: float | None) -> str:
    """Return a p-value for a table column headed `p`; empty if there is none."""
    if p_value is None:
        return ""
    text = format_p(p_value).removeprefix("p").removeprefix(" = ").strip()
    return text.replace(" ", "\N{NO-BREAK SPACE}")


def layout_text(data: Dataset) -> str:
    """Return on one line how the file was read: encoding, delimiter, decimal mark, header, dates, skipped lines."""
    parts = [f"{data.encoding} text" if data.format == "text" else f"{data.format} file"]
    if data.format != "Excel":
        parts.append(f"{_DELIMITERS.get(data.delimiter, data.delimiter)}-separated")
    parts.append(f"decimal {'comma' if data.decimal == ',' else 'point'}")
    header = format_count(data.header_rows, "header row") if data.header_rows else "no header"
    start = f" from line {data.header_line:,}" if data.header_line not in (None, 1) else ""
    parts.append(f"{header}{start}")
    if data.day_order:
        parts.append(f"dates {data.day_order}")
    if data.skipped_rows:
        parts.append(f"{format_count(data.skipped_rows, 'line')} outside the table skipped")
    return f"{', '.join(parts)}."


def changes_sentence(changes: FileChanges) -> str:
    """Return in one sentence what a newer file changed."""
    restated = sum(column.cells for column in changes.columns)
    new_columns, removed_columns = len(changes.columns_new), len(changes.columns_removed)
    parts = []
    if changes.added or changes.removed.count:
        parts.append(f"{format_count(changes.added, 'row')} added, {changes.removed.count:,} removed")
    if new_columns or removed_columns:
        parts.append(f"{format_count(new_columns, 'column')} added, {removed_columns:,} removed")
    if restated:
        parts.append(f"{format_count(restated, 'value')} restated in {format_count(changes.matched, 'matching row')}")
    return f"{'; '.join(parts)}." if parts else "No changes: both files hold the same rows, columns and values."


def sheet_labels(sheets: tuple[Sheet, ...]) -> dict[str, str]:
    """Return the sheets of a workbook, by name, with their declared sizes."""
    labels = {}
    for sheet in sheets:
        notes = ["hidden"] if sheet.hidden else []
        if sheet.rows is not None and sheet.columns is not None:
            notes.append(f"{format_count(sheet.rows, 'row')} × {format_count(sheet.columns, 'column')}")
        name = plain_text(sheet.name, most=60)
        labels[sheet.name] = f"{name} ({', '.join(notes)})" if notes else name
    return labels


def eras_text(eras: Eras, is_counted: bool, trials: Trials) -> str:
    """Return on one line the rows of each era and, unless rows are only counted, its first date.

    `trials` state whether the test era has been opened.
    """
    starts = ("", "", "") if is_counted else (eras.start, eras.validation_from, eras.test_from)
    train, validation, test = (
        f"{format_count(rows, 'row')} from {start[:10]}" if start else format_count(rows, "row")
        for rows, start in zip(eras.rows, starts, strict=True)
    )
    state = f"opened {format_count(trials.opened or 0, 'time')}" if trials.is_open else "sealed until you open it"
    return f"Train: {train} · validation: {validation} · test: {test}, {state}.{short_test_warning(eras)}"


def short_test_warning(eras: Eras) -> str:
    """Return a warning that the test era is too short for a verdict, to be read before it is opened; empty if it is not."""
    rows = eras.rows[-1]
    if rows >= FEWEST_TEST_ROWS:
        return ""
    return f" A verdict needs at least {FEWEST_TEST_ROWS} test rows; with {rows:,} there will be none."


def time_column_config(frame: pd.DataFrame) -> ColumnConfigs:
    """Return the settings that show time columns in ISO format, without a time of day if all are midnight."""
    config = {}
    for name in frame.select_dtypes("datetime"):
        known = frame[name].dropna()
        time_of_day = "" if (known == known.dt.normalize()).all() else " HH:mm:ss"
        config[name] = st.column_config.DatetimeColumn(format=f"YYYY-MM-DD{time_of_day}")
    return config


def first_series(data: Dataset, column: str) -> tuple[np.ndarray, np.ndarray, str]:
    """Return times and values, each shape (n,), and the name of a column, of the first series only.

    Bad values are NaN.
    """
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


def columns_table(data: Dataset) -> pd.DataFrame:
    """Return one row per column: its name in the file, its kind, and its bad cells by reason."""
    return pd.DataFrame(
        [
            {"column": c.name, "name in file": c.original_name, "kind": c.kind.value, **asdict(c.bad)}
            for c in data.columns
        ]
    )


def quality_sentence(profile: QualityProfile) -> str:
    """Return the share of bad cells and the worst columns."""
    cells = sum(column.all.rows for column in profile.columns)
    bad = sum(column.all.bad_ratio * column.all.rows for column in profile.columns)
    worst = max(profile.columns, key=lambda column: column.all.bad_ratio, default=None)
    if worst is None or bad < 0.5:
        return f"None of the {cells:,} cells is missing, unreadable, infinite or a sentinel code."
    tied = [column.name for column in profile.columns if column.all.bad_ratio == worst.all.bad_ratio]
    share = format_percent(worst.all.bad_ratio)
    if len(tied) == 1:
        columns = f"Worst column: {worst.name} ({share})"
    else:
        others = tied[1] if len(tied) == 2 else f"{len(tied) - 1:,} others"
        columns = f"Worst columns: {tied[0]} and {others} ({share} each)"
    return f"{format_percent(bad / cells)} of {cells:,} cells are bad. {columns}."


def merge_findings(data: Dataset, profile: QualityProfile) -> tuple[Finding, ...]:
    """Return the findings of profiling and of reading.

    Reading reports each sentinel code once, so the profile's findings on the codes of each column are left out.
    """
    has_codes = any(column.sentinels for column in data.columns)
    of_profile = (finding for finding in profile.findings if not has_codes or not finding.is_kind(SentinelValues))
    return (*of_profile, *data.findings)


def needs_attention(data: Dataset, profile: QualityProfile) -> bool:
    """Return whether a finding of reading or profiling is a problem or a warning."""
    return any(finding.severity is not Severity.INFO for finding in merge_findings(data, profile))


# The columns of the summary table: the statistic and its help.
SHARES = {
    "bad": ("bad_ratio", "Share of rows that are missing, unreadable, infinite or a sentinel code."),
    "stale": ("stale_ratio", "Share of rows in runs of five or more equal values."),
    "unique": ("unique_ratio", "Distinct values as a share of the valid values."),
}
MEASURES = {
    "mean": ("mean", "Mean of the valid values."),
    "std": ("std", "Standard deviation of the valid values."),
    "minimum": ("min", "Smallest valid value."),
    "median": ("median", "Median of the valid values."),
    "maximum": ("max", "Largest valid value."),
    "skewness": ("skewness", "Above 0: the right tail is longer."),
    "kurtosis": ("kurtosis", "Excess kurtosis. Above 0: heavier tails than the normal distribution."),
}
# Of these, the values that are in the file: they are shown with all their digits.
VALUES = ("minimum", "median", "maximum")


def summary_table(profile: QualityProfile) -> pd.DataFrame:
    """Return one row per column with its main statistics over all rows."""
    statistics = SHARES | MEASURES
    return pd.DataFrame(
        [
            {"column": c.name, "kind": c.kind.value}
            | {heading: getattr(c.all, name) for heading, (name, _) in statistics.items()}
            for c in profile.columns
        ]
    )
