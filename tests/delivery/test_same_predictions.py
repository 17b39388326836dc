"""A bundle predicts for the rows of its own run exactly what the run predicted, at a bound or not."""

from pathlib import Path

import pandas as pd
import pytest

from core import pipeline
from core.context import Context
from core.delivery.bundle import read_bundle
from core.delivery.predict import predict_with
from core.delivery.results import load_predictions
from core.forecast.evaluation import bounds
from core.ingest.step import read
from core.recipe.model import read_recipe

SMALL = read_recipe(
    {
        "ingest": {"time_column": "date", "target": "close"},
        "importance": {"iterations": 10, "folds": 1, "seeds": 1, "noise_probes": 1},
        "training": {"window": 4, "units": [3], "epochs": 2, "batch_size": 16, "learning_rate": 0.03},
        "evaluation": {"baselines": []},
    }
)


@pytest.mark.slow
@pytest.mark.parametrize(("reach", "is_bounded"), [(bounds.REACH, False), (-0.499, True)])
def test_a_bundle_predicts_what_its_run_predicted(
    reach: float, is_bounded: bool, prices_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "REACH", reach)
    context = Context(dataset=read(prices_file, SMALL, tmp_path / "tables"), recipe=SMALL)
    walked = pipeline.walk(context, tmp_path / "out")
    assert ("lstm" in walked.evaluation.diverged) is is_bounded
    ours = load_predictions(tmp_path / "out").set_index("origin")
    scored = predict_with(read_bundle(tmp_path / "out" / "bundle.zip"), prices_file, tmp_path / "scored")
    theirs = scored.table.set_index("origin").loc[ours.index]
    pd.testing.assert_frame_equal(
        ours[["time", "horizon", "lstm", "lower", "upper"]],
        theirs[["time", "horizon", "lstm", "lower", "upper"]],
        check_exact=True,
    )
    assert ("predictions-bounded" in {finding.code for finding in scored.findings}) is is_bounded
