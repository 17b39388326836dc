"""Pictures of step 2: what is bad, where, how values are spread, and which columns move together."""

from typing import TYPE_CHECKING, Literal

import numpy as np
import plotly.graph_objects as go

from core.charts.style import (
    LOOKS,
    Theme,
    Words,
    finish,
    format_number,
    format_percent,
    label_rows,
    note,
    rows_height,
)
from core.charts.timeline import as_times, name_era, set_time_axis
from core.escaping import plain_text, plotly_text
from core.ingest.eras import Era

if TYPE_CHECKING:
    from core.quality.profile import ColumnProfile, QualityProfile

MOST_COLUMNS = 40
MOST_CORRELATED = 60

_KINDS = {"missing": "", "infinite": "/", "unparseable": "x", "sentinel": "."}


def plot_bad_values(profile: "QualityProfile", theme: Theme = "light") -> go.Figure:
    """Return the columns with the most bad values, worst first, as bars stacked by what is wrong."""
    look = LOOKS[theme]
    worst, affected = _worst(profile)
    names = [column.name for column in worst]
    figure = go.Figure()
    for color, (kind, pattern) in zip(look.bad_kinds, _KINDS.items(), strict=True):
        counts = [getattr(column.bad, kind) for column in worst]
        if not any(counts):
            continue
        figure.add_bar(
            x=[100 * count / max(profile.rows, 1) for count in counts],
            y=list(range(len(worst))),
            orientation="h",
            name=kind,
            marker={
                "color": color,
                "line": {"width": 0},
                "pattern": {
                    "shape": pattern,
                    "size": 6,
                    "solidity": 0.25,
                    "fillmode": "overlay",
                    "fgcolor": look.background,
                },
            },
            customdata=[(plotly_text(name), f"{count:,}") for name, count in zip(names, counts, strict=True)],
            hovertemplate="%{customdata[0]}<br>%{customdata[1]} " + kind + " (%{x:,.3~r} % of rows)<extra></extra>",
        )
    label_rows(figure, names)
    figure.update_xaxes(rangemode="tozero", range=None if worst else [0, 100])
    figure.update_layout(barmode="stack", hovermode="closest", showlegend=bool(worst))
    if not worst:
        note(figure, "No column holds a bad value.", theme)
    listed = ", ".join(f"{plain_text(c.name, 40)} {format_percent(c.bad.total / profile.rows)}" for c in worst[:3])
    words = Words(
        title="Bad values by column",
        x="Bad values (% of rows)",
        y="Column",
        alt=f"Bars of bad values in {affected:,} of {len(profile.columns):,} columns. Worst: {listed}."
        if worst
        else "No column holds a bad value.",
        subtitle=_shown(len(worst), affected, "columns with bad values"),
    )
    return finish(figure, words, theme, rows_height(len(worst)))


def plot_bad_over_time(profile: "QualityProfile", theme: Theme = "light") -> go.Figure:
    """Return when the worst columns were bad: the share of bad values in each span of time, the cuts of the eras marked."""
    look = LOOKS[theme]
    worst, affected = _worst(profile)
    edges = as_times((*profile.periods, profile.eras.end))
    figure = go.Figure()
    if worst:
        shares = np.array([column.bad_by_period for column in worst], dtype=np.float64)
        names = np.array([plotly_text(column.name) for column in worst], dtype=object)
        figure.add_heatmap(
            x=edges,
            y=list(range(len(worst))),
            z=100 * shares,
            zmin=0,
            zmax=100,
            # A single bad value must be seen, and 5 % must differ from 1 %: the scale is not even.
            colorscale=list(zip((0, 1e-6, 0.05, 0.3, 1), look.sequential, strict=True)),
            colorbar={
                "title": {"text": "Bad (%)"},
                "tickvals": [0, 30, 100],
                "len": max(70, min(200, 21 * len(worst))),
            },
            customdata=np.broadcast_to(names[:, None], shares.shape),
            hovertemplate="%{customdata}<br>%{x}<br>%{z:,.3~r} % bad<extra></extra>",
            hoverongaps=False,
            xgap=0,
            ygap=1,
        )
    label_rows(figure, [column.name for column in worst])
    set_time_axis(figure, edges)
    figure.update_xaxes(showgrid=False, range=[str(edges[0]), str(edges[-1])])
    cuts = as_times((profile.eras.start, profile.eras.validation_from, profile.eras.test_from, profile.eras.end))
    for era in Era:
        if era is not Era.TRAIN:
            cut = str(cuts[era])
            line = {"width": 1.5, "dash": "dot", "color": look.text}
            figure.add_shape(type="line", x0=cut, x1=cut, y0=0, y1=1, yref="paper", line=line, name=era.name.lower())
        name_era(figure, era, cuts[era], cuts[era + 1], theme)
    if not worst:
        note(figure, "No column holds a bad value.", theme)
    words = Words(
        title="Bad values over time",
        x="Time",
        y="Column",
        alt=f"Heatmap of the share of bad values of {len(worst)} columns in {len(profile.periods)} spans of time; "
        f"validation begins {profile.eras.validation_from[:10]}, test {profile.eras.test_from[:10]}."
        if worst
        else "No column holds a bad value.",
        subtitle=_shown(len(worst), affected, "columns with bad values"),
    )
    return finish(figure, words, theme, rows_height(len(worst)))


