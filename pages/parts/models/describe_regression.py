"""Options and tables of the regression page."""

import pandas as pd
from pandas.io.formats.style import Styler

from core.cleaning.cells import requested_transforms
from core.cleaning.plan import plan_cleaning
from core.recipe.model import Recipe
from core.regression.describe_fit import VALUES_LABELS
from core.regression.influence import Influence
from core.regression.question import plan_explanation, translate_features
from core.regression.report import RegressionReport
from core.samples.features import FeaturePlan
from core.text.feature_tokens import feature_label
from core.text.format import ABSENT, format_correlation, format_number
from pages.parts.frame.context import LoadedContext
from pages.parts.models import describe_models
from pages.parts.upload.describe_data import p_cell


def feature_plan(context: LoadedContext) -> FeaturePlan:
    """Return the features that the recipe's question can use, without reading a row."""
    recipe, quality = context.recipe, context.quality
    kept = plan_cleaning(quality, recipe.cleaning).kept
    transforms = requested_transforms(recipe.cleaning, kept)
    plan = plan_explanation(kept, quality, recipe.features, transforms, recipe.regression.values)
    if recipe.regression.question == "predict" or not plan.steps:
        return describe_models.plan_of(context)
    return plan


def translated(recipe: Recipe, plan: FeaturePlan) -> Recipe:
    """Return the recipe with the selected features as the plan names them, for the widget to show."""
    return recipe.change("regression", features=translate_features(recipe.regression.features, plan))


def coefficient_table(report: RegressionReport) -> Styler:
    """Return one row per coefficient: the size that compares first, then robust and ordinary errors."""
    table = pd.DataFrame(
        [
            {
                "feature": feature_label(c.name),
                "standardised": c.standardised,
                "coefficient": c.coef,
                "95% from": c.low,
                "to": c.high,
                "robust p": p_cell(c.p_value_hac),
                "HAC SE": c.std_err_hac,
                "HC3 SE": c.std_err_hc3,
                "SE": c.std_err,
                "t": c.t,
                "p": p_cell(c.p_value),
            }
            for c in report.coefficients
        ]
    )
    numbers = ("coefficient", "95% from", "to", "HAC SE", "HC3 SE", "SE")
    formats = dict.fromkeys(numbers, format_number) | {"standardised": format_correlation, "t": "{:z,.2f}"}
    return table.style.format(formats, na_rep=ABSENT)


def forms_table(report: RegressionReport) -> pd.DataFrame:
    """Return the relation on levels, on changes and with an error correction, one column each."""
    columns = {}
    for form in report.forms:
        rows = {
            "R²": format_correlation(form.r_squared),
            "R² out of sample": ABSENT if form.r2_oos is None else format_correlation(form.r2_oos),
            "Durbin-Watson": format_number(form.durbin_watson),
            "train rows": f"{form.rows:,}",
        }
        for slope in form.slopes:
            t = ABSENT if slope.t_hac is None else f"{slope.t_hac:z.1f}"
            rows[slope.column] = f"{format_number(slope.coef)} (t {t})"
        columns[VALUES_LABELS[form.values]] = rows
    return pd.DataFrame(columns).fillna(ABSENT).rename_axis("fit").reset_index()


def influence_table(influence: Influence) -> pd.DataFrame:
    """Return one row per influential row of the data, the largest Cook's distance first."""
    return pd.DataFrame(
        [
            {
                "time": row.time[:10] if row.time.endswith("T00:00:00") else row.time.replace("T", " "),
                "Cook's distance": row.cook,
                "leverage": row.leverage,
                "residual": row.residual,
            }
            for row in influence.rows
        ]
    )


def scan_table(report: RegressionReport) -> Styler:
    """Return one row per feature: the regression on it alone, the strongest evidence first."""
    table = pd.DataFrame(
        [
            {
                "feature": feature_label(s.name),
                "slope": s.coef,
                "HAC t": s.t_hac,
                "p": s.p_value_hac,
                "q": s.q_value,
                "R²": s.r_squared,
                "same sign": s.same_sign,
            }
            for s in report.scan
        ]
    )
    formats = {
        "slope": format_number,
        "HAC t": "{:z,.2f}",
        "p": p_cell,
        "q": p_cell,
        "R²": format_correlation,
        "same sign": "{:d} of 3",
    }
    return table.style.format(formats, na_rep=ABSENT)
