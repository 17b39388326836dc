"""Refit before delivery: what it learns from, what it leaves unchanged, and what the bundle says of it."""

import json
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core import pipeline
from core.context import Context
from core.data.eras import Eras
from core.delivery.bundle import read_bundle
from core.delivery.results import WORK, load_ahead, load_walked
from core.errors.model import Stopped
from core.ingest.step import read
from core.io.cache import Cache
from core.progress import NoProgress, never_stop
from core.quality.step import profile
from core.recipe.model import read_recipe
from core.refit import FOLDER, refit_eras
from core.worker import run_job
from core.workspace.processes import ProcessMark
from core.workspace.projects import Workspace
from core.workspace.runs import RunState

ROWS = 400
RECIPE = {
    "ingest": {"target": "close"},
    "cleaning": {"fill": "median", "clip_quantile": 0.01},
    "importance": {"iterations": 10, "folds": 1, "seeds": 1, "noise_probes": 1},
    "training": {
        "window": 5,
        "units": [3],
        "epochs": 4,
        "learning_rate": 0.01,
        "seeds": 2,
        "features": ["close.log_return", "vix", "vix.lag3"],
    },
    "evaluation": {"walk_forward_folds": 0, "baselines": ["persistence", "drift"], "lstm_adds": False},
}


def prices() -> pd.DataFrame:
    chance = np.random.default_rng(3)
    noise = chance.normal(0, 2, ROWS)
    changes = 0.004 * np.r_[0.0, noise[:-1]] + chance.normal(0, 0.004, ROWS)
    # Later rows are higher: what is learned from them differs.
    vix = 20 + np.linspace(0, 3, ROWS) + noise
    vix[chance.integers(0, ROWS, 12)] = np.nan
    return pd.DataFrame(
        {"date": pd.bdate_range("2020-01-01", periods=ROWS), "close": 100 * np.exp(np.cumsum(changes)), "vix": vix}
    )


def context_of(frame: pd.DataFrame, folder: Path, **evaluation: object) -> Context:
    folder.mkdir(exist_ok=True, parents=True)
    frame.to_csv(folder / "prices.csv", index=False)
    recipe = read_recipe(RECIPE).change("evaluation", **evaluation)
    dataset = read(folder / "prices.csv", recipe, folder / "tables")
    return Context(dataset=dataset, recipe=recipe, cache=Cache(folder / "cache"))