def plot_distribution(column: "ColumnProfile", theme: Theme = "light") -> go.Figure:
    """Return the histogram of a column's good values, its mean and median marked."""
    look = LOOKS[theme]
    short = plain_text(column.name, 40)
    figure = go.Figure()
    subtitle = alt = "This column has no histogram: it holds no numbers, or only one."
    if column.histogram is None:
        note(figure, alt, theme)
        subtitle = ""
    else:
        edges, counts = np.array(column.histogram.edges), np.array(column.histogram.counts)
        spans = [
            f"{format_number(low)} to {format_number(high)}"
            for low, high in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)
        ]
        spans[0], spans[-1] = f"up to {format_number(float(edges[1]))}", f"from {format_number(float(edges[-2]))}"
        figure.add_bar(
            x=(edges[:-1] + edges[1:]) / 2,
            y=counts,
            width=np.diff(edges),
            name="values",
            marker={"color": look.kept, "opacity": 0.75, "line": {"width": 0.5, "color": look.background}},
            customdata=spans,
            hovertemplate="%{customdata}<br>%{y:,} values<extra></extra>",
            showlegend=False,
        )
        top = float(counts.max())
        marks = {"mean": (column.all.mean, "solid"), "median": (column.all.median, "dash")}
        for name, (value, dash) in marks.items():
            if value is not None and edges[0] <= value <= edges[-1]:
                figure.add_scatter(
                    x=[value, value],
                    y=[0, 1.06 * top],
                    mode="lines",
                    name=f"{name} {format_number(value)}",
                    line={"color": look.text, "dash": dash, "width": 1.5},
                    hoverinfo="skip",
                )
        statistics = column.all
        subtitle = (
            f"From {format_number(statistics.min)} to {format_number(statistics.max)}, outer bars hold the tails. "
            f"Skewness {format_number(statistics.skewness)}, excess kurtosis {format_number(statistics.kurtosis)}."
        )
        alt = (
            f"Histogram of {int(counts.sum()):,} values of {short}: mean {format_number(statistics.mean)}, median "
            f"{format_number(statistics.median)}, from {format_number(statistics.min)} to {format_number(statistics.max)}."
        )
    figure.update_layout(bargap=0, hovermode="closest")
    figure.update_yaxes(rangemode="tozero", hoverformat=",")
    figure.update_xaxes(showgrid=False)
    return finish(figure, Words(f"Distribution of {short}", short, "Values (count)", alt, subtitle), theme, 270)


