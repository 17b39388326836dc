"""A training in the idle worker, against the same one in a worker that starts cold."""

import shutil
import sys
import time

import pytest

from core.data.builtin import write_sample
from core.delivery.results import WORK
from core.recipe.model import Recipe
from core.workspace import jobs
from core.workspace.idle_worker import COMMAND, IdleWorker
from core.workspace.projects import Workspace
from core.workspace.runs import RunState

pytestmark = pytest.mark.simulation

SMALL = (
    Recipe()
    .change("ingest", target="sp500")
    .change("importance", iterations=20, folds=1, seeds=1)
    .change("training", epochs=4, window=8, units=(4, 3), seeds=2)
    .change("evaluation", baselines=("persistence",), walk_forward_folds=0, lstm_adds=False)
)


def test_the_idle_worker_trains_the_very_weights_of_a_cold_one(tmp_path, monkeypatch):
    monkeypatch.delenv("PLUMBLINE_DATABASE_URL", raising=False)
    monkeypatch.delenv("PYTEST_CURRENT_TEST")
    monkeypatch.delenv("PLUMBLINE_IDLE_WORKER", raising=False)
    workspace = Workspace(tmp_path / "home")
    project = workspace.create_project("Sample")
    write_sample("sp500-drivers", tmp_path / "sample.csv")
    workspace.add_file(project.id, "sample.csv", tmp_path / "sample.csv")
    workspace.save_recipe(project.id, SMALL, "Small")
    idle = IdleWorker((*COMMAND,))
    monkeypatch.setattr(jobs, "idle_worker", idle)
    weights, workers = [], []
    for warm in (False, True):
        if warm:
            idle.want()
            idle.tend(jobs._environment(workspace), 0)
            workers.append(idle.pid)
        run = workspace.start_run(project.id, "training")
        jobs.launch_queued(workspace)
        workers.append(workspace.run(run.id).process.pid)
        while workspace.run(run.id).state.active:
            jobs.check_runs(workspace)
            time.sleep(0.05)
        done = workspace.run(run.id)
        assert done.state is RunState.FINISHED, (done.message, (run.folder / "worker.log").read_text())
        weights.append((run.folder / WORK / "weights.npz").read_bytes())
        shutil.rmtree(run.folder)
    idle.close()
    workspace.close()
    assert workers[1] == workers[2] != workers[0]
    assert weights[0] == weights[1]
    assert "tensorflow" not in sys.modules
