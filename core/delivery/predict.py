"""Score the rows of a file with a bundle: read as Plumbline reads it, and compared with the file of training."""

import re
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from core.data.columns import LINE
from core.data.dataset import Dataset
from core.delivery.bundle import Bundle, Manifest
from core.delivery.score_rows import Scored, score_rows
from core.delivery.scoring_model import ScoringModel
from core.errors.bundle import MissingModelColumns, ModelColumnsNotNumeric
from core.findings.delivery import ColumnMissing, ColumnRenamed, ColumnsAdded, ColumnsNotNeeded
from core.findings.model import Finding
from core.ingest.reader import read_table
from core.progress import NoProgress, Progress, ShouldStop, never_stop
from core.text.nearest import nearest_names


@dataclass(frozen=True, eq=False, kw_only=True)
class NewRows:
    """A file to score: its table, what differs from the file of training, and the columns that the model lacks.

    `names` are the columns of the file by the model's names.
    """

    dataset: Dataset
    names: dict[str, str]
    missing: tuple[str, ...]
    findings: tuple[Finding, ...]

    def read(self, model: ScoringModel) -> pd.DataFrame:
        """Return the columns that the model needs, under its names; raises `DataError` if one is missing or holds text."""
        if self.missing:
            raise MissingModelColumns(columns=self.missing)
        present = {column.name: column for column in self.dataset.columns}
        not_numeric = [name for name in model.needed if not present[self.names[name]].kind.is_numeric]
        if not_numeric:
            kind = present[self.names[not_numeric[0]]].kind.value
            raise ModelColumnsNotNumeric(columns=tuple(not_numeric), kind=kind)
        series = [model.roles.series] if model.roles.series else []
        wanted = {self.names[name]: name for name in (*series, *model.needed)}
        frame = self.dataset.read([self.dataset.time_column, *wanted, LINE])
        return frame.rename(columns=wanted | {self.dataset.time_column: model.roles.time})


def read_new_rows(
    manifest: Manifest,
    data: Path,
    folder: Path,
    progress: Progress = NoProgress(),
    should_stop: ShouldStop = never_stop,
) -> NewRows:
    """Read a file as the file of training was read; `folder` is for the table that it is read into."""
    dataset = read_table(data, manifest.ingest, folder, progress, should_stop)
    model = manifest.model
    series = [model.roles.series] if model.roles.series else []
    known = [*series, *model.kinds]
    found = [column.name for column in dataset.columns if column.name != dataset.time_column]
    names = {name: name for name in known if name in found}
    unknown = [name for name in found if name not in known]
    renamed = _find_renamed([name for name in known if name not in names], unknown)
    added = [name for name in unknown if name not in renamed.values() and name not in manifest.left_out]
    names |= renamed
    absent = [name for name in known if name not in names]
    missing = tuple(name for name in absent if name in (*series, *model.needed))
    not_needed = tuple(name for name in absent if name not in missing)
    findings: list[Finding] = [
        ColumnMissing(column=name, nearest=tuple(nearest_names(name, added))) for name in missing
    ]
    findings += [ColumnRenamed(column=name, found=other) for name, other in renamed.items()]
    if not_needed:
        findings.append(ColumnsNotNeeded(columns=not_needed, count=len(not_needed)))
    if added:
        findings.append(ColumnsAdded(columns=tuple(added), count=len(added)))
    read = {dataset.time_column, *(names[name] for name in (*series, *model.needed) if name in names)}
    findings += [finding for finding in dataset.findings if finding.column is None or finding.column in read]
    return NewRows(dataset=dataset, names=names, missing=missing, findings=tuple(findings))


def predict_with(
    bundle: Bundle,
    data: Path,
    folder: Path,
    progress: Progress = NoProgress(),
    should_stop: ShouldStop = never_stop,
) -> Scored:
    """Return predictions for the rows of a file; `folder` is for the table that it is read into.

    Raises `DataError` if the file lacks a column of the model, has text in one, or has too few rows for a window.
    """
    rows = read_new_rows(bundle.manifest, data, folder, progress, should_stop)
    return score_new_rows(bundle, rows, should_stop)


def score_new_rows(bundle: Bundle, rows: NewRows, should_stop: ShouldStop = never_stop) -> Scored:
    """Return predictions for rows that have been read, with the findings on their file."""
    model = bundle.manifest.model
    scored = score_rows(model, bundle.network, rows.read(model), rows.dataset.frequency, should_stop)
    return replace(scored, findings=(*rows.findings, *scored.findings))


def _find_renamed(absent: list[str], unknown: list[str]) -> dict[str, str]:
    """Return the columns of a file by the names that differ from theirs in case, spaces and punctuation alone.

    Examples
    --------
    >>> _find_renamed(["sp500_range"], ["SP500 Range", "vix"])
    {'sp500_range': 'SP500 Range'}
    """
    count = Counter(map(_letters, unknown))
    by_letters = {_letters(name): name for name in unknown if count[_letters(name)] == 1}
    return {name: by_letters[_letters(name)] for name in absent if _letters(name) in by_letters}


def _letters(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).casefold()
