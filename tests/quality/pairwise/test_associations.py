"""Correlated columns: against pandas and scipy, and on planted trends and groups."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from core.quality.numerics.sampling import SampledColumns
from core.quality.numerics.xi import xi_matrix
from core.quality.pairwise.associations import MOST_PAIRED, Associations, associate

DAYS = pd.date_range("2020-01-01", periods=600).as_unit("us")


def sample_of(frame: pd.DataFrame, drifting: set[str] = frozenset(), first: np.ndarray | None = None):
    sampled = SampledColumns(np.arange(len(frame)) == 0 if first is None else first)
    for name, values in frame.items():
        sampled.add(name, values.to_numpy(), name in drifting)
    return sampled.gather()


def associated(frame: pd.DataFrame, drifting: set[str] = frozenset(), target: str | None = None) -> Associations:
    return associate(sample_of(frame, drifting), tuple(frame), target)


def trending(columns: int = 8, rows: int = 600) -> pd.DataFrame:
    """Return unrelated columns with a common drift, and one pair that really moves together."""
    random = np.random.default_rng(3)
    steps = 0.3 + random.normal(size=(rows, columns))
    steps[:, 1] = steps[:, 0] + 0.3 * random.normal(size=rows)
    return pd.DataFrame(steps.cumsum(axis=0), columns=[f"c{place}" for place in range(columns)])


def grouped(target: bool = True) -> pd.DataFrame:
    """Return three groups of three columns, a column in no group, and a target close to b1."""
    random = np.random.default_rng(4)
    common = random.normal(size=(500, 3))
    frame = pd.DataFrame(
        {f"{'abc'[n % 3]}{n // 3}": common[:, n % 3] + 0.3 * random.normal(size=500) for n in range(9)}
    )
    frame["single"] = random.normal(size=500)
    if target:
        frame["y"] = frame["b1"] + 0.2 * random.normal(size=500)
    return frame


def test_strong_correlations_that_vanish_on_changes_are_counted():
    frame = trending()
    found = associated(frame, set(frame), "c0")
    upper = np.triu_indices(8, 1)
    levels, changes = (each.corr().abs().to_numpy()[upper] for each in (frame, frame.diff()))
    assert found.strong == (levels > 0.7).sum() == 28
    assert found.vanished == ((levels > 0.7) & (changes < 0.3)).sum() == 27


@pytest.mark.parametrize(("columns", "strong"), [(["a0", "a1", "a2"], 3), (["a0", "a1"], 1), (["a0", "single"], 0)])
def test_correlations_of_columns_that_do_not_drift_do_not_vanish(columns, strong):
    found = associated(grouped()[columns])
    assert (found.strong, found.vanished) == (strong, 0)


def test_pairs_equal_pandas_on_levels_and_changes_with_missing_values():
    frame = trending()
    frame.loc[100:150, "c0"] = np.nan
    frame.loc[:300, "c2"] = np.nan
    levels, changes = frame.corr(), frame.diff().corr()
    pairs = associated(frame, set(frame), "c0").pairs
    assert len(pairs) == 28
    for pair in pairs:
        assert pair.levels == pytest.approx(levels.loc[pair.one, pair.other], abs=2e-4)
        assert pair.changes == pytest.approx(changes.loc[pair.one, pair.other], abs=2e-4)
    assert pairs[0].levels == max(abs(pair.levels) for pair in pairs)


def test_columns_that_lead_each_other_by_a_row_do_not_only_share_a_trend():
    close = trending(3)["c0"]
    frame = pd.DataFrame({"open": close.shift(1), "close": close, "other": trending(3)["c2"]})
    found = associated(frame, set(frame))
    pairs = {(pair.one, pair.other): pair for pair in found.pairs}
    assert abs(pairs["close", "open"].changes) < 0.3
    assert pairs["close", "open"].follows
    assert not pairs["close", "other"].follows
    assert (found.strong, found.vanished) == (3, 2)


def test_columns_that_do_not_drift_are_not_differenced():
    frame = grouped()
    assert all(pair.levels == pytest.approx(pair.changes, abs=0.02) for pair in associated(frame).pairs)


def test_matrices_equal_pearson_spearman_and_xi_on_changes():
    frame = trending()
    found = associated(frame, set(frame), "c0")
    changes = frame.diff()
    assert found.mapped == tuple(frame)
    np.testing.assert_allclose(found.pearson_changes, changes.corr(), atol=2e-4)
    np.testing.assert_allclose(found.spearman_changes, changes.corr("spearman"), atol=2e-4)
    one, other = changes["c0"][1:], changes["c1"][1:]
    both_directions = [stats.chatterjeexi(*pair).statistic for pair in ((one, other), (other, one))]
    assert found.xi_changes[0][1] == found.xi_changes[1][0] == pytest.approx(max(both_directions), abs=2e-4)
    assert found.xi_levels[0][1] > 0.7


def test_xi_matrix_equals_scipy_with_ties_and_is_close_with_missing_values():
    random = np.random.default_rng(5)
    x = random.normal(size=800)
    values = np.array([x, np.round(x**2 + 0.3 * random.normal(size=800), 1), random.normal(size=800)])
    gappy = values.copy()
    gappy[0, :100], gappy[1, random.random(800) < 0.2] = np.nan, np.nan
    for given, tolerance in ((values, 1e-12), (gappy, 0.03)):
        found = xi_matrix(given, 30)
        for one, other in ((0, 1), (0, 2), (1, 2)):
            both = ~np.isnan(given[[one, other]]).any(axis=0)
            ways = [
                stats.chatterjeexi(given[a, both], given[b, both]).statistic for a, b in ((one, other), (other, one))
            ]
            assert found[one, other] == found[other, one] == pytest.approx(max(ways), abs=tolerance)
    few = values.copy()
    few[0, 29:] = np.nan
    assert np.isnan(xi_matrix(few, 30)[0]).all()


def test_groups_and_their_best_members():
    found = associated(grouped(), target="y")
    assert [(cluster.best, set(cluster.members)) for cluster in found.clusters] == [
        ("y", {"y", "b0", "b1", "b2"}),
        (found.clusters[1].best, {"a0", "a1", "a2"}),
        (found.clusters[2].best, {"c0", "c1", "c2"}),
    ]
    assert found.clusters[0].members[1] == "b1"
    near = grouped().corr()["y"].abs()
    for cluster in found.clusters[1:]:
        assert cluster.best == near[list(cluster.members)].idxmax()
    alone = associated(grouped(target=False), target=None)
    assert [len(cluster.members) for cluster in alone.clusters] == [3, 3, 3]


@pytest.mark.parametrize("columns", [30, 620])
def test_the_order_of_columns_has_no_effect(columns):
    random = np.random.default_rng(6)
    values = random.normal(size=(120, columns)) + random.normal(size=(120, 1))
    frame = pd.DataFrame(values, columns=[f"c{place}" for place in random.permutation(columns)])
    drifting = {name for name in frame if name.endswith("3")}
    forward = associated(frame, drifting, "c7")
    backward = associate(sample_of(frame[frame.columns[::-1]], drifting), tuple(frame.columns[::-1]), "c7")
    assert forward == backward
    assert "c7" in forward.mapped
    assert forward.compared == min(columns, MOST_PAIRED)
    assert len(forward.mapped) == 30


def test_associations_depend_on_train_rows_only_in_any_order_of_columns(bench):
    frame = trending().assign(date=DAYS)
    found = bench.profile(frame, "c0").associations
    changed = frame.copy()
    changed.loc[420:, [f"c{place}" for place in range(8)]] = np.random.default_rng(7).normal(size=(180, 8))
    assert bench.profile(changed, "c0").associations == found
    assert bench.profile(frame[["date", *sorted(trending(), reverse=True)]], "c0").associations == found
    assert (found.train_rows, found.differenced, found.vanished) == (420, 8, 27)


def test_series_are_standardised_and_differenced_apart(bench):
    random = np.random.default_rng(8)
    parts = [
        pd.DataFrame(random.normal(size=(200, 2)).cumsum(axis=0) + 1000 * place, columns=["a", "b"]).assign(
            date=DAYS[:200], name=f"s{place}"
        )
        for place in range(3)
    ]
    frame = pd.concat(parts)
    (pair,) = bench.profile(frame, "a", series="name").associations.pairs
    # The levels 0, 1000 and 2000 would correlate both columns at 1; within a series they are unrelated.
    assert abs(pair.changes) < 0.15
    assert abs(pair.levels) < 0.9
    scaled = [(part[:140]["a"] - part[:140]["a"].mean()) / part[:140]["a"].std(ddof=0) for part in parts]
    np.testing.assert_allclose(
        sample_of(
            pd.concat([part[:140][["a"]] for part in parts]).reset_index(drop=True), first=np.arange(420) % 140 == 0
        ).levels[0],
        pd.concat(scaled),
        rtol=1e-5,
        atol=1e-6,
    )


def test_a_file_without_numeric_columns_has_no_associations(bench):
    found = bench.profile(pd.DataFrame({"date": DAYS, "word": ["a", "b"] * 300})).associations
    assert (found.columns, found.pairs, found.clusters, found.mapped) == (0, (), (), ())
