"""Verification of a bundle: it is unpacked, run in a separate process, and compared with its run."""

import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from core.data.dataset import Dataset
from core.data.user_file import UserFile
from core.delivery.bundle import Manifest, Verified
from core.errors.bundle import BundleNotVerified

# Relative to the size of the prediction.
MOST_DIFFERENCE = 1e-6
_NUMBERS = ["lstm", "lower", "upper"]
_SECONDS = 3600


def verify_bundle(
    path: Path, manifest: Manifest, file: UserFile | None, dataset: Dataset, predictions: pd.DataFrame
) -> Verified:
    """Return how the predictions of the unpacked bundle compare with those of its run.

    Raises `BundleNotVerified`.

    Its own `predict.py` scores the user's file, or the table that was read from it if the bundle's reader refuses the file.

    Parameters
    ----------
    path, manifest
        The bundle.
    file, dataset
        What to score.
    predictions
        Those of the run; origins that they do not have are not compared.
    """
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        with zipfile.ZipFile(path) as archive:
            archive.extractall(place / "bundle")
        if file is not None and manifest.table is not None:
            scored = _score(place, file.path)
            return _compare(scored, predictions, "file")
        model = manifest.model
        series = [model.roles.series] if model.roles.series else []
        table = dataset.read([dataset.time_column, *series, *model.needed])
        table = table.rename(columns={dataset.time_column: model.roles.time})
        table.to_parquet(place / "table.parquet", index=False)
        scored = _score(place, place / "table.parquet")
        return _compare(scored, predictions, "table")


def _score(place: Path, data: Path) -> pd.DataFrame:
    """Return what the unpacked `predict.py` writes; it sees neither this project nor its environment."""
    out = place / "scored.csv"
    kept = {
        name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "TMPDIR", "SYSTEMROOT") if name in os.environ
    }
    try:
        done = subprocess.run(
            [sys.executable, "-I", "predict.py", str(data.absolute()), "--out", str(out)],
            cwd=place / "bundle",
            env=kept | {"OPENBLAS_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise BundleNotVerified(reason=f"its predict.py did not end within {_SECONDS:,} seconds") from error
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise BundleNotVerified(reason=f"its predict.py failed: {said[-1].rstrip('.') if said else done.returncode}")
    return pd.read_csv(
        out, parse_dates=["origin", "time"], dtype={"series": str}, keep_default_na=False, na_values=[""]
    )


def _compare(scored: pd.DataFrame, predictions: pd.DataFrame, read: Literal["file", "table"]) -> Verified:
    keys = ["origin", "series"] if "series" in predictions else ["origin"]
    ours, theirs = predictions, scored
    if "series" in predictions:
        ours, theirs = (frame.assign(series=frame["series"].astype(str)) for frame in (ours, theirs))
    theirs = theirs.set_index(keys)
    if not theirs.index.is_unique:
        raise BundleNotVerified(reason="it predicts twice from one origin")
    theirs = theirs.reindex(pd.MultiIndex.from_frame(ours[keys]) if len(keys) > 1 else pd.Index(ours["origin"]))
    # The ends of an interval are compared relative to the prediction too: one of them may be near 0.
    size = np.abs(ours["lstm"].to_numpy("float64"))
    largest = 0.0
    for name in _NUMBERS:
        run, bundle = ours[name].to_numpy("float64"), theirs[name].to_numpy("float64")
        if not np.array_equal(np.isnan(run), np.isnan(bundle)):
            raise BundleNotVerified(reason=f"it does not predict {name} for the same origins as the run")
        known = ~np.isnan(run)
        difference = np.abs(run - bundle)[known] / np.maximum(size[known], np.abs(run)[known]).clip(1e-12)
        largest = max(largest, float(difference.max(initial=0.0)))
    if largest > MOST_DIFFERENCE:
        raise BundleNotVerified(
            reason=f"its predictions differ from those of the run by up to {largest:.1g} of their size"
        )
    return Verified(rows=len(ours), largest=largest, read=read)
