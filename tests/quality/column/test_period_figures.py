"""Period figures: recognised by the rows on which they change."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.findings.model import Finding
from core.io.json import from_json, to_json
from core.quality.column.period_figures import PeriodFigure, find_period_figure

DAYS = pd.bdate_range("2015-01-01", periods=2_000)
HOURS = pd.date_range("2024-01-01", periods=3_000, freq="h")
_RANDOM = np.random.default_rng(9)


def find(times: pd.DatetimeIndex, values: np.ndarray) -> PeriodFigure | None:
    return find_period_figure(
        np.asarray(values, dtype=float), times.to_numpy("datetime64[us]"), np.arange(len(times)) == 0
    )


def figure_of(times: pd.DatetimeIndex, period: str, late: int = 0) -> np.ndarray:
    codes = pd.factorize(times.to_period(period))[0]
    return np.r_[np.full(late, np.nan), _RANDOM.normal(size=codes[-1] + 1)[codes]][: len(times)]


@pytest.mark.parametrize(
    ("times", "period", "found"),
    [
        (DAYS, "W", PeriodFigure("week", 5)),
        (DAYS, "M", PeriodFigure("month", 22)),
        (DAYS, "Q", PeriodFigure("quarter", 65)),
        (HOURS, "D", PeriodFigure("day", 24)),
        (HOURS, "W", PeriodFigure("week", 168)),
    ],
)
def test_figures_that_change_on_the_first_row_of_each_period(times, period, found):
    values = figure_of(times, period)
    assert find(times, values) == found
    values[_RANDOM.random(len(values)) < 0.01] = np.nan
    values[values > 1.5] = 1.5  # some neighbouring figures are equal
    assert find(times, values).period == found.period


def test_delayed_irregular_counting_and_cyclical_columns_are_no_period_figures():
    assert find(DAYS, figure_of(DAYS, "M", late=9)) is None
    assert find(DAYS, _RANDOM.normal(size=2_000).cumsum()) is None
    changes = np.sort(_RANDOM.choice(2_000, 100, replace=False))
    assert find(DAYS, np.searchsorted(changes, np.arange(2_000)) % 7) is None
    for counted in (DAYS.month, DAYS.quarter, DAYS.year, HOURS.day_of_week):
        assert find(DAYS if len(counted) == len(DAYS) else HOURS, counted) is None
    assert find(DAYS, np.sin(2 * np.pi * DAYS.month / 12)) is None
    assert find(HOURS, np.cos(2 * np.pi * HOURS.day_of_week / 7)) is None


def test_a_daily_figure_in_daily_rows_is_no_period_figure():
    assert find(DAYS, _RANDOM.normal(size=2_000)) is None


def test_the_profile_reports_all_period_figures_in_one_finding(bench):
    frame = pd.DataFrame({"date": DAYS.as_unit("us"), "y": _RANDOM.normal(size=2_000)})
    frame["cpi"], frame["claims"], frame["late"] = (
        figure_of(DAYS, "M"),
        figure_of(DAYS, "W"),
        pd.Series(figure_of(DAYS, "M", late=9)).bfill(),
    )
    (found,) = (finding for finding in bench.profile(frame, "y").findings if finding.code == "period-figures")
    assert found.count == 2
    assert found.remedy.value == (("claims", 5), ("cpi", 22))
    assert from_json(Finding, to_json(found)) == found
    assert len({found, replace(found)}) == 1
    assert not [f for f in bench.profile(frame[["date", "y", "late"]], "y").findings if f.code == "period-figures"]


def test_period_figures_depend_on_train_rows_only(bench):
    frame = pd.DataFrame({"date": DAYS.as_unit("us"), "y": _RANDOM.normal(size=2_000), "cpi": figure_of(DAYS, "M")})
    changed = frame.copy()
    changed.loc[1_400:, "cpi"] = _RANDOM.normal(size=600)
    of_both = [
        [finding for finding in bench.profile(data, "y").findings if finding.code == "period-figures"]
        for data in (frame, changed)
    ]
    assert of_both[0] == of_both[1] != []
