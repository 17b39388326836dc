"""The texts of suggested transformations, as a user reads them."""

import pytest

from core.findings.model import Finding
from core.findings.suggestions import SuggestClip, SuggestDifference, SuggestLog, SuggestReturns

TEXTS = [
    (
        SuggestReturns(column="oil", autocorrelation=0.9987),
        "oil drifts like a price: its returns carry more information than its levels",
        (
            "Lag-1 autocorrelation 0.999 in the train era. Cleaning transforms every such column while Levels as "
            "changes is on; the button transforms this one in any case."
        ),
        "Take the return of oil",
    ),
    (
        SuggestDifference(column="rate", autocorrelation=0.9987),
        "rate drifts: its changes carry more information than its levels",
        (
            "Lag-1 autocorrelation 0.999 in the train era. Cleaning transforms every such column while Levels as "
            "changes is on; the button transforms this one in any case."
        ),
        "Take the difference of rate",
    ),
    (
        SuggestLog(column="volume", skewness=5.23, q99_to_median=15.3),
        "volume is positive and strongly skewed: its logarithm is more symmetric",
        "Skewness 5.23 in the train era; the 99% quantile is 15.3 times the median.",
        "Take the logarithm of volume",
    ),
    (
        SuggestClip(column="shock", kurtosis=120.4, outlier_share=0.0231),
        "shock has heavy tails: clipping keeps a few extremes from dominating training",
        (
            "Excess kurtosis 120 in the train era; 2.31% of the valid values lie more than 3.5 robust standard "
            "deviations from the median."
        ),
        "Clip shock",
    ),
]
PLURALS = {
    SuggestReturns: "drift like prices: returns carry more information than levels",
    SuggestDifference: "drift: changes carry more information than levels",
    SuggestLog: "are positive and strongly skewed: their logarithms are more symmetric",
    SuggestClip: "have heavy tails: clipping keeps a few extremes from dominating training",
}


@pytest.mark.parametrize(("finding", "title", "detail", "button"), TEXTS)
def test_texts(finding: Finding, title: str, detail: str, button: str | None) -> None:
    assert finding.title == title
    assert finding.detail == detail
    assert (finding.remedy.label if finding.remedy else None) == button


@pytest.mark.parametrize("kind", PLURALS)
def test_plural(kind: type[Finding]) -> None:
    assert kind.plural == PLURALS[kind]
