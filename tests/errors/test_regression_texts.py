"""The texts of the errors of the regression, as a user reads them."""

import pytest

from core.errors.model import PlumblineError
from core.errors.regression import NoVaryingFeature, TargetIsClass, TooFewSamplesToRegress

FEWER = "Select fewer features in the regression step, or give the train era more rows."
TEXTS = [
    (
        TooFewSamplesToRegress(found=11, features=2, needed=12),
        "The train era has 11 samples; a regression on 2 features needs at least 12.",
        FEWER,
    ),
    (
        TooFewSamplesToRegress(found=9, features=1, needed=11),
        "The train era has 9 samples; a regression on 1 feature needs at least 11.",
        FEWER,
    ),
    (
        TargetIsClass(column="up", values=(0.0, 1.0)),
        "The target 'up' only takes the values 0 and 1: it is a class, not a quantity to regress.",
        "Choose a target that takes many values; a class needs a classifier, which Plumbline does not fit.",
    ),
    (NoVaryingFeature(), "No feature varies in the train era.", "Keep more columns in the cleaning step."),
]


@pytest.mark.parametrize(("error", "message", "hint"), TEXTS)
def test_texts(error: PlumblineError, message: str, hint: str) -> None:
    assert error.message == message
    assert error.hint == hint
