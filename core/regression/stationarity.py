"""Does a series keep its level? Two tests with opposite null hypotheses, and the four ways in which they can come out."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.regression.diagnostics import ALPHA, Diagnostic
from core.regression.unit_root import adf_p_value, adf_statistic, kpss_p_value, kpss_statistic

LONGEST = 5000
SHORTEST = 30
_MOST_LAGS = 20

Verdict = Literal["stationary", "unit root", "between", "undecided", "not judged"]

SENTENCES: dict[Verdict, str] = {
    "stationary": "keeps its level, as a regression assumes: ADF rejects a unit root, KPSS does not reject stationarity.",
    "unit root": "drifts like a price: ADF does not reject a unit root, KPSS rejects stationarity. Relations between drifting "
    "levels are often chance; predict changes instead.",
    "between": "comes back, but slowly, or its level has shifted: ADF rejects a unit root, and KPSS rejects stationarity. What is "
    "learned from it is an average over unlike times.",
    "undecided": "may keep its level or not: neither ADF nor KPSS rejects anything. These rows are too few to tell.",
    "not judged": f"could not be judged: fewer than {SHORTEST} rows, or a value that never moves.",
}


@dataclass(frozen=True, kw_only=True)
class Stationarity:
    """The tests of Dickey and Fuller (null hypothesis: a unit root) and of Kwiatkowski et al. (null: stationary)."""

    adf_statistic: float | None
    adf_p_value: float | None
    kpss_statistic: float | None
    kpss_p_value: float | None
    verdict: Verdict


def judge_stationarity(values: np.ndarray) -> Stationarity:
    """Return what the ADF and KPSS tests, both with a constant, say of the last 5000 of `values` (one series, in time order).

    Examples
    --------
    >>> judge_stationarity(np.random.default_rng(0).standard_normal(500)).verdict
    'stationary'
    """
    values = np.asarray(values, dtype=np.float64)[-LONGEST:]
    unknown = Stationarity(
        adf_statistic=None, adf_p_value=None, kpss_statistic=None, kpss_p_value=None, verdict="not judged"
    )
    if len(values) < SHORTEST or np.ptp(values) <= 1e-12 * np.abs(values).max():
        return unknown
    scaled = (values - values.mean()) / values.std()
    adf, kpss = adf_statistic(scaled, min(_MOST_LAGS, len(values) // 5)), kpss_statistic(scaled)
    if not np.isfinite([adf, kpss]).all():
        return unknown
    adf_p, kpss_p = adf_p_value(adf), kpss_p_value(kpss)
    table: dict[tuple[bool, bool], Verdict] = {
        (True, False): "stationary",
        (False, True): "unit root",
        (True, True): "between",
        (False, False): "undecided",
    }
    return Stationarity(
        adf_statistic=adf,
        adf_p_value=adf_p,
        kpss_statistic=kpss,
        kpss_p_value=kpss_p,
        verdict=table[adf_p < ALPHA, kpss_p < ALPHA],
    )


def describe_stationarity(found: Stationarity, label: str) -> tuple[Diagnostic, Diagnostic]:
    """Return the ADF and KPSS tests of one series as diagnostics, the series named by `label`."""
    passed = {"stationary": True, "unit root": False, "between": False}.get(found.verdict)
    sentence = f"{label} {SENTENCES[found.verdict]}"
    return (
        Diagnostic(
            name="ADF", statistic=found.adf_statistic, p_value=found.adf_p_value, passed=passed, sentence=sentence
        ),
        Diagnostic(
            name="KPSS", statistic=found.kpss_statistic, p_value=found.kpss_p_value, passed=passed, sentence=sentence
        ),
    )
