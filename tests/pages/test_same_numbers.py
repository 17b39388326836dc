"""One recipe, one file: the pages' job and the command line give the same numbers."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from core.data.builtin import write_sample
from core.workspace.projects import Workspace
from tests.pages.conftest import SMALL, work

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_pages_and_the_command_line_give_the_same_numbers(tmp_path: Path) -> None:
    home = tmp_path / "pages"
    workspace = Workspace(home)
    project = workspace.create_project("S&P 500 with market drivers").id
    write_sample("sp500-drivers", tmp_path / "sample.csv")
    workspace.add_file(project, "sample.csv", tmp_path / "sample.csv")
    workspace.save_recipe(project, SMALL, "Small settings")
    # All numbers come from workers: in the process of the tests the last digits may differ.
    training = workspace.start_run(project, "training")
    work(home, training)
    for kind in ("folds", "opening"):
        work(home, workspace.start_run(project, kind, training.id))
    training, source = workspace.run(training.id), workspace.source(project)
    out = tmp_path / "out"
    command = [sys.executable, "-m", "core", "run", str(source.path), "--recipe", str(training.folder / "recipe.json")]
    # A home of its own: in that of the pages this would be a second opening.
    environment = os.environ | {"PLUMBLINE_HOME": str(tmp_path / "bare")}
    subprocess.run([*command, "--out", str(out)], cwd=ROOT, env=environment, check=True, capture_output=True)
    workspace.close()

    for name in ("metrics.json", "verdict.json", "plan.json", "regression.json", "importance.json", "profile.json"):
        assert json.loads((out / name).read_bytes()) == json.loads((training.folder / name).read_bytes()), name
    pd.testing.assert_frame_equal(
        pd.read_csv(out / "predictions.csv"), pd.read_csv(training.folder / "predictions.csv"), check_exact=True
    )


@pytest.mark.slow
def test_no_file_of_a_sealed_training_reveals_the_test_era(trained_home: Path) -> None:
    workspace = Workspace(trained_home)
    folder = workspace.runs(kind="training")[0].folder
    workspace.close()
    assert json.loads((folder / "metrics.json").read_bytes())["test"] is None
    assert set(pd.read_csv(folder / "predictions.csv")["era"]) == {"validation"}
    assert set(pd.read_parquet(folder / ".work" / "predictions.parquet")["era"]) == {"validation"}
    assert json.loads((folder / "verdict.json").read_bytes())["level"] == "cannot_judge"
