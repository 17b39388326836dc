"""Walk-forward folds: what they are fitted on and scored on, and that finished ones are not repeated."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core import folds
from core.context import Context
from core.delivery.results import load_walked
from core.errors.model import Stopped
from core.executor import Channel
from core.folds import find_folds, plan_folds, run_folds
from core.forecast.network.network import Network, NetworkShape
from core.forecast.network.training_summary import TrainedModel, TrainingSummary
from core.ingest.step import read
from core.progress import NoProgress, never_stop
from core.quality.step import profile
from core.recipe.model import read_recipe
from core.worker import run_job
from core.workspace.processes import ProcessMark
from core.workspace.projects import Workspace
from core.workspace.runs import RunState

ROWS = 400
RECIPE = {
    "ingest": {"target": "close"},
    "importance": {"iterations": 10, "folds": 1, "seeds": 1, "noise_probes": 1},
    "training": {"window": 5, "units": [3], "features": ["close.log_return"]},
    "evaluation": {"walk_forward_folds": 3, "baselines": ["persistence", "drift", "linear"]},
}


def prices() -> pd.DataFrame:
    chance = np.random.default_rng(3)
    close = 100 * np.exp(np.cumsum(chance.normal(0, 0.01, ROWS)))
    return pd.DataFrame(
        {"date": pd.bdate_range("2020-01-01", periods=ROWS), "close": close, "vix": 20 + chance.normal(0, 2, ROWS)}
    )


def context_of(frame: pd.DataFrame, folder: Path, **evaluation: object) -> Context:
    folder.mkdir(exist_ok=True)
    frame.to_csv(folder / "prices.csv", index=False)
    recipe = read_recipe(RECIPE).change("evaluation", **evaluation)
    return Context(dataset=read(folder / "prices.csv", recipe, folder / "tables"), recipe=recipe)


def untrained(folder, key, windows, settings, *_: object, **_how: object) -> TrainedModel:
    """A network that was never trained, whose weights depend on its fold's own scaling alone."""
    shape = NetworkShape(cell="lstm", window=windows.window, features=windows.inputs.shape[1], units=(3,), dropout=0.0)
    chance = np.random.default_rng(1)
    weights = {name: chance.normal(0, 0.3, size).astype(np.float32) for name, size in shape.weights().items()}
    summary = TrainingSummary(history=(), endings=(), persistence_val_loss=1.0, findings=())
    return TrainedModel(Network(shape, (weights,)), summary)


