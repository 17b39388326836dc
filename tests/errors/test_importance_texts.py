"""The texts of the errors in ranking features, as a user reads them."""

import pytest

from core.errors.importance import NoUsableFold, TooFewSamplesToRank
from core.errors.model import PlumblineError

OUTCOME = "log return of close over 1 row"
TEXTS = [
    (
        TooFewSamplesToRank(found=34, folds=3, needed=40),
        "The train era has 34 samples; 3 folds need at least 40.",
        "Use fewer folds in the importance step, or give the train era more rows.",
    ),
    (
        TooFewSamplesToRank(found=14, folds=1, needed=20),
        "The train era has 14 samples; 1 fold needs at least 20.",
        "Use fewer folds in the importance step, or give the train era more rows.",
    ),
    (
        NoUsableFold(outcome=OUTCOME),
        "No fold of the train era has enough samples with a varying log return of close over 1 row.",
        "Use fewer folds, another target, or a longer train era.",
    ),
]


@pytest.mark.parametrize(("error", "message", "hint"), TEXTS)
def test_texts(error: PlumblineError, message: str, hint: str) -> None:
    assert error.message == message
    assert error.hint == hint
