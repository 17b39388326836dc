"""Words and tables about what relates to the target."""

import pandas as pd
from pandas.io.formats.style import Styler

from core.charts.style import LOOKS, Theme
from core.quality.pairwise.relations import Relation
from core.quality.profile import QualityProfile
from core.text.escape import markdown_text
from core.text.format import format_correlation, format_p
from pages.parts.upload.describe_data import p_cell

WORDS = {"linear": "linear", "nonlinear": "non-linear", "none": "none"}
MOST_LISTED = 1_000
_COLORS = {"linear": "green", "nonlinear": "blue", "none": "gray"}
_INKS = {"linear": "linear", "nonlinear": "lstm"}


def summary(quality: QualityProfile) -> str:
    """Return how many features relate to the target, how, and which models see that; markdown."""
    count = {kind: sum(relation.kind == kind for relation in quality.relations) for kind in WORDS}
    linear, other = count["linear"], count["nonlinear"]
    of, target = f"of {len(quality.relations):,}", markdown_text(quality.target or "")
    parts = [
        f"**{linear:,} {of}** features {_verb(linear, 'relate')} to {target} linearly: regression will see most of it."
        if linear
        else f"**None {of}** features relates to {target} linearly.",
        f"**{other:,}** only non-linearly: trees or an LSTM may." if other else "None does so in another shape.",
        f"**{count['none']:,}** not at all." if linear or other else "",
    ]
    ahead = _tell_ahead(sum(relation.leads for relation in quality.relations))
    return f"{' '.join(part for part in parts if part)}  \n{ahead}"


def _tell_ahead(leading: int) -> str:
    """Return how many features tell of the next row too; markdown."""
    beyond = "of the next row that the target's own last value does not"
    if not leading:
        return f"All that is of one and the same row: **none** tells anything {beyond}."
    so = "it can foretell" if leading == 1 else "those can foretell"
    return (
        f"All that is of one and the same row. **{leading:,}** also {_verb(leading, 'tell')} something {beyond}: {so}."
    )


def _verb(count: int, verb: str) -> str:
    return f"{verb}s" if count == 1 else verb


def how_judged(quality: QualityProfile) -> str:
    """Return how relations are judged, in short."""
    drifting = sum(quality.column(relation.feature).drifts for relation in quality.relations)
    return (
        "Judged row by row in the train era, on at most 2,000 rows in stretches. "
        f"A column that drifts is taken as its changes: {drifting:,} of the features do."
    )


# What is too long for a caption that everybody reads.
MEASURES_HELP = (
    "q is the p-value after correction for the number of features; a relation stands where it is below 0.05. Pearson measures a "
    "straight line, Spearman any rising or falling curve, xi any shape. Next row: the correlation with the target one row later, "
    "the target's own memory taken out. What two features tell only together, such as the product of their signs, no measure of "
    "pairs can see: trees may."
)


def table(relations: tuple[Relation, ...]) -> pd.DataFrame:
    """Return one row a feature, the thousand surest relations, surest first: the class and the measures behind it."""
    surest_first = sorted(relations, key=_surest_first)
    return pd.DataFrame(
        [
            {
                "feature": r.feature,
                "class": WORDS[r.kind],
                "Pearson": r.pearson,
                "q": r.q_value,
                "next row": r.lead,
                "leads": "leads" if r.leads else "",
                "Spearman": r.spearman,
                "xi": r.xi,
                "p": r.p_value,
            }
            for r in surest_first[:MOST_LISTED]
        ]
    )


def _surest_first(relation: Relation) -> tuple[float, float, str]:
    q, p = (2.0 if value is None else value for value in (relation.q_value, relation.p_value))
    return q, p, relation.feature


def style(frame: pd.DataFrame, theme: Theme) -> Styler:
    """Return the table with its classes in their colours and its numbers as they are read."""
    look = LOOKS[theme]
    colors = {WORDS[kind]: look.model(ink).color for kind, ink in _INKS.items()}
    return frame.style.map(
        lambda word: f"color: {colors.get(word, look.muted)}; font-weight: 600", subset=["class"]
    ).format(
        dict.fromkeys(("Pearson", "Spearman", "xi", "next row"), format_correlation) | dict.fromkeys(("p", "q"), p_cell)
    )


def pair(relation: Relation, quality: QualityProfile) -> str:
    """Return the class of one pair with the numbers behind it; markdown."""
    names = f"{markdown_text(relation.feature)} and {markdown_text(relation.target)}"
    if relation.p_value is None:
        return f":gray-badge[not judged] {names}: fewer than 30 good train rows together, or no variation in them."
    chance = format_p(relation.p_value)
    if relation not in quality.relations:
        chance += " for this pair alone, whatever it was chosen from"
    elif relation.q_value != relation.p_value:
        chance += f", after correction for the number of features {format_p(relation.q_value).replace('p', 'q', 1)}"
    measures = f"Pearson {format_correlation(relation.pearson)}, Spearman {format_correlation(relation.spearman)}"
    told = f"{names}: {chance}. {measures}, Chatterjee's xi {format_correlation(relation.xi)}."
    if relation.lead is not None:
        told += f" With the next row of the latter {format_correlation(relation.lead)}, its own memory taken out."
    return f":{_COLORS[relation.kind]}-badge[{WORDS[relation.kind]}] {told}"
