"""The sentences below the figures of two columns, as a user reads them."""

import numpy as np
import pytest

from core.quality.views.cross_correlation import CrossCorrelation
from core.quality.views.rolling_correlation import RollingCorrelation


@pytest.mark.parametrize(
    ("correlations", "band", "sentence"),
    [
        (
            (0.0, 0.0, 0.0, 0.0, 0.0),
            None,
            "Fewer than 60 rows are valid in both columns, or one is constant: no lead can be estimated.",
        ),
        ((0.0, 0.05, 0.0, 0.0, 0.0), 0.1, "No lag is significant: neither column linearly predicts the other."),
        (
            (0.0, 0.0, 0.2, 0.0, 0.45),
            0.1,
            "oil leads sp500: strongest at 2 rows ahead (0.45), not adjusted for the autocorrelation of sp500.",
        ),
        (
            (0.0, 0.0, 0.45, 0.0, 0.0),
            0.1,
            "oil moves with sp500 in the same row (0.45), so it is not known in time to forecast that row. It does not lead.",
        ),
        (
            (0.0, -0.45, 0.0, 0.2, 0.0),
            0.1,
            "oil follows sp500 by 1 row (-0.45): it reflects past moves. The weaker correlation with sp500 1 row later (0.20) "
            "is not adjusted for the autocorrelation of sp500.",
        ),
    ],
)
def test_cross_correlation(correlations: tuple[float, ...], band: float | None, sentence: str) -> None:
    found = CrossCorrelation(
        feature="oil", other="sp500", lags=(-2, -1, 0, 1, 2), correlations=correlations, band=band, rows=500
    )
    assert found.sentence == sentence


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ([np.nan, np.nan], "No window of 1,000 rows has enough valid pairs."),
        ([np.nan, 0.5, 0.5], "The correlation is 0.50 throughout."),
        ([np.nan, 0.25, 0.5], "The correlation ranges from 0.25 to 0.50 and keeps its sign."),
        ([0.5, -0.05, 0.5], "The correlation ranges from -0.05 to 0.50 and keeps its sign except near 0."),
        ([0.5, -0.5, -0.4], "The correlation ranges from -0.50 to 0.50 and changes sign once."),
        ([0.5, -0.5, 0.4], "The correlation ranges from -0.50 to 0.50 and changes sign 2 times."),
    ],
)
def test_rolling_correlation(values: list[float], sentence: str) -> None:
    times = np.arange(len(values)).astype("datetime64[D]")
    rolling = RollingCorrelation(times=times, values=np.array(values), window=1000, labels=("oil", "sp500"))
    assert rolling.sentence == sentence
