"""The script that a recipe becomes says the same as the recipe, and runs."""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from core.context import Context
from core.delivery.script import render_script
from core.ingest.step import read
from core.pipeline import walk
from core.recipe.model import Recipe, read_recipe

ROOT = Path(__file__).parents[2]


def recipe_in(script: str) -> Recipe:
    """The recipe that a script would walk by."""
    for node in ast.walk(ast.parse(script)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "read_recipe":
            return read_recipe(ast.literal_eval(node.args[0]))
    raise AssertionError(script)


@pytest.mark.parametrize(
    "recipe",
    [
        Recipe(),
        Recipe()
        .change("training", horizon=5, units=(8, 4), predict="return")
        .change("ingest", target="a 'b' \"c\" \\n"),
        Recipe().change("cleaning", drop=tuple(f"column {number}" for number in range(50))),
        Recipe()
        .change("cleaning", log=("a", "it's"), difference=("a",), returns=("b",), clip_columns=("b",), max_gap=5)
        .change(
            "cleaning", clip_robust_z=3.5, clip_target=True, duplicates="mean", max_top_share=0.99, max_stale_ratio=0.5
        ),
        Recipe().change("ingest", availability_lag={"cpi": 21}, sentinels=(-99.99,)),
    ],
)
def test_a_script_holds_its_recipe(recipe: Recipe) -> None:
    assert recipe_in(render_script(recipe, "prices.csv")) == recipe


@pytest.mark.parametrize("name", ["prices.csv", 'it\'s "mine".csv', "a\\b.csv", '"); import os  #', "line\nbreak.csv"])
def test_a_file_name_is_never_code(name: str) -> None:
    tree = ast.parse(render_script(Recipe(), name))
    data = [node for node in tree.body if isinstance(node, ast.Assign) and node.targets[0].id == "DATA"]
    assert [argument.value for argument in data[0].value.args] == [name]
    assert {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names} == set()


def test_a_script_of_defaults_is_short() -> None:
    lines = render_script(Recipe().change("ingest", target="close"), "prices.csv").splitlines()
    assert len(lines) < 75
    assert max(map(len, lines)) <= 120


def numbers_of(document: object, place: str = "") -> Iterator[tuple[str, float]]:
    """Every number of a JSON document by its place."""
    if isinstance(document, int | float):
        yield place, document
    elif isinstance(document, dict | list):
        for key, value in document.items() if isinstance(document, dict) else enumerate(document):
            yield from numbers_of(value, f"{place}/{key}")


@pytest.mark.slow
def test_a_script_runs_from_file_to_verdict(prices_file: Path, tmp_path: Path) -> None:
    recipe = (
        Recipe()
        .change("ingest", target="close")
        .change("cleaning", log=("vix",), clip_robust_z=2, duplicates="mean", max_gap=10, keep=("absent",))
        .change("importance", iterations=10, folds=1, seeds=1, noise_probes=1)
        .change("training", epochs=1, window=5, units=(4,))
    )
    script = tmp_path / "walk.py"
    script.write_text(render_script(recipe, str(prices_file)))
    done = subprocess.run(
        [sys.executable, str(script)],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "120 rows, 3 columns" in done.stdout
    assert re.search(r"^test: lstm, loss [0-9.e-]+, R2 -?[0-9.]+$", done.stdout, re.MULTILINE)
    context = Context(dataset=read(prices_file, recipe, tmp_path / "tables"), recipe=recipe)
    walk(context, tmp_path / "again")
    ours, theirs = (json.loads((tmp_path / name / "metrics.json").read_text()) for name in ("again", "out"))
    assert dict(numbers_of(ours)) == pytest.approx(dict(numbers_of(theirs)), rel=1e-6, abs=1e-6)
    assert "keep; vix" in done.stdout
    assert "warning; Cannot keep 'absent': there is no such column" in done.stdout
    assert (tmp_path / "out" / "verdict.json").exists()
    cleaned = pd.read_csv(tmp_path / "out" / "cleaned.csv", parse_dates=["date"])
    pd.testing.assert_frame_equal(
        cleaned, pd.read_parquet(tmp_path / "out" / "cleaned.parquet"), check_dtype=False, rtol=1e-12
    )
    assert cleaned["vix"].between(2, 4).all()
