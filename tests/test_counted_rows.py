"""Rows that a count alone orders: a list of things is not judged as a series, and a series given without its dates is."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core import pipeline
from core.context import Context
from core.data.builtin import write_sample
from core.delivery.results import Walked
from core.ingest import step as ingest_step
from core.io.cache import Cache
from core.recipe.model import Recipe, read_recipe


def recipe(target: str, time: str | None) -> Recipe:
    return read_recipe(
        {
            "ingest": {"time_column": time, "target": target},
            "importance": {"iterations": 10, "folds": 1, "seeds": 1, "noise_probes": 1},
            "training": {"window": 4, "units": [4], "epochs": 6, "batch_size": 32, "learning_rate": 0.01},
            "evaluation": {"baselines": ["persistence"], "lstm_adds": False},
        }
    )


def walk(frame: pd.DataFrame, asked: Recipe, folder: Path) -> Walked:
    folder.mkdir()
    frame.to_csv(folder / "data.csv", index=False)
    data = ingest_step.read(folder / "data.csv", asked, folder / "tables")
    assert data.is_counted == (asked.ingest.time_column == "row number")
    return pipeline.walk(Context(dataset=data, recipe=asked, cache=Cache(folder / "cache")), folder / "out")


@pytest.mark.slow
def test_a_list_of_firms_is_not_called_skill_though_it_beats_persistence(tmp_path: Path) -> None:
    chance = np.random.default_rng(0)
    firms = pd.DataFrame(
        {
            "firm": [f"firm {place}" for place in range(600)],
            "sales": chance.lognormal(3, 0.5, 600),
            "margin": chance.normal(0.3, 0.1, 600),
        }
    )
    walked = walk(firms, recipe("sales", "row number"), tmp_path / "list")
    lstm = walked.evaluation.test["lstm"]
    assert lstm.cw["persistence"].p_value < 0.05
    assert walked.evaluation.von_neumann_ratio == pytest.approx(2, abs=0.2)
    assert walked.verdict.level == "cannot_judge"
    assert "order-not-shown" in {finding.code for finding in walked.verdict.findings}


@pytest.mark.slow
def test_closes_without_their_dates_are_judged_like_those_with_them(tmp_path: Path) -> None:
    write_sample("sp500-drivers", tmp_path / "sample.csv")
    closes = pd.read_csv(tmp_path / "sample.csv")[["date", "sp500", "vix"]].iloc[:700]
    dated = walk(closes, recipe("sp500", "date"), tmp_path / "dated")
    counted = walk(closes.drop(columns="date"), recipe("sp500", "row number"), tmp_path / "counted")
    assert dated.evaluation.von_neumann_ratio is None and counted.evaluation.von_neumann_ratio < 0.1
    assert counted.verdict.level == dated.verdict.level != "cannot_judge"
    assert "order-not-shown" not in {finding.code for finding in counted.verdict.findings}
