"""Filling, clipping and dropping of rows: what is learned from the train era and how it is applied."""

import numpy as np
import pandas as pd
import pytest

from core.cleaning.fitted import FittedCleaning
from core.cleaning.transform import apply_cleaning, fit_cleaning
from core.data.columns import LINE, Roles
from core.errors.cleaning import ColumnNotInData, ColumnNotNumeric, NoRows, NoTargetChosen, NoTargetValue
from core.findings.cleaning import RepeatedTimes, RowsDropped, RowsIncomplete
from core.findings.model import Severity
from core.io.json import from_json, to_json
from core.recipe.model import CleaningSettings
from tests.cleaning.frames import ALONE, NAN, PANEL, clean, cut_at, days, finding, table

# ---- filling


@pytest.mark.silent("rows-dropped", "repeated-times")
def test_complete_rows_are_unchanged_and_report_nothing() -> None:
    frame = table([1.0, 2.0, 3.0, 4.0])
    found = clean(frame)
    pd.testing.assert_frame_equal(found.frame, frame[["date", "close", "vix"]])
    assert found.lines.tolist() == [2, 3, 4, 5]
    assert (found.dropped_rows, found.findings) == (0, ())


def test_a_forward_fill_bridges_at_most_max_fill_consecutive_rows() -> None:
    found = clean(table([1.0, NAN, NAN, NAN, 5.0, NAN]), max_fill=2)
    assert found.frame["vix"].tolist() == pytest.approx([1.0, 1.0, 1.0, NAN, 5.0, 5.0], nan_ok=True)
    change = found.changes[1]
    assert (change.name, change.filled, change.still_bad) == ("vix", 3, 1)


def test_a_gap_at_the_start_is_not_filled_from_later_values() -> None:
    found = clean(table([NAN, NAN, 3.0, 4.0]))
    assert found.frame["vix"].tolist() == pytest.approx([NAN, NAN, 3.0, 4.0], nan_ok=True)


def test_a_fill_does_not_cross_into_another_series() -> None:
    one = table([1.0, 2.0, 3.0, 4.0]).assign(ticker="A")
    other = table([NAN, 20.0, NAN, 40.0]).assign(ticker="B")
    found = clean(pd.concat([one, other], ignore_index=True), PANEL)
    of_b = found.frame[found.frame["ticker"] == "B"]
    assert of_b["vix"].tolist() == pytest.approx([NAN, 20.0, 20.0, 40.0], nan_ok=True)
    assert found.blocks.tolist() == [0, 0, 0, 0, 1, 1, 1, 1]


@pytest.mark.parametrize("fill", ["forward", "median", "none"])
def test_interleaved_series_are_cleaned_as_if_each_were_alone(fill: str) -> None:
    chance = np.random.default_rng(3)
    parts = []
    for ticker in "AB":
        vix = (1 if ticker == "A" else 1000) * chance.normal(size=60)
        vix[chance.permutation(60)[:25]] = NAN
        parts.append(table(vix.tolist()).assign(ticker=ticker))
    together = pd.concat(parts).sort_values("date", kind="stable").reset_index(drop=True)
    found = clean(together, PANEL, fill=fill, max_fill=2)
    assert list(dict.fromkeys(found.frame["ticker"])) == ["A", "B"]
    for part in parts:
        mine = found.frame["ticker"] == part["ticker"].iloc[0]
        alone = clean(part.drop(columns="ticker"), fill=fill, max_fill=2)
        pd.testing.assert_frame_equal(
            found.frame.loc[mine, ["date", "close", "vix"]].reset_index(drop=True), alone.frame
        )


def test_the_fill_median_is_that_of_the_train_era() -> None:
    found = clean(table([1.0, 2.0, 9.0, NAN, NAN, 500.0, 600.0, 700.0]), train=4, fill="median")
    assert found.frame["vix"].tolist() == [1.0, 2.0, 9.0, 2.0, 2.0, 500.0, 600.0, 700.0]


