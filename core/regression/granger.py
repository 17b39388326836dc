"""Which comes first? Granger causality both ways, and correlations at leads and lags."""

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import fdtrc

from core.progress import ShouldStop, require_going
from core.quality.pairwise.relations import adjust_p_values
from core.regression.design import Design, lags_within

MOST_FEATURES = 50
MOST_LEADS = 20
_SPARE_ROWS = 20


@dataclass(frozen=True, kw_only=True)
class GrangerTest:
    """Whether a feature's past helps to predict the outcome given its own past, and the other way round.

    `leads_p` is for the feature leading the outcome, `follows_p` for the reverse; robust (HC1) F tests of all lags (Granger,
    1969). `leads_q` and `follows_q` are corrected for all tests of the table (Benjamini and Hochberg). `correlations` are
    those of the outcome with the feature at the leads -20 to 20: at a positive lead the outcome is that many rows later.
    """

    name: str
    leads_p: float | None
    follows_p: float | None
    leads_q: float | None
    follows_q: float | None
    correlations: tuple[float | None, ...]


def run_granger(design: Design, names: tuple[str, ...], lags: int, should_stop: ShouldStop) -> tuple[GrangerTest, ...]:
    """Test up to 50 features against the outcome, both ways.

    Parameters
    ----------
    design
        The train rows, whose features are those of the same row as the outcome.
    names
        The features, those to test first.
    lags
        Rows of the past.
    should_stop
        Asked before each feature; a stop raises `Stopped`.
    """
    outcome = design.outcome - design.outcome.mean()
    own = lags_within(outcome, design.blocks, lags)
    tests = []
    for name in names[:MOST_FEATURES]:
        require_going(should_stop)
        feature = design.exog[:, design.names.index(name) + 1]
        past = lags_within(feature, design.blocks, lags)
        tests.append(
            GrangerTest(
                name=name,
                leads_p=_test(outcome, own, past),
                follows_p=_test(feature, past, own),
                leads_q=None,
                follows_q=None,
                correlations=_correlate_leads(feature, outcome, design.blocks),
            )
        )
    return _correct(tests)


def _test(outcome: np.ndarray, own: np.ndarray, other: np.ndarray) -> float | None:
    """Return the p-value of the lags `other`, (n, lags), given the lags `own`; None with too few complete rows."""
    complete = np.isfinite(own).all(axis=1) & np.isfinite(other).all(axis=1)
    rows, lags = int(complete.sum()), other.shape[1]
    exog = np.column_stack([np.ones(rows), own[complete], other[complete]])
    freedom = rows - exog.shape[1]
    if freedom < _SPARE_ROWS:
        return None
    inverse = np.linalg.pinv(exog.T @ exog, hermitian=True)
    weights = inverse @ (exog.T @ outcome[complete])
    scores = exog * (outcome[complete] - exog @ weights)[:, None]
    variance = (inverse @ (scores.T @ scores) @ inverse)[-lags:, -lags:] * rows / freedom
    tested = weights[-lags:]
    statistic = float(tested @ np.linalg.pinv(variance, hermitian=True) @ tested) / lags
    return float(fdtrc(lags, freedom, statistic))


def _correct(tests: list[GrangerTest]) -> tuple[GrangerTest, ...]:
    q_values = adjust_p_values([test.leads_p for test in tests] + [test.follows_p for test in tests])
    return tuple(
        replace(test, leads_q=leads_q, follows_q=follows_q)
        for test, leads_q, follows_q in zip(tests, q_values[: len(tests)], q_values[len(tests) :], strict=True)
    )


def _correlate_leads(feature: np.ndarray, outcome: np.ndarray, blocks: np.ndarray) -> tuple[float | None, ...]:
    leads = min(MOST_LEADS, len(feature) // 5)
    before = lags_within(feature, blocks, leads)
    later = lags_within(outcome, blocks, leads)
    found = [_correlate(later[:, lead - 1], feature) for lead in range(leads, 0, -1)]
    found.append(_correlate(feature, outcome))
    found += [_correlate(before[:, lead - 1], outcome) for lead in range(1, leads + 1)]
    return tuple(found)


def _correlate(one: np.ndarray, other: np.ndarray) -> float | None:
    valid = np.isfinite(one) & np.isfinite(other)
    if not valid.any():
        return None
    one, other = one[valid] - one[valid].mean(), other[valid] - other[valid].mean()
    size = float(np.sqrt((one @ one) * (other @ other)))
    return float(one @ other) / size if size > 0 else None
