"""The sentences of the findings on rows that a bundle scores."""

from core.findings.delivery import OtherFrequency, PredictionsBounded


def test_other_frequency() -> None:
    finding = OtherFrequency(trained="B", found=None)
    assert finding.title == "The model was trained on rows of frequency B; these are irregular"
    assert finding.detail == "The horizon counts rows, so it covers another span of time than in training."


def test_predictions_bounded() -> None:
    finding = PredictionsBounded(count=3, total=1200)
    assert finding.title == "3 of 1,200 predictions were far beyond all train outcomes, and set to the bound"
    assert (
        finding.detail == "The bounds are the range of train outcomes, widened by three times its width on both sides."
    )
