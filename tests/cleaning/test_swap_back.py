"""Swapped volumes: exchanged where the row itself shows it, in every era, and nothing else changes."""

import numpy as np
import pandas as pd
import pytest

from core.cleaning.pair_volumes import pair_volumes
from core.cleaning.swap_back import VolumePair, swap_back
from core.cleaning.transform import apply_cleaning, fit_cleaning
from core.data.columns import LINE, Roles
from core.data.eras import cut_eras
from core.findings.cleaning import VolumesSwappedBack
from core.io.json import from_json, to_json
from core.recipe.model import CleaningSettings, SplitSettings

ROWS = 200
PAIR = VolumePair(units="Volume BTC", money="Volume USD", price="close")
ROLES = Roles(time="date", series=None, target="close")
VOLUMES = ("Volume BTC", "Volume USD")


def bars(*swapped: int) -> pd.DataFrame:
    """Return bars whose volumes are swapped in some rows."""
    random = np.random.default_rng(2)
    close = 9000 * np.exp(random.normal(0, 0.01, ROWS).cumsum())
    units = random.uniform(5, 50, ROWS)
    frame = pd.DataFrame({"date": pd.date_range("2024-01-01", periods=ROWS, unit="us"), "close": close})
    frame["Volume BTC"], frame["Volume USD"] = units, units * close * random.uniform(0.98, 1.02, ROWS)
    rows = list(swapped)
    frame.loc[rows, list(VOLUMES)] = frame.loc[rows, list(VOLUMES[::-1])].to_numpy()
    return frame.assign(**{LINE: np.arange(2, ROWS + 2)})


def fit(frame: pd.DataFrame, features: tuple[str, ...] = VOLUMES):
    settings = CleaningSettings(fill="median", clip_robust_z=5.0)
    eras = cut_eras(frame["date"], SplitSettings())
    return fit_cleaning(frame, ROLES, features, settings, eras, {}, swaps=(PAIR,))


@pytest.mark.fires("volumes-swapped-back")
def test_swapped_rows_are_exchanged_before_anything_is_learned_and_reported() -> None:
    right, wrong = bars(), bars(*range(40), 195)
    fitted = fit(wrong)
    assert fitted == fit(right)
    clean = apply_cleaning(wrong, fitted)
    pd.testing.assert_frame_equal(clean.frame, apply_cleaning(right, fitted).frame)
    (found,) = [found for found in clean.findings if isinstance(found, VolumesSwappedBack)]
    assert (found.count, found.rows) == (41, tuple(range(2, 12)))


@pytest.mark.silent("volumes-swapped-back")
def test_rows_in_order_and_rows_that_cannot_be_judged_are_left() -> None:
    frame = bars()
    assert swap_back(frame, (PAIR,)).equals(frame)
    assert not apply_cleaning(frame, fit(frame)).findings
    odd = bars(3, 4, 5)
    odd.loc[3, "close"] = np.nan
    odd.loc[4, "Volume BTC"] = 0.0
    odd.loc[5, "Volume USD"] *= 2
    assert swap_back(odd, (PAIR,)).equals(odd)


def test_a_row_is_judged_by_itself() -> None:
    frame = bars(10, 150)
    whole = swap_back(frame, (PAIR,))
    for row in (10, 11, 150):
        pd.testing.assert_frame_equal(swap_back(frame.iloc[[row]], (PAIR,)), whole.iloc[[row]])


def test_new_rows_need_the_three_columns_and_a_fit_survives_its_file() -> None:
    fitted = fit(bars(1), ("Volume BTC",))
    assert set(fitted.columns) == {"close", *VOLUMES}
    assert from_json(type(fitted), to_json(fitted)) == fitted
    assert fit(bars(1), ()).swaps == ()


def test_a_pair_is_two_volumes_of_one_instrument_with_a_close() -> None:
    columns = ["open", "close", *VOLUMES, "vix"]
    assert pair_volumes(VOLUMES, columns) == (PAIR,)
    assert pair_volumes(("Volume BTC", "vix"), columns) == pair_volumes(VOLUMES, ["open", *VOLUMES]) == ()
