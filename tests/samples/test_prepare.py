"""From the data set to samples: names of transformed features, windows that never span a gap, clipped train outcomes."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.context import Context
from core.data.dataset import Dataset
from core.data.eras import Era
from core.errors.samples import NoTimeColumn
from core.findings.model import RecordedFinding, Severity
from core.findings.samples import TargetClipped, TargetNotClipped
from core.forecast.network.scaling import fit_scaling
from core.forecast.network.windows import make_windows
from core.ingest import step as ingest_step
from core.quality import step as quality_step
from core.recipe.model import CleaningSettings, Recipe
from core.samples.prepare import Prepared, choose_features, clip_outcomes, prepare, problem_columns
from core.samples.samples import Samples
from core.samples.task import Task

ROWS = 400


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Business days with a gap of 60 days in the train era and one of 90 in the test era; heavy-tailed returns."""
    folder = tmp_path_factory.mktemp("data")
    chance = np.random.default_rng(4)
    days = pd.bdate_range("2020-01-01", periods=ROWS + 150)
    days = days[np.r_[0:100, 160:420, 510:550]]
    moves = 0.01 * chance.standard_t(2, ROWS)
    frame = pd.DataFrame(
        {
            "date": days,
            "close": 100 * np.exp(np.cumsum(moves)),
            "gold": 50 * np.exp(np.cumsum(0.01 * chance.normal(size=ROWS))),
            "vix": 20 + chance.normal(size=ROWS),
            "flow": chance.normal(size=ROWS),
        }
    )
    frame.to_csv(folder / "prices.csv", index=False)
    return ingest_step.read(folder / "prices.csv", Recipe(), folder / "tables")


def prepared(dataset: Dataset, **cleaning: object) -> Prepared:
    recipe = Recipe().change("ingest", target="close").change("cleaning", **cleaning)
    return prepare(dataset, recipe, quality_step.profile(Context(dataset=dataset, recipe=recipe)))


def codes(ready: Prepared) -> list[str]:
    return [finding.code for finding in ready.plan.findings]


def test_transformed_columns_are_named_after_their_transformation(dataset: Dataset) -> None:
    ready = prepared(dataset, log=("vix", "gold"), difference=("flow",))
    assert list(ready.features.values) == ["gold.log_return", "vix.log", "flow.difference", "close.log_return"]
    assert ready.feature_plan.warm_up == int(ready.features.values.isna().any(axis=1).sum()) == 1
    plain = prepared(dataset)
    assert plain.feature_plan.warm_up == int(plain.features.values.isna().any(axis=1).sum()) == 1
    assert list(plain.features.values) == ["gold.log_return", "vix", "flow", "close.log_return"]
    assert ready.features.values["gold.log_return"].tolist() == pytest.approx(
        plain.features.values["gold.log_return"].tolist(), nan_ok=True
    )


def test_a_column_differenced_by_cleaning_is_not_differenced_again(dataset: Dataset) -> None:
    ready = prepared(dataset, returns=("gold",))
    assert "gold.return" in ready.features.values
    assert not [name for name in ready.features.values if name.startswith("gold.") and name != "gold.return"]


def test_settings_that_name_no_feature_are_reported_and_ignored(dataset: Dataset) -> None:
    ready = prepared(dataset, log=("close", "golf", "vix"), clip_columns=("nowhere",), clip_quantile=0.01)
    assert list(ready.features.values)[1] == "vix.log"
    found = {finding.column: finding.code for finding in ready.plan.findings if finding.column}
    assert found == {"close": "not-a-feature", "golf": "unknown-column", "nowhere": "unknown-column"}


def test_clipping_a_drifting_level_is_a_finding_with_a_remedy(dataset: Dataset) -> None:
    ready = prepared(dataset, clip_quantile=0.01)
    (found,) = (finding for finding in ready.plan.findings if finding.code == "clipped-level")
    assert found.remedy is not None
    assert found.remedy.value == ("gold",)
    assert "clipped-level" not in codes(prepared(dataset, clip_quantile=0.01, returns=("gold",)))
    assert "clipped-level" not in codes(prepared(dataset, clip_quantile=0.01, clip_columns=("vix",)))


def test_no_window_and_no_outcome_spans_a_split(dataset: Dataset) -> None:
    for max_gap, spanning in ((0, True), (20, False)):
        ready = prepared(dataset, max_gap=max_gap)
        names = tuple(ready.features.values)
        scaling = fit_scaling(ready.features, names, ready.samples, ready.task, "none")
        windows = make_windows(ready.features, names, ready.samples, ready.task, scaling, 10)
        stamps = ready.features.times[windows.ends[:, None] + np.arange(-9, 1)]
        known = ~np.isnat(windows.samples.target_times)
        ahead = windows.samples.target_times[known] - windows.samples.origin_times[known]
        steps = np.concatenate([np.diff(stamps, axis=1).ravel(), ahead])
        assert (steps.max() > np.timedelta64(30, "D")) == spanning
        assert len(windows.ends) > 300
    assert codes(ready) == ["cut-at-gaps"]


