"""What a regression gives reason to say, and what can be done about it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from core.findings.model import Finding, Remedy, Severity, legacy_finding
from core.regression.design import Design, LeftOut
from core.regression.diagnostics import ALPHA, MOST_VIF
from core.regression.residuals import durbin_watson
from core.regression.stationarity import Stationarity, judge_stationarity

if TYPE_CHECKING:
    from core.recipe.model import RegressionSettings
    from core.regression.ols import RegressionReport

ROWS_PER_FEATURE = 10
TOO_GOOD = 0.9
_NAMED = 5
_TRIED = 10


def remark_on_features(design: Design, left_out: tuple[LeftOut, ...]) -> Iterator[Finding]:
    """Yield what there is to say of features that took no part, and of those that nearly repeat the others."""
    remedy = Remedy(label="Name only the others", section="regression", field="features", value=design.names)
    constant = [feature.name for feature in left_out if not feature.made_of]
    if constant:
        yield legacy_finding(
            "constant-features",
            Severity.WARNING,
            f"{_some(constant)} left out: constant in the train era",
            "A feature that never moves cannot be told from the regression's constant.",
            column=constant[0] if len(constant) == 1 else None,
            count=len(constant),
            remedy=remedy,
        )
    copies = [feature for feature in left_out if feature.made_of]
    if copies:
        causes = "; ".join(f"{feature.name} from {_some(feature.made_of)}" for feature in copies[:_NAMED])
        yield legacy_finding(
            "collinear-features",
            Severity.WARNING,
            f"{_some([feature.name for feature in copies])} left out: exact sums of other features",
            f"No regression can share an effect between them ({causes}). The first named stay.",
            column=copies[0].name if len(copies) == 1 else None,
            count=len(copies),
            remedy=remedy,
        )


def remark_on_fit(report: "RegressionReport", settings: "RegressionSettings", design: Design) -> Iterator[Finding]:
    """Yield what there is to say of the fit as a whole: its worth, its errors, its size."""
    task = report.task
    if report.r2_oos is not None and report.r2_oos <= 0:
        yield legacy_finding(
            "no-linear-skill",
            Severity.INFO,
            f"On the validation era the regression does no better than {report.rival}",
            f"R² against {report.rival} is {report.r2_oos:.3g} over {report.oos_rows:,} rows; inside the train era R² is "
            f"{report.r_squared:.3g}. "
            "A fit that does not carry over describes the past only.",
        )
    if task.predict != "level" and report.r_squared > TOO_GOOD:
        yield legacy_finding(
            "too-good-fit",
            Severity.WARNING,
            f"The features explain {report.r_squared:.1%} of the {task.label}",
            "So much of a change is seldom known before it happens. Look for a feature that is known only later, and give its "
            "column an availability lag.",
        )
    worst = next((found for found in report.diagnostics if found.name == "Variance inflation"), None)
    if worst is not None and worst.statistic is not None and worst.statistic > MOST_VIF:
        yield legacy_finding(
            "near-collinear-features", Severity.INFO, "Some features nearly repeat others", worst.sentence
        )
    if settings.hac_lags is not None and settings.hac_lags < task.horizon - 1:
        yield legacy_finding(
            "hac-lags-short",
            Severity.WARNING,
            f"{settings.hac_lags} HAC lags are fewer than the overlap of the outcomes",
            f"Outcomes over {task.horizon} rows share {task.horizon - 1} rows with the next; the HAC errors are too small.",
            remedy=Remedy(label="Choose lags by sample size", section="regression", field="hac_lags", value=None),
        )
    if report.rows < ROWS_PER_FEATURE * len(report.features):
        yield legacy_finding(
            "few-rows-per-feature",
            Severity.WARNING,
            f"{report.rows:,} rows for {len(report.features)} features",
            "With fewer than ten rows a feature, chance alone gives a high R². Name fewer features.",
        )
    if design.several_series:
        yield legacy_finding(
            "series-move-together",
            Severity.INFO,
            "Series are taken as independent of each other",
            "HAC errors allow for memory within a series. Where series move together at one time, the true errors are larger.",
        )
    yield from _remark_on_scan(report)


def remark_on_drift(
    report: "RegressionReport", stationarity: Stationarity, design: Design, longest: np.ndarray, positive: bool
) -> Iterator[Finding]:
    """Yield the warning of Granger and Newbold (1974): two drifting levels seem related, and the residuals drift too.

    It takes a unit root in the outcome and in a feature, and a Durbin-Watson statistic below R². `longest` are the rows of
    the series that was judged; `positive` tells that the target can be put in logarithms.
    """
    if stationarity.verdict != "unit root":
        return
    watson = durbin_watson(design.outcome - _fitted(design), design.blocks)
    if watson is None or watson >= report.r_squared:
        return
    change = "log_return" if positive else "difference"
    remedy = Remedy(label=f"Predict the {change.replace('_', ' ')}", section="training", field="predict", value=change)
    strongest = [row.name for row in sorted(report.scan, key=lambda row: -row.r_squared)][:_TRIED]
    for name in strongest:
        column = design.exog[longest, design.names.index(name) + 1]
        if judge_stationarity(column).verdict == "unit root":
            yield legacy_finding(
                "spurious-regression",
                Severity.PROBLEM,
                "The regression is probably spurious",
                f"The {report.task.label} and {name} both drift, and so do the residuals (Durbin-Watson {watson:.2f} is below R² "
                f"{report.r_squared:.2f}). Drifting levels seem related by chance alone; t and R² mean nothing here.",
                column=name,
                remedy=remedy if report.task.predict == "level" else None,
            )
            return


def _fitted(design: Design) -> np.ndarray:
    return design.exog @ np.linalg.lstsq(design.exog, design.outcome, rcond=None)[0]


def _remark_on_scan(report: "RegressionReport") -> Iterator[Finding]:
    """Yield how many features are related one by one, by p-value and after Benjamini and Hochberg (1995)."""
    p_values = np.array([row.p_value_hac for row in report.scan if row.p_value_hac is not None])
    if len(p_values) < _TRIED:
        return
    below = int((p_values < ALPHA).sum())
    steps = ALPHA * np.arange(1, len(p_values) + 1) / len(p_values)
    held = np.flatnonzero(np.sort(p_values) <= steps)
    kept = int(held[-1]) + 1 if len(held) else 0
    yield legacy_finding(
        "many-tests",
        Severity.INFO,
        f"Of {len(p_values)} features looked at alone, {kept} hold up",
        f"{below} have p < {ALPHA}; {ALPHA * len(p_values):.0f} would by chance. After the correction of Benjamini and Hochberg "
        f"{kept} remain.",
        count=kept,
    )


def _some(names: list[str] | tuple[str, ...]) -> str:
    """Return up to five names, and how many more there are."""
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
