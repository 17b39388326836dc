"""Logs, differences and returns; clipping by robust z; repeated time stamps; gaps that part the rows."""

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError
from scipy.stats import median_abs_deviation

from core.cleaning.gaps import Calendar, learn_calendar
from core.cleaning.transform import FittedCleaning, apply_cleaning, fit_cleaning
from core.data.columns import LINE
from core.errors.model import DataError, RecipeError
from core.findings.model import Severity
from core.io.json import from_json, to_json
from core.recipe.model import CleaningSettings, Recipe
from tests.cleaning.frames import ALONE, NAN, PANEL, clean, cut_at, finding, table

# ---- what features become


def test_a_log_a_difference_and_a_return_are_what_the_hand_computes() -> None:
    found = clean(table([1.0, 2.0, 8.0, 4.0]), log=("vix",))
    assert found.frame["vix"].tolist() == pytest.approx(np.log([1.0, 2.0, 8.0, 4.0]))
    assert found.changes[1].changed == 4
    found = clean(table([1.0, 2.0, 8.0, 4.0]), difference=("vix",))
    assert found.frame["vix"].tolist() == [1.0, 6.0, -4.0]
    found = clean(table([1.0, 2.0, 8.0, 4.0]), returns=("vix",))
    assert found.frame["vix"].tolist() == [1.0, 3.0, -0.5]
    found = clean(table([1.0, 2.0, 8.0, 4.0]), log=("vix",), difference=("vix",))
    assert found.frame["vix"].tolist() == pytest.approx(np.log([2.0, 4.0, 0.5]))


def test_the_row_without_an_earlier_one_goes_without_a_word() -> None:
    found = clean(table([1.0, 2.0, 8.0, 4.0]), difference=("vix",))
    assert (found.lines.tolist(), found.dropped_rows, found.findings) == ([3, 4, 5], 1, ())


def test_a_log_of_zero_or_less_costs_its_row_and_is_told_with_the_column() -> None:
    found = clean(table([1.0, 0.0, -3.0, 4.0]), log=("vix",))
    assert found.lines.tolist() == [2, 5]
    said = finding(found, "change-undefined")
    assert (said.column, said.count, said.severity) == ("vix", 2, Severity.WARNING)
    assert said.title == "'vix' has no log in 2 of 4 rows: they go"
    assert finding(found, "rows-dropped").count == 2
    assert (found.changes[1].undefined, found.changes[1].bad_left) == (2, 0)


def test_where_no_row_can_be_changed_the_error_names_the_column_and_the_way_out() -> None:
    with pytest.raises(DataError, match="'vix' cannot be changed as asked for in 4. Take another change") as caught:
        clean(table([0.0, -1.0, 0.0, -1.0]), log=("vix",))
    assert "4 rows" in caught.value.message


def test_a_return_on_zero_costs_the_row_after_it() -> None:
    found = clean(table([1.0, 0.0, 3.0, 6.0]), returns=("vix",))
    assert found.frame["vix"].tolist() == [-1.0, 1.0]
    assert finding(found, "change-undefined").count == 1


def test_a_gap_is_filled_before_the_change_is_taken() -> None:
    assert clean(table([1.0, NAN, 3.0, 4.0]), difference=("vix",)).frame["vix"].tolist() == [0.0, 2.0, 1.0]


def test_a_difference_never_crosses_into_another_series() -> None:
    one, other = table([1.0, 2.0, 4.0]).assign(ticker="A"), table([100.0, 101.0, 103.0]).assign(ticker="B")
    found = clean(pd.concat([one, other], ignore_index=True), PANEL, difference=("vix",))
    assert found.frame["vix"].tolist() == [1.0, 2.0, 1.0, 2.0]


def test_bounds_are_those_of_what_a_column_becomes() -> None:
    price = np.exp(np.cumsum(np.r_[np.tile([0.01, -0.01], 20), 0.5, 0.0]))
    found = clean(table(price.tolist()), train=38, log=("vix",), difference=("vix",), clip_quantile=0.05)
    assert found.frame["vix"].abs().max() == pytest.approx(0.01)
    assert found.changes[1].clipped == 1


def test_the_target_becomes_nothing_else() -> None:
    found = clean(table([1.0] * 4), log=("close",), returns=("vix",))
    assert found.frame["close"].tolist() == [101.0, 102.0, 103.0]


