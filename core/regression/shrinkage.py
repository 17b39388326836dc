"""Ridge and lasso: how the coefficients of a regression shrink as a penalty grows, and which penalty predicts best."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.progress import ShouldStop, never_stop, require_going
from core.regression.train_rows import TrainRows

Penalty = Literal["ridge", "lasso"]
MOST_FEATURES = 100
_STEPS = 40
# Ridge penalties, relative to the variance of a feature.
_RIDGE = (1e-4, 1e2)
# The smallest lasso penalty, relative to the one that leaves no feature.
_LASSO = 1e-3
_KNOTS_PER_FEATURE, _ROUNDING = 10, 1e-12


@dataclass(frozen=True, kw_only=True)
class ShrinkagePath:
    """Standardised coefficients of the k features `names` at each penalty, from the largest penalty to the smallest.

    `r2_oos` is the R² of each fit on the validation era, None where it is undefined; `best` is the position of the largest.
    """

    penalty: Penalty
    names: tuple[str, ...]
    strengths: tuple[float, ...]
    coefficients: tuple[tuple[float, ...], ...]
    r2_oos: tuple[float | None, ...]
    best: int | None

    def kept(self, position: int) -> int:
        """Return how many features have a coefficient other than 0 at the penalty."""
        return sum(coefficient != 0 for coefficient in self.coefficients[position])


def trace_shrinkage(rows: TrainRows, should_stop: ShouldStop = never_stop) -> tuple[ShrinkagePath, ...]:
    """Return the paths of ridge and lasso on the train rows; none for one feature, or for more than a hundred.

    The constant is not penalised. Raises `Stopped`.
    """
    design = rows.design
    if not 1 < len(design.names) <= MOST_FEATURES:
        return ()
    exog, outcome = design.exog[:, 1:], design.outcome - design.outcome.mean()
    gram, products = exog.T @ exog / len(exog), exog.T @ outcome / len(exog)
    ridge = np.geomspace(_RIDGE[1], _RIDGE[0], _STEPS)
    lasso = max(float(np.abs(products).max()), np.finfo(float).tiny) * np.geomspace(1, _LASSO, _STEPS)
    traced: tuple[tuple[Penalty, np.ndarray, np.ndarray], ...] = (
        ("ridge", ridge, solve_ridge(gram, products, ridge)),
        ("lasso", lasso, solve_lasso(gram, products, lasso, should_stop)),
    )
    return tuple(_describe(rows, penalty, strengths, found) for penalty, strengths, found in traced)


def solve_ridge(gram: np.ndarray, products: np.ndarray, strengths: np.ndarray) -> np.ndarray:
    """Return the coefficients that minimise the mean squared error / 2 + strength / 2 * sum of squares, (m, k).

    Parameters
    ----------
    gram
        float64 (k, k), X'X / n of centred features.
    products
        float64 (k,), X'y / n.
    strengths
        float64 (m,), above 0.

    Examples
    --------
    >>> solve_ridge(np.eye(2), np.array([1.0, 0.5]), np.array([1.0])).tolist()
    [[0.5, 0.25]]
    """
    values, vectors = np.linalg.eigh(gram)
    turned = vectors.T @ products
    return np.asarray((turned / (np.maximum(values, 0.0) + strengths[:, None])) @ vectors.T)


def solve_lasso(
    gram: np.ndarray, products: np.ndarray, strengths: np.ndarray, should_stop: ShouldStop = never_stop
) -> np.ndarray:
    """Return the coefficients that minimise the mean squared error / 2 + strength * sum of absolute values, (m, k).

    Between the knots of the path, where a feature enters or leaves, coefficients are linear in the strength, so the path is
    exact. Raises `Stopped`.

    Parameters
    ----------
    gram
        float64 (k, k), X'X / n of centred features, none of them a combination of others.
    products
        float64 (k,), X'y / n.
    strengths
        float64 (m,), in falling order.
    should_stop
        Asked at each knot.

    References
    ----------
    Osborne, Presnell and Turlach (2000), A new approach to variable selection in least squares problems; Efron, Hastie,
    Johnstone and Tibshirani (2004), Least angle regression.

    Examples
    --------
    >>> solve_lasso(np.eye(2), np.array([1.0, -0.5]), np.array([0.6, 0.2])).round(6).tolist()
    [[0.4, 0.0], [0.8, -0.3]]
    """
    coefficients, active = np.zeros(len(products)), np.zeros(len(products), dtype=bool)
    strength, entering = float(np.abs(products).max()), int(np.abs(products).argmax())
    knots, leaving, left_sign = [(strength, coefficients)], -1, 0.0
    while strength > strengths[-1] and len(knots) < _KNOTS_PER_FEATURE * len(products):
        require_going(should_stop)
        if entering >= 0:
            active[entering] = True
        inside, left = np.flatnonzero(active), products - gram @ coefficients
        slope = np.linalg.solve(gram[np.ix_(inside, inside)], np.sign(left[inside]))
        # How far the strength can fall until a coefficient reaches 0, or a feature outside ties with those inside.
        drops = np.divide(-coefficients[inside], slope, out=np.full(len(inside), np.inf), where=slope != 0)
        drops[drops <= _ROUNDING * strength] = np.inf
        outside = np.flatnonzero(~active)
        pull = gram[np.ix_(outside, inside)] @ slope
        with np.errstate(divide="ignore", invalid="ignore"):
            ties = np.stack([(strength - left[outside]) / (1 - pull), (strength + left[outside]) / (1 + pull)])
        ties[~(ties > _ROUNDING * strength)] = np.inf
        # A feature that has just left ties on the side that it left; it may come back on the other.
        ties[int(left_sign < 0), outside == leaving] = np.inf
        ties = ties.min(axis=0)
        step = min(strength, drops.min(initial=np.inf), ties.min(initial=np.inf))
        coefficients = coefficients.copy()
        coefficients[inside] += step * slope
        entering, leaving = -1, -1
        if step == drops.min(initial=np.inf):
            leaving = int(inside[drops.argmin()])
            left_sign = float(np.sign(left[leaving]))
            coefficients[leaving], active[leaving] = 0.0, False
        elif step == ties.min(initial=np.inf):
            entering = int(outside[ties.argmin()])
        strength -= step
        knots.append((strength, coefficients))
    places, path = np.array([at for at, _ in knots[::-1]]), np.array([found for _, found in knots[::-1]])
    return np.column_stack([np.interp(strengths, places, column) for column in path.T])


def _describe(rows: TrainRows, penalty: Penalty, strengths: np.ndarray, found: np.ndarray) -> ShrinkagePath:
    design = rows.design
    constant = float(design.outcome.mean())
    scores = [rows.r2_oos(design.to_units @ np.r_[constant, coefficients]) for coefficients in found]
    known = [score for score in scores if score is not None]
    return ShrinkagePath(
        penalty=penalty,
        names=design.names,
        strengths=tuple(strengths.tolist()),
        coefficients=tuple(tuple(row) for row in found.tolist()),
        r2_oos=tuple(scores),
        best=scores.index(max(known)) if known else None,
    )
