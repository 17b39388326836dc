"""The correlation map: levels or changes, by one of three measures."""

from typing import TYPE_CHECKING, Literal

import numpy as np
import plotly.graph_objects as go

from core.charts.style import LOOKS, Look, Theme, Words, add_note, finish, label_rows
from core.text.escape import plain_text, plotly_text
from core.text.format import format_correlation, format_count

if TYPE_CHECKING:
    from core.quality.profile import QualityProfile

Method = Literal["pearson", "spearman", "xi"]
Form = Literal["levels", "changes"]

METHODS: dict[Method, str] = {"pearson": "Pearson", "spearman": "Spearman", "xi": "Chatterjee's xi"}
_TITLES: dict[Method, str] = {
    "pearson": "Pearson correlation",
    "spearman": "Spearman rank correlation",
    "xi": "Chatterjee's xi",
}
_NUMBERED, _CROWDED = 12, 30


def plot_correlations(
    profile: "QualityProfile", method: Method, form: Form = "levels", theme: Theme = "light"
) -> go.Figure:
    """Draw the correlation map of the mapped columns, similar ones adjacent.

    Every measure uses the order of Pearson's.

    Parameters
    ----------
    profile
        The profile of the data set.
    method
        The measure.
    form
        Whether columns that do not mean-revert within a row enter as levels or as changes.
    theme
        The theme of the figure.
    """
    look = LOOKS[theme]
    mapped = profile.associations.mapped
    shown = len(mapped)
    order = order_by_similarity(_matrix(profile, "pearson", form), mapped)
    names = [mapped[place] for place in order]
    matrix = _matrix(profile, method, form)[np.ix_(order, order)]
    figure = go.Figure()
    if shown:
        labels = np.array([plotly_text(name) for name in names], dtype=object)
        few = shown <= _NUMBERED
        figure.add_heatmap(
            z=matrix,
            zmin=0 if method == "xi" else -1,
            zmax=1,
            colorscale=_scale(method, look),
            colorbar={
                "title": {"text": METHODS[method]},
                "tickvals": [-1, -0.5, 0, 0.5, 1],
                "len": max(120, min(240, 22 * shown)),
            },
            customdata=np.stack(np.broadcast_arrays(labels[:, None], labels[None, :]), axis=-1),
            hovertemplate="%{customdata[0]}<br>%{customdata[1]}<br>%{z:.3~r}<extra></extra>",
            text=[[_cell_text(value) for value in row] for row in matrix] if few else None,
            texttemplate="%{text}" if few else None,
            textfont={"size": 11, "color": look.text} if few else None,
            hoverongaps=False,
            xgap=1,
            ygap=1,
        )
    else:
        add_note(figure, "There are fewer than two numeric columns to compare.", theme)
    label_rows(figure, names, most=22)
    # With more than thirty columns vertical names would overlap in a narrow window; the rows name every column.
    ticks = [plotly_text(name, 16) for name in names] if shown <= _CROWDED else [""] * shown
    figure.update_xaxes(tickvals=list(range(shown)), ticktext=ticks, tickangle=-90, showgrid=False, zeroline=False)
    if shown > _NUMBERED:
        figure.update_xaxes(tickfont={"size": 9})
        figure.update_yaxes(tickfont={"size": 9 if shown > _CROWDED else 11})
    words = Words(
        title=f"{_TITLES[method]} of {format_count(shown, 'column')}, {form}",
        x="" if shown <= _CROWDED else "Columns, in row order",
        y="",
        alt=_strongest_text(matrix, names, method),
        subtitle=_sample_text(profile, method, form),
    )
    return finish(figure, words, theme, max(280, 160 + (15 if shown > _CROWDED else 24) * shown))


