"""Stationarity of a series, by two tests with opposite null hypotheses: ADF and KPSS."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.regression.diagnostics import ALPHA, Diagnostic
from core.regression.unit_root import adf_p_value, adf_statistic, kpss_p_value, kpss_statistic

MOST_ROWS = 5000
MIN_ROWS = 30
_MOST_LAGS = 20

Verdict = Literal["stationary", "unit root", "mixed", "undecided", "not tested"]

# Each completes "The log return of close is ...".
SENTENCES: dict[Verdict, str] = {
    "stationary": "stationary (ADF rejects a unit root, KPSS does not reject stationarity).",
    "unit root": "non-stationary, like a price (ADF does not reject a unit root, KPSS rejects stationarity). Regressions between "
    "such levels are often spurious: predict changes instead.",
    "mixed": "slowly mean-reverting, or its level has shifted (ADF rejects a unit root, KPSS rejects stationarity). Estimates "
    "average over different regimes.",
    "undecided": "not clearly stationary (neither ADF nor KPSS rejects). There are too few rows to tell.",
    "not tested": f"not tested: it has fewer than {MIN_ROWS} rows, or is constant.",
}


@dataclass(frozen=True, kw_only=True)
class Stationarity:
    """The ADF test (null: a unit root) and the KPSS test (null: stationary)."""

    adf_statistic: float | None
    adf_p_value: float | None
    kpss_statistic: float | None
    kpss_p_value: float | None
    verdict: Verdict


def assess_stationarity(values: np.ndarray) -> Stationarity:
    """Run the ADF and KPSS tests, both with a constant, on the last 5000 values of one series.

    `values` float64 (n,), in time order, without NaN.

    Examples
    --------
    >>> assess_stationarity(np.random.default_rng(0).standard_normal(500)).verdict
    'stationary'
    """
    values = np.asarray(values, dtype=np.float64)[-MOST_ROWS:]
    not_tested = Stationarity(
        adf_statistic=None, adf_p_value=None, kpss_statistic=None, kpss_p_value=None, verdict="not tested"
    )
    if len(values) < MIN_ROWS or np.ptp(values) <= 1e-12 * np.abs(values).max():
        return not_tested
    scaled = (values - values.mean()) / values.std()
    adf, kpss = adf_statistic(scaled, min(_MOST_LAGS, len(values) // 5)), kpss_statistic(scaled)
    if not np.isfinite([adf, kpss]).all():
        return not_tested
    adf_p, kpss_p = adf_p_value(adf), kpss_p_value(kpss)
    verdicts: dict[tuple[bool, bool], Verdict] = {
        (True, False): "stationary",
        (False, True): "unit root",
        (True, True): "mixed",
        (False, False): "undecided",
    }
    return Stationarity(
        adf_statistic=adf,
        adf_p_value=adf_p,
        kpss_statistic=kpss,
        kpss_p_value=kpss_p,
        verdict=verdicts[adf_p < ALPHA, kpss_p < ALPHA],
    )


def diagnose_stationarity(found: Stationarity, label: str) -> tuple[Diagnostic, Diagnostic]:
    """Return the ADF and KPSS tests as diagnostics; `label` starts their sentences."""
    passed = {"stationary": True, "unit root": False, "mixed": False}.get(found.verdict)
    sentence = f"{label} is {SENTENCES[found.verdict]}"
    return (
        Diagnostic(
            name="ADF", statistic=found.adf_statistic, p_value=found.adf_p_value, passed=passed, sentence=sentence
        ),
        Diagnostic(
            name="KPSS", statistic=found.kpss_statistic, p_value=found.kpss_p_value, passed=passed, sentence=sentence
        ),
    )
