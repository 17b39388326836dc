"""Logs, differences and returns; clipping by robust z-score; repeated time stamps; splits at gaps."""

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError
from scipy.stats import median_abs_deviation

from core.cleaning.fitted import CleanFrame, FittedCleaning
from core.cleaning.gaps import Calendar, learn_calendar
from core.cleaning.transform import apply_cleaning, fit_cleaning
from core.data.columns import LINE
from core.errors.recipe import InvalidSetting
from core.findings.cleaning import ClipNotPossible, CutAtGaps, TransformUndefined
from core.findings.model import Severity
from core.io.json import from_json, to_json
from core.recipe.model import CleaningSettings, Recipe
from tests.cleaning.frames import ALONE, NAN, PANEL, clean, cut_at, finding, table

# ---- transformations


def test_a_log_a_difference_and_a_return_match_values_computed_by_hand() -> None:
    found = clean(table([1.0, 2.0, 8.0, 4.0]), log=("vix",))
    assert found.frame["vix"].tolist() == pytest.approx(np.log([1.0, 2.0, 8.0, 4.0]))
    assert found.changes[1].transformed == 4
    found = clean(table([1.0, 2.0, 8.0, 4.0]), difference=("vix",))
    assert found.frame["vix"].tolist() == pytest.approx([NAN, 1.0, 6.0, -4.0], nan_ok=True)
    found = clean(table([1.0, 2.0, 8.0, 4.0]), returns=("vix",))
    assert found.frame["vix"].tolist() == pytest.approx([NAN, 1.0, 3.0, -0.5], nan_ok=True)
    found = clean(table([1.0, 2.0, 8.0, 4.0]), log=("vix",), difference=("vix",))
    assert found.frame["vix"].tolist() == pytest.approx([NAN, *np.log([2.0, 4.0, 0.5])], nan_ok=True)


@pytest.mark.silent("change-undefined", "rows-dropped", "rows-incomplete")
def test_the_first_row_of_a_difference_is_missing_without_a_finding() -> None:
    found = clean(table([1.0, 2.0, 8.0, 4.0]), difference=("vix",))
    assert (found.lines.tolist(), found.dropped_rows, found.findings) == ([2, 3, 4, 5], 0, ())


@pytest.mark.fires("change-undefined", "rows-incomplete")
def test_rows_with_an_undefined_log_are_kept_and_reported() -> None:
    found = clean(table([1.0, 0.0, -3.0, 4.0]), log=("vix",))
    assert found.lines.tolist() == [2, 3, 4, 5]
    assert found.frame["vix"].isna().tolist() == [False, True, True, False]
    undefined = finding(found, "change-undefined")
    assert undefined == TransformUndefined(column="vix", transform="log", count=2, total=4)
    assert undefined.severity == Severity.WARNING
    assert finding(found, "rows-incomplete").count == 2
    assert (found.changes[1].undefined, found.changes[1].still_bad) == (2, 0)


@pytest.mark.fires("change-undefined")
def test_many_undefined_transformations_are_summed_up_the_worst_first() -> None:
    names = [f"c{number}" for number in range(8)]
    columns = {name: [0.0] * (number + 1) + [1.0] * (19 - number) for number, name in enumerate(names)}
    found = clean(table([1.0] * 20).assign(**columns), kept=tuple(names), log=tuple(names))
    *listed, further = [one for one in found.findings if one.code == "change-undefined"]
    assert [one.column for one in listed] == names[:2:-1]
    assert (further.columns, further.count) == (("c2", "c1", "c0"), 3)


def test_a_column_that_cannot_be_transformed_in_any_row_costs_no_row() -> None:
    found = clean(table([0.0, -1.0, 0.0, -1.0]), log=("vix",))
    assert found.frame["close"].notna().all()
    assert finding(found, "change-undefined").count == 4


def test_the_row_after_a_zero_has_no_return() -> None:
    found = clean(table([1.0, 0.0, 3.0, 6.0]), returns=("vix",))
    assert found.frame["vix"].tolist() == pytest.approx([NAN, -1.0, NAN, 1.0], nan_ok=True)
    assert finding(found, "change-undefined").count == 1


def test_gaps_are_filled_before_transforming() -> None:
    found = clean(table([1.0, NAN, 3.0, 4.0]), difference=("vix",))
    assert found.frame["vix"].tolist() == pytest.approx([NAN, 0.0, 2.0, 1.0], nan_ok=True)


def test_a_difference_never_crosses_into_another_series() -> None:
    one, other = table([1.0, 2.0, 4.0]).assign(ticker="A"), table([100.0, 101.0, 103.0]).assign(ticker="B")
    found = clean(pd.concat([one, other], ignore_index=True), PANEL, difference=("vix",))
    assert found.frame["vix"].tolist() == pytest.approx([NAN, 1.0, 2.0, NAN, 1.0, 2.0], nan_ok=True)


def test_clip_bounds_are_in_transformed_units() -> None:
    price = np.exp(np.cumsum(np.r_[np.tile([0.01, -0.01], 20), 0.5, 0.0]))
    found = clean(table(price.tolist()), train=38, log=("vix",), difference=("vix",), clip_quantile=0.05)
    assert found.frame["vix"].abs().max() == pytest.approx(0.01)
    assert found.changes[1].clipped == 1


def test_the_target_is_not_transformed() -> None:
    found = clean(table([1.0] * 4), log=("close",), returns=("vix",))
    assert found.frame["close"].tolist() == [100.0, 101.0, 102.0, 103.0]


def test_a_return_excludes_a_log_or_difference_of_the_same_column() -> None:
    with pytest.raises(ValidationError, match="'a' has a return and a log or difference"):
        CleaningSettings(log=("a",), returns=("a", "b"))
    with pytest.raises(InvalidSetting, match="'a' has a return and a log or difference"):
        Recipe().change("cleaning", difference=("a",), returns=("a",))


