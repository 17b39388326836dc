"""The job that scores new rows: with bundles that the user brings, of every outcome, hostile ones among them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.delivery.bundle import Manifest, read_bundle
from core.delivery.packing import write_bundle
from core.delivery.predict import predict_with
from core.delivery.scoring_job import CSV_FILE, Scoring, load_scored, load_scoring, score
from core.errors.model import BundleError
from core.errors.workspace import ResultsMissing, ScoringActive
from core.forecast.evaluation.trials import Trials
from core.forecast.network.network import Network
from core.progress import NoProgress, never_stop
from core.workspace.files import copy_whole
from core.workspace.processes import require_process
from core.workspace.projects import Project, Workspace
from core.workspace.runs import Run, RunState
from core.workspace.scorings import Offered, start_scoring
from tests.delivery.forging import members_of, sealed, with_manifest
from tests.delivery.test_kept_bundles import KEPT


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    monkeypatch.delenv("PLUMBLINE_DATABASE_URL", raising=False)
    opened = Workspace(tmp_path / "home")
    yield opened
    opened.close()


@pytest.fixture
def project(workspace: Workspace, prices_file: Path) -> Project:
    made = workspace.create_project("Prices")
    workspace.add_file(made.id, "prices.csv", prices_file)
    return made


def offer(path: Path) -> Offered:
    return Offered(name=path.name, copy_to=lambda target: copy_whole(path, target))


def carry_out(workspace: Workspace, run: Run) -> tuple[Scoring, pd.DataFrame]:
    """Score as the worker does, and end the run."""
    process = require_process(1)
    workspace.claim_run(run.id, process)
    try:
        score(workspace, run, NoProgress(), never_stop)
    finally:
        workspace.end_run(run.id, process, RunState.FINISHED)
    return load_scoring(run.folder), load_scored(run.folder)


def test_the_projects_own_file_is_scored_with_a_bundle_that_is_brought(
    workspace: Workspace, project: Project, bundle_file: Path, prices_file: Path, tmp_path: Path
) -> None:
    run = start_scoring(workspace, project.id, None, bundle=offer(bundle_file))
    result, table = carry_out(workspace, run)
    ours = predict_with(read_bundle(bundle_file), prices_file, tmp_path / "ours").table
    pd.testing.assert_frame_equal(table[ours.columns.tolist()], ours)
    assert (result.data_name, result.bundle_name, result.rows) == ("prices.csv", "bundle.zip", len(ours))
    assert result.new == (ours["time"] > "2023-12-29").sum() == len(ours)
    assert pd.read_csv(run.folder / CSV_FILE)["lstm"].tolist() == ours["lstm"].tolist()
    actual = pd.read_csv(prices_file, index_col="date", parse_dates=True)["close"].reindex(table["time"])
    np.testing.assert_array_equal(table["actual"], actual)
    assert not list(workspace.folder_of(project.id).glob("scorings/*/bundle"))


@pytest.mark.parametrize("outcome", ["log-return", "volatility", "direction"])
def test_each_outcome_is_scored_in_its_unit(workspace: Workspace, project: Project, outcome: str) -> None:
    bundle = KEPT / f"0.1.0-{outcome}.zip"
    result, table = carry_out(
        workspace, start_scoring(workspace, project.id, None, offer(KEPT / "rows.csv"), offer(bundle))
    )
    then = pd.read_csv(bundle.with_suffix(".csv"))
    np.testing.assert_allclose(table[["lstm", "lower", "upper"]], then[["lstm", "lower", "upper"]], rtol=1e-6)
    assert list(table["era"].unique()) == ["train", "validation", "test", "new"]
    names = [unit.name for unit in result.units]
    assert names == (["per row", "a year"] if outcome == "volatility" else [""])
    if outcome == "volatility":
        assert result.units[1].factor == pytest.approx(100 * np.sqrt(262))
    if outcome == "direction":
        assert set(table["actual"].dropna()) == {0.0, 1.0}
        assert table["lstm"].between(0.01, 0.99).all()


@pytest.mark.fires("scored-test-era-hidden")
def test_a_sealed_test_era_is_not_shown(
    workspace: Workspace, project: Project, manifest: Manifest, network: Network, tmp_path: Path
) -> None:
    eras = manifest.eras.__class__(
        start="2024-01-01",
        validation_from="2024-03-01",
        test_from="2024-04-01",
        end="2024-05-31",
        embargo=0,
        rows=(44, 21, 55),
    )
    closed = manifest.model_copy(update={"eras": eras, "trials": Trials(trained=1, opened=0, judged_on_test=0)})
    path = tmp_path / "closed.zip"
    write_bundle(path, closed, network, {})
    _, table = carry_out(workspace, start_scoring(workspace, project.id, None, bundle=offer(path)))
    assert set(table["era"]) == {"train", "validation", "new"}
    workspace.ledger(project.id).record_opening(closed.fingerprint, "0" * 64)
    _, table = carry_out(workspace, start_scoring(workspace, project.id, None, bundle=offer(path)))
    assert "test" in set(table["era"])


@pytest.mark.silent("scored-test-era-hidden")
def test_a_bundle_that_was_opened_where_it_was_trained_shows_its_test_era(
    workspace: Workspace, project: Project
) -> None:
    bundle = offer(KEPT / "0.1.0-log-return.zip")
    _, table = carry_out(workspace, start_scoring(workspace, project.id, None, offer(KEPT / "rows.csv"), bundle))
    assert "test" in set(table["era"])


def test_a_file_without_a_needed_column_gives_findings_alone(
    workspace: Workspace, project: Project, bundle_file: Path, prices: pd.DataFrame, tmp_path: Path
) -> None:
    path = tmp_path / "less.csv"
    prices.drop(columns="vix").to_csv(path, index=False)
    run = start_scoring(workspace, project.id, None, offer(path), offer(bundle_file))
    result, table = carry_out(workspace, run)
    assert (result.rows, len(table)) == (0, 0)
    assert "scored-column-missing" in {finding.code for finding in result.findings}
    assert not any(finding.remedy for finding in result.findings)


def test_one_scoring_runs_at_a_time_and_a_refused_one_leaves_no_file(
    workspace: Workspace, project: Project, bundle_file: Path
) -> None:
    start_scoring(workspace, project.id, None, bundle=offer(bundle_file))
    with pytest.raises(ScoringActive):
        start_scoring(workspace, project.id, None, bundle=offer(bundle_file))
    assert len(list(workspace.folder_of(project.id).glob("scorings/*"))) == 1


def test_without_a_bundle_nothing_is_scored(workspace: Workspace, project: Project) -> None:
    with pytest.raises(ResultsMissing):
        carry_out(workspace, start_scoring(workspace, project.id, None))


Forge = Callable[[Path, Path], Path]
FORGED: dict[str, Forge] = {
    "no zip": lambda good, out: _written(out, b"MZ" + bytes(100)),
    "no seal": lambda good, out: _written(out, good.read_bytes()[:-10]),
    "a path out of the folder": lambda good, out: sealed(out, members_of(good) | {"../evil.py": b"x"}),
    "foreign code": lambda good, out: sealed(out, members_of(good) | {"evil.py": b"x"}),
    "an address": lambda good, out: sealed(out, with_manifest(members_of(good), made="http://127.0.0.1/" * 99)),
    "a shape that is too large": lambda good, out: sealed(
        out,
        with_manifest(
            members_of(good), shape={"cell": "lstm", "window": 10**9, "features": 2, "units": [4], "dropout": 0.0}
        ),
    ),
    "ranges that do not fit": lambda good, out: sealed(
        out, with_manifest(members_of(good), inputs=[[1.0, 0.0], [0.0, 1.0]])
    ),
    "infinite rows a year": lambda good, out: sealed(out, with_manifest(members_of(good), rows_a_year=1e300)),
}


def _written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED.keys())
def test_a_forged_bundle_is_refused_in_the_job_and_leaves_nothing(
    forge: Forge, workspace: Workspace, project: Project, bundle_file: Path, tmp_path: Path
) -> None:
    forged = forge(bundle_file, tmp_path / "forged.zip")
    run = start_scoring(workspace, project.id, None, bundle=offer(forged))
    with pytest.raises(BundleError):
        carry_out(workspace, run)
    assert {path.name for path in run.folder.iterdir()} <= {"request.json"}
    assert not (tmp_path / "evil.py").exists()


def test_names_of_a_request_are_only_displayed(workspace: Workspace, project: Project, bundle_file: Path) -> None:
    hostile = Offered(name="../../etc/\u202epasswd\n.zip", copy_to=lambda target: copy_whole(bundle_file, target))
    result, _ = carry_out(workspace, start_scoring(workspace, project.id, None, bundle=hostile))
    assert "\n" not in result.bundle_name
    assert "\u202e" not in result.bundle_name
