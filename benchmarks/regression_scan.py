"""How long the scan of many features takes, against a loop of statsmodels fits with HAC errors.

statsmodels fits `--sample` of the features, and its time is scaled up. The ratio is that of one run on one machine.
"""

import argparse
import time

import numpy as np

from core.regression.design import Design
from core.regression.newey_west import choose_lags
from core.regression.scan import scan_features


def make_noise(rows: int, features: int) -> Design:
    """Return a design of standard normal features and outcome; no features are collinear."""
    random = np.random.default_rng(0)
    exog = np.ones((rows, features + 1), order="F")
    exog[:, 1:] = random.standard_normal((features, rows)).T
    return Design(
        names=tuple(f"x{place}" for place in range(features)),
        exog=exog,
        outcome=random.standard_normal(rows),
        blocks=np.zeros(rows, dtype=np.int64),
        center=np.zeros(features),
        scale=np.ones(features),
        outcome_scale=1.0,
    )


def fit_one_by_one(design: Design, lags: int, sample: int) -> None:
    """Fit the first `sample` features by statsmodels, with Newey-West errors."""
    import statsmodels.api as sm

    for place in range(1, sample + 1):
        exog = sm.add_constant(design.exog[:, place])
        _ = sm.OLS(design.outcome, exog).fit(cov_type="HAC", cov_kwds={"maxlags": lags}).bse


def main() -> None:
    """Print both times and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--features", type=int, default=1_000)
    parser.add_argument("--sample", type=int, default=10)
    asked = parser.parse_args()
    design = make_noise(asked.rows, asked.features)
    lags = choose_lags(None, asked.rows, 1, design.blocks)
    begun, used = time.perf_counter(), time.process_time()
    scan_features(design, lags, lags)
    ours, processors = time.perf_counter() - begun, time.process_time() - used
    fit_one_by_one(design, lags, 1)
    begun = time.perf_counter()
    fit_one_by_one(design, lags, asked.sample)
    theirs = (time.perf_counter() - begun) * asked.features / asked.sample
    print(
        f"{asked.features:,} features x {asked.rows:,} rows: {ours:.1f} s ({processors:.1f} s of processors), ", end=""
    )
    print(f"statsmodels {theirs:.0f} s, ratio {theirs / ours:.0f}")


if __name__ == "__main__":
    main()
