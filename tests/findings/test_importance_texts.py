"""The texts of the findings on feature importance, as a user reads them."""

import pytest

from core.findings.importance import (
    FoldsLeftOut,
    NoiseFeatures,
    NoSignal,
    RankingStopped,
    SamplesThinned,
    SuspectedNotChosen,
)
from core.findings.model import Finding

TEXTS = [
    (
        NoSignal(features=9, unstable=0),
        "No feature carries signal: training uses the target's own history only",
        "On later rows of the train era, no feature helps more than random columns do.",
        None,
    ),
    (
        NoSignal(features=9, unstable=2),
        "No feature carries signal: training uses the target's own history only",
        "The intervals of 2 of 9 features reach over the noise line, but none exceeds it as a whole.",
        None,
    ),
    (
        SuspectedNotChosen(features=("oil", "vix.lag2")),
        "2 features suspected of look-ahead: not chosen",
        "oil, vix, lag 2. Their importance may come from later rows.",
        None,
    ),
    (
        RankingStopped(count=2, fits=3),
        "Stopped after 2 of 3 fits",
        "Fewer fits mean wider intervals. Training ranks all of them.",
        None,
    ),
    (
        NoiseFeatures(features=9, count=2),
        "2 of 9 features look like noise",
        "They help no more than random columns do, and are not passed to training.",
        None,
    ),
    (
        SamplesThinned(used=100_000, count=12_345),
        "Ranked on 100,000 of 112,345 train samples",
        "They are evenly spaced over the train era.",
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
