"""Category columns for CatBoost's ranking, and probes with the same labels. The network only accepts numbers."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.data.blocks import rows_before
from core.data.columns import LINE, Kind
from core.data.dataset import Dataset
from core.data.eras import Era
from core.recipe.model import Recipe
from core.samples.features import shift_in_block
from core.samples.prepare import Prepared
from core.text.feature_tokens import feature_token

if TYPE_CHECKING:
    from core.samples.features import FeatureFrame

# Rows per label, on average, that a column needs to be a category.
_ROWS_PER_LABEL = 10
_LEAST_SHIFT = 0.1


@dataclass(frozen=True, eq=False, kw_only=True)
class Category:
    """A column of labels: `codes` float64 (rows,) point into `labels`, -1 if a label is missing or absent from the train era."""

    name: str
    labels: tuple[str, ...]
    codes: np.ndarray


def read_categories(dataset: Dataset, recipe: Recipe, ready: Prepared) -> tuple[Category, ...]:
    """Return the category and text columns that repeat their labels, at the rows of the feature frame.

    Labels are those of the train era. Columns that the recipe ignores or drops are left out, and so are those with one label, fewer
    than ten train rows per label, or too many missing values. If one line of the file becomes several rows, there are none.
    """
    left_out = {dataset.series_column, *recipe.ingest.ignore, *recipe.cleaning.drop}
    text = (Kind.CATEGORY, Kind.TEXT)
    names = [column.name for column in dataset.columns if column.kind in text and column.name not in left_out]
    if not names:
        return ()
    frame, features = dataset.read([*names, LINE]), ready.features
    lines = pd.Index(frame[LINE])
    if not lines.is_unique:
        return ()
    rows, fitted = lines.get_indexer(features.lines), _known_in_train(ready)
    place = rows_before(features.blocks)
    found = []
    for name in names:
        values = frame[name].to_numpy(dtype=object)[rows]
        known = [value for value in values[fitted] if isinstance(value, str)]
        labels = tuple(sorted(set(known)))
        is_rare = len(known) < (1 - recipe.cleaning.max_bad_ratio) * fitted.sum()
        if is_rare or len(labels) < 2 or len(known) < _ROWS_PER_LABEL * len(labels):
            continue
        codes = pd.Index(labels).get_indexer(pd.Index(values)).astype(np.float64)
        codes = shift_in_block(codes, recipe.ingest.availability_lag.get(name, 0), place)
        found.append(Category(name=feature_token(name), labels=labels, codes=np.nan_to_num(codes, nan=-1.0)))
    return tuple(found)


def _known_in_train(ready: Prepared) -> np.ndarray:
    """Return which rows of the feature frame are known at the last train origin, bool (rows,)."""
    train = ready.samples.of(Era.TRAIN)
    fitted: np.ndarray = ready.features.times <= ready.samples.origin_times[train].max(
        initial=ready.features.times.min()
    )
    return fitted


def shift_labels(
    category: Category, features: "FeatureFrame", until: np.datetime64, random: np.random.Generator
) -> np.ndarray:
    """Return the codes of a category, those up to a time rolled within each series, float64 (rows,).

    Such a column keeps the labels, their frequencies and their runs, and loses any relation with the outcome.
    """
    shifted = category.codes.copy()
    share = random.uniform(_LEAST_SHIFT, 1 - _LEAST_SHIFT)
    for block in np.unique(features.blocks):
        rows = np.flatnonzero((features.blocks == block) & (features.times <= until))
        shifted[rows] = np.roll(category.codes[rows], round(share * len(rows)))
    return shifted
