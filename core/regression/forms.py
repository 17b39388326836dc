"""A relation of levels in its other forms: on changes, and on changes with an error correction."""

from dataclasses import dataclass

import numpy as np

from core.errors.model import DataError
from core.quality.profile import QualityProfile
from core.recipe.model import Recipe
from core.regression.design import Design
from core.regression.newey_west import NeweyWest, choose_lags
from core.regression.question import Values, pose_question
from core.regression.residuals import durbin_watson
from core.regression.train_rows import TrainRows, select_rows
from core.samples.prepare import Prepared
from core.text.feature_tokens import feature_label, feature_token, split_token

_CHANGES = ("log", "return", "difference", "log_return")
FORMS: tuple[Values, ...] = ("levels", "changes", "error_correction")


@dataclass(frozen=True)
class Slope:
    """The slope of a column in one form, and its t by the Newey-West error; None without residuals."""

    column: str
    coef: float
    t_hac: float | None


@dataclass(frozen=True, kw_only=True)
class FormFit:
    """One form of the relation, fitted on the train era.

    `r_squared` and `r2_oos` are shares of the variance of the form's own outcome, so those of two forms do not compare.
    `r2_oos` is against the train mean.
    """

    values: Values
    rows: int
    r_squared: float
    r2_oos: float | None
    durbin_watson: float | None
    slopes: tuple[Slope, ...]


def compare_forms(ready: Prepared, quality: QualityProfile, recipe: Recipe) -> tuple[FormFit, ...]:
    """Fit the features of a relation on levels, on changes and with an error correction.

    A form that the rows do not allow is left out.

    Parameters
    ----------
    ready, quality, recipe
        As for `pose_question`.
    """
    fits = []
    for values in FORMS:
        try:
            rows = select_rows(pose_question(ready, quality, recipe, values))
        except DataError:
            continue
        fits.append(_fit_form(rows, recipe.regression.hac_lags))
    return tuple(fits)


def _fit_form(rows: TrainRows, requested_lags: int | None) -> FormFit:
    design = rows.design
    weights = np.linalg.lstsq(design.exog, design.outcome, rcond=None)[0]
    residuals = design.outcome - design.exog @ weights
    centred = design.outcome - design.outcome.mean()
    coefficients = design.to_units @ weights
    lags = choose_lags(requested_lags, len(residuals), 1, design.blocks)
    return FormFit(
        values=rows.question.values,
        rows=len(residuals),
        r_squared=float(1 - residuals @ residuals / (centred @ centred)),
        r2_oos=rows.r2_oos(coefficients),
        durbin_watson=durbin_watson(residuals, design.blocks) if residuals.any() else None,
        slopes=_slopes(design, weights, residuals, lags),
    )


def _slopes(design: Design, weights: np.ndarray, residuals: np.ndarray, lags: int) -> tuple[Slope, ...]:
    inverse = np.linalg.inv(design.exog.T @ design.exog)
    newey_west = NeweyWest(design.blocks, lags)
    freedom = len(residuals) - design.exog.shape[1]
    slopes = []
    for position, name in enumerate(design.names, start=1):
        error = newey_west.std_of_sum((design.exog @ inverse[position]) * residuals)
        error *= (len(residuals) / freedom) ** 0.5
        unit = design.to_units[position, position]
        slopes.append(
            Slope(
                _column_of(name), float(weights[position] * unit), float(weights[position] / error) if error else None
            )
        )
    return tuple(slopes)


def _column_of(token: str) -> str:
    """Return the column of a feature, and its lag or window: what it is called in every form."""
    column, steps = split_token(token)
    return feature_label(feature_token(column, *(step for step in steps if step not in _CHANGES)))
