"""The correlation map: order, holes, numbers, and its texts."""

import numpy as np
import pytest

from core.charts.quality.correlations import METHODS, order_by_similarity, plot_correlations
from core.charts.style import LOOKS, words_of
from tests.charts import examples
from tests.charts.examples import NAMES

WIDE = tuple(f"c{place}" for place in range(300))


def labels(figure) -> list[str]:
    return list(figure.layout.yaxis.ticktext)


def test_correlated_columns_are_adjacent_whatever_their_order():
    blocks = np.array([[1, 0, 0.9, 0], [0, 1, 0, -0.8], [0.9, 0, 1, 0], [0, -0.8, 0, 1]])
    names = ("a", "b", "c", "d")
    order = [names[place] for place in order_by_similarity(blocks, names)]
    assert {frozenset(order[:2]), frozenset(order[2:])} == {frozenset("ac"), frozenset("bd")}
    shuffled = [2, 0, 3, 1]
    again = order_by_similarity(blocks[np.ix_(shuffled, shuffled)], tuple(names[place] for place in shuffled))
    assert [names[shuffled[place]] for place in again] == order


def test_the_map_is_centred_and_leaves_unknown_pairs_empty():
    figure = plot_correlations(examples.profile(), "spearman")
    heat = figure.data[0]
    assert (heat.zmin, heat.zmax) == (-1, 1)
    assert heat.colorscale[2] == (0.5, LOOKS["light"].diverging[2])
    assert np.diag(heat.z).tolist() == pytest.approx([1] * len(NAMES))
    assert np.isnan(heat.z.astype(float)).sum() == 1
    assert "sample of 1,000 rows" in words_of(figure).subtitle
    assert "sample" not in words_of(plot_correlations(examples.profile(), "pearson")).subtitle


def test_numbers_fit_into_their_cells():
    figure = plot_correlations(examples.profile(), "pearson")
    written = [text for row in figure.data[0].text for text in row]
    assert max(len(text) for text in written) <= len("-.04")
    for text, value in zip(written, np.ravel(figure.data[0].z), strict=True):
        assert (text == "") if np.isnan(value) else (float(text) == pytest.approx(value, abs=0.005))


def test_of_many_columns_the_thirty_most_correlated_with_the_target_are_mapped():
    profile = examples.profile(WIDE)
    figure = plot_correlations(profile, "pearson", "changes")
    assert len(labels(figure)) == 30
    assert WIDE[0] in labels(figure)
    assert "30 of 300 columns" in words_of(figure).subtitle
    assert len(figure.to_json()) < 500_000


@pytest.mark.parametrize("form", ["levels", "changes"])
def test_the_three_measures_share_one_order_and_state_their_rows(form):
    figures = [plot_correlations(examples.profile(), method, form) for method in METHODS]
    assert labels(figures[0]) == labels(figures[1]) == labels(figures[2])
    assert "train rows" in words_of(figures[2]).subtitle
    assert ("enter as changes" in words_of(figures[0]).subtitle) == (form == "changes")
    assert (figures[2].data[0].zmin, figures[2].data[0].zmax) == (0, 1)
    assert np.nanmin(figures[2].data[0].z.astype(float)) > -0.2
