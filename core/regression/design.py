"""The rows and columns of a regression: which features can be told apart, on one scale, and where each series ends."""

from dataclasses import dataclass, replace

import numpy as np

# A feature whose part that the others cannot make is smaller than this share of its own length is an exact copy of them.
COLLINEAR = 1e-7
_CONSTANT = 1e-12


@dataclass(frozen=True)
class LeftOut:
    """A feature that cannot take part: constant (`made_of` is empty), or an exact sum of the features `made_of`."""

    name: str
    made_of: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False, kw_only=True)
class Design:
    """What the least squares see.

    `exog` has a column of ones, then one column a feature, centred by `center` and divided by `scale`; `outcome` is divided
    by `outcome_scale`. Scaling changes no coefficient once it is undone by `to_units`, and keeps the sums exact when one
    feature counts billions and another hundredths. `blocks` tells the unbroken stretch of each row, which belongs to one
    series; `several_series` whether there is more than one.
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
        """The square matrix that turns coefficients of the scaled columns into those of the features' own units."""
        matrix = np.diag(np.r_[1.0, 1 / self.scale])
        matrix[0, 1:] = -self.center / self.scale
        return matrix * self.outcome_scale

    def take(self, which: np.ndarray) -> "Design":
        """Return the design of some of the rows."""
        return replace(self, exog=self.exog[which], outcome=self.outcome[which], blocks=self.blocks[which])


def make_design(
    values: np.ndarray, names: tuple[str, ...], outcome: np.ndarray, blocks: np.ndarray
) -> tuple[Design, tuple[LeftOut, ...]]:
    """Return the design of `values` (rows x features), and the features left out of it.

    A constant feature repeats the column of ones. Of features that are exact sums of each other, the first named stay.

    Examples
    --------
    >>> values = np.array([[1.0, 5.0, 2.0], [2.0, 5.0, 4.0], [4.0, 5.0, 8.0]])
    >>> design, left_out = make_design(values, ("a", "b", "twice a"), np.array([1.0, 2.0, 4.0]), np.zeros(3, dtype=int))
    >>> design.names, left_out
    (('a',), (LeftOut(name='b', made_of=()), LeftOut(name='twice a', made_of=('a',))))
    """
    center = values.mean(axis=0)
    scaled = values - center
    # A second centring takes away what rounding left of a mean that is large beside the spread.
    drift = scaled.mean(axis=0)
    scaled -= drift
    center = center + drift
    scale = np.sqrt(np.mean(scaled**2, axis=0))
    varies = np.isfinite(scale) & (scale > _CONSTANT * np.abs(values).max(axis=0))
    left_out = [LeftOut(name) for name, good in zip(names, varies, strict=True) if not good]

    candidates = np.flatnonzero(varies)
    scaled = scaled[:, candidates] / scale[candidates]
    kept, copies = _independent_columns(scaled)
    names_of = [names[position] for position in candidates]
    left_out += [LeftOut(names_of[copy], tuple(names_of[part] for part in parts)) for copy, parts in copies.items()]

    chosen = candidates[kept]
    outcome_scale = float(outcome.std())
    # Column after column in memory: they are read one by one.
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
    """Return the columns that earlier ones cannot make, and for each other column the kept ones that make it.

    Gram-Schmidt, twice for stability, on the small triangle R of the QR decomposition: its columns have the lengths and
    angles of the long ones.
    """
    triangle = np.linalg.qr(scaled, mode="r")
    triangle = triangle / np.linalg.norm(triangle, axis=0)
    size, columns = triangle.shape
    basis = np.zeros((size, columns))
    kept: list[int] = []
    copies: dict[int, list[int]] = {}
    for position in range(columns):
        column = triangle[:, position]
        own = column
        for _ in range(2):
            own = own - basis @ (basis.T @ own)
        length = np.linalg.norm(own)
        if length > COLLINEAR:
            basis[:, len(kept)] = own / length
            kept.append(position)
        else:
            weights = np.linalg.lstsq(triangle[:, kept], column, rcond=None)[0]
            copies[position] = [kept[part] for part in np.flatnonzero(np.abs(weights) > 1e-6)]
    return kept, copies


def lags_within(values: np.ndarray, blocks: np.ndarray, lags: int) -> np.ndarray:
    """Return `values` of 1 … `lags` rows before, one column a lag; NaN where that row belongs to another series.

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
