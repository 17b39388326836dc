"""Sentences and tables on relations with the target."""

import pandas as pd
from pandas.io.formats.style import Styler

from core.charts.style import LOOKS, Theme
from core.quality.pairwise.relations import Relation
from core.quality.profile import QualityProfile
from core.text.escape import markdown_text
from core.text.format import format_correlation, format_p
from pages.parts.upload.describe_data import p_cell

CLASSES = {"linear": "linear", "nonlinear": "non-linear", "none": "none"}
MOST_LISTED = 1_000
_BADGES = {"linear": "green", "nonlinear": "blue", "none": "gray"}
_MODELS = {"linear": "linear", "nonlinear": "lstm"}


def relations_text(quality: QualityProfile) -> str:
    """Return how many features are related to the target, how, and which models can use that; markdown."""
    count = {kind: sum(relation.kind == kind for relation in quality.relations) for kind in CLASSES}
    linear, nonlinear = count["linear"], count["nonlinear"]
    total, target = len(quality.relations), markdown_text(quality.target or "")
    if linear:
        parts = [
            f"**{linear:,} of {total:,}** features {_are(linear)} linearly related to {target}: regression uses that."
        ]
    else:
        parts = [f"**None of {total:,}** features is linearly related to {target}."]
    if nonlinear:
        parts.append(f"**{nonlinear:,}** {_are(nonlinear)} related non-linearly only: trees or an LSTM may use that.")
    else:
        parts.append("None is related non-linearly.")
    if linear or nonlinear:
        parts.append(f"**{count['none']:,}** {_are(count['none'])} not related.")
    return f"{' '.join(parts)}  \n{_leading_text(sum(relation.leads for relation in quality.relations))}"


def _leading_text(leading: int) -> str:
    """Return how many features help to predict the next row; markdown."""
    beyond = "predict the next row beyond the target's own last value"
    if not leading:
        return f"These are same-row relations. **None** helps to {beyond}."
    return f"These are same-row relations. **{leading:,}** also {'helps' if leading == 1 else 'help'} to {beyond}."


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def method_text(quality: QualityProfile) -> str:
    """Return in short how relations are tested."""
    differenced = sum(quality.column(relation.feature).is_differenced for relation in quality.relations)
    return (
        "Tested row by row on the train era, on at most 2,000 rows in evenly spaced stretches. "
        f"Compared by their changes: {differenced:,} of the features; the others mean-revert within a row, as returns do."
    )


# Too long for a caption.
MEASURES_HELP = (
    "q is the p-value corrected for the number of features; a feature counts as related if q is below 0.05. Pearson measures "
    "linear relations, Spearman monotonic ones, xi any shape. Next row: partial correlation with the target one row later, "
    "given the target's own last value. Pairwise measures cannot see interactions between features; tree models may."
)


def relations_table(relations: tuple[Relation, ...]) -> pd.DataFrame:
    """Return one row per feature, most significant first, at most a thousand: its class and the measures behind it."""
    ranked = sorted(relations, key=_significance)
    return pd.DataFrame(
        [
            {
                "feature": r.feature,
                "class": CLASSES[r.kind],
                "Pearson": r.pearson,
                "q": r.q_value,
                "next row": r.lead,
                "leads": "leads" if r.leads else "",
                "Spearman": r.spearman,
                "xi": r.xi,
                "p": r.p_value,
            }
            for r in ranked[:MOST_LISTED]
        ]
    )


def _significance(relation: Relation) -> tuple[float, float, str]:
    q, p = (2.0 if value is None else value for value in (relation.q_value, relation.p_value))
    return q, p, relation.feature


def style_relations(frame: pd.DataFrame, theme: Theme) -> Styler:
    """Return the table with its classes coloured and its numbers formatted."""
    look = LOOKS[theme]
    colors = {CLASSES[kind]: look.model(model).color for kind, model in _MODELS.items()}
    return frame.style.map(
        lambda label: f"color: {colors.get(label, look.muted)}; font-weight: 600", subset=["class"]
    ).format(
        dict.fromkeys(("Pearson", "Spearman", "xi", "next row"), format_correlation) | dict.fromkeys(("p", "q"), p_cell)
    )


def pair_text(relation: Relation, quality: QualityProfile) -> str:
    """Return the class of one pair with the measures behind it; markdown."""
    names = f"{markdown_text(relation.feature)} and {markdown_text(relation.target)}"
    if relation.p_value is None:
        return f":gray-badge[not tested] {names}: fewer than 30 common valid train rows, or no variation in them."
    significance = format_p(relation.p_value)
    if relation not in quality.relations:
        significance += ", not corrected for how this pair was chosen"
    elif relation.q_value != relation.p_value:
        q = format_p(relation.q_value).replace("p", "q", 1)
        significance += f"; corrected for the number of features, {q}"
    measures = f"Pearson {format_correlation(relation.pearson)}, Spearman {format_correlation(relation.spearman)}"
    text = f"{names}: {significance}. {measures}, Chatterjee's xi {format_correlation(relation.xi)}."
    if relation.lead is not None:
        next_row = format_correlation(relation.lead)
        text += f" Partial correlation with the next row of {markdown_text(relation.target)}: {next_row}."
    return f":{_BADGES[relation.kind]}-badge[{CLASSES[relation.kind]}] {text}"
