"""Is a regression of levels spurious? The test of Engle and Granger (1987)."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from core.regression.design import Design

MOST_ROWS = 5000
MIN_ROWS = 30
# MacKinnon (2010) tabulates critical values for up to twelve series.
MOST_FEATURES = 11
_EXACT = 1e-9

WhyNot = Literal["features", "rows", "exact"]


@dataclass(frozen=True, kw_only=True)
class Cointegration:
    """The Engle-Granger test of the residuals of levels; its null hypothesis is a spurious regression.

    `cointegrated` if `statistic` is below `critical`, MacKinnon's (2010) critical value at 1%; None if it could not be
    tested, and `why_not` says why: too many features, too few rows, or a fit without residuals. Levels that do not drift
    are reported as cointegrated too: their residuals are stationary. At most the last 5,000 rows of the longest stretch are
    tested, `rows` in all.
    """

    statistic: float | None
    critical: float | None
    cointegrated: bool | None
    rows: int
    why_not: WhyNot | None = None


def run_engle_granger(design: Design) -> Cointegration:
    """Run the Engle-Granger test on the levels of the longest stretch, with a constant and lags chosen by AIC.

    There is no gate on unit-root tests: a gate would miss a tenth of the spurious regressions.
    """
    from statsmodels.tsa.adfvalues import mackinnoncrit
    from statsmodels.tsa.stattools import adfuller

    longest = np.flatnonzero(design.blocks == np.bincount(design.blocks).argmax())[-MOST_ROWS:]
    rows, features = len(longest), len(design.names)
    untested = Cointegration(statistic=None, critical=None, cointegrated=None, rows=rows)
    if features > MOST_FEATURES:
        return replace(untested, why_not="features")
    if rows < MIN_ROWS + 2 * features:
        return replace(untested, why_not="rows")
    exog, outcome = design.exog[longest], design.outcome[longest]
    residuals = outcome - exog @ np.linalg.lstsq(exog, outcome, rcond=None)[0]
    if residuals.std() < _EXACT:
        return replace(untested, why_not="exact")
    most_lags = min(int(12 * (rows / 100) ** 0.25), rows // 5)
    statistic = float(
        adfuller(residuals, maxlag=most_lags, regression="n", autolag="AIC", result_object=True).statistic
    )
    critical = float(mackinnoncrit(N=features + 1, regression="c", nobs=rows - 1)[0])
    return Cointegration(statistic=statistic, critical=critical, cointegrated=statistic < critical, rows=rows)
