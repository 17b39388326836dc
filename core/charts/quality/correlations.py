"""The picture of how columns move together: on levels or on changes, by one of three measures."""

from typing import TYPE_CHECKING, Literal

import numpy as np
import plotly.graph_objects as go

from core.charts.style import LOOKS, Look, Theme, Words, finish, label_rows, note
from core.text.escape import plain_text, plotly_text
from core.text.format import format_number

if TYPE_CHECKING:
    from core.quality.profile import QualityProfile

Method = Literal["pearson", "spearman", "xi"]
Form = Literal["levels", "changes"]

METHODS: dict[Method, str] = {"pearson": "Pearson", "spearman": "Spearman", "xi": "Chatterjee's xi"}
_TITLES: dict[Method, str] = {
    "pearson": "Pearson's correlation",
    "spearman": "Spearman's rank correlation",
    "xi": "Chatterjee's xi",
}
_NUMBERED, _CROWDED = 12, 30


def plot_correlations(
    profile: "QualityProfile", method: Method, form: Form = "levels", theme: Theme = "light"
) -> go.Figure:
    """Return how the mapped columns move together, alike ones side by side; all three measures in the order of Pearson's."""
    look = LOOKS[theme]
    mapped = profile.associations.mapped
    shown = len(mapped)
    order = order_alike(_matrix(profile, "pearson", form), mapped)
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
            text=[[_cell(value) for value in row] for row in matrix] if few else None,
            texttemplate="%{text}" if few else None,
            textfont={"size": 11, "color": look.text} if few else None,
            hoverongaps=False,
            xgap=1,
            ygap=1,
        )
    else:
        note(figure, "There are no two numeric columns to compare.", theme)
    label_rows(figure, names, most=22)
    # Above the map's thirty columns upright names would meet in a narrow window; each stands in its row all the same.
    ticks = [plotly_text(name, 16) for name in names] if shown <= _CROWDED else [""] * shown
    figure.update_xaxes(tickvals=list(range(shown)), ticktext=ticks, tickangle=-90, showgrid=False, zeroline=False)
    if shown > _NUMBERED:
        figure.update_xaxes(tickfont={"size": 9})
        figure.update_yaxes(tickfont={"size": 9 if shown > _CROWDED else 11})
    words = Words(
        title=f"{_TITLES[method]} of {shown} columns, on {form}",
        x="Column" if shown <= _CROWDED else "Column, in the order of the rows",
        y="Column",
        alt=_describe_strongest(matrix, names, method),
        subtitle=_say_sample(profile, method, form),
    )
    return finish(figure, words, theme, max(280, 160 + (15 if shown > _CROWDED else 24) * shown))


def order_alike(matrix: np.ndarray, names: tuple[str, ...]) -> list[int]:
    """Return the columns of a correlation matrix so that alike ones stand side by side, whatever order they came in.

    Average linkage on 1 - |r|; an unknown correlation counts as none.

    Examples
    --------
    >>> order_alike(np.array([[1, 0, 0.9], [0, 1, 0], [0.9, 0, 1]]), ("a", "b", "c"))
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
    """Return the colours from -1 through 0 to 1; xi knows no sign, and has the upper half."""
    colors = look.diverging[2:] if method == "xi" else look.diverging
    return [(place / (len(colors) - 1), color) for place, color in enumerate(colors)]


def _matrix(profile: "QualityProfile", method: Method, form: Form) -> np.ndarray:
    """Return the measure of every two mapped columns, NaN where it is not known."""
    found = profile.associations
    if form == "levels" and method != "xi":
        place = {name: at for at, name in enumerate(profile.correlated)}
        at = [place[name] for name in found.mapped]
        whole = np.array(getattr(profile, method), dtype=np.float64).reshape([len(profile.correlated)] * 2)
        return whole[np.ix_(at, at)]
    return np.array(getattr(found, f"{method}_{form}"), dtype=np.float64).reshape([len(found.mapped)] * 2)


def _say_sample(profile: "QualityProfile", method: Method, form: Form) -> str:
    """Return which columns are shown, of which rows, and what a change is."""
    found = profile.associations
    shown = len(found.mapped)
    said = []
    if shown < found.columns:
        near = f", those whose changes are nearest to {plain_text(profile.target, 40)}" if profile.target else ""
        said.append(f"{shown} of {found.columns:,} columns{near}.")
    if form == "changes":
        said.append(f"Changes from row to row of columns that drift ({found.drifting:,} of {found.compared:,}).")
    if form == "changes" or method == "xi":
        said.append(f"Computed on {found.rows_text}.")
    elif method == "spearman" and profile.spearman_sample is not None:
        said.append(f"Computed on a sample of {profile.spearman_sample:,} rows.")
    else:
        said.append(f"Computed on all {profile.rows:,} rows.")
    if method == "xi":
        said.append("0: neither determines the other; 1: one does, in whatever shape. The larger of both directions.")
    return " ".join(said)


def _describe_strongest(matrix: np.ndarray, names: list[str], method: Method) -> str:
    pairs = np.triu(np.abs(np.nan_to_num(matrix)), 1) if len(names) > 1 else np.zeros((1, 1))
    one, other = np.unravel_index(int(pairs.argmax()), pairs.shape)
    if pairs[one, other] == 0:
        return f"Heatmap of {_TITLES[method]} of {len(names)} columns; none are related."
    strongest = f"{plain_text(names[one], 40)} and {plain_text(names[other], 40)}"
    return (
        f"Heatmap of {_TITLES[method]} of {len(names)} columns, alike ones side by side. "
        f"Strongest: {strongest}, {format_number(float(matrix[one, other]))}."
    )


def _cell(correlation: float) -> str:
    """Return a correlation as narrow as it is read: -.04, .57, 1; the cells of a small figure hold no more."""
    return "" if np.isnan(correlation) else f"{correlation:z.2f}".replace("0.", ".").replace("1.00", "1")
