"""Changed cells agree with the cleaned rows."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.cleaning.before_after import cell_changes, compare_column
from core.context import Context
from core.data.dataset import Dataset
from core.errors.cleaning import ColumnNotNumeric
from core.errors.columns import UnknownColumn
from core.ingest import step as ingest_step
from core.quality import step as quality_step
from core.quality.profile import QualityProfile
from core.recipe.model import CleaningSettings, Recipe
from core.recipe.remedies import apply_remedy
from core.samples.features import plan_features
from core.samples.prepare import clean_dataset, problem_columns

ROWS = 100
RECIPE = Recipe().change("ingest", target="close", sentinels=(-999.0,))
COLUMNS = ["line", "time", "column", "before", "after", "change"]


def read(frame: pd.DataFrame, folder: Path, recipe: Recipe = RECIPE) -> tuple[Dataset, QualityProfile]:
    frame.to_csv(folder / "data.csv", index=False)
    dataset = ingest_step.read(folder / "data.csv", recipe, folder / "tables")
    return dataset, quality_step.profile(Context(dataset=dataset, recipe=recipe))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Dataset, QualityProfile]:
    chance = np.random.default_rng(1)
    vix = (20 + chance.normal(size=ROWS)).round(3)
    vix[[10, 50, 90]] = np.nan, -999.0, 60.0
    vix[80:88] = np.nan
    gold = (100 + chance.normal(size=ROWS)).round(3)
    gold[5] = -1.0
    frame = pd.DataFrame(
        {
            "date": pd.date_range("2024-01-01", periods=ROWS),
            "close": (100 + chance.normal(size=ROWS).cumsum()).round(3),
            "vix": vix,
            "gold": gold,
            "note": ["a", "b"] * (ROWS // 2),
        }
    )
    return read(frame, tmp_path_factory.mktemp("data"))


def test_a_column_is_shown_before_and_after_with_its_changes(made) -> None:
    settings = CleaningSettings(clip_quantile=0.02, max_fill=5)
    column = compare_column(*made, settings, "vix")
    assert len(column.times) == len(column.before) == len(column.after) == ROWS
    assert column.lines.tolist() == list(range(2, ROWS + 2))
    assert column.train.sum() == 70
    assert (column.changes.filled, column.changes.still_bad) == (7, 3)
    assert column.transform == ""
    table = column.table().set_index("line")
    assert table.loc[12, "change"] == "filled"
    assert np.isnan(table.loc[12, "before"])
    assert table.loc[12, "after"] == column.after[9]
    assert (table.loc[52, "before"], table.loc[52, "change"]) == (-999.0, "filled")
    assert (table.loc[92, "before"], table.loc[92, "change"]) == (60.0, "clipped")
    assert table.loc[92, "after"] < 25
    assert table.loc[[87, 88, 89], "change"].tolist() == ["still bad"] * 3
    assert column.changes.clipped == table["change"].str.contains("clipped").sum()


def test_the_table_lists_exactly_the_changed_cells(made) -> None:
    dataset, profile = made
    settings = CleaningSettings(clip_robust_z=3, log=("gold",))
    found = cell_changes(dataset, profile, settings, ["vix", "gold", "close"], None)
    assert list(found.columns) == COLUMNS
    clean = clean_dataset(dataset, RECIPE.change("cleaning", **settings.model_dump()), profile).clean
    raw = dataset.read(["vix", "gold"])
    for name in ("vix", "gold"):
        after = pd.Series(clean.frame[name].to_numpy(), index=clean.lines)
        before = raw[name].set_axis(range(2, ROWS + 2)).reindex(after.index)
        differs = set(after.index[before.to_numpy() != after.to_numpy()])
        mine = found[found["column"] == name].set_index("line")
        assert differs == set(mine.index) & set(after.index)
        np.testing.assert_array_equal(mine.loc[sorted(differs), "after"], after[sorted(differs)])
    assert found.loc[found["change"] == "undefined", "line"].tolist() == [7]
    counts = tuple(compare_column(dataset, profile, settings, name).changes for name in ("vix", "gold"))
    assert counts == clean.changes[1:]


def test_the_table_is_limited_on_the_page_and_complete_in_the_download(made) -> None:
    settings = CleaningSettings(difference=("vix", "gold"))
    whole = cell_changes(*made, settings, ["vix", "gold"], None)
    assert len(whole) > ROWS
    pd.testing.assert_frame_equal(cell_changes(*made, settings, ["vix", "gold"], 120), whole[:120])
    assert len(cell_changes(*made, settings, ["vix", "gold"], 5)) == 5


def test_without_changes_the_table_is_empty(made) -> None:
    assert list(cell_changes(*made, CleaningSettings(), ["close"]).columns) == COLUMNS
    assert cell_changes(*made, CleaningSettings(), ["gold", "close"]).empty
    assert cell_changes(*made, CleaningSettings(), []).empty


def test_statistics_are_compared(made) -> None:
    column = compare_column(*made, CleaningSettings(log=("gold",)), "gold")
    assert column.transform == "log"
    numbers = column.statistics.set_index("statistic")
    assert list(numbers.columns) == ["before, train", "after, train", "before, all rows", "after, all rows"]
    good = column.before[column.before > 0]
    assert numbers.loc["values"].tolist() == [70, 69, 100, 99]
    assert numbers.loc["mean", "after, all rows"] == pytest.approx(np.log(good).mean())
    assert numbers.loc["minimum", "before, train"] == -1.0


def test_a_dropped_column_can_be_compared_and_text_cannot(made) -> None:
    assert compare_column(*made, CleaningSettings(drop=("vix",)), "vix").changes.filled == 7
    with pytest.raises(ColumnNotNumeric, match="'note'"):
        compare_column(*made, CleaningSettings(), "note")
    with pytest.raises(UnknownColumn, match="'gild'"):
        compare_column(*made, CleaningSettings(), "gild")


def test_series_are_named(tmp_path: Path) -> None:
    days = pd.date_range("2024-01-01", periods=40)
    parts = [
        pd.DataFrame({"date": days, "who": name, "close": range(40), "vix": [np.nan, *range(39)]}) for name in "AB"
    ]
    recipe = Recipe().change("ingest", target="close", series_column="who")
    found = cell_changes(*read(pd.concat(parts), tmp_path, recipe), CleaningSettings(), ["vix"])
    assert list(found.columns) == ["line", "time", "series", "column", "before", "after", "change"]
    assert found["series"].tolist() == ["A", "B"]
    assert found["change"].tolist() == ["still bad"] * 2


def test_swapped_volumes_are_listed_with_both_values_and_their_problem_is_solved(tmp_path: Path) -> None:
    chance = np.random.default_rng(4)
    close = (9000 * np.exp(chance.normal(0, 0.01, ROWS).cumsum())).round(2)
    coins = chance.uniform(5, 50, ROWS).round(3)
    frame = pd.DataFrame({"date": pd.date_range("2024-01-01", periods=ROWS), "close": close, "Volume BTC": coins})
    frame = frame.assign(open=frame["close"], high=frame["close"] + 5, low=frame["close"] - 5)
    frame["Volume USD"] = (coins * close).round(2)
    volumes = ["Volume BTC", "Volume USD"]
    frame.loc[:29, volumes] = frame.loc[:29, volumes[::-1]].to_numpy()
    dataset, profile = read(frame, tmp_path)
    (swap,) = [found for found in profile.findings if found.code == "volumes-swapped"]
    recipe = apply_remedy(RECIPE, swap.remedy)
    table = cell_changes(dataset, profile, recipe.cleaning, volumes)
    swapped = table[table["change"].str.contains("swapped back")]
    assert swapped["line"].tolist() == [*range(2, 32)] * 2
    assert (swapped["before"].iloc[:30] > 1000).all() and (swapped["after"].iloc[:30] <= 50).all()
    assert clean_dataset(dataset, recipe, profile).clean.frame["Volume BTC"].max() <= 50
    plan = plan_features((*volumes, "close"), profile, recipe.features, {}, {})
    assert problem_columns(profile, plan, volumes, RECIPE) == ("Volume BTC",)
    assert problem_columns(profile, plan, volumes, recipe) == ()
