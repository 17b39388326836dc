"""The texts of the findings on a recipe, as a user reads them."""

import pytest

from core.findings.model import Finding, Severity
from core.findings.recipe import AbsentColumns, SettingPassedOver

TEXTS = [
    (
        AbsentColumns(names=("vix", "Clsoe"), settings=("Ignore",), nearest=(("Clsoe", "Close"),)),
        "The recipe names columns that this file does not have: vix, Clsoe",
        "They are skipped in Ignore. The nearest name to 'Clsoe' is 'Close'.",
    ),
    (
        AbsentColumns(names=("vix.lag1",), settings=("the regression features",), kind="feature"),
        "The recipe names features that these data do not have: vix.lag1",
        "They are skipped in the regression features.",
    ),
    (
        SettingPassedOver(setting="cleaning.max_age", problem=None),
        "Recipe setting 'cleaning.max_age' is ignored",
        "This version has no such setting.",
    ),
    (
        SettingPassedOver(setting="training.epochs", problem="Input should be greater than or equal to 1", found="0"),
        "Recipe setting 'training.epochs' is ignored",
        "Input should be greater than or equal to 1; found 0.",
    ),
    (
        SettingPassedOver(setting="split", problem="train, validation and test must add up to 1, not 1.2"),
        "Recipe setting 'split' is ignored",
        "train, validation and test must add up to 1, not 1.2.",
    ),
]


@pytest.mark.parametrize(("finding", "title", "detail"), TEXTS)
def test_texts(finding: Finding, title: str, detail: str) -> None:
    assert (finding.severity, finding.title, finding.detail) == (Severity.WARNING, title, detail)
