"""Bundles of earlier versions are kept, load in this one, and still give the predictions of their time, here and unpacked."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from core.delivery.bundle import read_bundle
from core.delivery.predict import predict_with

KEPT = Path(__file__).parents[1] / "data" / "bundles"
BUNDLES = sorted(KEPT.glob("*.zip"))


def test_a_bundle_of_every_outcome_is_kept() -> None:
    outcomes = {read_bundle(path).manifest.task.predict for path in BUNDLES}
    assert {"log_return", "volatility", "direction"} <= outcomes


@pytest.mark.parametrize("path", BUNDLES, ids=lambda path: path.stem)
def test_a_kept_bundle_still_gives_its_predictions(path: Path, tmp_path: Path) -> None:
    then = pd.read_csv(path.with_suffix(".csv"), parse_dates=["origin", "time"])
    now = predict_with(read_bundle(path), KEPT / "rows.csv", tmp_path / "table").table
    pd.testing.assert_frame_equal(now, then, check_dtype=False, rtol=1e-6)
    with zipfile.ZipFile(path) as archive:
        archive.extractall(tmp_path / "bundle")
    program = [sys.executable, "-I", "predict.py", str(KEPT / "rows.csv"), "--out", str(tmp_path / "alone.csv")]
    subprocess.run(program, cwd=tmp_path / "bundle", check=True, capture_output=True)
    alone = pd.read_csv(tmp_path / "alone.csv", parse_dates=["origin", "time"])
    pd.testing.assert_frame_equal(alone, then, rtol=1e-6)
