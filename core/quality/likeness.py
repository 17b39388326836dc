"""How alike two columns are: of those that drift, their changes must agree too, since a common trend makes no copy."""

import numpy as np

from core.quality.associations import correlate_sampled
from core.quality.correlations import CorrelationTables, Matrix, as_matrix
from core.quality.sampling import PairedSample


def measure_likeness(tables: CorrelationTables, sample: PairedSample) -> Matrix:
    """Return the correlations of the columns of `tables` in the train era; of two that drift, on levels or changes, the weaker.

    Open, high, low and close of an hour correlate above 0.9999 on levels, and yet none of them repeats another: their changes
    differ. Those are looked at on the sampled train rows; where too few of them are known, the levels decide.
    """
    levels = np.array(tables.pearson_train, dtype=np.float64).reshape([len(tables.names)] * 2)
    place = {name: number for number, name in enumerate(sample.names)}
    at = np.array([number for number, name in enumerate(tables.names) if name in place], dtype=np.int64)
    of_sample = np.array([place[tables.names[number]] for number in at], dtype=np.int64)
    drifting = sample.drifts[of_sample]
    at, of_sample = at[drifting], of_sample[drifting]
    if len(at) < 2:
        return tables.pearson_train
    square = np.ix_(at, at)
    changes = correlate_sampled(sample.changes[of_sample])
    weaker = np.where(np.abs(changes) < np.abs(levels[square]), changes, levels[square])
    np.fill_diagonal(weaker, 1.0)
    levels[square] = np.where(np.isnan(levels[square]), np.nan, weaker)
    return as_matrix(levels)
