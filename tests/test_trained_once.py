"""What is trained once: settings that only judge a network find it again, settings that its weights depend on do not."""

from pathlib import Path

import pytest

from core import pipeline
from core.context import Context
from core.data.dataset import Dataset
from core.delivery.results import WORK, Walked
from core.ingest import step as ingest_step
from core.io.cache import Cache
from core.recipe.model import Recipe, read_recipe

SMALL = read_recipe(
    {
        "ingest": {"time_column": "date", "target": "close"},
        "importance": {"iterations": 10, "folds": 1, "seeds": 1, "noise_probes": 1},
        "training": {"window": 4, "units": [2], "epochs": 1, "batch_size": 64},
        "evaluation": {"baselines": ["persistence", "drift"]},
    }
)
JUDGING = [
    ("coverage", 0.8),
    ("cost_bps", 50.0),
    ("tradable", True),
    ("baselines", ("persistence",)),
    ("lstm_adds", False),
    ("walk_forward_folds", 2),
    ("refit", True),
]
LEARNING = [
    ("training", "epochs", 2),
    ("training", "seed", 1),
    ("training", "features", ("close.log_return",)),
    ("importance", "top_k", 1),
    ("features", "lags", (1,)),
    ("cleaning", "scale", "robust"),
    ("split", "embargo", 3),
]
NETWORK = ("weights.npz", "model.keras", "training.json")


class Trained(Exception):
    """Raised in place of a training."""


@pytest.fixture(scope="module")
def data(prices_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return ingest_step.read(prices_file, SMALL, tmp_path_factory.mktemp("tables"))


def key_of(data: Dataset, recipe: Recipe) -> str:
    return pipeline.training_key(Context(dataset=data, recipe=recipe))


def test_every_setting_of_the_evaluation_is_tried() -> None:
    assert {name for name, _ in JUDGING} == set(type(SMALL.evaluation).model_fields)


@pytest.mark.parametrize(("name", "value"), JUDGING)
def test_what_only_judges_a_network_has_its_key(data: Dataset, name: str, value: object) -> None:
    changed = SMALL.change("evaluation", **{name: value})
    assert changed != SMALL
    assert key_of(data, changed) == key_of(data, SMALL)


@pytest.mark.parametrize(("section", "name", "value"), LEARNING)
def test_what_weights_depend_on_makes_another_key(data: Dataset, section: str, name: str, value: object) -> None:
    changed = SMALL.change(section, **{name: value})
    assert key_of(data, changed) != key_of(data, SMALL)


def test_features_selected_by_hand_do_not_depend_on_the_ranking(data: Dataset) -> None:
    by_hand = SMALL.change("training", features=("close.log_return",))
    for change in ({"top_k": 1}, {"iterations": 20}, {"choice": "signal"}):
        assert key_of(data, by_hand.change("importance", **change)) == key_of(data, by_hand)


def test_another_evaluation_judges_the_same_network_anew(
    data: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = Cache(tmp_path / "cache")

    def walk(recipe: Recipe) -> Walked:
        return pipeline.walk(Context(dataset=data, recipe=recipe, cache=cache), tmp_path / "out")

    def weights() -> dict[str, bytes]:
        return {name: (tmp_path / "out" / WORK / name).read_bytes() for name in NETWORK}

    first, kept = walk(SMALL), weights()

    def refuse(*_: object) -> None:
        raise Trained

    monkeypatch.setattr("core.forecast.network.training.train_lstm", refuse)
    again = walk(SMALL.change("evaluation", **dict(JUDGING)))
    assert weights() == kept
    assert again.training == first.training
    assert (first.evaluation.backtest.cost_bps, again.evaluation.backtest.cost_bps) == (5.0, 50.0)
    assert again.evaluation.backtest.gross == first.evaluation.backtest.gross
    assert again.evaluation.interval.nominal == 0.8
    assert set(again.evaluation.test) == {"lstm", "persistence", "drift"}
    with pytest.raises(Trained):
        walk(SMALL.change("training", epochs=2))
