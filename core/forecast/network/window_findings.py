"""Findings on windows that lack an input."""

from typing import TYPE_CHECKING

import numpy as np

from core.data.blocks import rows_before
from core.findings.windows import WindowsIncomplete
from core.forecast.network.windows import full_windows
from core.samples.features import FeaturePlan

if TYPE_CHECKING:
    from core.samples.features import FeatureFrame


def check_windows(
    features: "FeatureFrame", plan: FeaturePlan, names: tuple[str, ...], window: int
) -> WindowsIncomplete | None:
    """Return a finding if windows lack an input, with the feature that costs most of them.

    Windows that reach into the look-back of the features at the start of a series are not counted.

    Parameters
    ----------
    features, plan
        The feature frame, and the plan of its features.
    names
        The features of a window.
    window
        Rows of a window.
    """
    expected = rows_before(features.blocks) >= plan.warm_up + window - 1
    lost = expected & ~full_windows(features.complete_rows(names), features.blocks, window)
    if not lost.any():
        return None
    costs = {}
    for name in names:
        known = np.isfinite(features.values[name].to_numpy())
        costs[name] = int((expected & ~full_windows(known, features.blocks, window)).sum())
    worst = max(costs, key=lambda name: costs[name])
    (column,) = plan.columns_of([worst])
    return WindowsIncomplete(
        column=column,
        feature=worst,
        window=window,
        missing=costs[worst],
        count=int(lost.sum()),
        total=int(expected.sum()),
    )
