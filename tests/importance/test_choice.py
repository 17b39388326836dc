"""Which features enter training: the target's own change, signal, then unstable ones, and no suspected leak."""

from core.importance.choice import choose_features
from core.importance.stability import FeatureImportance
from core.recipe.model import ImportanceSettings

OWN = ("own.difference", "own")


def feature(name, rank, label, importance=0.1, group=None, suspected=False):
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
        best_lag=0,
        lags=(),
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
    return choose_features(features, OWN, ImportanceSettings(**settings))


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
