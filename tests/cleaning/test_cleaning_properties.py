"""Properties of cleaning: idempotent, learned from the train era alone, and independent of column order."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from core.cleaning.fitted import CleanFrame, FittedCleaning
from core.cleaning.transform import apply_cleaning, fit_cleaning
from core.data.columns import LINE
from core.data.eras import Era
from core.errors.model import DataError
from core.recipe.model import CleaningSettings
from tests.cleaning.frames import NAN, PANEL, cut_at, table

ERAS = cut_at(6, 9)
CODES = {"vix": (-999.0,), "gold": (-999.0,)}
cells = st.one_of(st.floats(-5, 5, width=32), st.sampled_from([NAN, np.inf, -999.0, 0.0]))
REPAIRS = {
    "fill": st.sampled_from(["forward", "median", "none"]),
    "max_fill": st.integers(1, 3),
    "clip_quantile": st.sampled_from([0.0, 0.1]),
    "clip_robust_z": st.sampled_from([0.0, 1.0, 3.0]),
    "clip_columns": st.sampled_from([(), ("vix",)]),
    "duplicates": st.sampled_from(["first", "last", "mean"]),
    "max_gap": st.sampled_from([0, 1, 2]),
}
TRANSFORMS = {
    "log": st.sampled_from([(), ("vix",)]),
    "difference": st.sampled_from([(), ("vix",), ("vix", "close")]),
    "returns": st.sampled_from([(), ("gold",)]),
}
repairs = st.fixed_dictionaries(REPAIRS)
everything = st.fixed_dictionaries(REPAIRS | TRANSFORMS)


@st.composite
def panels(draw: st.DrawFn) -> pd.DataFrame:
    """Two series, some with a repeated time stamp or a gap of some days."""
    parts = []
    for ticker in "AB":
        rows = draw(st.integers(8, 14))
        columns = [draw(st.lists(cells, min_size=rows, max_size=rows)) for _ in range(3)]
        part = table([*columns[0], 1.0], [*columns[1], 2.0]).assign(ticker=ticker, gold=[*columns[2], 3.0])
        steps = np.array(draw(st.lists(st.sampled_from([1, 1, 1, 0, 2, 4]), min_size=rows, max_size=rows)))
        parts.append(part.assign(date=part["date"].iloc[0] + pd.to_timedelta(np.r_[0, steps.cumsum()], unit="D")))
    frame = pd.concat(parts, ignore_index=True)
    return frame.assign(**{LINE: np.arange(2, len(frame) + 2)})


def fit(frame: pd.DataFrame, fields: dict) -> FittedCleaning:
    return fit_cleaning(frame, PANEL, ("vix", "gold"), CleaningSettings(**fields), ERAS, CODES)


def try_apply(frame: pd.DataFrame, fitted: FittedCleaning) -> CleanFrame | None:
    """The cleaned rows, or None if no row has a target."""
    try:
        return apply_cleaning(frame, fitted)
    except DataError:
        return None


@given(panels(), repairs)
@settings(max_examples=30, deadline=None)
def test_cleaning_twice_equals_once(frame: pd.DataFrame, fields: dict) -> None:
    fitted = fit(frame, fields)
    once = try_apply(frame, fitted)
    if once is None:
        return
    twice = apply_cleaning(once.frame.assign(**{LINE: once.lines}), fitted)
    # A forward fill that ended after `max_fill` rows goes on from the last filled one.
    pd.testing.assert_frame_equal(twice.frame.where(once.frame.notna()), once.frame)
    assert twice.lines.tolist() == once.lines.tolist()
    assert twice.blocks.tolist() == once.blocks.tolist()
    assert twice.dropped_rows == 0
    assert {finding.code for finding in twice.findings} <= {"cut-at-gaps", "clip-not-possible", "rows-incomplete"}
    assert not any(change.clipped or change.averaged for change in twice.changes)


@given(panels(), everything, st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_no_row_after_the_train_era_affects_what_is_learned_or_any_earlier_row(
    frame: pd.DataFrame, fields: dict, chance
) -> None:
    later = ERAS.label(frame["date"]) > Era.TRAIN
    scrambled = frame.copy()
    places = np.flatnonzero(later)
    order = chance.sample(places.tolist(), len(places))
    for name in ("vix", "close", "gold"):
        values = frame[name].to_numpy(copy=True)
        values[places] = values[order] * 3 + 11
        scrambled[name] = values
    scrambled.loc[later, "date"] += pd.Timedelta(days=chance.randrange(0, 400))
    made = []
    for one in (frame, scrambled):
        fitted = fit(one, fields)
        found = try_apply(one, fitted)
        early = [] if found is None else ERAS.label(found.frame["date"]) == Era.TRAIN
        table = [] if found is None else found.frame[early].astype(object).fillna("missing").to_numpy().tolist()
        made.append((fitted, table, [] if found is None else found.lines[early].tolist()))
    assert made[0] == made[1]


@given(panels(), everything)
@settings(max_examples=30, deadline=None)
def test_rows_with_a_target_are_kept_and_others_counted(frame: pd.DataFrame, fields: dict) -> None:
    found = try_apply(frame, fit(frame, fields))
    if found is None:
        return
    assert len(found.frame) + found.dropped_rows == len(frame)
    assert np.isfinite(found.frame["close"].to_numpy()).all()
    assert not np.isinf(found.frame[["vix", "gold"]].to_numpy()).any()
    if fields["duplicates"] != "mean":
        assert found.frame["close"].tolist() == valid_at(frame, "close", fields["duplicates"], found)


def valid_at(frame: pd.DataFrame, name: str, keep: str, clean: CleanFrame) -> list[float]:
    """The first or last valid value of each cleaned row's series and time stamp, in pandas."""
    numbers = frame.assign(
        value=frame[name].where(~frame[name].isin(CODES.get(name, ()))).replace([np.inf, -np.inf], np.nan)
    )
    values = numbers.groupby(["ticker", "date"], sort=False)["value"].agg(keep)
    return [values[key] for key in zip(clean.frame["ticker"], clean.frame["date"], strict=True)]


@given(panels(), everything)
@settings(max_examples=30, deadline=None)
def test_column_order_and_other_columns_do_not_matter(frame: pd.DataFrame, fields: dict) -> None:
    chosen = CleaningSettings(**fields)
    ours = fit(frame, fields)
    theirs = fit_cleaning(frame[frame.columns[::-1]], PANEL, ("gold", "vix"), chosen, ERAS, CODES)
    alone = fit_cleaning(frame, PANEL, ("vix",), chosen, ERAS, CODES)
    assert (theirs.clip, theirs.fill_values, theirs.transforms) == (ours.clip, ours.fill_values, ours.transforms)
    assert alone.clip.get("vix") == ours.clip.get("vix")
    mine, other = try_apply(frame, ours), try_apply(frame[frame.columns[::-1]], theirs)
    assert (mine is None) == (other is None)
    if mine is not None:
        pd.testing.assert_frame_equal(mine.frame, other.frame[mine.frame.columns])


@given(panels(), repairs)
@settings(max_examples=30, deadline=None)
def test_disabled_repairs_change_nothing(frame: pd.DataFrame, fields: dict) -> None:
    off = fields | {"fill": "none", "clip_quantile": 0.0, "clip_robust_z": 0.0, "duplicates": "last"}
    found = try_apply(frame, fit(frame, off))
    if found is not None:
        for name in ("close", "vix", "gold"):
            np.testing.assert_array_equal(found.frame[name], valid_at(frame, name, "last", found))
