"""The sentences of the findings on rows that a bundle scores."""

from core.findings.delivery import OtherFrequency


def test_other_frequency() -> None:
    finding = OtherFrequency(trained="B", found=None)
    assert finding.title == "The model was trained on rows of frequency B; these are irregular"
    assert finding.detail == "The horizon counts rows, so it covers another span of time than in training."