def plot_correlations(
    profile: "QualityProfile", method: Literal["pearson", "spearman"], theme: Theme = "light"
) -> go.Figure:
    """Return the correlations of the numeric columns, alike ones side by side; at most 60, those nearest to the target."""
    look = LOOKS[theme]
    total = len(profile.correlated)
    shown = min(total, MOST_CORRELATED)
    matrix = np.array(getattr(profile, method), dtype=np.float64).reshape(total, total)[:shown, :shown]
    order = order_alike(matrix, profile.correlated[:shown])
    names = [profile.correlated[place] for place in order]
    matrix = matrix[np.ix_(order, order)]
    figure = go.Figure()
    if shown:
        labels = np.array([plotly_text(name) for name in names], dtype=object)
        few = shown <= 12
        figure.add_heatmap(
            z=matrix,
            zmin=-1,
            zmax=1,
            zmid=0,
            colorscale=list(zip((0, 0.25, 0.5, 0.75, 1), look.diverging, strict=True)),
            colorbar={
                "title": {"text": "Correlation"},
                "tickvals": [-1, -0.5, 0, 0.5, 1],
                "len": max(120, min(240, 22 * shown)),
            },
            customdata=np.stack(np.broadcast_arrays(labels[:, None], labels[None, :]), axis=-1),
            hovertemplate="%{customdata[0]}<br>%{customdata[1]}<br>%{z:.3~r}<extra></extra>",
            text=[[_short(value) for value in row] for row in matrix] if few else None,
            texttemplate="%{text}" if few else None,
            textfont={"size": 11, "color": look.text} if few else None,
            hoverongaps=False,
            xgap=1,
            ygap=1,
        )
    else:
        note(figure, "There are no two numeric columns to compare.", theme)
    label_rows(figure, names, most=22)
    ticks = [plotly_text(name, 16) for name in names]
    angle = -90 if shown > 30 else -60
    figure.update_xaxes(tickvals=list(range(shown)), ticktext=ticks, tickangle=angle, showgrid=False, zeroline=False)
    if shown > 30:
        figure.update_xaxes(tickfont={"size": 9})
        figure.update_yaxes(tickfont={"size": 9})
    remarks = [_shown(shown, total, "columns, those most related to the target")]
    if method == "spearman" and profile.spearman_sample is not None:
        remarks.append(f"Computed on a sample of {profile.spearman_sample:,} rows.")
    words = Words(
        title=f"{method.capitalize()} correlation of {shown} columns",
        x="Column",
        y="Column",
        alt=_describe_strongest(matrix, names, method),
        subtitle=" ".join(remark for remark in remarks if remark),
    )
    return finish(figure, words, theme, max(280, 160 + (15 if shown > 30 else 24) * shown))


def order_alike(matrix: np.ndarray, names: tuple[str, ...]) -> list[int]:
    """Return the columns of a correlation matrix so that alike ones stand side by side, whatever order they came in.

    Average linkage on 1 - |r|; an unknown correlation counts as none.

    Examples
    --------
    >>> order_alike(np.array([[1, 0, 0.9], [0, 1, 0], [0.9, 0, 1]]), ("a", "b", "c"))
    [1, 2, 0]
    """
    if len(names) < 3:
        return list(range(len(names)))
    from scipy.cluster.hierarchy import leaves_list, linkage
    from scipy.spatial.distance import squareform

    by_name = sorted(range(len(names)), key=names.__getitem__)
    distance = 1 - np.abs(np.nan_to_num(matrix[np.ix_(by_name, by_name)]))
    distance = np.round((distance + distance.T) / 2, 9)
    np.fill_diagonal(distance, 0)
    leaves = leaves_list(linkage(squareform(distance), "average", optimal_ordering=True))
    return [by_name[leaf] for leaf in leaves]


def _describe_strongest(matrix: np.ndarray, names: list[str], method: str) -> str:
    pairs = np.triu(np.abs(np.nan_to_num(matrix)), 1) if len(names) > 1 else np.zeros((1, 1))
    one, other = np.unravel_index(int(pairs.argmax()), pairs.shape)
    if pairs[one, other] == 0:
        return f"Heatmap of the {method} correlations of {len(names)} columns; none are related."
    strongest = f"{plain_text(names[one], 40)} and {plain_text(names[other], 40)}"
    return (
        f"Heatmap of the {method} correlations of {len(names)} columns, alike ones side by side. "
        f"Strongest: {strongest}, {format_number(float(matrix[one, other]))}."
    )


def _worst(profile: "QualityProfile") -> tuple[list["ColumnProfile"], int]:
    """Return the columns with the most bad values, worst first, and how many have any."""
    affected = [column for column in profile.columns if column.bad.total]
    affected.sort(key=lambda column: -column.bad.total)
    return affected[:MOST_COLUMNS], len(affected)


def _short(correlation: float) -> str:
    """Return a correlation as narrow as it is read: -.04, .57, 1; the cells of a small figure hold no more."""
    return "" if np.isnan(correlation) else f"{correlation:z.2f}".replace("0.", ".").replace("1.00", "1")


def _shown(shown: int, total: int, what: str) -> str:
    return f"{shown} of {total:,} {what}." if shown < total else ""
