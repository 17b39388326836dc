"""Which features enter a regression: all, those with the most evidence alone, or a forward selection by BIC."""

import math

import numpy as np

from core.regression.design import Design
from core.regression.question import Question
from core.regression.scan import ScanRow

_ADDS_NOTHING = 1e-10


def choose_among(design: Design, scan: tuple[ScanRow, ...], question: Question) -> tuple[str, ...]:
    """Return the features that the question chooses: all, the strongest of the scan, or those of a forward selection.

    Parameters
    ----------
    design
        The train rows with every candidate.
    scan
        The candidates alone, the strongest first.
    question
        How features are chosen.
    """
    if question.choose == "strongest":
        return tuple(row.name for row in scan[: question.top_k])
    return select_forward(design) if question.choose == "forward" else design.names


def select_forward(design: Design) -> tuple[str, ...]:
    """Return the features that lower BIC, added one by one, in order of entry; at least the first.

    Each step sweeps the cross products, so the rows are read once.

    Examples
    --------
    >>> from core.regression.design import make_design
    >>> x = np.sin(np.arange(200.0)[:, None] ** 2 * [1.0, 1.1, 1.2])
    >>> y = x[:, 2] + 0.1 * np.cos(np.arange(200.0) ** 2)
    >>> select_forward(make_design(x, ("a", "b", "c"), y, np.zeros(200, dtype=int))[0])
    ('c',)
    """
    rows = len(design.outcome)
    outcome = design.outcome - design.outcome.mean()
    table = np.column_stack([design.exog[:, 1:], outcome])
    products = table.T @ table
    original = np.diag(products).copy()
    last = len(original) - 1
    chosen: list[int] = []
    while len(chosen) < min(last, rows - 2):
        own, shared = np.diag(products)[:last], products[:last, last]
        free = own > _ADDS_NOTHING * original[:last]
        free[chosen] = False
        if not free.any():
            break
        gain = np.where(free, shared**2 / np.where(free, own, 1.0), -1.0)
        best = int(gain.argmax())
        unexplained = float(products[last, last])
        left = unexplained - float(gain[best])
        falls = rows * math.log(unexplained / left) if left > _ADDS_NOTHING * original[last] else math.inf
        if chosen and falls <= math.log(rows):
            break
        chosen.append(best)
        if falls == math.inf:
            break
        column = products[:, best] / products[best, best]
        products = products - np.outer(column, products[best])
    return tuple(design.names[place] for place in chosen)