def test_the_eras_of_a_refit_have_no_validation_and_the_same_test():
    eras = Eras(
        start="a", validation_from="2020-05-01", test_from="2020-06-01", end="2020-07-01", embargo=2, rows=(5, 3, 4)
    )
    found = refit_eras(eras)
    days = np.array(["2020-04-30", "2020-05-01", "2020-05-31", "2020-06-01"], dtype="datetime64[us]")
    assert found.label(days).tolist() == [0, 0, 0, 2]
    assert (found.rows, found.embargo, found.test_from) == ((8, 0, 4), 2, eras.test_from)


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A walk without a refit in `plain`, and the same one with it in `refit`."""
    folder = tmp_path_factory.mktemp("refit")
    for name, wanted in (("plain", False), ("refit", True)):
        pipeline.walk(context_of(prices(), folder / name, refit=wanted), folder / name / "out", open_test=False)
    return folder


@pytest.mark.slow
def test_scores_and_predictions_are_those_of_the_evaluated_network(walked: Path) -> None:
    for name in ("metrics.json", "verdict.json", "predictions.csv"):
        assert (walked / "refit" / "out" / name).read_bytes() == (walked / "plain" / "out" / name).read_bytes()
    weights = [(walked / name / "out" / WORK / "weights.npz").read_bytes() for name in ("plain", "refit")]
    assert weights[0] == weights[1]


@pytest.mark.slow
def test_the_bundle_has_the_refitted_network_and_says_that_it_was_not_evaluated(walked: Path) -> None:
    plain, refitted = (read_bundle(walked / name / "out" / "bundle.zip") for name in ("plain", "refit"))
    record, done = refitted.manifest.refit, load_walked(walked / "refit" / "out")
    assert plain.manifest.refit is None
    assert record == done.refit
    assert record.epochs == done.training.best_epochs
    assert np.datetime64(record.until) < np.datetime64(refitted.manifest.eras.test_from)
    assert np.datetime64(record.until) > np.datetime64(refitted.manifest.eras.validation_from)
    # Interval and limits are those that were calibrated; what was learned from rows is learned anew.
    assert refitted.manifest.interval == plain.manifest.interval
    assert refitted.manifest.bounds == plain.manifest.bounds
    assert refitted.manifest.eras == plain.manifest.eras
    assert refitted.manifest.scaling != plain.manifest.scaling
    assert refitted.manifest.cleaning.clip != plain.manifest.cleaning.clip
    assert refitted.manifest.cleaning.fill_values != plain.manifest.cleaning.fill_values
    for one, other in zip(refitted.network.members, plain.network.members, strict=True):
        assert not np.array_equal(one["dense_kernel"], other["dense_kernel"])
    with zipfile.ZipFile(walked / "refit" / "out" / "bundle.zip") as archive:
        card = archive.read("MODEL_CARD.md").decode()
        assert json.loads(archive.read("manifest.json"))["refit"]["epochs"] == list(record.epochs)
    assert f"up to {record.until[:10]}" in card
    assert "not evaluated" in card
    assert "not evaluated" in (walked / "refit" / "out" / "report.html").read_text()
    assert "not evaluated" not in (walked / "plain" / "out" / "report.html").read_text()


@pytest.mark.slow
def test_the_bundle_is_verified_against_the_refitted_networks_own_predictions(walked: Path) -> None:
    done = load_walked(walked / "refit" / "out")
    assert not done.fault
    assert done.verified.rows > len(pd.read_csv(walked / "refit" / "out" / "predictions.csv"))
    assert done.verified.largest < 1e-6
    nexts = [load_ahead(walked / name / "out").table["forecast"].item() for name in ("plain", "refit")]
    assert nexts[0] != nexts[1]
    assert done.ahead[0].lstm == nexts[1]


@pytest.mark.slow
def test_no_row_of_test_has_a_part_in_the_refit(walked: Path, tmp_path: Path) -> None:
    context = context_of(prices(), tmp_path, refit=True)
    sealed = prices()
    rows = (sealed["date"] >= profile(context).eras.test_from[:10]).to_numpy()
    # A target that behaves as before, so that the question stays the same.
    sealed.loc[rows, "close"] = sealed.loc[rows, "close"].to_numpy()[::-1]
    sealed.loc[rows, "vix"] = 50 + np.arange(rows.sum())
    pipeline.walk(context_of(sealed, tmp_path / "sealed", refit=True), tmp_path / "sealed" / "out", open_test=False)
    weights = [
        (at / WORK / FOLDER / "weights.npz").read_bytes() for at in (walked / "refit/out", tmp_path / "sealed/out")
    ]
    assert weights[0] == weights[1]
    one, other = (read_bundle(at / "bundle.zip").manifest for at in (walked / "refit/out", tmp_path / "sealed/out"))
    assert (one.scaling, one.cleaning, one.inputs, one.refit) == (
        other.scaling,
        other.cleaning,
        other.inputs,
        other.refit,
    )


@pytest.mark.slow
def test_rows_of_validation_have_a_part_in_the_refit_alone(walked: Path, tmp_path: Path) -> None:
    context = context_of(prices(), tmp_path, refit=True)
    eras, later = profile(context).eras, prices()
    rows = ((later["date"] >= eras.validation_from[:10]) & (later["date"] < eras.test_from[:10])).to_numpy()
    later.loc[rows, "vix"] += 0.5
    pipeline.walk(context_of(later, tmp_path / "later", refit=True), tmp_path / "later" / "out", open_test=False)
    one, other = (read_bundle(at / "bundle.zip") for at in (walked / "refit/out", tmp_path / "later/out"))
    assert one.manifest.scaling != other.manifest.scaling


@pytest.mark.slow
def test_a_stopped_refit_resumes_and_is_not_repeated_once_it_is_done(tmp_path: Path, monkeypatch) -> None:
    from core.forecast.network import training, training_loop

    monkeypatch.setattr(training_loop, "POLL_SECONDS", -1.0)
    context, out = context_of(prices(), tmp_path), tmp_path / "out"
    pipeline.walk(context, out, open_test=False)
    texts: list[str] = []

    class Watched(NoProgress):
        def step(self, done: int, total: int, text: str) -> None:
            texts.append(text)

    def should_stop() -> bool:
        return any("Epoch" in text and text.startswith("Refit") for text in texts)

    with pytest.raises(Stopped):
        pipeline.walk(replace(context, progress=Watched(), should_stop=should_stop), out, open_test=False, refit=True)
    assert load_walked(out).refit is None
    assert pipeline.walk(context, out, open_test=False, refit=True).refit is not None

    def refuse(*_: object) -> None:
        raise AssertionError("refitted again")

    monkeypatch.setattr(training, "refit_networks", refuse)
    assert pipeline.walk(context, out, open_test=False).refit is None
    assert read_bundle(out / "bundle.zip").manifest.refit is None
    assert pipeline.walk(context, out, open_test=False, refit=True).refit is not None


@pytest.mark.slow
def test_the_job_of_the_pages_refits_and_an_opening_keeps_the_refit(tmp_path: Path, monkeypatch) -> None:
    from core.refit import ask_undo

    monkeypatch.setenv("PLUMBLINE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("PLUMBLINE_DATABASE_URL", raising=False)
    workspace, process = Workspace(), ProcessMark(1, "now")
    project = workspace.create_project("Gold").id
    prices().to_csv(tmp_path / "prices.csv", index=False)
    workspace.add_file(project, "prices.csv", tmp_path / "prices.csv")
    workspace.save_recipe(project, read_recipe(RECIPE).change("training", epochs=1, seeds=1), "For the test")

    def work(kind, parent=None, prepare=None):
        run = workspace.start_run(project, kind, parent, prepare)
        workspace.claim_run(run.id, process)
        run_job(Workspace(owner=None), workspace.run(run.id), NoProgress(), never_stop)
        workspace.end_run(run.id, process, RunState.FINISHED)
        return workspace.run(run.id)

    training = work("training")
    assert load_walked(training.folder).refit is None
    work("refit", training.id)
    sealed = load_walked(training.folder)
    assert sealed.refit is not None
    assert sealed.evaluation.test is None
    work("opening", training.id)
    assert load_walked(training.folder).refit == sealed.refit
    work("refit", training.id, ask_undo)
    undone = load_walked(training.folder)
    assert undone.refit is None
    assert undone.evaluation.test is not None
    workspace.close()
