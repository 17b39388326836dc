"""Which features enter training: the target's own change, signal, then unstable ones, and no suspected leak."""

import pytest

from core.importance.choice import choose_features
from core.importance.stability import FeatureImportance, LagImportance
from core.recipe.model import ImportanceSettings

OWN = ("own.difference", "own")
NOISE_LINE = 0.01


def feature(name, rank, label, importance=0.1, group=None, suspected=False, by_lag=(0.1,)):
    return FeatureImportance(
        name=name,
        importance=importance,
        low=0.0,
        high=1.0,
        rank=rank,
        rank_low=rank,
        rank_high=rank,
        label=label,
        group=group or name,
        best_lag=max(range(len(by_lag)), key=lambda lag: by_lag[lag]),
        lags=tuple(LagImportance(lag=lag, rows=1, importance=each) for lag, each in enumerate(by_lag)),
        by_period=(),
        suspected=suspected,
    )


FEATURES = (
    feature("maybe", 1, "unstable"),
    feature("good", 2, "signal"),
    feature("twin", 3, "signal", group="good"),
    feature("better", 4, "signal"),
    feature("bad", 5, "unstable", importance=-0.1),
    feature("dull", 6, "noise"),
    feature("own.difference", 7, "noise"),
)


def chosen(features=FEATURES, **settings):
    return choose_features(features, OWN, NOISE_LINE, ImportanceSettings(**settings))


def test_own_change_comes_first_then_signal_then_unstable_of_positive_importance():
    assert chosen(top_k=10) == ("own.difference", "good", "better", "maybe")


def test_top_k_counts_the_own_change():
    assert chosen(top_k=2) == ("own.difference", "good")
    assert chosen(top_k=1) == ("own.difference",)


def test_all_signal_has_no_limit_and_takes_nothing_unstable():
    assert chosen(choice="signal", top_k=1) == ("own.difference", "good", "better")


def test_without_a_signal_own_history_is_chosen_alone():
    weak = tuple(each for each in FEATURES if each.label != "signal")
    assert chosen(weak) == chosen(weak, choice="signal") == OWN


def test_a_suspected_leak_and_its_twins_are_never_chosen():
    leak = feature("leak", 1, "signal", suspected=True)
    lead = feature("lead", 2, "signal", group="leak")
    assert chosen((leak, lead, *FEATURES)) == chosen()
    assert chosen((leak, lead)) == OWN


@pytest.mark.parametrize(
    ("by_lag", "inputs"),
    [
        ((0.0, 0.0, 0.1), ("x", "x.lag2")),
        ((-0.02, 0.1), ("x", "x.lag1")),
        ((0.05, 0.1), ("x", "x.lag1")),
        ((0.06, 0.1), ("x",)),
        ((0.1, 0.05), ("x",)),
        ((0.0, 0.01), ("x",)),
    ],
)
def test_a_lag_enters_if_it_is_above_noise_and_twice_as_important_as_the_last_value(by_lag, inputs):
    assert chosen((feature("x", 1, "signal", by_lag=by_lag),)) == ("own.difference", *inputs)


def test_a_lag_of_an_unstable_feature_does_not_enter():
    assert chosen((*FEATURES, feature("x", 8, "unstable", by_lag=(0.0, 0.1))), top_k=10)[-1] == "x"


def test_top_k_does_not_count_lags():
    lagged = feature("x", 1, "signal", by_lag=(0.0, 0.1))
    assert chosen((lagged, *FEATURES), top_k=3) == ("own.difference", "x", "x.lag1", "good")


def test_a_lag_of_the_own_change_enters_after_it():
    own = feature("own.difference", 1, "signal", by_lag=(0.0, 0.0, 0.0, 0.0, 0.1))
    assert chosen((own,), choice="signal") == ("own.difference", "own.difference.lag4")
