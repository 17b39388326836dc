"""In which series of a panel a column stood still."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from core.data.dataset import Dataset
from core.findings.model import Finding
from core.quality.numerics.blocks import Rows


def name_stale_series(findings: Iterable[Finding], dataset: Dataset, rows: Rows) -> tuple[Finding, ...]:
    """Return the findings, those on a stale run with its series in their title, where one series has the run's first line."""
    findings = tuple(findings)
    lines = {finding: finding.rows[0] for finding in findings if finding.code == "stale-run" and finding.rows}
    if dataset.series_column is None or not lines:
        return findings
    series = dataset.read([dataset.series_column])[dataset.series_column]
    held = {finding: series[np.flatnonzero(rows.lines == line)].unique() for finding, line in lines.items()}
    return tuple(
        replace(finding, title=f"{finding.title} in {held[finding][0]}") if len(held.get(finding, ())) == 1 else finding
        for finding in findings
    )
