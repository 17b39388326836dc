"""Which of the ranked features enter training."""

from collections.abc import Sequence

from core.importance.stability import FeatureImportance
from core.recipe.model import ImportanceSettings


def order_candidates(features: Sequence[FeatureImportance], own: Sequence[str]) -> tuple[str, ...]:
    """Return the features worth choosing, best first: the target's own feature, signal, then unstable of positive importance.

    Of twins, the best is taken. A suspected look-ahead is left out, and with it its twins.

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
    ]
    return tuple(dict.fromkeys([*own[:1], *wanted]))


def choose_features(
    features: Sequence[FeatureImportance], own: Sequence[str], settings: ImportanceSettings
) -> tuple[str, ...]:
    """Return the features that enter training unless the user selects others.

    With `choice` "signal" they are the target's own feature and every signal, with "top_k" also unstable features, `top_k` in all.
    If no feature is signal, it is the target's own history.

    Parameters
    ----------
    features
        The ranked features.
    own
        Tokens of the target's own history; the first is always chosen.
    settings
        How many features to choose.
    """
    labels = {feature.name: feature.label for feature in features}
    candidates = order_candidates(features, own)
    if not any(labels.get(name) == "signal" for name in candidates):
        return tuple(own)
    if settings.choice == "signal":
        return tuple(name for name in candidates if name in own[:1] or labels[name] == "signal")
    return candidates[: settings.top_k]
