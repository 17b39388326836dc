"""Checks of pairs of columns: duplicates, shared trends, and relations that cannot be tested."""

import numpy as np
import pandas as pd
import pytest

from core.findings.columns import CorrelationsLimited, NearDuplicate, RelationsCoarse, RelationsNotJudged, SharedTrend
from core.findings.model import Finding
from core.quality.pairwise import relations
from tests.quality.checks.test_column import ROWS, clean


def reported(bench, frame: pd.DataFrame, kind: type[Finding], target: str = "y") -> list[Finding]:
    return [finding for finding in bench.profile(frame, target).findings if isinstance(finding, kind)]


def trending(drift: float = 0.3) -> pd.DataFrame:
    """Return eight random walks with a common drift, two of which really move together."""
    random = np.random.default_rng(3)
    steps = drift + random.normal(size=(ROWS, 8))
    steps[:, 1] = steps[:, 0] + 0.3 * random.normal(size=ROWS)
    frame = pd.DataFrame(steps.cumsum(axis=0), columns=[f"c{place}" for place in range(8)])
    return frame.assign(date=pd.date_range("2020-01-01", periods=ROWS, unit="us"))


@pytest.mark.fires("near-duplicate")
def test_near_duplicates_of_the_target_and_of_better_columns(bench):
    frame = clean()
    frame["c1"] = 2 * frame["c0"] + 1
    frame["c2"] = -frame["c0"]
    frame.loc[3, "c0"] = np.nan
    frame["c3"] = frame["y"] + 1e-6 * frame["c3"]
    found = {finding.column: finding for finding in reported(bench, frame, NearDuplicate)}
    assert {column: finding.other for column, finding in found.items()} == {"c0": "c1", "c2": "c1", "c3": "y"}
    assert found["c2"].correlation == pytest.approx(-1)
    assert found["c2"].remedy.value == ("c2",)
    assert not found["c2"].on_changes


@pytest.mark.fires("near-duplicate")
def test_prices_that_agree_on_levels_only_are_no_near_duplicates(bench):
    random = np.random.default_rng(30)
    frame = clean(1)
    frame["c0"] = 1000 * np.exp(np.cumsum(random.normal(scale=0.02, size=ROWS)))
    frame["bar"] = frame["c0"] * np.exp(random.normal(scale=0.001, size=ROWS))
    frame["cents"] = 100 * frame["c0"]
    assert frame[:350][["c0", "bar"]].corr().to_numpy()[0, 1] > 0.9999
    (finding,) = reported(bench, frame, NearDuplicate)
    assert (finding.column, finding.on_changes) == ("cents", True)


@pytest.mark.silent("near-duplicate")
def test_two_prices_of_one_bar_are_no_near_duplicates(bench):
    random = np.random.default_rng(30)
    frame = clean(1)
    frame["c0"] = 1000 * np.exp(np.cumsum(random.normal(scale=0.02, size=ROWS)))
    frame["bar"] = frame["c0"] * np.exp(random.normal(scale=0.001, size=ROWS))
    bench.profile(frame, "y")


@pytest.mark.fires("shared-trend")
def test_correlations_that_come_from_a_shared_trend(bench):
    frame = trending()
    (finding,) = reported(bench, frame, SharedTrend, "c0")
    upper = np.triu_indices(8, 1)
    train = frame[:350].drop(columns="date")
    levels, changes = (each.corr().abs().to_numpy()[upper] for each in (train, train.diff()))
    assert finding.strong == (levels > 0.7).sum()
    assert finding.count == ((levels > 0.7) & (changes < 0.3)).sum() > 20
    assert abs(finding.example.levels) > 0.7 > 0.3 > abs(finding.example.changes)


@pytest.mark.silent("shared-trend")
def test_columns_that_move_together_share_more_than_a_trend(bench):
    frame = trending()
    steps = np.random.default_rng(4).normal(size=(ROWS, 8))
    walk = frame["c0"].diff().fillna(0).to_numpy()[:, None]
    frame[[f"c{place}" for place in range(8)]] = (walk + 0.5 * steps).cumsum(axis=0)
    bench.profile(frame, "c0")


def wide(columns: int) -> pd.DataFrame:
    values = np.random.default_rng(4).normal(size=(40, columns))
    frame = pd.DataFrame(values, columns=[f"c{place:03}" for place in range(columns)])
    return frame.assign(date=pd.date_range("2020-01-01", periods=40, unit="us"))


@pytest.mark.fires("correlations-limited")
@pytest.mark.parametrize("target", ["c000", None])
def test_correlations_of_too_many_columns_are_limited(bench, target):
    (finding,) = reported(bench, wide(230), CorrelationsLimited, target)
    assert (finding.shown, finding.numeric, finding.count, finding.target) == (200, 230, 30, target)
    assert (finding.compared, finding.not_compared) == (230, 0)


@pytest.mark.silent("correlations-limited")
def test_correlations_of_two_hundred_columns_are_complete(bench):
    assert len(bench.profile(wide(200), "c000").correlated) == 200


@pytest.mark.fires("relations-not-judged")
def test_relations_with_too_few_train_rows_are_not_tested(bench):
    (finding,) = reported(bench, clean().head(35), RelationsNotJudged)
    assert (finding.features, finding.count) == (("c0", "c1", "c2", "c3"), 4)


@pytest.mark.silent("relations-not-judged", "relations-coarse")
def test_relations_with_thirty_train_rows_are_tested(bench):
    assert all(relation.p_value is not None for relation in bench.profile(clean().head(43), "y").relations)


@pytest.mark.fires("relations-coarse")
def test_relations_of_very_many_features_get_fewer_shifts(bench, monkeypatch):
    monkeypatch.setattr(relations, "_SHIFTED_CELLS", 4 * 350 * 100)
    (finding,) = reported(bench, clean(), RelationsCoarse)
    assert (finding.shifts, finding.usual_shifts, finding.count) == (100, 400, 4)