def test_a_column_enters_by_its_return_or_by_something_else() -> None:
    with pytest.raises(ValidationError, match="'a' enters by its return"):
        CleaningSettings(log=("a",), returns=("a", "b"))
    with pytest.raises(RecipeError, match="'a' enters by its return"):
        Recipe().change("cleaning", difference=("a",), returns=("a",))


# ---- clipping by robust z


def test_robust_bounds_are_those_of_scipy() -> None:
    vix = np.random.default_rng(2).standard_t(3, 60)
    found = clean(table(vix.tolist()), train=50, clip_robust_z=2.5)
    train = vix[:50]
    reach = 2.5 * median_abs_deviation(train, scale=1 / 1.4826)
    expected = np.clip(vix, np.median(train) - reach, np.median(train) + reach)
    assert found.frame["vix"].tolist() == pytest.approx(expected.tolist())
    assert found.changes[1].clipped == np.count_nonzero(expected != vix) > 0


def test_a_column_that_is_mostly_one_value_is_left_alone_and_that_is_said() -> None:
    vix = [0.0] * 8 + [5.0, 1000.0]
    found = clean(table(vix), clip_robust_z=2)
    assert found.frame["vix"].tolist() == vix
    said = finding(found, "clip-not-possible")
    assert (said.count, said.title) == (1, "Not clipped by robust z: vix")
    assert finding(clean(table([1.0, 2.0, 3.0, 4.0]), clip_robust_z=2), "clip-not-possible") is None


def test_with_both_kinds_the_tighter_bound_counts() -> None:
    frame, eras = table([*np.arange(100.0), 1e6]), cut_at(99, 101)
    fits = {
        (q, z): fit_cleaning(frame, ALONE, ("vix",), CleaningSettings(clip_quantile=q, clip_robust_z=z), eras, {})
        for q, z in ((0.1, 0.0), (0.0, 2.0), (0.0, 1.0), (0.1, 2.0), (0.1, 1.0))
    }
    bounds = {key: fitted.clip["vix"] for key, fitted in fits.items()}
    assert bounds[0.1, 2.0] == bounds[0.1, 0.0]
    assert bounds[0.1, 1.0] == bounds[0.0, 1.0]


def test_only_the_named_columns_are_clipped() -> None:
    frame = table([1.0, 2.0, 3.0, 99.0, 99.0]).assign(gold=[1.0, 2.0, 3.0, 99.0, 99.0])
    found = clean(frame, kept=("vix", "gold"), train=3, clip_quantile=0.1, clip_columns=("gold", "close"))
    assert (found.frame["vix"].max(), found.frame["gold"].max()) == (99.0, 3.0)
    assert found.frame["close"].max() == 104.0


# ---- repeated time stamps


@pytest.mark.parametrize(
    ("how", "vix", "lines"),
    [("first", [1.0, 2.0, 4.0], [2, 3, 5]), ("last", [1.0, 3.0, 4.0], [2, 4, 5]), ("mean", [1.0, 2.5, 4.0], [2, 4, 5])],
)
def test_of_rows_with_one_time_stamp_one_stays(how: str, vix: list[float], lines: list[int]) -> None:
    frame = table([1.0, 2.0, 3.0, 4.0], [10.0, 20.0, 40.0, 50.0])
    frame.loc[2, "date"] = frame.loc[1, "date"]
    found = clean(frame, duplicates=how)
    assert found.frame["vix"].tolist() == vix
    assert found.lines.tolist() == lines
    assert found.frame["close"].tolist() == {"first": [10.0, 20.0, 50.0], "last": [10.0, 40.0, 50.0]}.get(
        how, [10.0, 30.0, 50.0]
    )
    assert finding(found, "repeated-times").count == 1
    assert found.changes[1].averaged == (how == "mean")


def test_a_mean_is_that_of_the_good_values() -> None:
    frame = table([1.0, -999.0, 3.0, 4.0])
    frame.loc[2, "date"] = frame.loc[1, "date"]
    assert clean(frame, duplicates="mean", sentinels={"vix": (-999.0,)}).frame["vix"].tolist() == [1.0, 3.0, 4.0]


# ---- gaps


def broken(gap: int) -> pd.DataFrame:
    """Twelve days with a pause of so many days before the seventh."""
    frame = table(np.arange(12.0).tolist())
    frame.loc[6:, "date"] += pd.Timedelta(days=gap - 1)
    return frame


