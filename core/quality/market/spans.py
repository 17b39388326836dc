"""Runs of affected rows as the time spans that findings name."""

import numpy as np

from core.findings.market import Span, Spans
from core.quality.numerics.blocks import Rows
from core.quality.numerics.stretches import Stretches

_LISTED = 3


def longest_spans(stretches: Stretches, rows: Rows) -> Spans:
    """Return the three longest runs, in order of time, and how many others there are."""
    longest = np.sort(np.argsort(-stretches.count, kind="stable")[:_LISTED])
    spans = tuple(
        Span(
            start=rows.times[stretches.start[place]],
            stop=rows.times[stretches.stop[place]],
            rows=int(stretches.count[place]),
        )
        for place in longest
    )
    return Spans(longest=spans, shorter=len(stretches.count) - len(spans))