# ---- clipping by robust z-score


def test_robust_bounds_are_those_of_scipy() -> None:
    vix = np.random.default_rng(2).standard_t(3, 60)
    found = clean(table(vix.tolist()), train=50, clip_robust_z=2.5)
    train = vix[:50]
    reach = 2.5 * median_abs_deviation(train, scale=1 / 1.4826)
    expected = np.clip(vix, np.median(train) - reach, np.median(train) + reach)
    assert found.frame["vix"].tolist() == pytest.approx(expected.tolist())
    assert found.changes[1].clipped == np.count_nonzero(expected != vix) > 0


@pytest.mark.fires("clip-not-possible")
def test_a_column_of_mostly_one_value_is_not_clipped_and_reported() -> None:
    vix = [0.0] * 8 + [5.0, 1000.0]
    found = clean(table(vix), clip_robust_z=2)
    assert found.frame["vix"].tolist() == vix
    assert finding(found, "clip-not-possible") == ClipNotPossible(columns=("vix",))


@pytest.mark.silent("clip-not-possible")
def test_a_column_with_some_equal_values_is_clipped() -> None:
    assert clean(table([2.0, 2.0, 1.0, 3.0, 1000.0, 3.0]), train=4, clip_robust_z=2).changes[1].clipped == 1


def test_with_a_quantile_and_a_robust_z_the_tighter_bound_applies() -> None:
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
@pytest.mark.fires("repeated-times")
def test_one_row_per_time_stamp_is_kept(how: str, vix: list[float], lines: list[int]) -> None:
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


def test_a_mean_ignores_bad_values() -> None:
    frame = table([1.0, -999.0, 3.0, 4.0])
    frame.loc[2, "date"] = frame.loc[1, "date"]
    assert clean(frame, duplicates="mean", sentinels={"vix": (-999.0,)}).frame["vix"].tolist() == [1.0, 3.0, 4.0]


# ---- gaps


def broken(gap: int) -> pd.DataFrame:
    """Twelve days with a gap of so many days before the seventh."""
    frame = table(np.arange(12.0).tolist())
    frame.loc[6:, "date"] += pd.Timedelta(days=gap - 1)
    return frame


def cleaned(frame: pd.DataFrame, **fields: object) -> CleanFrame:
    eras = cut_at(6, 40)
    return apply_cleaning(frame, fit_cleaning(frame, ALONE, ("vix",), CleaningSettings(**fields), eras, {}))


@pytest.mark.silent("cut-at-gaps")
def test_a_gap_within_the_limit_and_any_gap_without_a_limit_split_nothing() -> None:
    assert cleaned(broken(5), max_gap=5).blocks.tolist() == [0] * 12
    assert cleaned(broken(400)).blocks.tolist() == [0] * 12


@pytest.mark.fires("cut-at-gaps")
def test_a_gap_longer_than_the_limit_splits_the_series() -> None:
    found = cleaned(broken(6), max_gap=5)
    assert found.blocks.tolist() == [0] * 6 + [1] * 6
    assert finding(found, "cut-at-gaps") == CutAtGaps(rows=(8,), count=1, max_gap=5)


def test_no_fill_or_difference_crosses_a_split() -> None:
    frame = broken(30)
    frame.loc[6, "vix"] = NAN
    assert cleaned(frame).frame["vix"].tolist()[6] == 5.0
    found = cleaned(frame, max_gap=5)
    assert found.lines[found.frame["vix"].isna()].tolist() == [8]
    found = cleaned(broken(30), max_gap=5, difference=("vix",))
    assert found.lines[found.frame["vix"].isna()].tolist() == [2, 8]
    assert set(found.frame["vix"].dropna()) == {1.0}


def test_rows_without_a_target_make_a_gap_too() -> None:
    frame = table(np.arange(20.0).tolist(), [1.0] * 8 + [NAN] * 6 + [1.0] * 6)
    found = clean(frame, max_gap=5)
    assert found.blocks.tolist() == [0] * 8 + [1] * 6


def test_the_sampling_interval_is_learned_from_the_train_era() -> None:
    eras = cut_at(20, 30)
    calm = table(np.arange(30.0).tolist())
    wild = calm.assign(date=calm["date"].where(np.arange(30) < 20, calm["date"] + pd.Timedelta(days=100)))
    fits = [fit_cleaning(f, ALONE, ("vix",), CleaningSettings(max_gap=3), eras, {}) for f in (calm, wild)]
    assert fits[0] == fits[1]
    assert fits[0].calendar == Calendar(step=86_400_000_000, weekends=True, rows_per_day=0)
    assert from_json(FittedCleaning, to_json(fits[0])) == fits[0]


def steps_of(stamps: pd.DatetimeIndex, one: str, other: str) -> float:
    calendar = learn_calendar(stamps.to_numpy("datetime64[us]"), np.zeros(len(stamps), dtype=np.int64))
    return float(calendar.count_steps(np.array([one], "datetime64[us]"), np.array([other], "datetime64[us]"))[0])


def test_weekends_and_nights_without_rows_are_not_gaps() -> None:
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


def test_each_series_is_split_at_its_own_gaps() -> None:
    one, other = table(np.arange(12.0).tolist()).assign(ticker="A"), broken(30).assign(ticker="B")
    frame = pd.concat([one, other], ignore_index=True).assign(**{LINE: np.arange(24)})
    eras = cut_at(6, 60)
    found = apply_cleaning(frame, fit_cleaning(frame, PANEL, ("vix",), CleaningSettings(max_gap=5), eras, {}))
    assert found.blocks.tolist() == [0] * 12 + [1] * 6 + [2] * 6
