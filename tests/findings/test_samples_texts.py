"""The texts of the findings on samples, as a user reads them."""

import pytest

from core.findings.model import Finding, Severity
from core.findings.samples import TargetClipped, TargetNotClipped

OUTCOME = "log return of close over 1 row"
TEXTS = [
    (
        TargetClipped(column="close", count=12, total=1279, low=-0.0312, high=0.04, outcome=OUTCOME),
        "Clipped 12 of 1,279 train outcomes to the range -0.0312 to 0.04",
        "Models are trained on the clipped log return of close over 1 row. Validation, test and all scores use the actual "
        "outcomes.",
    ),
    (
        TargetNotClipped(column="close", bound_set=False),
        "The target is not clipped: no bound is set",
        "Set a clip quantile or a robust z-score in the cleaning step.",
    ),
    (
        TargetNotClipped(column="close", bound_set=True),
        "The target is not clipped: its train outcomes give no bound",
        "There are none, or at least half of them are equal. Set a clip quantile.",
    ),
]


@pytest.mark.parametrize(("finding", "title", "detail"), TEXTS)
def test_texts(finding: Finding, title: str, detail: str) -> None:
    assert (finding.severity, finding.title, finding.detail) == (Severity.INFO, title, detail)
