"""Publication delays: columns that end early, and figures that are dated by their period."""

import numpy as np
import pandas as pd
import pytest

from core.findings.look_ahead import PeriodFigures, RaggedEdge
from core.findings.model import Severity

ROWS = 500
DAYS = pd.bdate_range("2015-01-01", periods=2000, unit="us")


def complete() -> pd.DataFrame:
    random = np.random.default_rng(20)
    frame = pd.DataFrame(random.normal(size=(ROWS, 4)), columns=["a", "b", "c", "y"])
    return frame.assign(date=pd.date_range("2020-01-01", periods=ROWS, unit="us"))


def monthly(late: int = 0) -> pd.Series:
    """Return a figure per month from its first row on, or from `late` rows later on."""
    codes = pd.factorize(DAYS.to_period("M"))[0]
    figures = np.random.default_rng(9).normal(size=codes[-1] + 1)[codes]
    return pd.Series(figures).shift(late).bfill()


def of_kind(bench, frame: pd.DataFrame, code: str) -> list:
    return [finding for finding in bench.profile(frame, "y").findings if finding.code == code]


@pytest.mark.fires("ragged-edge")
def test_columns_that_end_a_few_rows_early_are_a_ragged_edge(bench):
    frame = complete()
    frame.loc[499:, "a"] = np.nan
    frame.loc[498:, "b"] = np.nan
    (edge,) = of_kind(bench, frame, "ragged-edge")
    assert isinstance(edge, RaggedEdge)
    assert edge.missing == (("b", 2), ("a", 1))
    assert (edge.column, edge.count, edge.severity) == ("b", 2, Severity.WARNING)
    assert (edge.remedy.field, edge.remedy.value) == ("availability_lag", (("a", 1), ("b", 2)))
    (alone,) = of_kind(bench, frame.drop(columns="a"), "ragged-edge")
    assert alone.severity == Severity.INFO


@pytest.mark.silent("ragged-edge")
def test_scattered_gaps_and_dead_feeds_are_not_a_ragged_edge(bench):
    frame = complete()
    frame.loc[::25, "a"] = np.nan
    frame.loc[499, "a"] = np.nan
    frame.loc[400:, "b"] = np.nan
    assert of_kind(bench, frame, "ragged-edge") == []


@pytest.mark.fires("period-figures")
def test_figures_from_the_first_row_of_their_month_are_reported_with_a_delay(bench):
    frame = pd.DataFrame({"date": DAYS, "y": np.random.default_rng(1).normal(size=len(DAYS)), "cpi": monthly()})
    (found,) = of_kind(bench, frame, "period-figures")
    assert isinstance(found, PeriodFigures)
    assert found.figures == (("cpi", "month", 22),)
    assert (found.column, found.count, found.severity) == ("cpi", 1, Severity.WARNING)
    assert (found.remedy.field, found.remedy.value) == ("availability_lag", (("cpi", 22),))


@pytest.mark.silent("period-figures")
def test_figures_that_change_within_the_month_are_not_reported(bench):
    frame = pd.DataFrame({"date": DAYS, "y": np.random.default_rng(1).normal(size=len(DAYS)), "cpi": monthly(late=9)})
    assert of_kind(bench, frame, "period-figures") == []
