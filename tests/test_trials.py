"""Trainings and openings by pages and command line, counted to the last file that a reader sees."""

import io
import json
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.__main__ import main
from core.progress import NoProgress, never_stop
from core.recipe.model import Recipe, read_recipe
from core.text.format import format_count
from core.worker import run_job
from core.workspace.processes import ProcessMark
from core.workspace.projects import Workspace
from core.workspace.runs import Run, RunKind, RunState

pytestmark = pytest.mark.slow
SMALL = read_recipe(
    {
        "ingest": {"time_column": "date", "target": "close"},
        "importance": {"iterations": 10, "folds": 1, "seeds": 1, "noise_probes": 1},
        "training": {"window": 4, "units": [2], "epochs": 1, "batch_size": 64},
        "evaluation": {"baselines": ["persistence", "drift"], "lstm_adds": False, "walk_forward_folds": 0},
    }
)
WORKER = ProcessMark(1, "now")


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    monkeypatch.delenv("PLUMBLINE_DATABASE_URL", raising=False)
    monkeypatch.setenv("PLUMBLINE_HOME", str(tmp_path / "home"))
    opened = Workspace()
    yield opened
    opened.close()


def new_project(workspace: Workspace, file: Path) -> str:
    project = workspace.create_project("Gold").id
    workspace.add_file(project, "prices.csv", io.BytesIO(file.read_bytes()))
    return project


def work(workspace: Workspace, project: str, kind: RunKind, parent: Run | None = None) -> Run:
    """Do the work of a job of the pages, as its worker does."""
    run = workspace.start_run(project, kind, None if parent is None else parent.id)
    workspace.claim_run(run.id, WORKER)
    run_job(Workspace(owner=None), workspace.run(run.id), NoProgress(), never_stop)
    workspace.end_run(run.id, WORKER, RunState.FINISHED)
    return workspace.run(run.id)


def train(workspace: Workspace, project: str, recipe: Recipe) -> Run:
    workspace.save_recipe(project, recipe, "For the test")
    return work(workspace, project, "training")


def numbers(folder: Path) -> tuple[int | None, int | None, int | None]:
    """The counts of metrics.json, which the bundle and the report repeat."""
    trials = json.loads((folder / "metrics.json").read_bytes())["trials"]
    with zipfile.ZipFile(folder / "bundle.zip") as bundle:
        manifest = json.loads(bundle.read("manifest.json"))
    assert {name: trials[name] for name in manifest["trials"]} == manifest["trials"]
    report = (folder / "report.html").read_text()
    assert f"<li>{_limit(trials)}" in report
    return trials["trained"], trials["opened"], trials["judged_on_test"]


def _limit(trials: dict[str, int | None]) -> str:
    trained, opened, judged = (trials[name] for name in ("trained", "opened", "judged_on_test"))
    if trained is None or opened is None or judged is None:
        return "Trials were not counted"
    settings, times = format_count(trained, "setting"), format_count(opened, "time")
    return f"{settings} trained on this file; test era opened {times}; {format_count(judged, 'setting')} judged on it."


def test_three_trainings_and_two_openings_are_three_and_two_wherever_they_happen(
    workspace: Workspace, prices_file: Path, tmp_path: Path
) -> None:
    project = new_project(workspace, prices_file)
    first = train(workspace, project, SMALL)
    second = train(workspace, project, SMALL.change("training", seed=1))
    assert numbers(first.folder) == (1, 0, 0)
    assert numbers(second.folder) == (2, 0, 0)
    work(workspace, project, "opening", first)
    assert numbers(first.folder) == (2, 1, 1)

    # A second project on the same file, a setting that was tried before and a new one.
    elsewhere = new_project(workspace, prices_file)
    again = train(workspace, elsewhere, SMALL.change("training", seed=1))
    assert numbers(again.folder) == (2, 1, 1)
    third = train(workspace, elsewhere, SMALL.change("training", seed=2))
    assert numbers(third.folder) == (3, 1, 2)
    work(workspace, elsewhere, "opening", third)
    assert numbers(third.folder) == (3, 2, 2)

    # Written anew, the first files count what happened since; that is no opening.
    work(workspace, project, "opening", first)
    assert numbers(first.folder) == (3, 2, 2)

    # The command line writes into the same ledger.
    (tmp_path / "r.json").write_text(SMALL.change("training", seed=3).model_dump_json())
    command = ["run", str(prices_file), "--recipe", str(tmp_path / "r.json"), "--out", str(tmp_path / "out")]
    assert main(command) == 0
    assert numbers(tmp_path / "out") == (4, 3, 3)
    assert main(command) == 0
    assert numbers(tmp_path / "out") == (4, 3, 3)
    fingerprint = workspace.source(project).fingerprint
    assert workspace.ledger(project).count(fingerprint).opened == 3


def test_a_bare_command_line_does_not_count_and_leaves_no_home(
    prices_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PLUMBLINE_HOME", "PLUMBLINE_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "r.json").write_text(SMALL.model_dump_json())
    assert main(["run", str(prices_file), "--recipe", "r.json", "--out", "out"]) == 0
    assert numbers(tmp_path / "out") == (None, None, None)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "r.json"]
    assert "Trials: not counted." in (tmp_path / "out" / "report.html").read_text()


def test_a_ledger_that_cannot_be_used_is_said_and_the_walk_goes_on(
    prices_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("PLUMBLINE_DATABASE_URL", raising=False)
    monkeypatch.setenv("PLUMBLINE_HOME", str(tmp_path))
    (tmp_path / "plumbline.db").write_bytes(b"no database at all" * 100)
    (tmp_path / "r.json").write_text(SMALL.model_dump_json())
    out = tmp_path / "out"
    assert main(["run", str(prices_file), "--recipe", str(tmp_path / "r.json"), "--out", os.fspath(out)]) == 0
    assert numbers(out) == (None, None, None)
    assert "not counted" in capsys.readouterr().err
