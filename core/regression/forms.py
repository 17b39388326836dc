"""A relation of levels in its other forms: on changes, and on changes with an error correction."""

from dataclasses import dataclass

import numpy as np

from core.errors.model import DataError
from core.quality.profile import QualityProfile
from core.recipe.model import Recipe
from core.regression.least_squares import describe_coefficients, fit_least_squares
from core.regression.newey_west import choose_lags
from core.regression.question import Values, pose_question
from core.regression.residuals import durbin_watson
from core.regression.train_rows import TrainRows, select_rows
from core.regression.zero_coefficient import ZeroCoefficientTest
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
    design, fitted = rows.design, fit_least_squares(rows.design)
    lags = choose_lags(requested_lags, len(fitted.residuals), 1, design.blocks)
    zero_test = ZeroCoefficientTest(design.blocks, lags, fitted.freedom)
    coefficients = describe_coefficients(fitted, lags, zero_test)
    return FormFit(
        values=rows.question.values,
        rows=len(fitted.residuals),
        r_squared=float(fitted.fit.rsquared),
        r2_oos=rows.r2_oos(np.array([found.coef for found in coefficients])),
        durbin_watson=durbin_watson(fitted.residuals, design.blocks) if fitted.residuals.any() else None,
        slopes=tuple(
            Slope(_column_of(found.name), found.coef, found.coef / found.std_err_hac if found.std_err_hac else None)
            for found in coefficients[1:]
        ),
    )


def _column_of(token: str) -> str:
    """Return the column of a feature, and its lag or window: what it is called in every form."""
    column, steps = split_token(token)
    return feature_label(feature_token(column, *(step for step in steps if step not in _CHANGES)))
