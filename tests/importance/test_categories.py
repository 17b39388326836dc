"""Categories: their labels at the rows of the features, ranked by CatBoost, and no input of the network."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.context import Context
from core.data.eras import Era
from core.importance.categories import Category, read_categories, shift_labels
from core.importance.step import rank
from core.ingest.step import read
from core.recipe.model import Recipe, read_recipe
from core.samples.samples import Samples
from core.samples.step import prepare_once

RECIPE = read_recipe({"ingest": {"target": "close"}, "importance": {"iterations": 60}, "training": {"window": 5}})
ROWS = 900


def make_frame(seed: int = 0) -> pd.DataFrame:
    """Returns that depend on the label `news` one row earlier; `desk` is noise, `id` differs in each row."""
    random = np.random.default_rng(seed)
    news = random.choice(["bad", "good", "none"], ROWS)
    effect = pd.Series(news).map({"bad": -1.0, "good": 1.0, "none": 0.0}).to_numpy()
    returns = 0.01 * (0.7 * np.r_[0.0, effect[:-1]] + random.standard_normal(ROWS))
    return pd.DataFrame(
        {
            "date": pd.bdate_range("2015-01-01", periods=ROWS),
            "close": 100 * np.exp(np.cumsum(returns)),
            "flow": random.standard_normal(ROWS),
            "news": news,
            "desk": random.choice(["A", "B", "C", "D"], ROWS),
            "id": [f"row {place * 7919 % ROWS} of the desk" for place in range(ROWS)],
            "venue": "NYSE",
        }
    )


def context_of(frame: pd.DataFrame, folder: Path, recipe: Recipe = RECIPE) -> Context:
    folder.mkdir(parents=True, exist_ok=True)
    frame.to_csv(folder / "file.csv", index=False)
    return Context(dataset=read(folder / "file.csv", recipe, folder / "tables"), recipe=recipe)


def categories_of(context: Context) -> dict[str, Category]:
    found = read_categories(context.dataset, context.recipe, prepare_once(context))
    return {category.name: category for category in found}


def labels_at_rows(category: Category) -> list[str | None]:
    return [category.labels[int(code)] if code >= 0 else None for code in category.codes]


@pytest.mark.fires("categories-not-chosen")
def test_a_category_with_signal_is_found_and_not_chosen(tmp_path: Path) -> None:
    ranking = rank(context_of(make_frame(), tmp_path))
    found = {feature.name: feature for feature in ranking.features if feature.is_category}
    assert {name: feature.label == "signal" for name, feature in found.items()} == {"news": True, "desk": False}
    assert ranking.features[0].name == "news"
    assert found["news"].best_lag == 0
    assert not {"news", "desk"} & set(ranking.chosen)
    (finding,) = [each for each in ranking.findings if each.code == "categories-not-chosen"]
    assert finding.features == ("news",)
    (shown,) = [each for each in ranking.dependence if each.name == "news"]
    means = pd.Series(shown.contributions).groupby([shown.labels[int(value)] for value in shown.values]).mean()
    assert means["bad"] < means["none"] < means["good"]


@pytest.mark.silent("categories-not-chosen")
def test_a_category_of_noise_is_not_reported(tmp_path: Path) -> None:
    ranking = rank(context_of(make_frame().drop(columns="news"), tmp_path))
    assert [feature.name for feature in ranking.features if feature.is_category] == ["desk"]
    assert "categories-not-chosen" not in {finding.code for finding in ranking.findings}


def test_labels_belong_to_their_rows_whatever_order_the_file_has(tmp_path: Path) -> None:
    frame = make_frame()
    context = context_of(frame.sample(frac=1, random_state=1), tmp_path)
    assert labels_at_rows(categories_of(context)["news"]) == frame["news"].tolist()


def test_a_publication_delay_holds_for_labels(tmp_path: Path) -> None:
    frame = make_frame()
    context = context_of(frame, tmp_path, RECIPE.change("ingest", availability_lag={"news": 2}))
    assert labels_at_rows(categories_of(context)["news"]) == [None, None, *frame["news"][:-2]]


def test_columns_without_repeated_labels_and_dropped_ones_are_no_categories(tmp_path: Path) -> None:
    frame = make_frame()
    assert set(categories_of(context_of(frame, tmp_path / "all"))) == {"news", "desk"}
    recipe = RECIPE.change("cleaning", drop=("desk",)).change("ingest", ignore=("news",))
    assert not categories_of(context_of(frame, tmp_path / "dropped", recipe))
    frame.loc[: ROWS // 2, "news"] = None
    assert set(categories_of(context_of(frame, tmp_path / "missing"))) == {"desk"}


def test_later_labels_change_nothing(tmp_path: Path) -> None:
    frame = make_frame()
    context = context_of(frame, tmp_path / "first")
    ready = prepare_once(context)
    first = later_rows(ready.samples)
    changed = frame.copy()
    changed.loc[first:, "news"] = "a label of the future"
    again = context_of(changed, tmp_path / "second")
    assert rank(again).features == rank(context).features


def later_rows(samples: Samples) -> int:
    """Return the first row after the last outcome of the train era."""
    return int(samples.rows[samples.of(Era.TRAIN)].max()) + 2


def test_shifted_labels_keep_their_counts_within_each_series_and_leave_later_rows(tmp_path: Path) -> None:
    context = context_of(make_frame(), tmp_path)
    features, category = prepare_once(context).features, categories_of(context)["news"]
    features = replace(features, blocks=np.repeat([0, 1, 2], ROWS // 3))
    until = features.times[ROWS // 2]
    shifted = shift_labels(category, features, until, np.random.default_rng(0))
    assert (shifted[ROWS // 2 + 1 :] == category.codes[ROWS // 2 + 1 :]).all()
    assert (shifted != category.codes).any()
    for block in range(3):
        rows = features.blocks == block
        assert sorted(shifted[rows]) == sorted(category.codes[rows])
