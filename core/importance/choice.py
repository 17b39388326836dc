"""Which of the ranked features enter training."""

from collections.abc import Mapping, Sequence

from core.importance.stability import FeatureImportance
from core.recipe.model import ImportanceSettings
from core.text.feature_tokens import lag_token

# A lag becomes an input if it is at least this many times as important as the last value.
_DOMINANT = 2


def order_candidates(features: Sequence[FeatureImportance], own: Sequence[str]) -> tuple[str, ...]:
    """Return the features worth choosing, best first: the target's own feature, signal, then unstable of positive importance.

    Of twins, the best is taken. A suspected look-ahead is left out, and with it its twins; so is a category.

    Parameters
    ----------
    features
        The ranked features.
    own
        Tokens of the target's own history; the first is always chosen.
    """
    suspected = {feature.group for feature in features if feature.suspected}
    wanted = [
        feature.name
        for label in ("signal", "unstable")
        for feature in sorted(features, key=lambda feature: feature.rank)
        if feature.label == label
        and feature.importance > 0
        and feature.name == feature.group
        and feature.group not in suspected
        and not feature.is_category
    ]
    return tuple(dict.fromkeys([*own[:1], *wanted]))


def choose_features(
    features: Sequence[FeatureImportance], own: Sequence[str], noise_line: float, settings: ImportanceSettings
) -> tuple[str, ...]:
    """Return the inputs of training unless the user selects others: features, and dominant lags after their features.

    With `choice` "signal" they are the target's own feature and every signal, with "top_k" also unstable features, `top_k` in all
    without the lags. If no feature is signal, it is the target's own history.

    Parameters
    ----------
    features
        The ranked features.
    own
        Tokens of the target's own history; the first is always chosen.
    noise_line
        The importance of the best noise column.
    settings
        How many features to choose.
    """
    labels = {feature.name: feature.label for feature in features}
    candidates = order_candidates(features, own)
    if not any(labels.get(name) == "signal" for name in candidates):
        return tuple(own)
    if settings.choice == "signal":
        chosen = tuple(name for name in candidates if name in own[:1] or labels[name] == "signal")
    else:
        chosen = candidates[: settings.top_k]
    return add_lags(chosen, dominant_lags(features, noise_line))


def add_lags(names: Sequence[str], lags: Mapping[str, str]) -> tuple[str, ...]:
    """Return features, each followed by its dominant lag if it has one; `lags` are those of `dominant_lags`."""
    inputs = [token for name in names for token in (name, lags.get(name, name))]
    return tuple(dict.fromkeys(inputs))


def dominant_lags(features: Sequence[FeatureImportance], noise_line: float) -> dict[str, str]:
    """Return the lags that become inputs of their own, as tokens by feature.

    Each is the most important lag of a signal, exceeds the noise line, and is at least twice as important as the last value. A
    network rarely recalls a weak signal from the middle of its window; as an input, the lag is in the last row.
    """
    dominant = {}
    for feature in features:
        by_lag = {each.lag: each.importance for each in feature.lags if each.rows == 1}
        best = by_lag[feature.best_lag]
        if feature.label == "signal" and feature.best_lag and best > noise_line and best >= _DOMINANT * by_lag[0]:
            dominant[feature.name] = lag_token(feature.name, feature.best_lag)
    return dominant
