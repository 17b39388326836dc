"""The job that scores new rows: with the bundle of a training, or one that the user uploads."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from pydantic import ValidationError

from core.data.eras import Era
from core.delivery.bundle import Manifest, read_bundle
from core.delivery.predict import read_new_rows, score_new_rows
from core.delivery.tables import write_csv
from core.errors.workspace import ResultsMissing
from core.findings.delivery import TestEraHidden
from core.findings.model import Finding, RecordedFinding, to_document, worst_first
from core.forecast.evaluation.trials import Trials
from core.forecast.evaluation.units import PER_ROW, Unit, annual_unit
from core.io.json import from_json, write_json
from core.progress import Progress, ShouldStop
from core.samples.task import Task
from core.workspace.projects import Workspace
from core.workspace.runs import Run
from core.workspace.scorings import discard_files, read_request

RESULT_FILE = "scoring.json"
TABLE_FILE = "scored.parquet"
CSV_FILE = "scored.csv"


@dataclass(frozen=True, kw_only=True)
class Scoring:
    """The result of scoring a file; the predictions are stored beside it as a table.

    `rows` counts predictions, 0 if there are none; `new` those of rows after the data of training. `made` is when the model was
    exported, `trained_until` where its data end, and `coverage` the nominal coverage of its interval, None without one.
    `rows_a_year` annualises a volatility.
    """

    data_name: str
    bundle_name: str
    task: Task
    rows: int
    new: int
    made: str
    trained_until: str
    findings: tuple[Finding, ...]
    coverage: float | None = None
    rows_a_year: float | None = None

    @property
    def units(self) -> tuple[Unit, ...]:
        """The units that levels are shown in, those of a volatility per row and a year."""
        if self.task.predict != "volatility":
            return (Unit(),)
        return (PER_ROW,) if self.rows_a_year is None else (PER_ROW, annual_unit(self.rows_a_year))


def score(workspace: Workspace, run: Run, progress: Progress, should_stop: ShouldStop) -> None:
    """Score the file that a run asks for, and write the predictions into its folder.

    If the file lacks columns that the model needs, only the findings are written. Predictions for a test era that is still sealed
    are left out.
    """
    request = read_request(run)
    own = None if run.parent is None else workspace.run(run.parent).folder / "bundle.zip"
    path = request.bundle or own
    if path is None or not path.exists():
        raise ResultsMissing()
    bundle = read_bundle(path)
    manifest = bundle.manifest
    with tempfile.TemporaryDirectory(dir=run.folder) as folder:
        data = request.data or run.source_path
        rows = read_new_rows(manifest, data, Path(folder) / "table", progress, should_stop)
        table, findings = _empty(), rows.findings
        if not rows.missing:
            progress.step(0, 1, "Scoring")
            scored = score_new_rows(bundle, rows, should_stop)
            table = scored.table.assign(actual=scored.actual, era=_eras_of(scored.table["time"], manifest))
            counted = workspace.ledger(run.project_id).count(manifest.fingerprint)
            table, hidden = _hide_test(table, is_sealed=_is_sealed(counted, manifest))
            findings = (*scored.findings, *hidden)
    result = Scoring(
        data_name=request.data_name,
        bundle_name=request.bundle_name,
        task=manifest.task,
        rows=len(table),
        new=int((table["era"] == "new").sum()),
        made=manifest.made,
        trained_until=manifest.eras.end,
        findings=worst_first(map(_without_remedy, findings)),
        coverage=None if manifest.interval is None else manifest.interval.nominal,
        rows_a_year=manifest.rows_a_year,
    )
    table.to_parquet(run.folder / TABLE_FILE, index=False)
    write_csv(table, run.folder / CSV_FILE)
    write_json(run.folder / RESULT_FILE, result)
    discard_files(request)
    progress.step(1, 1, "Scoring")


def load_scoring(folder: Path) -> Scoring:
    """Return the result of scoring; raises `ResultsMissing` if it cannot be read."""
    try:
        return from_json(Scoring, (folder / RESULT_FILE).read_bytes())
    except (OSError, ValidationError) as error:
        raise ResultsMissing() from error


def load_scored(folder: Path) -> pd.DataFrame:
    """Return the predictions: those of the bundle, with `actual` and `era`: train, validation, test or new."""
    return pd.read_parquet(folder / TABLE_FILE)


def _without_remedy(finding: Finding) -> Finding:
    """Return a finding as it is recorded, without its remedy: that would change the recipe of another file."""
    return RecordedFinding(**vars(to_document(finding)) | {"remedy": None})


def _eras_of(times: pd.Series, manifest: Manifest) -> np.ndarray:
    """Return the era of each predicted row in the data of training; "new" after their end."""
    stamps = times.to_numpy("datetime64[us]")
    names = np.array([era.name.lower() for era in Era], dtype=object)[manifest.eras.label(stamps)]
    is_new = np.isnat(stamps) | (stamps > np.datetime64(manifest.eras.end, "us"))
    return np.where(is_new, "new", names)


def _is_sealed(counted: Trials, manifest: Manifest) -> bool:
    """Return whether nobody has opened the test era of the data of training, as far as ledger and bundle know."""
    return not counted.is_open and manifest.trials.opened == 0


def _hide_test(table: pd.DataFrame, *, is_sealed: bool) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    hidden = (table["era"] == "test").to_numpy()
    if not is_sealed or not hidden.any():
        return table, ()
    return table[~hidden].reset_index(drop=True), (TestEraHidden(count=int(hidden.sum())),)


def _empty() -> pd.DataFrame:
    columns = {"origin": "datetime64[us]", "time": "datetime64[us]", "horizon": "int64"}
    numbers = dict.fromkeys(("lstm", "lower", "upper", "actual"), "float64")
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in (columns | numbers | {"era": "str"}).items()})
