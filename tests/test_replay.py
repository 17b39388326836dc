"""Another file in the same project: what changed is told, and the recipe is carried out on it as far as it fits."""

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.cleaning.plan import plan_cleaning
from core.context import Context
from core.data.dataset import Dataset
from core.data.store import dataset_key
from core.errors.model import RecipeError
from core.errors.samples import NoSelectedFeature
from core.findings.recipe import AbsentColumns
from core.importance import step as importance_step
from core.ingest import step as ingest_step
from core.progress import NoProgress, never_stop
from core.quality import step as quality_step
from core.recipe.model import Recipe
from core.regression import step as regression_step
from core.samples.prepare import choose_features, prepare
from core.worker import run_job
from core.workspace.projects import Workspace

QUICK = {"iterations": 10, "folds": 1, "seeds": 1, "noise_probes": 1}


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    monkeypatch.delenv("PLUMBLINE_DATABASE_URL", raising=False)
    opened = Workspace(tmp_path / "home")
    yield opened
    opened.close()


@pytest.fixture
def dataset(prices_file: Path, tmp_path: Path) -> Dataset:
    return ingest_step.read(prices_file, Recipe(), tmp_path / "tables")


def profile_files(workspace: Workspace, recipe: Recipe, *frames: pd.DataFrame) -> tuple[str, Dataset]:
    """Carry out a profile job on each file in turn, and return the project and the data set of the last."""
    project = workspace.create_project("Gold").id
    workspace.save_recipe(project, recipe, "For the test")
    for frame in frames:
        workspace.add_file(project, "prices.csv", io.BytesIO(frame.to_csv(index=False).encode()))
        job = workspace.start_run(project, "profile")
        run_job(workspace, job, NoProgress(), never_stop)
        workspace.request_stop(job.id)
    source = workspace.source(project)
    recipe = workspace.recipe(project)
    return project, ingest_step.read(
        source.path, recipe, workspace.tables(project), should_stop=lambda: True, fingerprint=source.fingerprint
    )


def kept_comparison(workspace: Workspace, project: str, dataset: Dataset) -> ingest_step.Comparison | None:
    context = Context(dataset=dataset, recipe=workspace.recipe(project))
    key = ingest_step.comparison_key(context, earlier_file(workspace, project))
    return workspace.cache(project).find("changes", key, ingest_step.Comparison)


def earlier_file(workspace: Workspace, project: str) -> ingest_step.EarlierFile:
    source = workspace.previous_source(project)
    return ingest_step.EarlierFile(path=source.path, fingerprint=source.fingerprint)


def test_the_profile_of_a_second_file_tells_what_changed(workspace, prices) -> None:
    later = prices.copy()
    later.loc[3, "close"] += 1
    project, dataset = profile_files(workspace, Recipe(), prices.iloc[:100], later)
    found = kept_comparison(workspace, project, dataset)
    assert found.fault == "" and found.changes.added_after.count == 20
    assert [column.column for column in found.changes.columns] == ["close"]
    assert [finding.code for finding in found.findings] == ["history-restated", "rows-new"]


def test_the_first_file_is_compared_with_none(workspace, prices) -> None:
    project, _ = profile_files(workspace, Recipe(), prices)
    assert workspace.previous_source(project) is None
    assert list(workspace.cache(project).folder.glob("changes-*")) == []


def test_an_earlier_file_is_read_as_the_recipe_now_says(workspace, prices) -> None:
    project, _ = profile_files(workspace, Recipe(), prices.iloc[:100], prices)
    recipe = Recipe().change("ingest", find_sentinels=False)
    workspace.save_recipe(project, recipe, "Changed")
    job = workspace.start_run(project, "profile")
    run_job(workspace, job, NoProgress(), never_stop)
    earlier = earlier_file(workspace, project)
    context = Context(dataset=None, recipe=recipe, should_stop=lambda: True)
    old = ingest_step.read_earlier(context, earlier, workspace.tables(project))
    assert old.key == dataset_key(earlier.path, recipe.ingest) and old.rows == 100


@pytest.mark.silent("not-compared")
def test_an_earlier_file_that_the_recipe_does_not_fit_is_taken_as_it_was_read_last(workspace, prices) -> None:
    project, _ = profile_files(workspace, Recipe(), prices.iloc[:100])
    renamed = prices.rename(columns={"date": "day"})
    workspace.save_recipe(project, Recipe().change("ingest", time_column="day"), "Changed")
    workspace.add_file(project, "new.csv", io.BytesIO(renamed.to_csv(index=False).encode()))
    run_job(workspace, workspace.start_run(project, "profile"), NoProgress(), never_stop)
    source, recipe = workspace.source(project), workspace.recipe(project)
    dataset = ingest_step.read(source.path, recipe, workspace.tables(project), fingerprint=source.fingerprint)
    found = kept_comparison(workspace, project, dataset)
    assert (found.changes.matched, found.changes.columns_new) == (100, ("day",))
    assert [finding.code for finding in found.findings][-1] == "columns-new"


