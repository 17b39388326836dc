"""A step whose output changes must raise its version, or a project would show an old number after an upgrade."""

import hashlib
import json
from typing import Any

import numpy as np
import pytest

from core import pipeline
from core.context import Context
from core.data.builtin import write_sample
from core.data.eras import Era
from core.delivery.results import Walked, step_versions
from core.forecast.network.windows import Windows
from core.importance.step import rank
from core.ingest.step import read
from core.io.json import to_json
from core.quality.step import profile
from core.recipe.model import Recipe
from core.regression.step import regress
from core.samples.step import prepare_once

RECIPE = Recipe.model_validate(
    {
        "ingest": {"target": "sp500"},
        "importance": {"iterations": 10, "folds": 1, "seeds": 1, "noise_probes": 1},
        "training": {"window": 5, "units": [3], "epochs": 2, "seeds": 1, "batch_size": 64},
        "evaluation": {"baselines": ["persistence", "drift"]},
    }
)
# Texts are not pinned: a reworded finding keeps its code and facts.
WORDS = {"reasons", "title", "detail", "label", "sentence", "dataset_key", "key", "versions"}
# The map of predictability is computed in single precision: what it answers is pinned, not its numbers.
IMPRECISE = {"forecastability"}
# What is smaller is a zero.
ROUNDING = 1e-12
# The version and the digest of each step's output. If a digest differs, raise the step's VERSION and pin the new pair.
PINNED = {
    "evaluation": (15, "f2b3074c560aff93"),
    "importance": (7, "42a0c350c540cff0"),
    "profile": (8, "6e4fd389149981f9"),
    "regression": (7, "8bc991add9683ab9"),
    "samples": (6, "fc23156088baf1d7"),
    "training": (6, "d572082cecdefbf2"),
}


def rounded(value: Any) -> Any:
    """Numbers to three significant digits, zero where only rounding is left: processors differ in it; words left out."""
    if isinstance(value, dict):
        return {name: rounded(part) for name, part in value.items() if name not in WORDS | IMPRECISE}
    if isinstance(value, list):
        return [rounded(part) for part in value]
    if not isinstance(value, float):
        return value
    return 0.0 if abs(value) < ROUNDING else float(f"{value:.3g}")


def digest(result: object) -> str:
    document = json.dumps(rounded(json.loads(to_json(result))), sort_keys=True)
    return hashlib.sha256(document.encode()).hexdigest()[:16]


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Context:
    folder = tmp_path_factory.mktemp("pinned")
    write_sample("sp500-drivers", folder / "sample.csv")
    lines = (folder / "sample.csv").read_text().splitlines(keepends=True)
    (folder / "sample.csv").write_text("".join(lines[:400]))
    return Context(dataset=read(folder / "sample.csv", RECIPE, folder / "tables"), recipe=RECIPE)


def half_way_back(windows: Windows) -> np.ndarray:
    """A forecast by rule: half of the last row's scaled first feature is taken back."""
    last = windows.inputs[windows.ends, 0].astype(float)
    levels = windows.samples.base * (1 - 0.005 * last)
    return np.where(windows.samples.eras >= Era.VALIDATION, levels, np.nan)


def answers(context: Context) -> list[str]:
    found = profile(context).forecastability
    asked = [f"{question.column} {question.transform} {question.horizon}" for question in found.questions]
    return [*asked, *sorted(f"{question.column} {question.transform}" for question in found.answered)]


@pytest.fixture(scope="module")
def outputs(context: Context, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    # The weights of a network differ in their last digits from processor to processor; a rule does not.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline, "predict_levels", lambda _network, windows, *_, **_how: half_way_back(windows))
        walked: Walked = pipeline.walk(context, tmp_path_factory.mktemp("out"))
    ready = prepare_once(context)
    return {
        "profile": digest({"profile": json.loads(to_json(profile(context))), "answers": answers(context)}),
        "samples": digest(
            {
                "plan": json.loads(to_json(ready.plan)),
                "features": ready.features.values.iloc[::25].to_dict("list"),
                "outcome": ready.samples.outcome[::25].tolist(),
            }
        ),
        "regression": digest(regress(context)),
        "importance": digest(rank(context)),
        "training": digest([round(epoch.val_loss, 2) for epoch in walked.training.history]),
        "evaluation": digest(walked.evaluation),
    }


@pytest.mark.parametrize("step", sorted(step_versions()))
def test_a_steps_output_is_pinned_to_its_version(step: str, outputs: dict[str, str]) -> None:
    assert (step_versions()[step], outputs[step]) == PINNED[step]