def test_a_series_absent_from_train_is_not_filled_by_the_median_of_others() -> None:
    one, other = table([1.0, 2.0, NAN, 4.0]).assign(ticker="A"), table([NAN, 50.0, 60.0, 70.0]).assign(ticker="B")
    other["date"] += pd.Timedelta(days=2)
    found = clean(pd.concat([one, other], ignore_index=True), PANEL, train=2, fill="median")
    assert found.frame["vix"].tolist() == pytest.approx([1.0, 2.0, 1.5, 4.0, NAN, 50.0, 60.0, 70.0], nan_ok=True)


def test_a_series_named_by_a_number_is_recognised_in_any_data_type() -> None:
    frame = table([1.0, 3.0, NAN, 5.0]).assign(ticker=10001)
    fitted = fit_cleaning(frame, PANEL, ("vix",), CleaningSettings(fill="median"), cut_at(2, 4), {})
    for stored in (10001, 10001.0, "10001"):
        assert apply_cleaning(frame.assign(ticker=stored), fitted).frame["vix"].tolist() == [1.0, 3.0, 2.0, 5.0]


def test_without_a_fill_incomplete_rows_are_kept_as_they_are() -> None:
    found = clean(table([1.0, NAN, 3.0, 4.0]), fill="none")
    assert found.frame["vix"].tolist() == pytest.approx([1.0, NAN, 3.0, 4.0], nan_ok=True)


def test_infinities_and_sentinels_are_missing_in_feature_and_target() -> None:
    frame = table([1.0, np.inf, -999.0, 4.0, -np.inf, 6.0], close=[10.0, 11.0, 12.0, -1.0, 14.0, np.inf])
    found = clean(frame, sentinels={"vix": (-999.0,), "close": (-1.0,), "elsewhere": (4.0,)})
    assert found.frame["vix"].tolist() == [1.0, 1.0, 1.0, 4.0]
    assert found.lines.tolist() == [2, 3, 4, 6]
    assert [(change.name, change.filled, change.still_bad) for change in found.changes] == [
        ("close", 0, 2),
        ("vix", 3, 0),
    ]


@pytest.mark.parametrize("fill", ["forward", "median", "none"])
def test_the_target_is_neither_filled_nor_clipped(fill: str) -> None:
    close = [1.0, NAN, 3.0, 1e6, 5.0, 6.0, -1e6, 8.0]
    found = clean(table([1.0] * 8, close), fill=fill, clip_quantile=0.1)
    assert found.frame["close"].tolist() == [1.0, 3.0, 1e6, 5.0, 6.0, -1e6, 8.0]
    assert found.dropped_rows == 1


# ---- clipping


def test_clip_bounds_are_learned_from_train_rows_and_apply_to_later_ones() -> None:
    vix = [*np.arange(1.0, 12.0), 1000.0, -1000.0, 5.0]
    found = clean(table(vix), train=11, clip_quantile=0.1)
    assert found.frame["vix"].min() == 2.0
    assert found.frame["vix"].max() == 10.0
    assert found.changes[1].clipped == 4


def test_bounds_learned_from_clipped_values_are_the_same_bounds() -> None:
    eras, chosen = cut_at(23, 30), CleaningSettings(clip_quantile=0.07)
    frame = table(np.random.default_rng(5).normal(size=30).tolist())
    fitted = fit_cleaning(frame, ALONE, ("vix",), chosen, eras, {})
    again = fit_cleaning(apply_cleaning(frame, fitted).frame, ALONE, ("vix",), chosen, eras, {})
    assert again == fitted


def test_clip_quantile_zero_clips_nothing() -> None:
    found = clean(table([1.0, 1e9, -1e9, 4.0]), train=2)
    assert found.frame["vix"].tolist() == [1.0, 1e9, -1e9, 4.0]
    assert found.changes[1].clipped == 0


# ---- dropped and incomplete rows