@pytest.fixture
def worked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Run folds in this process, untrained; return the numbers of those that were worked on."""
    done: list[int] = []

    def run_here(function: Callable, parts, folder, show, should_stop):
        found = []
        for part in parts:
            if should_stop():
                raise Stopped
            done.append(part.number)
            found.append(function(part, Channel(folder=folder, name=str(part.number))))
        return found

    monkeypatch.setattr(folds, "run_parts", run_here)
    monkeypatch.setattr(folds, "train_or_load", untrained)
    return done


def test_periods_are_equal_parts_of_the_later_half_before_test(tmp_path):
    context = context_of(prices(), tmp_path)
    planned = plan_folds(context, tmp_path / "folds")
    days, eras = prices()["date"].to_numpy("datetime64[us]"), profile(context).eras
    before = days[days < np.datetime64(eras.test_from)]
    edges = [(np.datetime64(fold.period.start), np.datetime64(fold.period.end)) for fold in planned]
    assert edges[0][0] == before[len(before) // 2]
    assert edges[-1][1] == before[-1]
    counts = [int(((days >= start) & (days <= end)).sum()) for start, end in edges]
    assert max(counts) - min(counts) <= 1
    assert all(later[0] > earlier[1] for earlier, later in zip(edges[:-1], edges[1:], strict=True))
    assert [fold.period.era for fold in planned][:2] == ["train", "train"]


def test_a_fold_is_fitted_on_rows_before_its_period_alone(tmp_path, worked):
    context = context_of(prices(), tmp_path)
    first = run_folds(context, tmp_path / "folds").periods
    changed = prices()
    later = changed["date"] > first[0].end[:10]
    changed.loc[later, "close"] = changed.loc[later, "close"] * 3 + np.arange(later.sum())
    changed.loc[later, "vix"] = -50.0
    other = run_folds(context_of(changed, tmp_path / "other"), tmp_path / "other" / "folds").periods
    assert other[0].slices == first[0].slices
    assert other[1].slices != first[1].slices


def test_the_test_era_has_no_part_in_the_folds(tmp_path, worked):
    context = context_of(prices(), tmp_path)
    changed = prices()
    sealed = changed["date"] >= profile(context).eras.test_from[:10]
    # A target that behaves as before, so that the question stays the same.
    changed.loc[sealed, "close"] = changed.loc[sealed, "close"].to_numpy()[::-1]
    changed.loc[sealed, "vix"] = 77.0
    found = run_folds(context, tmp_path / "folds")
    assert run_folds(context_of(changed, tmp_path / "other"), tmp_path / "other" / "folds") == found
    assert all(np.datetime64(period.end) < np.datetime64(profile(context).eras.test_from) for period in found.periods)


def test_outcomes_that_reach_into_the_period_are_purged(tmp_path, worked, monkeypatch):
    context = context_of(prices(), tmp_path)
    far = context.under(context.recipe.change("training", horizon=10))
    seen = []
    train = folds.train_or_load

    def watch(folder, key, windows, *given, **how):
        samples = windows.samples
        fitted = samples.eras <= 1
        seen.append(samples.target_times[fitted & (samples.eras >= 0)].max())
        return train(folder, key, windows, *given, **how)

    monkeypatch.setattr(folds, "train_or_load", watch)
    found = run_folds(far, tmp_path / "folds")
    assert all(last < np.datetime64(period.start) for last, period in zip(seen, found.periods, strict=True))


def test_finished_folds_are_found_and_not_repeated(tmp_path, worked):
    context = context_of(prices(), tmp_path)
    folder = tmp_path / "folds"
    assert find_folds(context, folder) is None
    with pytest.raises(Stopped):
        run_folds(Context(**(vars(context) | {"should_stop": lambda: len(worked) == 2})), folder)
    assert worked == [1, 2]
    assert find_folds(context, folder) is None
    found = run_folds(context, folder)
    assert worked == [1, 2, 3]
    assert find_folds(context, folder) == found
    assert [period.whole.losses.keys() for period in found.periods] == [{"lstm", "persistence", "drift", "linear"}] * 3
    assert find_folds(context_of(prices(), tmp_path, walk_forward_folds=2), folder) is None


def test_a_fold_that_cannot_be_fitted_has_a_reason(tmp_path, worked):
    found = run_folds(context_of(prices().iloc[:40], tmp_path), tmp_path / "folds")
    assert all(period.whole is None and period.reason for period in found.periods)


@pytest.mark.slow
def test_the_job_of_the_pages_adds_the_periods_to_the_results_of_its_training(tmp_path, worked, monkeypatch):
    monkeypatch.setenv("PLUMBLINE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("PLUMBLINE_DATABASE_URL", raising=False)
    workspace, process = Workspace(), ProcessMark(1, "now")
    project = workspace.create_project("Gold").id
    prices().to_csv(tmp_path / "prices.csv", index=False)
    workspace.add_file(project, "prices.csv", tmp_path / "prices.csv")
    quick = read_recipe(RECIPE).change("training", epochs=1).change("evaluation", lstm_adds=False)
    workspace.save_recipe(project, quick, "For the test")

    def work(kind, parent=None):
        run = workspace.start_run(project, kind, parent)
        workspace.claim_run(run.id, process)
        run_job(Workspace(owner=None), workspace.run(run.id), NoProgress(), never_stop)
        workspace.end_run(run.id, process, RunState.FINISHED)
        return workspace.run(run.id)

    training = work("training")
    assert load_walked(training.folder).evaluation.walk_forward is None
    work("folds", training.id)
    sealed = load_walked(training.folder).evaluation
    assert sealed.test is None
    assert len(sealed.walk_forward.periods) == 3
    work("opening", training.id)
    opened = load_walked(training.folder).evaluation
    assert worked == [1, 2, 3]
    assert opened.walk_forward.periods[:3] == sealed.walk_forward.periods
    assert opened.walk_forward.periods[3].era == "test"
    assert opened.walk_forward.periods[3].whole.losses["lstm"] == pytest.approx(opened.test["lstm"].mean_loss)
    workspace.close()


@pytest.mark.slow
def test_folds_of_processes_are_those_of_one_process(tmp_path, monkeypatch):
    """Trained for real: equal numbers from two worker processes and from this one."""
    quick = {"epochs": 2, "units": (2,), "window": 4}
    context = context_of(prices(), tmp_path, walk_forward_folds=2)
    context = context.under(context.recipe.change("training", **quick))
    pooled = run_folds(context, tmp_path / "pooled")

    def run_here(function, parts, folder, show, should_stop):
        return [function(part, Channel(folder=folder, name=str(part.number))) for part in parts]

    monkeypatch.setattr(folds, "run_parts", run_here)
    alone = run_folds(Context(**(vars(context) | {"should_stop": never_stop})), tmp_path / "alone")
    for one, other in zip(pooled.periods, alone.periods, strict=True):
        assert one.whole.losses == pytest.approx(other.whole.losses)
