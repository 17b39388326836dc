"""Bars before a band of chance: what passes it is told by more than its colour."""

import numpy as np

from core.charts.style import LOOKS, Theme


def band_marker(beyond: np.ndarray, theme: Theme) -> dict[str, object]:
    """Return how bars are drawn that pass a band, filled, and those that stay within it, hollow."""
    look = LOOKS[theme]
    edges = np.where(beyond, look.kept, look.dropped).tolist()
    return {"color": np.where(beyond, look.kept, "rgba(0,0,0,0)").tolist(), "line": {"color": edges, "width": 1}}
