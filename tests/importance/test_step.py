"""The cached ranking: its key, its model file, a stop, and suspected leaks."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.context import Context
from core.data.dataset import Dataset
from core.errors.model import Stopped
from core.importance.ranking import ImportanceRanking
from core.importance.step import STOPPED, importance_key, model_file, rank
from core.ingest.step import read
from core.io.cache import Cache
from core.progress import NoProgress
from core.recipe.model import Recipe, read_recipe

RECIPE = read_recipe(
    {
        "ingest": {"time_column": "date", "target": "close"},
        "importance": {"iterations": 20, "folds": 2, "noise_probes": 5},
        "training": {"window": 4},
    }
)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Prices, a feature with a signal at lag 1, and the next row's price: a leak."""
    random = np.random.default_rng(5)
    flow = random.standard_normal(600)
    moves = 0.01 * (0.7 * np.r_[0.0, flow[:-1]] + random.standard_normal(600))
    close = 100 * np.exp(np.cumsum(moves))
    frame = pd.DataFrame({"date": pd.bdate_range("2015-01-01", periods=600), "close": close, "flow": flow})
    frame["ahead"] = frame["close"].shift(-1)
    folder = tmp_path_factory.mktemp("data")
    frame.to_csv(folder / "file.csv", index=False)
    return read(folder / "file.csv", RECIPE, folder / "tables")


class StopInSecondFold(NoProgress):
    """Requests a stop when the first fit is done."""

    text = ""

    def step(self, done: int, total: int, text: str) -> None:
        self.text = text

    def __call__(self) -> bool:
        return self.text.startswith("Fold 2")


def test_a_suspected_leak_is_marked_and_not_chosen_until_it_is_known_in_time(data: Dataset) -> None:
    ranking = rank(Context(dataset=data, recipe=RECIPE))
    marked = {feature.name for feature in ranking.features if feature.suspected}
    assert marked
    assert all(name.startswith("ahead") for name in marked)
    assert ranking.chosen[0] == "close.log_return"
    assert "flow" in ranking.chosen
    assert not marked & set(ranking.chosen)
    trusted = rank(Context(dataset=data, recipe=RECIPE.change("ingest", known_at_origin=("ahead",))))
    assert marked & set(trusted.chosen)


def test_how_features_are_chosen_does_not_rank_again(data: Dataset) -> None:
    def key(recipe: Recipe) -> str:
        return importance_key(Context(dataset=data, recipe=recipe))

    assert key(RECIPE.change("importance", top_k=1, choice="signal")) == key(RECIPE)
    assert key(RECIPE.change("training", features=("flow",), epochs=3)) == key(RECIPE)
    for section, change in (("importance", {"folds": 3}), ("training", {"window": 5}), ("training", {"horizon": 2})):
        assert key(RECIPE.change(section, **change)) != key(RECIPE)


def test_a_cached_ranking_is_chosen_from_anew_and_its_model_can_be_loaded(data: Dataset, tmp_path: Path) -> None:
    from catboost import CatBoostRegressor

    cache = Cache(tmp_path / "cache")
    context = Context(dataset=data, recipe=RECIPE, cache=cache)
    full = rank(context)
    one = rank(context.under(RECIPE.change("importance", top_k=1)))
    assert one.chosen == ("close.log_return",)
    assert replace(one, chosen=full.chosen) == full
    model = CatBoostRegressor().load_model(str(model_file(cache.folder, importance_key(context))))
    assert model.tree_count_ == 20
    assert any(name == "flow, last value" for name in model.feature_names_)


def test_a_stopped_ranking_is_kept_for_the_page_but_does_not_count_as_finished(data: Dataset, tmp_path: Path) -> None:
    cache, stop = Cache(tmp_path / "cache"), StopInSecondFold()
    context = Context(dataset=data, recipe=RECIPE, cache=cache, progress=stop, should_stop=stop)
    with pytest.raises(Stopped):
        rank(context)
    key = importance_key(context)
    assert not cache.has("importance", key)
    kept = cache.find(STOPPED, key, ImportanceRanking)
    assert kept is not None
    assert (kept.stopped, kept.fits) == (True, 1)
    assert rank(Context(dataset=data, recipe=RECIPE, cache=cache)).fits == 2
