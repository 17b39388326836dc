"""One coefficient of a regression, with its standard errors."""

from dataclasses import dataclass

CONSTANT = "const"


@dataclass(frozen=True, kw_only=True)
class Coefficient:
    """One coefficient, in outcome units per unit of its feature.

    `standardised` is the same in standard deviations of both; the constant has none. `std_err`, `t` and `p_value` are
    ordinary. `std_err_hc3` allows for heteroskedasticity (MacKinnon and White, 1985), `std_err_hac` also for autocorrelation
    (Newey and West, 1987); `low` and `high` are the ends of its 95% interval. `p_value_hac` tests a zero coefficient with the
    variance computed under that hypothesis, so it holds with few rows and, as Hodrick's (1992), with overlapping outcomes; it
    may disagree with the interval. `rows_behind` is how many rows the coefficient depends on. None if undefined, as for a fit
    without residuals. `name` is the feature's token, or "const".
    """

    name: str
    coef: float
    standardised: float | None
    std_err: float | None
    std_err_hc3: float | None
    std_err_hac: float | None
    low: float
    high: float
    t: float | None
    p_value: float | None
    p_value_hac: float | None
    rows_behind: float