@pytest.mark.fires("rows-incomplete")
@pytest.mark.silent("rows-dropped")
def test_a_feature_that_starts_late_is_named_with_the_remedy_to_drop_it_and_costs_no_row() -> None:
    frame = table([NAN] * 60 + [1.0] * 40).assign(gold=[NAN] * 5 + [2.0] * 95)
    found = clean(frame, kept=("gold", "vix"))
    assert (len(found.frame), found.dropped_rows) == (100, 0)
    incomplete = finding(found, "rows-incomplete")
    assert incomplete == RowsIncomplete(
        column="vix", rows=tuple(range(2, 12)), count=60, total=100, missing=60, only_missing=55
    )
    assert incomplete.severity == Severity.WARNING
    assert (incomplete.remedy.section, incomplete.remedy.field, incomplete.remedy.value) == (
        "cleaning",
        "drop",
        ("vix",),
    )


def test_if_several_columns_start_late_together_dropping_one_gains_no_rows() -> None:
    frame = table([NAN] * 6 + [1.0] * 4).assign(gold=[NAN] * 6 + [2.0] * 4)
    incomplete = finding(clean(frame, kept=("gold", "vix")), "rows-incomplete")
    assert (incomplete.missing, incomplete.only_missing) == (6, 0)


@pytest.mark.fires("rows-dropped")
@pytest.mark.silent("rows-incomplete")
def test_rows_without_a_target_are_dropped_and_reported() -> None:
    found = clean(table([1.0] * 4, [1.0, NAN, 3.0, 4.0]))
    assert finding(found, "rows-dropped") == RowsDropped(column="close", rows=(3,), count=1, total=4)
    assert (found.lines.tolist(), found.dropped_rows) == ([2, 4, 5], 1)


@pytest.mark.fires("repeated-times")
@pytest.mark.silent("rows-dropped")
def test_of_rows_with_the_same_time_stamp_the_last_is_kept() -> None:
    frame = table([1.0, 2.0, 3.0, 4.0])
    frame.loc[1, "date"] = frame.loc[2, "date"]
    found = clean(frame)
    assert found.lines.tolist() == [2, 4, 5]
    disagreeing = sum(frame.loc[1, name] != frame.loc[2, name] for name in ("close", "vix"))
    assert found.findings == (
        RepeatedTimes(
            count=1, total=4, keep="last", disagreeing=disagreeing, columns=("close", "vix")[2 - disagreeing :]
        ),
    )


@pytest.mark.parametrize(("keep", "vix"), [("last", 3.0), ("first", 2.0)])
def test_a_missing_value_never_replaces_a_valid_one(keep: str, vix: float) -> None:
    for blank in (1, 2):
        frame = table([1.0, 2.0, 3.0, 4.0])
        frame.loc[1, "date"] = frame.loc[2, "date"]
        assert clean(frame, duplicates=keep).frame["vix"].tolist()[1] == vix
        frame.loc[blank, "vix"] = NAN
        assert clean(frame, duplicates=keep).frame["vix"].tolist()[1] == {1: 3.0, 2: 2.0}[blank]


def test_equal_values_of_a_repeated_time_stamp_do_not_disagree() -> None:
    frame = table([1.0, 2.0, 2.0, 4.0])
    frame.loc[1] = frame.loc[2]
    (finding,) = clean(frame).findings
    assert (finding.disagreeing, finding.columns) == (0, ())


@pytest.mark.silent("repeated-times")
def test_the_same_time_stamp_in_two_series_is_not_a_repeat() -> None:
    one = table([1.0, 2.0, 3.0]).assign(ticker="A")
    other = table([4.0, 5.0, 6.0]).assign(ticker="B", date=days(5)[2:])
    found = clean(pd.concat([one, other], ignore_index=True), PANEL)
    assert found.findings == ()


def test_a_target_without_any_value_is_an_error() -> None:
    with pytest.raises(NoTargetValue) as caught:
        clean(table([1.0] * 5, [NAN] * 5))
    assert (caught.value.rows, caught.value.column) == (5, "close")


# ---- invalid input