@pytest.mark.fires("target-clipped")
@pytest.mark.silent("target-not-clipped")
def test_clipping_the_target_changes_train_outcomes_only(dataset: Dataset) -> None:
    plain, clipped = prepared(dataset), prepared(dataset, clip_robust_z=3, clip_columns=("vix",), clip_target=True)
    train = plain.samples.of(Era.TRAIN)
    assert np.abs(clipped.samples.outcome[train]).max() < np.abs(plain.samples.outcome[train]).max()
    changed = clipped.samples.outcome[train] != plain.samples.outcome[train]
    later = plain.samples.eras != Era.TRAIN
    np.testing.assert_array_equal(clipped.samples.outcome[later], plain.samples.outcome[later])
    for part in ("base", "future", "eras"):
        np.testing.assert_array_equal(getattr(clipped.samples, part), getattr(plain.samples, part))
    np.testing.assert_array_equal(clipped.features.target, plain.features.target)
    np.testing.assert_array_equal(
        clipped.features.values["close.log_return"], plain.features.values["close.log_return"]
    )
    (found,) = (finding for finding in clipped.findings if isinstance(finding, TargetClipped))
    assert (found.column, found.count, found.total) == ("close", int(changed.sum()), len(train))
    assert (found.low, found.high) == (clipped.samples.outcome[train].min(), clipped.samples.outcome[train].max())
    assert "target-clipped" not in codes(plain)


@pytest.mark.fires("target-not-clipped")
@pytest.mark.silent("target-clipped")
def test_clipping_the_target_without_bounds_is_reported_and_changes_nothing(dataset: Dataset) -> None:
    ready = prepared(dataset, clip_target=True)
    (found,) = (finding for finding in ready.findings if isinstance(finding, TargetNotClipped))
    assert (found.column, found.bound_set) == ("close", False)
    np.testing.assert_array_equal(ready.samples.outcome, prepared(dataset).samples.outcome)


@pytest.mark.fires("target-not-clipped")
def test_train_outcomes_that_are_mostly_equal_give_no_bound() -> None:
    outcome = np.r_[np.zeros(30), np.arange(10.0)]
    stamps = np.arange(40).astype("datetime64[D]").astype("datetime64[us]")
    samples = Samples(
        rows=np.arange(40),
        base=outcome,
        future=outcome,
        outcome=outcome,
        origin_times=stamps,
        target_times=stamps,
        blocks=np.zeros(40, dtype=int),
        eras=np.full(40, Era.TRAIN),
    )
    task = Task(target="close", predict="difference", horizon=1)
    unchanged, (found,) = clip_outcomes(samples, task, CleaningSettings(clip_robust_z=3, clip_target=True))
    assert unchanged is samples
    assert found == TargetNotClipped(column="close", bound_set=True)


@pytest.mark.silent("target-clipped", "target-not-clipped")
def test_without_clipping_the_target_there_is_no_finding_on_it(dataset: Dataset) -> None:
    assert prepared(dataset, clip_robust_z=3).samples is not None


def test_columns_named_like_tokens_are_features_of_their_own(tmp_path: Path) -> None:
    chance = np.random.default_rng(1)
    prices = {name: 50 * np.exp(np.cumsum(0.01 * chance.normal(size=300))) for name in ("close", "BRK.B")}
    days = pd.bdate_range("2022-01-03", periods=300)
    frame = pd.DataFrame({"date": days} | prices | {"close.log_return": chance.normal(size=300)})
    frame.to_csv(tmp_path / "prices.csv", index=False)
    dataset = ingest_step.read(tmp_path / "prices.csv", Recipe(), tmp_path / "tables")
    ready = prepared(dataset)
    assert list(ready.features.values) == ["BRK.B.log_return", r"close\.log_return", "close.log_return"]
    np.testing.assert_array_equal(ready.features.values[r"close\.log_return"], frame["close.log_return"])
    recipe = Recipe().change("training", features=(r"close\.log_return",))
    assert choose_features(recipe.training.features, ready.features, "training") == ((r"close\.log_return",), ())


def test_data_without_times_are_refused(tmp_path: Path) -> None:
    pd.DataFrame({"close": np.random.default_rng(0).normal(size=200)}).to_csv(tmp_path / "prices.csv", index=False)
    dataset = ingest_step.read(tmp_path / "prices.csv", Recipe(), tmp_path / "tables")
    with pytest.raises(NoTimeColumn):
        prepared(dataset)


def test_open_problems_are_those_of_the_target_and_of_columns_behind_chosen_features(dataset: Dataset) -> None:
    recipe = Recipe().change("ingest", target="close")
    quality = quality_step.profile(Context(dataset=dataset, recipe=recipe))
    plan = prepared(dataset).feature_plan
    faults = tuple(
        RecordedFinding(code="fault", severity=severity, title="", column=column)
        for column, severity in (
            ("vix", Severity.PROBLEM),
            ("gold", Severity.PROBLEM),
            ("close", Severity.PROBLEM),
            ("flow", Severity.WARNING),
        )
    )
    broken = replace(quality, findings=faults)
    assert problem_columns(broken, plan, ("gold.log_return", "flow"), recipe) == ("close", "gold")
    assert problem_columns(replace(quality, findings=()), plan, ("gold.log_return",), recipe) == ()
