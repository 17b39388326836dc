"""Words and tables about what relates to the target."""

import pandas as pd
from pandas.io.formats.style import Styler

from core.charts.style import LOOKS, Theme, format_number, format_p
from core.escaping import markdown_text
from core.quality.profile import QualityProfile
from core.quality.relations import Relation
from pages.parts.describe_data import p_cell

WORDS = {"linear": "linear", "nonlinear": "non-linear", "none": "none"}
MOST_LISTED = 1_000
_COLORS = {"linear": "green", "nonlinear": "blue", "none": "gray"}
_INKS = {"linear": "linear", "nonlinear": "lstm"}


def summary(quality: QualityProfile) -> str:
    """Return how many features relate to the target, how, and which models see that; markdown."""
    count = {kind: sum(relation.kind == kind for relation in quality.relations) for kind in WORDS}
    features = len(quality.relations)
    target = markdown_text(quality.target or "")
    leading = sum(relation.leads for relation in quality.relations)
    ahead = (
        f"All that is of one and the same row. **{leading:,}** also {'tells' if leading == 1 else 'tell'} something of the next "
        "row that its own last value does not: those can foretell."
        if leading
        else "All that is of one and the same row: **none** tells anything of the next row that its own last value does not."
    )
    return (
        f"**{count['linear']:,} of {features:,}** features relate to {target} linearly: "
        f"regression will see most of it. **{count['nonlinear']:,}** only non-linearly: trees or an LSTM may. "
        f"**{count['none']:,}** not at all.  \n{ahead}"
    )


def how_judged(quality: QualityProfile) -> str:
    """Return how relations are judged, in short."""
    drifting = sum(quality.column(relation.feature).drifts for relation in quality.relations)
    return (
        "Judged row by row in the train era, on at most 2,000 rows in stretches. "
        f"A column that drifts is taken as its changes: {drifting:,} of the features do. "
        "q is the p-value after correction for the number of features; a relation stands where it is below 0.05. "
        "What two features tell only together, such as the product of their signs, no measure of pairs can see: trees may."
    )


def table(relations: tuple[Relation, ...]) -> pd.DataFrame:
    """Return one row a feature, the thousand surest relations, surest first: the class and the measures behind it."""
    surest_first = sorted(relations, key=lambda r: (2.0 if r.q_value is None else r.q_value, r.feature))
    return pd.DataFrame(
        [
            {
                "feature": r.feature,
                "class": WORDS[r.kind],
                "Pearson": r.pearson,
                "Spearman": r.spearman,
                "xi": r.xi,
                "next row": r.lead,
                "leads": "leads" if r.leads else "",
                "p": r.p_value,
                "q": r.q_value,
            }
            for r in surest_first[:MOST_LISTED]
        ]
    )


def style(frame: pd.DataFrame, theme: Theme) -> Styler:
    """Return the table with its classes in their colours and its numbers as they are read."""
    look = LOOKS[theme]
    colors = {WORDS[kind]: look.model(ink).color for kind, ink in _INKS.items()}
    return frame.style.map(
        lambda word: f"color: {colors.get(word, look.muted)}; font-weight: 600", subset=["class"]
    ).format(
        dict.fromkeys(("Pearson", "Spearman", "xi", "next row"), format_number) | dict.fromkeys(("p", "q"), p_cell)
    )


def pair(relation: Relation) -> str:
    """Return the class of one pair with the numbers behind it; markdown."""
    names = f"{markdown_text(relation.feature)} and {markdown_text(relation.target)}"
    if relation.p_value is None:
        return f":gray-badge[not judged] {names}: fewer than 30 good train rows together, or no variation in them."
    chance = format_p(relation.p_value)
    if relation.q_value is not None and relation.q_value != relation.p_value:
        chance += f", after correction for the number of features {format_p(relation.q_value).replace('p', 'q', 1)}"
    measures = f"Pearson {format_number(relation.pearson)}, Spearman {format_number(relation.spearman)}"
    told = f"{names}: {chance}. {measures}, Chatterjee's xi {format_number(relation.xi)}."
    if relation.lead is not None:
        told += f" With the next row {format_number(relation.lead)}, the target's own memory taken out."
    return f":{_COLORS[relation.kind]}-badge[{WORDS[relation.kind]}] {told}"