def test_a_frame_without_rows_is_an_error() -> None:
    fitted = fit_cleaning(table([1.0, 2.0, 3.0]), ALONE, ("vix",), CleaningSettings(), cut_at(1, 3), {})
    with pytest.raises(NoRows):
        apply_cleaning(table([1.0]).iloc[:0], fitted)


def test_no_target_is_an_error() -> None:
    roles = Roles(time="date", series=None, target=None)
    with pytest.raises(NoTargetChosen):
        fit_cleaning(table([1.0, 2.0, 3.0]), roles, ("vix",), CleaningSettings(), cut_at(1, 3), {})


def test_an_absent_column_is_named() -> None:
    fitted = FittedCleaning(
        roles=ALONE, features=("gold",), fill="forward", max_fill=5, fill_values={}, clip={}, sentinels={}
    )
    with pytest.raises(ColumnNotInData) as caught:
        apply_cleaning(table([1.0, 2.0]), fitted)
    assert caught.value.column == "gold"


def test_text_in_a_numeric_column_is_named() -> None:
    fitted = FittedCleaning(
        roles=ALONE, features=("vix",), fill="forward", max_fill=5, fill_values={}, clip={}, sentinels={}
    )
    with pytest.raises(ColumnNotNumeric) as caught:
        apply_cleaning(table([1.0, 2.0]).assign(vix=["high", "low"]), fitted)
    assert (caught.value.column, caught.value.found) == ("vix", "high")


def test_booleans_integers_and_empty_columns_become_numbers() -> None:
    frame = table([1.0, 2.0, 3.0, 4.0]).assign(flag=[True, False, True, True], count=[1, 2, 3, 4])
    found = clean(frame, kept=("flag", "count"))
    assert found.frame["flag"].tolist() == [1.0, 0.0, 1.0, 1.0]
    assert set(found.frame[["flag", "count"]].dtypes) == {np.dtype(np.float64)}
    empty = frame.assign(vix=pd.Series([None] * 4, dtype="str"))
    filled = apply_cleaning(
        empty,
        FittedCleaning(
            roles=ALONE, features=("vix",), fill="median", max_fill=5, fill_values={"vix": 7.0}, clip={}, sentinels={}
        ),
    )
    assert filled.frame["vix"].tolist() == [7.0] * 4


def test_a_frame_without_line_numbers_counts_its_rows() -> None:
    found = clean(table([1.0, NAN, 3.0, 4.0]).drop(columns=LINE), fill="none")
    assert found.lines.tolist() == [0, 1, 2, 3]


def test_the_input_frame_is_not_modified() -> None:
    frame = table([1.0, NAN, np.inf, 4.0])
    before = frame.copy(deep=True)
    clean(frame, clip_quantile=0.1)
    pd.testing.assert_frame_equal(frame, before)


def test_fitted_cleaning_survives_json() -> None:
    frame = table([1.0, 2.0, 3.0, 4.0, 5.0])
    fitted = fit_cleaning(
        frame,
        ALONE,
        ("vix",),
        CleaningSettings(fill="median", clip_quantile=0.05),
        cut_at(3, 5),
        {"vix": (-999.0,)},
    )
    assert fitted.fill_values and fitted.clip and fitted.sentinels
    assert from_json(FittedCleaning, to_json(fitted)) == fitted


def test_a_panel_of_a_hundred_series_keeps_nearly_all_rows() -> None:
    rows = 100_000
    chance = np.random.default_rng(0)
    names = tuple(f"c{place}" for place in range(10))
    frame = pd.DataFrame(chance.normal(size=(rows, len(names))), columns=list(names))
    frame[frame > 2] = NAN
    frame = frame.assign(
        date=np.tile(days(1000), 100), ticker=np.repeat([f"t{one:03}" for one in range(100)], 1000), close=1.0
    )
    fitted = fit_cleaning(frame, PANEL, names, CleaningSettings(), cut_at(700, 1000), {})
    found = apply_cleaning(frame, fitted)
    assert len(found.frame) > 0.99 * rows
