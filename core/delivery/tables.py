"""CSV tables in which no spreadsheet finds a formula."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from core.findings.model import Finding
from core.io.atomic import write_atomically
from core.text.escape import spreadsheet_text


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write the text of `csv_text` atomically."""
    write_atomically(path, csv_text(frame).encode())


def csv_text(frame: pd.DataFrame) -> str:
    """Return a table as CSV: ISO times, full precision, empty missing cells, formulas escaped."""
    calm = frame.copy(deep=False)
    for name in calm.columns:
        column = calm[name]
        if pd.api.types.is_datetime64_any_dtype(column):
            calm[name] = _iso(column)
        elif not pd.api.types.is_numeric_dtype(column):
            calm[name] = column.map(_escape_cell, na_action="ignore")
    calm.columns = [_escape_cell(name) for name in frame.columns]
    return calm.to_csv(index=False, lineterminator="\n")


def findings_table(findings: Sequence[Finding]) -> pd.DataFrame:
    """Return one row per finding: severity, code, column, count, title, detail and remedy."""
    return pd.DataFrame(
        [
            {
                "severity": finding.severity.value,
                "code": finding.code,
                "column": finding.column or "",
                "count": finding.count,
                "finding": finding.title,
                "detail": finding.detail,
                "first lines": " ".join(map(str, finding.rows)),
                "remedy": finding.remedy.label if finding.remedy else "",
                "setting": f"{finding.remedy.section}.{finding.remedy.field}" if finding.remedy else "",
            }
            for finding in findings
        ],
        columns=["severity", "code", "column", "count", "finding", "detail", "first lines", "remedy", "setting"],
    ).astype({"count": "Int64"})


def _escape_cell(cell: object) -> str:
    # A lone carriage return is not quoted, and a reader would begin a row, perhaps a formula, after it.
    return spreadsheet_text(str(cell)).replace("\r\n", "\n").replace("\r", "\n")


def _iso(times: pd.Series) -> pd.Series:
    """Return times as ISO text: dates if no time of the column has a time of day."""
    known = times.dropna()
    if (known == known.dt.normalize()).all():
        return times.dt.strftime("%Y-%m-%d")
    whole = (known == known.dt.floor("s")).all()
    return times.dt.strftime("%Y-%m-%dT%H:%M:%S" if whole else "%Y-%m-%dT%H:%M:%S.%f")
