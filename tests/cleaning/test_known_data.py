"""The built-in samples, and a wide file whose features are nearly all unique."""

from pathlib import Path

import pytest

from core.cleaning.plan import plan_cleaning
from core.context import Context
from core.data.builtin import list_samples, write_sample
from core.ingest import step as ingest_step
from core.quality import step as quality_step
from core.recipe.model import Recipe
from tests.ingest.test_real_files import REAL

WIDE = "kdd17_wide_anonymised_f0_f274_target.csv"


@pytest.mark.parametrize("sample", list_samples(), ids=lambda sample: sample.name)
def test_every_sample_keeps_features_by_default(sample, tmp_path: Path) -> None:
    write_sample(sample.name, tmp_path / "sample.csv")
    dataset = ingest_step.read(tmp_path / "sample.csv", Recipe(), tmp_path / "tables")
    recipe = ingest_step.starter_recipe(dataset, sample.target)
    plan = plan_cleaning(quality_step.profile(Context(dataset=dataset, recipe=recipe)), recipe.cleaning)
    assert len(plan.kept) >= 2


@pytest.mark.skipif(REAL is None, reason="needs the folder of real files (PLUMBLINE_REAL_DATA)")
def test_no_column_of_a_wide_file_of_unique_features_is_dropped_as_unique(tmp_path: Path) -> None:
    dataset = ingest_step.read(REAL / WIDE, Recipe(), tmp_path / "tables")
    recipe = Recipe().change("ingest", target="target")
    profile = quality_step.profile(Context(dataset=dataset, recipe=recipe))
    plan = plan_cleaning(profile, recipe.cleaning)
    assert sum(column.train.unique_ratio > 0.95 for column in profile.columns) > 250
    assert len(plan.kept) > 265
    assert all("correlation" in reason for column in plan.columns for reason in column.reasons)
    codes = [-123321.0 in dataset.column(name).sentinels for name in (*plan.kept, "target")]
    assert sum(codes) > 250
