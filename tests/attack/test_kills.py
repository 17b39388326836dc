"""A walk that is killed at 20 instants and started again ends with the weights and scores of an unbroken one, bit for bit."""

import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.simulation
KILLS = 20
RECIPE = {
    "ingest": {"target": "close"},
    "importance": {"iterations": 10, "folds": 1, "seeds": 1, "noise_probes": 1},
    "training": {"window": 5, "units": [4], "epochs": 30, "patience": 30, "seeds": 2, "batch_size": 16},
    "evaluation": {"baselines": ["persistence", "drift"], "walk_forward_folds": 0},
}


def start(data: Path, recipe: Path, out: Path) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "core", "run", str(data), "--recipe", str(recipe), "--out", str(out)]
    home = os.environ | {"PLUMBLINE_HOME": str(out.parent / f"{out.name}-home")}
    quiet = subprocess.DEVNULL
    return subprocess.Popen(command, env=home, stdout=quiet, stderr=quiet, start_new_session=True)


def outcome(out: Path) -> tuple[str, str, str]:
    """What a walk left: the hashes of its weights and predictions, and its scores without counts of trials."""
    with zipfile.ZipFile(io.BytesIO((out / "bundle.zip").read_bytes())) as archive:
        weights = hashlib.sha256(archive.read("weights.npz")).hexdigest()
    predictions = hashlib.sha256((out / "predictions.csv").read_bytes()).hexdigest()
    metrics = json.loads((out / "metrics.json").read_text())
    metrics.pop("trials")
    return weights, predictions, json.dumps(metrics, sort_keys=True)


@pytest.fixture(scope="module")
def unbroken(
    prices_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Path, float, tuple[str, ...]]]:
    """The recipe, the seconds that a whole walk takes, and what it leaves."""
    folder = tmp_path_factory.mktemp("unbroken")
    recipe = folder / "recipe.json"
    recipe.write_text(json.dumps(RECIPE))
    began = time.monotonic()
    assert start(prices_file, recipe, folder / "out").wait() == 0
    yield recipe, time.monotonic() - began, outcome(folder / "out")


@pytest.mark.parametrize("instant", range(KILLS))
def test_a_kill_changes_no_bit(
    instant: int, unbroken: tuple[Path, float, tuple[str, ...]], prices_file: Path, tmp_path: Path
) -> None:
    recipe, seconds, expected = unbroken
    killed = start(prices_file, recipe, tmp_path / "out")
    time.sleep(seconds * (0.2 + 0.8 * instant / KILLS))
    if killed.poll() is None:
        os.killpg(killed.pid, signal.SIGKILL)
        killed.wait()
    assert start(prices_file, recipe, tmp_path / "out").wait() == 0
    assert outcome(tmp_path / "out") == expected
