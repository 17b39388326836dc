"""From the data set to samples: what features have become, windows that never span a cut, outcomes clipped for learning alone."""

import numpy as np
import pandas as pd
import pytest

from core.context import Context
from core.data.dataset import Dataset
from core.data.eras import Era
from core.forecast.network.windows import fit_scaling, make_windows
from core.ingest import step as ingest_step
from core.quality import step as quality_step
from core.recipe.model import Recipe
from core.samples.prepare import Prepared, prepare

ROWS = 400


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Business days with a pause of 60 days in the train era and one of 90 in the test era; wild moves now and then."""
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


def test_features_bear_the_name_of_what_they_have_become(dataset: Dataset) -> None:
    ready = prepared(dataset, log=("vix", "gold"), difference=("flow",))
    assert list(ready.features.values) == ["gold.log_return", "vix.log", "flow.difference", "close.log_return"]
    assert (
        ready.feature_plan.warm_up
        == len(ready.clean.frame) + ready.clean.dropped_rows - len(ready.features.values)
        == 2
    )
    plain = prepared(dataset)
    assert plain.feature_plan.warm_up == ROWS - len(plain.features.values) == 1
    assert list(plain.features.values) == ["gold.log_return", "vix", "flow", "close.log_return"]
    assert ready.features.values["gold.log_return"].tolist() == pytest.approx(
        plain.features.values["gold.log_return"][-len(ready.features.values) :].tolist()
    )


def test_what_was_differenced_by_hand_is_not_differenced_again(dataset: Dataset) -> None:
    ready = prepared(dataset, returns=("gold",))
    assert "gold.return" in ready.features.values
    assert not [name for name in ready.features.values if name.startswith("gold.") and name != "gold.return"]


def test_names_that_are_no_features_are_told_and_passed_over(dataset: Dataset) -> None:
    ready = prepared(dataset, log=("close", "golf", "vix"), clip_columns=("nowhere",), clip_quantile=0.01)
    assert list(ready.features.values)[1] == "vix.log"
    told = {finding.column: finding.code for finding in ready.plan.findings if finding.column}
    assert told == {"close": "not-a-feature", "golf": "unknown-column", "nowhere": "unknown-column"}


def test_clipping_a_level_that_drifts_is_warned_of_with_a_way_out(dataset: Dataset) -> None:
    ready = prepared(dataset, clip_quantile=0.01)
    told = next(finding for finding in ready.plan.findings if finding.code == "clipped-level")
    assert told.remedy.value == ("gold",)
    assert "clipped-level" not in codes(prepared(dataset, clip_quantile=0.01, returns=("gold",)))
    assert "clipped-level" not in codes(prepared(dataset, clip_quantile=0.01, clip_columns=("vix",)))


def test_no_window_and_no_outcome_spans_a_cut(dataset: Dataset) -> None:
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


def test_a_clipped_target_is_for_learning_alone(dataset: Dataset) -> None:
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
    told = next(finding for finding in clipped.findings if finding.code == "target-clipped")
    assert (told.column, told.count) == ("close", int(changed.sum()))
    assert "target-clipped" not in codes(plain)


def test_a_wish_to_clip_the_target_without_bounds_is_answered(dataset: Dataset) -> None:
    ready = prepared(dataset, clip_target=True)
    assert "target-not-clipped" in codes(ready)
    np.testing.assert_array_equal(ready.samples.outcome, prepared(dataset).samples.outcome)
