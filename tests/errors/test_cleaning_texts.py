"""The texts of the errors of cleaning, as a user reads them."""

import pytest

from core.errors.cleaning import (
    ColumnNotInData,
    ColumnNotNumeric,
    NoRows,
    NoTargetChosen,
    NoTargetValue,
    NotAThreshold,
)
from core.errors.model import PlumblineError

TEXTS = [
    (
        NotAThreshold(setting="max_fill", thresholds=("max_bad_ratio", "max_correlation")),
        "'max_fill' is not a threshold that drops columns.",
        "Choose one of max_bad_ratio, max_correlation.",
    ),
    (NoTargetChosen(), "No target is chosen.", "Choose the column to forecast."),
    (
        ColumnNotInData(column="gold"),
        "The data have no column 'gold'.",
        "Provide data with the same columns as the training data.",
    ),
    (
        ColumnNotNumeric(column="vix", found="high"),
        "Column 'vix' must be numeric, but contains 'high'.",
        "Correct the values, or drop the column.",
    ),
    (NoRows(), "The data have no rows.", "Provide at least one row."),
    (
        NoTargetValue(rows=1000, column="vix"),
        "The target 'vix' has no value in any of the 1,000 rows.",
        "Choose another target.",
    ),
]


@pytest.mark.parametrize(("error", "message", "hint"), TEXTS)
def test_texts(error: PlumblineError, message: str, hint: str) -> None:
    assert (error.message, error.hint) == (message, hint)
