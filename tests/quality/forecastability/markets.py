"""Made data whose predictability is known, profiled as a file would be."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from core.data.columns import Roles
from core.data.dataset import Dataset
from core.progress import NoProgress, never_stop
from core.quality.forecastability.horizons import Rhythm
from core.quality.forecastability.measure import map_forecastability
from core.quality.forecastability.question import Forecastability, Question
from core.quality.forecastability.table import Table
from core.quality.numerics.blocks import lay_out_rows
from core.quality.scan import scan_columns
from tests.quality.conftest import Bench

DAILY = Rhythm(horizons=(1, 5, 21), season=5)
HOURLY = Rhythm(horizons=(1, 24, 120), season=24)


def walks(random: np.random.Generator, columns: int, rows: int) -> np.ndarray:
    return random.normal(size=(columns, rows)).cumsum(axis=1)


def autoregressive(random: np.random.Generator, rows: int) -> np.ndarray:
    """Log returns with an autocorrelation of 0.3."""
    noise, returns = random.normal(0, 0.01, rows), np.zeros(rows)
    for row in range(1, rows):
        returns[row] = 0.3 * returns[row - 1] + noise[row]
    return returns


def garch(random: np.random.Generator, rows: int) -> np.ndarray:
    """Log returns that are unpredictable, of a volatility that is not."""
    noise, returns, variance = random.normal(size=rows), np.zeros(rows), 1e-4
    for row in range(rows):
        returns[row] = np.sqrt(variance) * noise[row]
        variance = 2e-6 + 0.08 * returns[row] ** 2 + 0.90 * variance
    return returns


def led(random: np.random.Generator, leader: np.ndarray) -> np.ndarray:
    """Log returns of which a quarter of a standard deviation follows the last change of another column."""
    changes = np.diff(leader, prepend=leader[0])
    return 0.01 * (0.25 * np.r_[0, changes[:-1]] + random.normal(size=len(leader)))


def seasonal(random: np.random.Generator, rows: int) -> np.ndarray:
    """Log returns whose mean depends on the hour of the day."""
    return 0.01 * (random.normal(0, 0.4, 24)[np.arange(rows) % 24] + random.normal(size=rows))


def price(returns: np.ndarray) -> np.ndarray:
    return 100 * np.exp(returns.cumsum())


PLANTED: dict[str, Callable[[np.random.Generator, np.ndarray], np.ndarray]] = {
    "autoregressive": lambda random, others: autoregressive(random, others.shape[1]),
    "garch": lambda random, others: garch(random, others.shape[1]),
    "led": lambda random, others: led(random, others[3]),
    "seasonal": lambda random, others: seasonal(random, others.shape[1]),
}


def make_file(planted: str | None, seed: int, columns: int = 20, rows: int = 2_000) -> pd.DataFrame:
    """Return independent random walks, of which the first column `c0` is planted."""
    random = np.random.default_rng(seed)
    levels = walks(random, columns, rows)
    named = {f"c{place}": line for place, line in enumerate(levels)}
    if planted:
        named["c0"] = price(PLANTED[planted](random, levels))
    return pd.DataFrame({"date": pd.date_range("2000-01-01", periods=rows)} | named)


def measure(bench: Bench, frame: pd.DataFrame, rhythm: Rhythm = DAILY, series: str | None = None) -> Forecastability:
    """Return the map of a frame."""
    return map_forecastability(lay_out(bench, bench.dataset(frame, series=series)), rhythm)


def lay_out(bench: Bench, dataset: Dataset) -> Table:
    """Return the columns and rows of a data set that its map is measured on."""
    rows = lay_out_rows(dataset, bench.eras(dataset))
    roles = Roles(time="date", series=dataset.series_column, target=None)
    return scan_columns(dataset, rows, roles, (), NoProgress(), never_stop).forecast_table


def is_found(planted: str, question: Question) -> bool:
    """Return whether an answered question is the planted one."""
    wanted = ("volatility", "absolute_return") if planted == "garch" else ("log_return",)
    return question.column == "c0" and question.transform in wanted and (planted == "garch" or question.horizon == 1)
