"""Step 2: scan the rows once and keep every number that later decisions need."""

from dataclasses import asdict, dataclass
from functools import cached_property

from threadpoolctl import threadpool_limits

from core.data.columns import Roles
from core.data.dataset import Dataset
from core.data.eras import Era, Eras
from core.errors.columns import UnknownColumn
from core.findings.limit import limit_findings
from core.findings.model import Finding, to_document, worst_first
from core.progress import Progress, ShouldStop, Silence, never_stop
from core.quality.checks.availability import check_period_figures, check_ragged_edge
from core.quality.checks.column import find_faults
from core.quality.checks.leaks import check_leaks
from core.quality.checks.market import check_market
from core.quality.checks.pairwise import MOST_SUGGESTIONS, check_likeness, check_relations, check_shown
from core.quality.checks.suggestions import check_transformation
from core.quality.column.changes import ChangeStatistics
from core.quality.column.empty_series import Silent, find_silent
from core.quality.column.profile import ColumnProfile
from core.quality.column.stale_series import name_stale_series
from core.quality.numerics.blocks import lay_out_rows
from core.quality.numerics.correlation import Matrix
from core.quality.numerics.quantiles import Histogram
from core.quality.numerics.statistics import ColumnStatistics
from core.quality.pairwise.associations import Associations, associate, check_trends
from core.quality.pairwise.relations import Relation, class_relations, count_shifts
from core.quality.pairwise.similarity import Similarity, measure_similarity
from core.quality.scan import scan_columns

__all__ = ["ColumnProfile", "ColumnStatistics", "Histogram", "QualityProfile", "profile_dataset", "profile_document"]


@dataclass(frozen=True, kw_only=True)
class QualityProfile:
    """Every statistic of a data set that later steps decide by; rows are not needed again to move a threshold.

    `periods` are the first dates of at most 60 equal spans of time, the columns of each `bad_by_period`. `pearson` and
    `spearman` correlate the columns `correlated` over all rows; `spearman_sample` is the number of rows that Spearman's was
    computed on where that is not all of them. `likeness` tells which columns say the same in the train era, `silent` which of those
    with the most bad values have none that is good in some series.
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
    likeness: Similarity
    relations: tuple[Relation, ...]
    associations: Associations
    silent: tuple[Silent, ...]
    findings: tuple[Finding, ...]

    @cached_property
    def _by_name(self) -> dict[str, ColumnProfile]:
        return {column.name: column for column in self.columns}

    def column(self, name: str) -> ColumnProfile:
        """Return the profile of one column; raises `RecipeError` with the nearest name if there is none."""
        if name not in self._by_name:
            raise UnknownColumn(column=name, columns=list(self._by_name))
        return self._by_name[name]


# BLAS threads wait for each other many times longer than they work where the machine is busy: the threads are ours.
@threadpool_limits.wrap(limits=1, user_api="blas")
def profile_dataset(
    dataset: Dataset,
    target: str | None,
    eras: Eras,
    ignore: tuple[str, ...] = (),
    progress: Progress = Silence(),
    should_stop: ShouldStop = never_stop,
) -> QualityProfile:
    """Return every statistic of the data set but of ignored columns, read a few columns at a time.

    Relations with the target are computed where it holds numbers. What later steps decide by (`train`, `identifier_like`,
    `constant`, `price_like`, `drifts`, `likeness`, `relations`, `associations`) is learned from train rows alone. Raises
    `RecipeError` where the target is not a column.
    """
    roles = Roles(time=dataset.time_column, series=dataset.series_column, target=target)
    rows = lay_out_rows(dataset, eras)
    scan = scan_columns(dataset, rows, roles, ignore, progress, should_stop)
    relations = () if scan.aligned is None else class_relations(scan.aligned, target, progress, should_stop)
    profiles = {column.name: column for column in scan.columns}
    tables = scan.correlations
    associations = associate(scan.sample, tables.names, target)
    likeness = measure_similarity(tables, scan.sample, target)

    faults = limit_findings(
        fault
        for column, evidence in zip(scan.columns, scan.evidence, strict=True)
        for fault in find_faults(column, evidence, roles, eras, len(rows.stamps))
    )
    late = (
        check_ragged_edge(scan.columns, scan.evidence, len(rows.stamps)),
        check_period_figures(scan.columns, scan.evidence),
    )
    findings = name_stale_series(faults, dataset, rows) + tuple(filter(None, late))
    findings += check_market(dataset, scan.columns, rows, roles, progress, should_stop)
    findings += check_leaks(dataset, scan, rows, roles)
    findings += check_likeness(likeness, profiles, target)
    findings += check_shown(len(tables.names), scan.not_correlated, likeness)
    suggestions = (check_transformation(column, roles) for column in scan.columns)
    findings += limit_findings(filter(None, suggestions), MOST_SUGGESTIONS)
    findings += check_trends(associations)
    if scan.aligned is not None:
        aligned_rows = len(scan.aligned)
        findings += check_relations(relations, aligned_rows, count_shifts(len(relations), aligned_rows))
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
        likeness=likeness,
        relations=relations,
        associations=associations,
        silent=find_silent(dataset, scan.columns),
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
    """Return the profile as the plain document that `python -m core profile --json` writes.

    Statistics of a column are those of all its rows; `train` holds those of the train era, which decisions are made by.
    """
    return {
        "dataset": {name: getattr(dataset, name) for name in _OF_DATASET} | {"columns": len(dataset.columns)},
        "eras": asdict(profile.eras),
        "target": profile.target,
        "columns": [_column_document(column) for column in profile.columns],
        "relations": [_relation_document(relation) for relation in profile.relations],
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
        "changes": None if column.changes is None else _shape_document(column.changes),
    }


def _shape_document(changes: ChangeStatistics) -> dict[str, object]:
    return {name: found for name, found in vars(changes).items() if name not in ("quantiles", "histogram")}


def _relation_document(relation: Relation) -> dict[str, object]:
    found = dict(vars(relation))
    return {"feature": found.pop("feature"), "target": found.pop("target"), "class": found.pop("kind"), **found}