def order_by_similarity(matrix: np.ndarray, names: tuple[str, ...]) -> list[int]:
    """Return an order of the columns that puts similar ones next to each other.

    It does not depend on the order they came in.

    `matrix`, shape (n, n), holds correlations; NaN counts as 0. Average linkage on 1 - |r| with optimal leaf order.

    Examples
    --------
    >>> order_by_similarity(np.array([[1, 0, 0.9], [0, 1, 0], [0.9, 0, 1]]), ("a", "b", "c"))
    [1, 2, 0]
    """
    if len(names) < 3:
        return sorted(range(len(names)), key=names.__getitem__)
    from scipy.cluster.hierarchy import leaves_list, linkage
    from scipy.spatial.distance import squareform

    by_name = sorted(range(len(names)), key=names.__getitem__)
    distance = 1 - np.abs(np.nan_to_num(matrix[np.ix_(by_name, by_name)]))
    distance = np.round((distance + distance.T) / 2, 9)
    np.fill_diagonal(distance, 0)
    leaves = leaves_list(linkage(squareform(distance), "average", optimal_ordering=True))
    return [by_name[leaf] for leaf in leaves]


def _scale(method: Method, look: Look) -> list[tuple[float, str]]:
    """Return the colour scale from -1 through 0 to 1; xi has no sign and uses the upper half."""
    colors = look.diverging[2:] if method == "xi" else look.diverging
    return [(place / (len(colors) - 1), color) for place, color in enumerate(colors)]


def _matrix(profile: "QualityProfile", method: Method, form: Form) -> np.ndarray:
    """Return the measure of every pair of mapped columns, shape (n, n); NaN if unknown."""
    found = profile.associations
    if form == "levels" and method != "xi":
        place = {name: at for at, name in enumerate(profile.correlated)}
        at = [place[name] for name in found.mapped]
        whole = np.array(getattr(profile, method), dtype=np.float64).reshape([len(profile.correlated)] * 2)
        return whole[np.ix_(at, at)]
    return np.array(getattr(found, f"{method}_{form}"), dtype=np.float64).reshape([len(found.mapped)] * 2)


def _sample_text(profile: "QualityProfile", method: Method, form: Form) -> str:
    """Return which columns are shown, and which rows the measure uses."""
    found = profile.associations
    shown = len(found.mapped)
    parts = []
    if shown < found.columns:
        near = f", those whose changes correlate most with {plain_text(profile.target, 40)}" if profile.target else ""
        parts.append(f"{shown} of {found.columns:,} columns{near}.")
    if form == "changes":
        parts.append(
            f"{found.differenced:,} of {found.compared:,} columns enter as changes from row to row; those that mean-revert within "
            "a row, as returns do, enter as they are."
        )
    if form == "changes" or method == "xi":
        parts.append(f"Computed on {found.rows_text}.")
    elif method == "spearman" and profile.spearman_sample is not None:
        parts.append(f"Computed on a sample of {profile.spearman_sample:,} rows.")
    else:
        parts.append(f"Computed on all {profile.rows:,} rows.")
    if method == "xi":
        parts.append("0: independent; 1: one is a function of the other. Maximum of both directions.")
    return " ".join(parts)


def _strongest_text(matrix: np.ndarray, names: list[str], method: Method) -> str:
    pairs = np.triu(np.abs(np.nan_to_num(matrix)), 1) if len(names) > 1 else np.zeros((1, 1))
    one, other = np.unravel_index(int(pairs.argmax()), pairs.shape)
    if pairs[one, other] == 0:
        return f"Heatmap of the {_TITLES[method]} of {format_count(len(names), 'column')}; no two are correlated."
    strongest = f"{plain_text(names[one], 40)} and {plain_text(names[other], 40)}"
    return (
        f"Heatmap of the {_TITLES[method]} of {format_count(len(names), 'column')}, similar ones adjacent. "
        f"Strongest: {strongest}, {format_correlation(float(matrix[one, other]))}."
    )


def _cell_text(correlation: float) -> str:
    """Return a correlation short enough for a cell: -.04, .57, 1; empty for NaN."""
    return "" if np.isnan(correlation) else f"{correlation:z.2f}".replace("0.", ".").replace("1.00", "1")
