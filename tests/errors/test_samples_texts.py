"""The texts of the errors in building samples and selecting features, as a user reads them."""

import pytest

from core.errors.model import PlumblineError
from core.errors.samples import (
    ConstantOutcome,
    NoCompleteFeatures,
    NoFeature,
    NoSelectedFeature,
    NoTimeColumn,
    VolatilityNeedsPrices,
)

TEXTS = [
    (
        VolatilityNeedsPrices(column="spread", value=-0.5, line=1204),
        "The volatility of 'spread' is undefined: it is -0.5 in line 1,204.",
        "Predict the difference or the level, or choose a target that is always positive.",
    ),
    (
        NoTimeColumn(),
        "No column holds dates or times, so there is nothing to order the rows by.",
        "Upload a file with a column of dates, or set the time column to 'row number' if the rows are in time order.",
    ),
    (
        NoCompleteFeatures(features=12, rows=1000, feature="vix.lag22", missing=990),
        "None of the 1,000 rows has all 12 features: 'vix.lag22' is missing in 990 of them.",
        "Do without it, or use shorter lags, rolling windows or publication delays.",
    ),
    (
        NoCompleteFeatures(features=1, rows=20, feature="vix.lag22", missing=20),
        "None of the 20 rows has the only feature: 'vix.lag22' is missing in 20 of them.",
        "Do without it, or use shorter lags, rolling windows or publication delays.",
    ),
    (
        NoSelectedFeature(
            step="training", selected=("vix.lag2", "oil"), features=("close.log_return", "vix.lag20", "vix")
        ),
        "None of the features selected for training exists in these data, such as 'vix.lag2'.",
        "Select other features. The nearest names are 'vix.lag20', 'vix'.",
    ),
    (
        NoSelectedFeature(step="regression", selected=("gold",), features=("close.log_return", "vix")),
        "None of the features selected for regression exists in these data, such as 'gold'.",
        "Select other features. The features are 'close.log_return', 'vix'.",
    ),
    (NoFeature(), "There is no feature.", "Keep more columns in the cleaning step."),
    (
        ConstantOutcome(outcome="log return of close over 1 row", value=0.0, samples=1200),
        "The log return of close over 1 row is 0 in all 1,200 samples of the train era.",
        "Choose a target that varies, or a longer horizon.",
    ),
]


@pytest.mark.parametrize(("error", "message", "hint"), TEXTS)
def test_texts(error: PlumblineError, message: str, hint: str) -> None:
    assert error.message == message
    assert error.hint == hint
