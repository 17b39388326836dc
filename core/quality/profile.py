"""The profile of a data set: one scan of the rows computes every number that later decisions need."""

from dataclasses import asdict, dataclass
from functools import cached_property

from threadpoolctl import threadpool_limits

from core.data.columns import Roles
from core.data.dataset import Dataset
from core.data.eras import Era, Eras
from core.errors.columns import UnknownColumn
from core.findings.limit import limit_findings
from core.findings.model import Finding, to_document, worst_first
from core.progress import NoProgress, Progress, ShouldStop, never_stop
from core.quality.checks.availability import check_period_figures, check_ragged_edge
from core.quality.checks.column import check_column
from core.quality.checks.leaks import check_leaks
from core.quality.checks.market import check_market
from core.quality.checks.pairwise import (
    check_correlations_limited,
    check_near_duplicates,
    check_relations,
    check_shared_trends,
)
from core.quality.checks.suggestions import check_transformation
from core.quality.checks.suspected_leaks import SuspectedLeak
from core.quality.column.changes import ChangeStatistics
from core.quality.column.empty_series import EmptySeries, find_empty_series
from core.quality.column.profile import ColumnProfile
from core.quality.column.stale_series import name_stale_series
from core.quality.forecastability.horizons import find_rhythm
from core.quality.forecastability.measure import map_forecastability
from core.quality.forecastability.question import Forecastability
from core.quality.market.ranges import PriceRange, find_ranges
from core.quality.numerics.blocks import lay_out_rows
from core.quality.numerics.correlation import Matrix
from core.quality.numerics.quantiles import Histogram
from core.quality.numerics.statistics import ColumnStatistics
from core.quality.pairwise.associations import Associations, associate
from core.quality.pairwise.relations import Relation, classify_relations, count_shifts
from core.quality.pairwise.similarity import Similarity, measure_similarity
from core.quality.scan import scan_columns

__all__ = ["ColumnProfile", "ColumnStatistics", "Histogram", "QualityProfile", "profile_dataset", "profile_document"]

_MOST_SUGGESTIONS = 3


@dataclass(frozen=True, kw_only=True)
class QualityProfile:
    """Every statistic of a data set that later steps decide by; a moved threshold needs no rows.

    `periods` are the first dates of at most 60 equal spans of time, to which each `bad_by_period` refers. `pearson` and
    `spearman` correlate the columns `correlated` over all rows; `spearman_sample` is the number of rows that Spearman's was
    computed on, None for all. `similarity` holds the similar pairs of columns in the train era, `empty_series` the columns
    without valid values in some series, `suspected_leaks` the columns that may hold later values of the target.
    `forecastability` is the map of predictability, `ranges` the instruments whose high and low columns show a range.
    """

    dataset_key: str
    rows: int
    eras: Eras
    columns: tuple[ColumnProfile, ...]
    periods: tuple[str, ...]
    target: str | None
    roles: Roles
    correlated: tuple[str, ...]
    pearson: Matrix
    spearman: Matrix
    spearman_sample: int | None
    similarity: Similarity
    relations: tuple[Relation, ...]
    associations: Associations
    empty_series: tuple[EmptySeries, ...]
    findings: tuple[Finding, ...]
    suspected_leaks: tuple[SuspectedLeak, ...] = ()
    forecastability: Forecastability = Forecastability()
    ranges: tuple[PriceRange, ...] = ()

    @cached_property
    def _by_name(self) -> dict[str, ColumnProfile]:
        return {column.name: column for column in self.columns}

    def column(self, name: str) -> ColumnProfile:
        """Return the profile of one column; raise `RecipeError` with the nearest name if there is none."""
        if name not in self._by_name:
            raise UnknownColumn(column=name, columns=list(self._by_name))
        return self._by_name[name]

    def bar_of(self, price: str) -> tuple[str, str] | None:
        """Return the high and low columns of the instrument with this price; None if they show no range."""
        return next(((found.high, found.low) for found in self.ranges if price in found.prices), None)


