"""The design matrix of a regression: independent, scaled features."""

from dataclasses import dataclass, replace

import numpy as np

# A feature is collinear if its part orthogonal to the others is a smaller share of its length than this.
COLLINEAR = 1e-7
_CONSTANT = 1e-12


@dataclass(frozen=True)
class LeftOut:
    """A feature left out: constant, or an exact linear combination of its `sources`."""

    name: str
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False, kw_only=True)
class Design:
    """The design matrix and outcome of a regression on k features `names`.

    `exog`: float64 (n, 1 + k), a column of ones, then the features, centred by `center` (k,) and divided by `scale` (k,).
    `outcome`: float64 (n,), divided by `outcome_scale`. Scaling keeps sums accurate if one feature is in billions and
    another in hundredths; `to_units` undoes it. `blocks`: int64 (n,), the unbroken stretch of one series that a row is in.
    `several_series`: whether the rows are those of more than one series.
    """

    names: tuple[str, ...]
    exog: np.ndarray
    outcome: np.ndarray
    blocks: np.ndarray
    center: np.ndarray
    scale: np.ndarray
    outcome_scale: float
    several_series: bool = False

    @property
    def to_units(self) -> np.ndarray:
        """The matrix (1 + k, 1 + k) from scaled coefficients to those in original units."""
        matrix = np.diag(np.r_[1.0, 1 / self.scale])
        matrix[0, 1:] = -self.center / self.scale
        return matrix * self.outcome_scale

    def keep(self, names: tuple[str, ...]) -> "Design":
        """Return the design with these features only, in its own order."""
        places = np.array([place for place, name in enumerate(self.names) if name in set(names)], dtype=np.int64)
        if len(places) == len(self.names):
            return self
        return replace(
            self,
            names=tuple(self.names[place] for place in places),
            exog=np.asfortranarray(self.exog[:, np.r_[0, places + 1]]),
            center=self.center[places],
            scale=self.scale[places],
        )

    def take(self, which: np.ndarray) -> "Design":
        """Return the design of the rows `which`, positions int64 (m,)."""
        return replace(self, exog=self.exog[which], outcome=self.outcome[which], blocks=self.blocks[which])


def make_design(
    values: np.ndarray, names: tuple[str, ...], outcome: np.ndarray, blocks: np.ndarray
) -> tuple[Design, tuple[LeftOut, ...]]:
    """Return the design, and the features that are left out of it.

    Constant features are left out. Of features that are linear combinations of each other, the first are kept.

    Parameters
    ----------
    values
        float64 (n, k), without NaN.
    names
        The k names of the features.
    outcome
        float64 (n,), without NaN.
    blocks
        int64 (n,), the block of each row.

    Examples
    --------
    >>> values = np.array([[1.0, 5.0, 2.0], [2.0, 5.0, 4.0], [4.0, 5.0, 8.0]])
    >>> design, left_out = make_design(values, ("a", "b", "twice a"), np.array([1.0, 2.0, 4.0]), np.zeros(3, dtype=int))
    >>> design.names, left_out
    (('a',), (LeftOut(name='b', sources=()), LeftOut(name='twice a', sources=('a',))))
    """
    center = values.mean(axis=0)
    scaled = values - center
    # Centring twice removes the rounding error of a mean that is large relative to the spread.
    remainder = scaled.mean(axis=0)
    scaled -= remainder
    center = center + remainder
    scale = np.sqrt(np.mean(scaled**2, axis=0))
    varies = np.isfinite(scale) & (scale > _CONSTANT * np.abs(values).max(axis=0))
    left_out = [LeftOut(name) for name, good in zip(names, varies, strict=True) if not good]

    candidates = np.flatnonzero(varies)
    scaled = scaled[:, candidates] / scale[candidates]
    kept, combinations = _independent_columns(scaled)
    candidate_names = [names[position] for position in candidates]
    left_out += [
        LeftOut(candidate_names[position], tuple(candidate_names[source] for source in sources))
        for position, sources in combinations.items()
    ]

    chosen = candidates[kept]
    outcome_scale = float(outcome.std())
    # Fortran order: columns are read one by one.
    exog = np.ones((len(values), len(kept) + 1), order="F")
    exog[:, 1:] = scaled[:, kept]
    design = Design(
        names=tuple(names[position] for position in chosen),
        exog=exog,
        outcome=outcome / outcome_scale,
        blocks=blocks,
        center=center[chosen],
        scale=scale[chosen],
        outcome_scale=outcome_scale,
    )
    return design, tuple(left_out)


def _independent_columns(scaled: np.ndarray) -> tuple[list[int], dict[int, list[int]]]:
    """Return the independent columns, and which of them each other column is made from.

    Gram-Schmidt, twice for stability, on the triangle R of the QR decomposition, whose columns have the same lengths and
    angles as those of `scaled` float64 (n, k).
    """
    triangle = np.linalg.qr(scaled, mode="r")
    triangle = triangle / np.linalg.norm(triangle, axis=0)
    size, columns = triangle.shape
    basis = np.zeros((size, columns))
    kept: list[int] = []
    combinations: dict[int, list[int]] = {}
    for position in range(columns):
        column = triangle[:, position]
        orthogonal = column
        for _ in range(2):
            orthogonal = orthogonal - basis @ (basis.T @ orthogonal)
        length = np.linalg.norm(orthogonal)
        if length > COLLINEAR:
            basis[:, len(kept)] = orthogonal / length
            kept.append(position)
        else:
            weights = np.linalg.lstsq(triangle[:, kept], column, rcond=None)[0]
            combinations[position] = [kept[source] for source in np.flatnonzero(np.abs(weights) > 1e-6)]
    return kept, combinations


def lags_within(values: np.ndarray, blocks: np.ndarray, lags: int) -> np.ndarray:
    """Return lagged values, float64 (n, lags), for the lags 1, 2, ….

    NaN if the earlier row is in another block. `values` float64 (n,), `blocks` int64 (n,).

    Examples
    --------
    >>> lags_within(np.array([1.0, 2.0, 3.0, 4.0]), np.array([0, 0, 1, 1]), 1).ravel()
    array([nan,  1., nan,  3.])
    """
    lagged = np.full((len(values), lags), np.nan)
    for lag in range(1, min(lags, len(values) - 1) + 1):
        same = blocks[lag:] == blocks[:-lag]
        lagged[lag:, lag - 1] = np.where(same, values[:-lag], np.nan)
    return lagged
