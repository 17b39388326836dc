"""Checks of a fitted regression that give findings."""

from collections.abc import Iterator

import numpy as np

from core.findings.model import Finding
from core.findings.regression import (
    Cointegrated,
    CointegrationNotTested,
    CollinearFeatures,
    ConstantFeatures,
    FeaturesSelected,
    FewRowsBehind,
    FewRowsPerFeature,
    HacLagsShort,
    ManyTests,
    NearCollinearFeatures,
    NoLinearSkill,
    NotCointegrated,
    SeriesMoveTogether,
    SpuriousRegression,
    TooGoodFit,
)
from core.regression.coefficient import CONSTANT
from core.regression.cointegration import MOST_FEATURES
from core.regression.design import Design, LeftOut
from core.regression.diagnostics import ALPHA, MOST_VIF, Inflation
from core.regression.report import RegressionReport
from core.regression.residuals import durbin_watson
from core.regression.scan import ScanRow
from core.regression.stationarity import Stationarity, assess_stationarity

ROWS_PER_FEATURE = 10
ROWS_BEHIND = 10
TOO_GOOD = 0.9
_MOST_TESTED_FOR_UNIT_ROOT = 10
_MANY = 10


def check_left_out(design: Design, left_out: tuple[LeftOut, ...]) -> Iterator[Finding]:
    """Check for constant and exactly collinear features."""
    constant = tuple(feature.name for feature in left_out if not feature.sources)
    if constant:
        yield ConstantFeatures(features=constant, used=design.names)
    collinear = [feature for feature in left_out if feature.sources]
    if collinear:
        yield CollinearFeatures(
            features=tuple(feature.name for feature in collinear),
            sources=tuple(feature.sources for feature in collinear),
            used=design.names,
        )


def check_fit(
    report: RegressionReport, requested_lags: int | None, several_series: bool, worst: Inflation
) -> Iterator[Finding]:
    """Check the skill of the fit, its size and its standard errors.

    Parameters
    ----------
    report
        The regression, without findings.
    requested_lags
        The HAC lags of the recipe.
    several_series
        Whether its rows are those of more than one series.
    worst
        The largest variance inflation.
    """
    task = report.task
    if report.r2_oos is not None and report.r2_oos <= 0:
        yield NoLinearSkill(
            rival=report.rival, r2_oos=report.r2_oos, oos_rows=report.oos_rows, r_squared=report.r_squared
        )
    if report.question == "predict" and task.predict != "level" and report.r_squared > TOO_GOOD:
        yield TooGoodFit(r_squared=report.r_squared, outcome=task.label)
    if worst.factor > MOST_VIF:
        yield NearCollinearFeatures(feature=worst.feature, vif=worst.factor)
    if requested_lags is not None and requested_lags < task.horizon - 1:
        yield HacLagsShort(lags=requested_lags, horizon=task.horizon)
    if report.rows < ROWS_PER_FEATURE * len(report.features):
        yield FewRowsPerFeature(samples=report.rows, features=len(report.features))
    if several_series:
        yield SeriesMoveTogether()
    yield from check_leverage(report)
    if report.cointegration is None:
        yield from check_many_tests(report.scan)


def check_selection(kept: int, candidates: int) -> Iterator[Finding]:
    """Report that features were chosen by the outcomes that they are fitted to."""
    if kept < candidates:
        yield FeaturesSelected(kept=kept, candidates=candidates)


def check_leverage(report: RegressionReport) -> Iterator[Finding]:
    """Check for coefficients that depend on a few rows."""
    few = [found for found in report.coefficients if found.name != CONSTANT and found.rows_behind < ROWS_BEHIND]
    if few:
        yield FewRowsBehind(features=tuple(found.name for found in few), fewest=min(found.rows_behind for found in few))


def check_levels(report: RegressionReport) -> Iterator[Finding]:
    """Report the test of a regression of levels, if there is one."""
    found, target = report.cointegration, report.task.target
    if found is None:
        return
    if found.statistic is None or found.critical is None:
        yield CointegrationNotTested(
            why=found.why_not or "rows",
            features=len(report.features),
            tested_rows=found.rows,
            most_features=MOST_FEATURES,
        )
        return
    kind = Cointegrated if found.cointegrated else NotCointegrated
    yield kind(target=target, statistic=found.statistic, critical=found.critical)


def check_spurious(
    report: RegressionReport, stationarity: Stationarity, design: Design, tested: np.ndarray, positive: bool
) -> Iterator[Finding]:
    """Check for a spurious prediction of levels, as Granger and Newbold (1974) describe it.

    It takes a unit root in the outcome and in a feature, and a Durbin-Watson statistic below R².

    Parameters
    ----------
    report
        The regression, without findings.
    stationarity
        The tests of the outcome.
    design
        The train rows.
    tested
        int64 (m,), the rows of the block that `stationarity` was tested on.
    positive
        Whether the target is positive and has log returns to predict.
    """
    if report.question == "explain" or stationarity.verdict != "unit root":
        return
    fitted = design.exog @ np.linalg.lstsq(design.exog, design.outcome, rcond=None)[0]
    statistic = durbin_watson(design.outcome - fitted, design.blocks)
    if statistic is None or statistic >= report.r_squared:
        return
    strongest = sorted(report.scan, key=lambda row: -row.r_squared)[:_MOST_TESTED_FOR_UNIT_ROOT]
    for name in (row.name for row in strongest):
        feature = design.exog[tested, design.names.index(name) + 1]
        if assess_stationarity(feature).verdict == "unit root":
            yield SpuriousRegression(
                column=name,
                outcome=report.task.label,
                durbin_watson=statistic,
                r_squared=report.r_squared,
                change=None if report.task.predict != "level" else "log_return" if positive else "difference",
            )
            return


def check_many_tests(scan: tuple[ScanRow, ...]) -> Iterator[Finding]:
    """Count the significant features, before and after the Benjamini-Hochberg correction."""
    p_values = [row.p_value_hac for row in scan if row.p_value_hac is not None]
    q_values = [row.q_value for row in scan if row.q_value is not None]
    if len(p_values) < _MANY:
        return
    below, corrected = (sum(value < ALPHA for value in values) for values in (p_values, q_values))
    yield ManyTests(tested=len(p_values), below=below, alpha=ALPHA, count=corrected)