@pytest.mark.fires("not-compared")
def test_an_earlier_file_that_was_never_a_table_is_told_and_harms_nothing(workspace, prices) -> None:
    project = workspace.create_project("Gold").id
    workspace.add_file(project, "words.txt", io.BytesIO(b"only words\nand no table\n"))
    workspace.add_file(project, "prices.csv", io.BytesIO(prices.to_csv(index=False).encode()))
    run_job(workspace, workspace.start_run(project, "profile"), NoProgress(), never_stop)
    source = workspace.source(project)
    dataset = ingest_step.read(source.path, Recipe(), workspace.tables(project), fingerprint=source.fingerprint)
    found = kept_comparison(workspace, project, dataset)
    assert found.changes is None and found.fault
    (told,) = found.findings
    assert (told.code, told.detail) == ("not-compared", found.fault)


def test_a_target_that_went_fails_the_profile_with_one_sentence(workspace, prices) -> None:
    recipe = Recipe().change("ingest", target="close")
    with pytest.raises(RecipeError) as caught:
        profile_files(workspace, recipe, prices, prices.rename(columns={"close": "settle"}))
    assert caught.value.message == "The recipe names 'close' as the target, but this file has no such column."


def test_lists_that_name_columns_which_went_are_passed_over_and_told(dataset, prices) -> None:
    recipe = (
        Recipe()
        .change("ingest", target="close", ignore=("gone",), availability_lag={"vix": 1, "oil": 3})
        .change("cleaning", keep=("gold",), drop=("silver",))
        .change("regression", features=("vix", "copper"))
        .change("importance", **QUICK)
    )
    quality = quality_step.profile(Context(dataset=dataset, recipe=recipe))
    plan = plan_cleaning(quality, recipe.cleaning)
    assert {finding.column for finding in plan.findings if finding.code == "unknown-column"} == {"gold", "silver"}
    assert plan.kept == ("vix",)
    report = regression_step.regress(Context(dataset=dataset, recipe=recipe))
    absent = [(finding.names, finding.kind) for finding in report.findings if isinstance(finding, AbsentColumns)]
    assert (("oil",), "column") in absent
    assert (("copper",), "feature") in absent
    ranking = importance_step.rank(Context(dataset=dataset, recipe=recipe))
    assert [finding.code for finding in ranking.findings].count("absent-columns") == 1


def test_a_recipe_that_fits_says_nothing_of_absent_columns(dataset) -> None:
    recipe = Recipe().change("ingest", target="close", availability_lag={"vix": 1}).change("importance", **QUICK)
    quality = quality_step.profile(Context(dataset=dataset, recipe=recipe))
    ready = prepare(dataset, recipe, quality)
    assert ready.findings == ()
    found = (
        *dataset.findings,
        *quality.findings,
        *regression_step.regress(Context(dataset=dataset, recipe=recipe)).findings,
    )
    assert "absent-columns" not in {finding.code for finding in found}


def test_chosen_features_that_went_are_passed_over_unless_all_did(dataset) -> None:
    recipe = Recipe().change("ingest", target="close")
    features = prepare(dataset, recipe, quality_step.profile(Context(dataset=dataset, recipe=recipe))).features
    names = tuple(features.values.columns)
    assert choose_features(names, features, "training") == (names, ())
    assert choose_features((), features, "training") == ((), ())
    chosen, (told,) = choose_features((names[0], "oil.lag5", names[0]), features, "training")
    assert chosen == (names[0],)
    assert (told.names, told.kind) == (("oil.lag5",), "feature")
    assert told.settings == ("the training features",)
    with pytest.raises(NoSelectedFeature):
        choose_features(("oil.lag5",), features, "training")


def test_steps_after_reading_work_on_a_wide_table(tmp_path: Path) -> None:
    chance = np.random.default_rng(5)
    days = pd.bdate_range("2022-01-03", periods=300).strftime("%Y-%m-%d")
    parts = [
        pd.DataFrame({"day": days, "who": name, "close": 100 * np.exp(chance.normal(0, 0.01, 300).cumsum()).round(6)})
        for name in "ABC"
    ]
    file = tmp_path / "panel.csv"
    pd.concat(parts).to_csv(file, index=False)
    recipe = Recipe().change("ingest", pivot=True).change("importance", **QUICK)
    dataset = ingest_step.read(file, recipe, tmp_path / "tables")
    recipe = ingest_step.starter_recipe(dataset, recipe=recipe)
    assert (recipe.ingest.target, recipe.ingest.series_column) == ("A", "who")
    again = ingest_step.read(file, recipe, tmp_path / "tables")
    assert again.columns == dataset.columns
    report = regression_step.regress(Context(dataset=again, recipe=recipe))
    assert report.features == ("B.log_return", "C.log_return")
    assert set(importance_step.rank(Context(dataset=again, recipe=recipe)).chosen) <= {*report.features, "A.log_return"}
    assert recipe.change("ingest", pivot=True) == recipe
    assert recipe.change("ingest", pivot=False).ingest.target is None
    assert recipe.change("ingest", pivot=False, target="close").ingest.target == "close"
    with pytest.raises(RecipeError, match="names 'close' as the target"):
        quality_step.profile(Context(dataset=again, recipe=recipe.change("ingest", target="close")))