# On a busy machine BLAS threads mostly wait for each other: columns are computed in our own threads instead.
@threadpool_limits.wrap(limits=1, user_api="blas")
def profile_dataset(
    dataset: Dataset,
    target: str | None,
    eras: Eras,
    ignore: tuple[str, ...] = (),
    progress: Progress = NoProgress(),
    should_stop: ShouldStop = never_stop,
) -> QualityProfile:
    """Profile a data set; `train` statistics and all that later steps decide by are computed on train rows alone.

    Parameters
    ----------
    dataset
        The data set, read some columns at a time.
    target
        The target; relations with it are computed if it is numeric.
    eras
        When train, validation and test start.
    ignore
        Names of columns to leave out.
    progress, should_stop
        Called between blocks of columns; `Stopped` is raised if a stop is requested.

    Raises
    ------
    RecipeError
        If the target is not a column.
    """
    roles = Roles(time=dataset.time_column, series=dataset.series_column, target=target)
    rows = lay_out_rows(dataset, eras)
    scan = scan_columns(dataset, rows, roles, ignore, progress, should_stop)
    relations: tuple[Relation, ...] = ()
    if target is not None and scan.aligned is not None:
        relations = classify_relations(scan.aligned, target, progress, should_stop)
    tables = scan.correlations
    associations = associate(scan.sample, tables.names, target)
    similarity = measure_similarity(tables, scan.sample, target)

    locations = name_stale_series(dataset, scan.locations)
    findings: list[Finding] = [
        *limit_findings(
            finding
            for column, found in zip(scan.columns, locations, strict=True)
            for finding in check_column(column, found, roles, eras, len(rows.stamps))
        )
    ]
    late = (
        check_ragged_edge(scan.columns, locations, len(rows.stamps)),
        check_period_figures(scan.columns, locations),
    )
    findings += filter(None, late)
    findings += check_market(dataset, scan.columns, rows, roles, progress, should_stop)
    of_leaks, suspected_leaks = check_leaks(dataset, scan, rows, roles)
    findings += of_leaks
    findings += check_near_duplicates(similarity, {column.name: column for column in scan.columns}, target)
    numeric_target = None if scan.aligned is None else target
    findings += check_correlations_limited(len(tables.names), scan.not_correlated, similarity, numeric_target)
    suggestions = (check_transformation(column, roles) for column in scan.columns)
    findings += limit_findings(filter(None, suggestions), _MOST_SUGGESTIONS)
    findings += check_shared_trends(associations)
    if scan.aligned is not None:
        aligned_rows = len(scan.aligned)
        findings += check_relations(relations, aligned_rows, count_shifts(len(relations), aligned_rows))
    ranges = find_ranges(dataset, scan.columns, rows)
    forecastability = map_forecastability(
        scan.forecast_table,
        find_rhythm(dataset.frequency, rows.stamps),
        frozenset(leak.column for leak in suspected_leaks),
        ranges,
        progress,
        should_stop,
    )
    return QualityProfile(
        dataset_key=dataset.key,
        rows=dataset.rows,
        eras=eras,
        columns=scan.columns,
        periods=rows.periods,
        target=target,
        roles=roles,
        correlated=tables.names,
        pearson=tables.pearson,
        spearman=tables.spearman,
        spearman_sample=tables.sample,
        similarity=similarity,
        relations=relations,
        associations=associations,
        empty_series=find_empty_series(dataset, scan.columns),
        suspected_leaks=suspected_leaks,
        forecastability=forecastability,
        ranges=ranges,
        findings=worst_first(findings),
    )


_OF_DATASET = ("fingerprint", "rows", "time_column", "series_column", "frequency", "start", "end") + (
    "encoding",
    "delimiter",
    "decimal",
    "header_rows",
    "skipped_rows",
)


def profile_document(dataset: Dataset, profile: QualityProfile) -> dict[str, object]:
    """Return the profile as the document that `python -m core profile --json` writes.

    A column's own statistics are over all rows; `train` has those of the train era, which later steps decide by.
    """
    return {
        "dataset": {name: getattr(dataset, name) for name in _OF_DATASET} | {"columns": len(dataset.columns)},
        "eras": asdict(profile.eras),
        "target": profile.target,
        "columns": [_column_document(column) for column in profile.columns],
        "relations": [_relation_document(relation) for relation in profile.relations],
        "forecastability": [dict(vars(question)) for question in profile.forecastability.questions],
        "findings": [asdict(to_document(finding)) for finding in worst_first(dataset.findings + profile.findings)],
    }


def _column_document(column: ColumnProfile) -> dict[str, object]:
    of_all = dict(vars(column.all))
    counted = {reason: of_all.pop(reason) for reason in ("missing", "infinite", "sentinel")}
    unparseable = min(column.bad.unparseable, counted["missing"])
    counted |= {"missing": counted["missing"] - unparseable, "unparseable": unparseable}
    return {
        "name": column.name,
        "original_name": column.original_name,
        "kind": column.kind.value,
        "bad": counted,
        "bad_by_era": {
            era.name.lower(): vars(counts) | {"bad_ratio": counts.bad_ratio}
            for era, counts in zip(Era, column.bad_by_era, strict=True)
        },
        **of_all,
        "identifier_like": column.identifier_like,
        "constant": column.constant,
        "price_like": column.price_like,
        "drifts": column.drifts,
        "train": dict(vars(column.train)),
        "changes": None if column.changes is None else _changes_document(column.changes),
    }


def _changes_document(changes: ChangeStatistics) -> dict[str, object]:
    return {name: found for name, found in vars(changes).items() if name not in ("quantiles", "histogram")}


def _relation_document(relation: Relation) -> dict[str, object]:
    found = dict(vars(relation))
    return {"feature": found.pop("feature"), "target": found.pop("target"), "class": found.pop("kind"), **found}
