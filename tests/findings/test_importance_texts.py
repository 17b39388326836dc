"""The texts of the findings on feature importance, as a user reads them."""

import pytest

from core.findings.importance import AllNoise, FoldsLeftOut, NoiseFeatures, NoSignal, RecentSamplesOnly
from core.findings.model import Finding

TEXTS = [
    (
        AllNoise(count=9),
        "No feature exceeds the noise line",
        "On later rows of the train era, no feature helps more than random columns do. The best-ranked features are still passed "
        "to training, but expect no skill from them.",
        None,
    ),
    (
        NoSignal(features=9, count=2),
        "No feature clearly exceeds the noise line",
        "2 of 9 features helped more than random columns in some fits, but none in nearly all. This many do so by chance.",
        None,
    ),
    (
        NoiseFeatures(features=9, count=2),
        "2 of 9 features look like noise",
        "They help no more than random columns do, and are not passed to training.",
        None,
    ),
    (
        RecentSamplesOnly(used=100_000, count=12_345),
        "Ranked on the 100,000 most recent samples",
        "12,345 older samples of the train era are not used.",
        None,
    ),
    (
        FoldsLeftOut(folds=3, count=1),
        "1 of 3 folds were skipped",
        "The outcome is constant there, or too few samples are left between the gaps that keep folds apart.",
        "Use 2 folds",
    ),
    (
        FoldsLeftOut(folds=3, count=2),
        "2 of 3 folds were skipped",
        "The outcome is constant there, or too few samples are left between the gaps that keep folds apart.",
        "Use 1 fold",
    ),
]


@pytest.mark.parametrize(("finding", "title", "detail", "label"), TEXTS)
def test_texts(finding: Finding, title: str, detail: str, label: str | None) -> None:
    assert finding.title == title
    assert finding.detail == detail
    assert (finding.remedy.label if finding.remedy else None) == label