def cleaned(frame: pd.DataFrame, **fields: object):
    eras = cut_at(6, 40)
    return apply_cleaning(frame, fit_cleaning(frame, ALONE, ("vix",), CleaningSettings(**fields), eras, {}))


def test_a_gap_longer_than_allowed_parts_the_rows_and_a_shorter_one_does_not() -> None:
    assert cleaned(broken(5), max_gap=5).blocks.tolist() == [0] * 12
    found = cleaned(broken(6), max_gap=5)
    assert found.blocks.tolist() == [0] * 6 + [1] * 6
    said = finding(found, "cut-at-gaps")
    assert (said.count, said.rows) == (1, (8,))
    assert cleaned(broken(400)).blocks.tolist() == [0] * 12


def test_no_fill_and_no_difference_reaches_over_a_cut() -> None:
    frame = broken(30)
    frame.loc[6, "vix"] = NAN
    assert cleaned(frame).frame["vix"].tolist()[6] == 5.0
    found = cleaned(frame, max_gap=5)
    assert found.lines.tolist() == [line for line in range(2, 14) if line != 8]
    found = cleaned(broken(30), max_gap=5, difference=("vix",))
    assert found.lines.tolist() == [line for line in range(2, 14) if line not in (2, 8)]
    assert set(found.frame["vix"]) == {1.0}


def test_rows_that_go_make_a_gap_too() -> None:
    frame = table(np.arange(20.0).tolist(), [1.0] * 8 + [NAN] * 6 + [1.0] * 6)
    found = clean(frame, max_gap=5)
    assert found.blocks.tolist() == [0] * 8 + [1] * 6


def test_the_usual_step_is_that_of_the_train_era() -> None:
    eras = cut_at(20, 30)
    calm = table(np.arange(30.0).tolist())
    wild = calm.assign(date=calm["date"].where(np.arange(30) < 20, calm["date"] + pd.Timedelta(days=100)))
    fits = [fit_cleaning(f, ALONE, ("vix",), CleaningSettings(max_gap=3), eras, {}) for f in (calm, wild)]
    assert fits[0] == fits[1]
    assert fits[0].calendar == Calendar(step=86_400_000_000, weekends=True, a_day=0)
    assert from_json(FittedCleaning, to_json(fits[0])) == fits[0]


def steps_of(stamps: pd.DatetimeIndex, one: str, other: str) -> float:
    calendar = learn_calendar(stamps.to_numpy("datetime64[us]"), np.zeros(len(stamps), dtype=np.int64))
    return float(calendar.count_steps(np.array([one], "datetime64[us]"), np.array([other], "datetime64[us]"))[0])


def test_weekends_and_nights_are_no_gap_where_the_data_have_none() -> None:
    business = pd.bdate_range("2024-01-01", periods=100)
    assert steps_of(business, "2024-01-05", "2024-01-08") == 1
    assert steps_of(business, "2024-01-05", "2024-01-15") == 6
    assert steps_of(pd.date_range("2024-01-01", periods=100), "2024-01-05", "2024-01-08") == 3
    session = pd.DatetimeIndex(
        [day + pd.Timedelta(minutes=570 + 5 * bar) for day in business[:20] for bar in range(78)]
    )
    assert steps_of(session, "2024-01-05 15:55", "2024-01-08 09:30") == 1
    assert steps_of(session, "2024-01-05 10:00", "2024-01-05 11:00") == 12
    assert steps_of(session, "2024-01-05 15:55", "2024-01-09 09:30") == 79
    around = pd.date_range("2024-01-01", periods=500, freq="h")
    assert steps_of(around, "2024-01-05 22:00", "2024-01-06 03:00") == 5
    assert steps_of(pd.date_range("2020-01-31", periods=40, freq="ME"), "2024-01-31", "2024-04-30") == pytest.approx(
        3, abs=0.1
    )


def test_each_series_is_parted_by_its_own_gaps() -> None:
    one, other = table(np.arange(12.0).tolist()).assign(ticker="A"), broken(30).assign(ticker="B")
    frame = pd.concat([one, other], ignore_index=True).assign(**{LINE: np.arange(24)})
    eras = cut_at(6, 60)
    found = apply_cleaning(frame, fit_cleaning(frame, PANEL, ("vix",), CleaningSettings(max_gap=5), eras, {}))
    assert found.blocks.tolist() == [0] * 12 + [1] * 6 + [2] * 6
