"""Figures of distributions: every value is drawn, marks are correct, and the tiles of the gallery are in order."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from core.charts.quality.distributions import plot_distribution, plot_qq
from core.charts.quality.gallery import plot_gallery
from core.charts.style import words_of
from core.quality.numerics.density import smooth_histogram
from core.quality.numerics.quantiles import QUANTILE_SHARES, count_histogram
from tests.charts import examples


def traces(figure) -> dict[str, object]:
    return {trace.name.split()[0]: trace for trace in figure.data if trace.name}


@pytest.fixture
def column():
    return examples.profile().columns[0]


def test_a_histogram_counts_every_value_and_marks_quartiles_mean_and_median(column):
    drawn = traces(plot_distribution(column))
    assert sum(drawn["values"].y) == 1500
    assert drawn["mean"].x[0] == column.all.mean
    assert drawn["median"].x[0] == pytest.approx(column.all.median)
    assert drawn["mean"].line.dash != drawn["median"].line.dash
    quartiles = [column.quantiles[QUANTILE_SHARES.index(share)] for share in (0.25, 0.75)]
    assert list(drawn["box"].x[:2]) == quartiles


def test_changes_have_their_own_histogram(column):
    figure = plot_distribution(column, changes=True)
    assert words_of(figure).title == f"Distribution of changes of {column.name}"
    assert sum(traces(figure)["values"].y) == 1499
    assert traces(figure)["mean"].x[0] == column.changes.mean


def test_a_mean_beyond_the_axis_is_not_drawn(column):
    figure = plot_distribution(replace(column, all=replace(column.all, mean=1e9)))
    assert "mean" not in traces(figure)
    assert "median" in traces(figure)


def test_the_density_matches_the_true_one_on_the_scale_of_the_bars():
    values = np.sort(np.random.default_rng(0).normal(3, 2, 20_000))
    found = count_histogram(values)
    curve = smooth_histogram(found, tuple(np.quantile(values, QUANTILE_SHARES)))
    expected = stats.norm.pdf(curve.at, 3, 2) * 20_000 * (found.edges[1] - found.edges[0])
    assert np.abs(curve.height - expected).max() < 0.07 * expected.max()


def test_few_distinct_values_have_no_density():
    values = np.sort(np.random.default_rng(0).integers(0, 5, 1000).astype(float))
    assert smooth_histogram(count_histogram(values), tuple(np.quantile(values, QUANTILE_SHARES))) is None


def test_normal_quantiles_lie_on_the_line_and_heavy_tails_do_not():
    for values, bound in ((stats.norm, 0.35), (stats.t(2), None)):
        sample = values.ppf((np.arange(2000) + 0.5) / 2000)
        column = examples.profile().columns[0]
        found = replace(
            column,
            quantiles=tuple(np.quantile(sample, QUANTILE_SHARES).tolist()),
            all=replace(column.all, rows=2000, missing=0, infinite=0, sentinel=0),
        )
        line, points = plot_qq(found).data
        slope = (line.y[1] - line.y[0]) / (line.x[1] - line.x[0])
        apart = np.abs(points.y - (line.y[0] + slope * (points.x - line.x[0])))
        assert apart.max() < bound if bound else apart.max() > 5


def test_tiles_follow_the_columns_and_show_the_number_they_are_sorted_by():
    columns = examples.profile().columns
    tiles, bars, names, numbers = plot_gallery(columns, "bad ratio").data
    assert list(names.text) == [column.name for column in columns]
    assert [text.split("<br>")[0] for text in tiles.customdata] == [column.name for column in columns]
    assert numbers.text[7] == "bad 31%<br>skew 0.12"
    assert (bars.x.min() > tiles.x[0] - 0.5) and (bars.y.max() <= 1)
    across = [(place % 4, place // 4) for place in range(len(columns))]
    assert list(tiles.x) == [column + 0.5 for column, _ in across]
    assert [int(-base) for base in tiles.base] == [row for _, row in across]


def test_a_column_without_a_histogram_keeps_its_tile():
    columns = examples.profile().columns[:3]
    tiles, _, names, numbers = plot_gallery((columns[0], replace(columns[1], histogram=None), columns[2]), "name").data
    assert len(tiles.x) == len(names.text) == 3
    assert numbers.text[1] == "constant or empty"
