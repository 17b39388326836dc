"""Profiles built from given facts, and profiles of scanned frames."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from core.cleaning.plan import CleaningPlan
from core.data.columns import LINE, BadCounts, Column, Kind, Roles
from core.data.dataset import Dataset
from core.data.eras import Eras, cut_eras
from core.data.store import write_description, write_part
from core.quality.column.profile import EraCounts
from core.quality.numerics.sampling import SampledColumns
from core.quality.numerics.statistics import ColumnStatistics
from core.quality.pairwise.associations import associate
from core.quality.pairwise.similarity import Similarity
from core.quality.profile import ColumnProfile, QualityProfile, profile_dataset
from core.recipe.model import CleaningSettings, SplitSettings

DAYS = pd.date_range("2020-01-01", periods=1000).as_unit("us")
ERAS = Eras(
    start=str(DAYS[0]),
    validation_from=str(DAYS[700]),
    test_from=str(DAYS[850]),
    end=str(DAYS[-1]),
    embargo=0,
    rows=(700, 150, 150),
)
LOOSEST = CleaningSettings(
    max_bad_ratio=1, min_relative_variance=0, max_unique_ratio=1, max_top_share=1, max_stale_ratio=1, max_correlation=1
)
GOOD = ColumnStatistics(
    rows=700,
    missing=0,
    infinite=0,
    sentinel=0,
    bad_ratio=0.0,
    stale_ratio=0.0,
    unique_ratio=0.9,
    top_share=0.01,
    outlier_ratio=0.0,
    variance=1.0,
    relative_variance=0.05,
    mean=0.0,
    std=1.0,
    min=-3.0,
    q01=-2.0,
    q25=-0.7,
    median=0.0,
    q75=0.7,
    q99=2.0,
    max=3.0,
    skewness=0.0,
    kurtosis=0.0,
    autocorrelation=0.1,
)


def column(name: str, kind: Kind = Kind.NUMBER, train: dict[str, float] | None = None, **nature: bool) -> ColumnProfile:
    """A column with good train statistics except those given; over all rows they are as bad as possible."""
    flags = {"identifier_like": False, "constant": False, "price_like": False, "drifts": False} | nature
    of_all = replace(GOOD, bad_ratio=0.99, relative_variance=0.0, unique_ratio=1.0)
    return ColumnProfile(
        name=name,
        original_name=name,
        kind=kind,
        bad=BadCounts(),
        all=of_all,
        train=replace(GOOD, **(train or {})),
        histogram=None,
        quantiles=(),
        changes=None,
        bad_by_period=(),
        bad_by_era=(
            EraCounts(rows=700, missing=0, infinite=0, sentinel=0),
            EraCounts(rows=150, missing=0, infinite=0, sentinel=0),
            EraCounts(rows=150, missing=0, infinite=0, sentinel=0),
        ),
        **flags,
    )


def profile_of(
    *columns: ColumnProfile,
    correlations: dict[tuple[str, str], float] | None = None,
    target: str | None = "close",
    series: str | None = None,
) -> QualityProfile:
    """A profile of these columns, a date and the target; pairs that are not named are uncorrelated."""
    roles = [column("date", Kind.TIME)]
    roles += [column(name) for name in (target, series) if name and name not in [given.name for given in columns]]
    names = [given.name for given in (*roles[1:], *columns) if given.kind.is_numeric]
    pairs = [(names.index(one), names.index(other), found) for (one, other), found in (correlations or {}).items()]
    near = {
        names[other if names[one] == target else one]: abs(found)
        for one, other, found in pairs
        if target in (names[one], names[other])
    }
    none = tuple(tuple(None for _ in names) for _ in names)
    return QualityProfile(
        dataset_key="key",
        rows=1000,
        eras=ERAS,
        columns=(*roles, *columns),
        periods=(),
        target=target,
        roles=Roles(time="date", series=series, target=target),
        correlated=tuple(names),
        pearson=none,
        spearman=none,
        spearman_sample=None,
        similarity=Similarity(
            names=tuple(names),
            one=tuple(one for one, _, _ in pairs),
            other=tuple(other for _, other, _ in pairs),
            correlation=tuple(found for _, _, found in pairs),
            to_target=tuple(1.0 if name == target else near.get(name, 0.0) for name in names),
            left_out=0,
        ),
        relations=(),
        associations=associate(SampledColumns(np.ones(1, dtype=bool)).gather(), (), target),
        empty_series=(),
        findings=(),
    )


def scan(frame: pd.DataFrame, folder: Path, target: str, series: str | None = None) -> QualityProfile:
    """The quality profile of a frame with a column `date`, under the default split."""
    frame = frame.sort_values([series, "date"] if series else ["date"], kind="stable").reset_index(drop=True)
    columns = tuple(
        Column(name=name, original_name=name, kind=_kind_of(frame[name]), bad=BadCounts()) for name in frame
    )
    start, end = str(frame["date"].min()), str(frame["date"].max())
    dataset = Dataset(
        folder=folder,
        fingerprint="0" * 64,
        key="key",
        rows=len(frame),
        columns=columns,
        time_column="date",
        series_column=series,
        frequency="D",
        start=start,
        end=end,
        encoding="utf-8",
        delimiter=",",
        decimal=".",
        header_rows=1,
        skipped_rows=0,
        findings=(),
    )
    numbered = frame.assign(**{LINE: np.arange(2, len(frame) + 2)})
    write_part(dataset.folder, 0, pa.Table.from_pandas(numbered, preserve_index=False))
    write_description(dataset)
    return profile_dataset(dataset, target, cut_eras(frame["date"], SplitSettings()))


def _kind_of(values: pd.Series) -> Kind:
    if pd.api.types.is_datetime64_any_dtype(values):
        return Kind.TIME
    if pd.api.types.is_integer_dtype(values):
        return Kind.INTEGER
    return Kind.NUMBER if pd.api.types.is_numeric_dtype(values) else Kind.TEXT


def reason_for(name: str, plan: CleaningPlan) -> str:
    return "; ".join(next(decision for decision in plan.columns if decision.name == name).reasons)
