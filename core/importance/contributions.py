"""One CatBoost fit on earlier samples, and what each feature contributes to its forecasts of later ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.importance.entries import Entry, take_entries
from core.importance.table import RankingTable
from core.progress import Progress, ShouldStop, TreeCallback, require_going
from core.recipe.model import ImportanceSettings

if TYPE_CHECKING:
    from catboost import CatBoostRegressor, Pool

# The squared error. Another loss needs its name, and its change without a contribution: `adjusted_change`.
LOSS = "RMSE"
MOST_INPUTS = 128
MOST_OF_ONE = 6
_MOST_SCREENED_CELLS = 20_000_000
_MOST_BINS = 1_000
_MOST_POINTS = 200
_REPORTED_TREES = 10
_CLIP = 4.0
_AT_ONCE = 10_000


@dataclass(frozen=True, eq=False, kw_only=True)
class FitScores:
    """What features and probes contribute on the scored samples of one fit.

    `changes` float64 (bins, groups): the mean importance within each of consecutive time bins, which begin at `starts`.
    `by_entry` float64 (columns, entries): the importance of each entry; 0 if the model does not use it. `points` float64 (m,
    groups) are contributions to a few forecasts, in standard deviations of the outcome, and `point_rows` int (m,) their origins.
    """

    changes: np.ndarray
    starts: np.ndarray
    by_entry: np.ndarray
    point_rows: np.ndarray
    points: np.ndarray
    model: "CatBoostRegressor"


def adjusted_change(contribution: np.ndarray, error: np.ndarray) -> np.ndarray:
    """Return how much larger the squared error is without a contribution, adjusted for its estimation noise, and halved.

    Contributions of noise enlarge the squared error by their own square, which the adjustment adds back: its mean is 0 if the
    contribution does not predict, and the share of variance that it explains if it is calibrated.

    Parameters
    ----------
    contribution
        float64 (n, m), parts of the forecast.
    error
        float64 (n,), outcome less forecast.

    References
    ----------
    Clark and West (2007), Approximately normal tests for equal predictive accuracy in nested models, J. Econometrics 138.
    """
    change: np.ndarray = contribution * (error[:, None] + contribution)
    return change


def score_fit(
    table: RankingTable,
    entries: Sequence[Entry],
    fit: np.ndarray,
    scored: np.ndarray,
    settings: ImportanceSettings,
    random: np.random.Generator,
    trees_before: int,
    progress: Progress,
    should_stop: ShouldStop,
) -> FitScores:
    """Fit CatBoost on some samples, and score the contributions of features and probes on later ones.

    Contributions are SHAP values, summed over the entries of a group. Parameters are fixed: nothing is selected on the scored
    samples. Raises `Stopped` after the current tree.

    Parameters
    ----------
    table, entries
        Features, probes and samples, and the entries of each feature.
    fit, scored
        int, positions of the samples to fit on and to score.
    settings
        How many trees.
    random
        The random generator: order of the inputs, and CatBoost's seed.
    trees_before
        Trees of earlier fits: the reported loss goes on counting them.
    progress, should_stop
        Receives the loss on the scored samples as the fit proceeds; stop requests.
    """
    require_going(should_stop)
    inputs = random.permutation(screen_inputs(table, entries, fit))
    # CatBoost takes numbers first.
    inputs = inputs[np.argsort(_are_categories(table, inputs), kind="stable")]
    center, scale = table.outcome[fit].mean(), table.outcome[fit].std()
    outcome = (table.outcome - center) / scale
    fit_pool = _make_pool(table, entries, inputs, fit, outcome)
    score_pool = _make_pool(table, entries, inputs, scored, outcome)
    require_going(should_stop)
    model = make_model(settings.iterations, int(random.integers(2**31)))
    model.fit(
        fit_pool, eval_set=score_pool, use_best_model=False, callbacks=[_LiveLoss(progress, trees_before, should_stop)]
    )
    require_going(should_stop)
    return _score(table, entries, inputs, scored, outcome[scored], model, score_pool)


def _are_categories(table: RankingTable, inputs: np.ndarray) -> np.ndarray:
    return np.isin(inputs[:, 0], list(table.labels))


def _make_pool(
    table: RankingTable, entries: Sequence[Entry], inputs: np.ndarray, which: np.ndarray, outcome: np.ndarray
) -> "Pool":
    """Return the samples at the positions `which` as CatBoost takes them, numeric inputs before categories."""
    from catboost import FeaturesData, Pool

    values = take_inputs(table, entries, inputs, which)
    labels = [_label(table, column, entries[place]) for column, place in inputs]
    count = int(np.count_nonzero(~_are_categories(table, inputs)))
    if count == len(inputs):
        return Pool(values, outcome[which], feature_names=labels)
    data = FeaturesData(
        num_feature_data=np.ascontiguousarray(values[:, :count]),
        cat_feature_data=np.char.mod(b"%d", values[:, count:].astype(np.int64)).astype(object),
        num_feature_names=labels[:count],
        cat_feature_names=labels[count:],
    )
    return Pool(data, outcome[which])


def make_model(iterations: int, seed: int) -> "CatBoostRegressor":
    """Return an untrained CatBoost model with the fixed parameters of the ranking."""
    from catboost import CatBoostRegressor

    return CatBoostRegressor(
        loss_function=LOSS,
        iterations=iterations,
        depth=4,
        learning_rate=0.05,
        rsm=0.25,
        border_count=32,
        boosting_type="Plain",
        bootstrap_type="Bernoulli",
        subsample=0.8,
        random_seed=seed,
        thread_count=2,
        allow_writing_files=False,
        logging_level="Silent",
    )


def screen_inputs(table: RankingTable, entries: Sequence[Entry], fit: np.ndarray) -> np.ndarray:
    """Return the inputs worth fitting, int (inputs, 2): column and entry, at most 6 of a group and 128 in all.

    They are those most related to the outcome on the fitted samples, by a cubic relation. Probes are screened as features are. Of a
    category, the last value is the only input.
    """
    cells = len(table.columns) * len(entries)
    if cells <= MOST_INPUTS and len(entries) <= MOST_OF_ONE:
        inputs = np.argwhere(np.ones((len(table.columns), len(entries)), dtype=bool))
        return inputs[~_are_categories(table, inputs) | (inputs[:, 1] == 0)]
    relations = relate_entries(table, range(len(table.columns)), entries, fit)
    best = np.argsort(-relations, axis=None, kind="stable")
    columns, places = np.unravel_index(best, relations.shape)
    groups = table.groups[columns]
    # The place of each input among those of its group, best first.
    order = np.argsort(groups, kind="stable")
    within = np.empty(len(order), dtype=int)
    within[order] = rows_in_group(groups[order])
    kept = np.flatnonzero((within < MOST_OF_ONE) & (relations[columns, places] >= 0))[:MOST_INPUTS]
    return np.array(sorted(zip(columns[kept].tolist(), places[kept].tolist(), strict=True)))


def relate_entries(
    table: RankingTable, columns: Sequence[int], entries: Sequence[Entry], fit: np.ndarray
) -> np.ndarray:
    """Return how closely the entries of some columns are related to the outcome, float64 (columns, entries).

    It is the sum of the squared correlations with their first three Hermite polynomials, on evenly spaced samples of those to fit.
    For the last value of a category it is the share of variance between its labels, adjusted for their number. Other entries of it
    have -1.
    """
    seen = fit[:: -(-len(fit) * len(columns) * len(entries) // _MOST_SCREENED_CELLS)]
    outcome = _standardise(table.outcome[seen].astype(np.float32)[None])[0]
    return np.array(
        [
            np.r_[_share_between(table.columns[column][table.rows[seen]], outcome), np.full(len(entries) - 1, -1.0)]
            if column in table.labels
            else _cubic_relation(take_entries(table.standardised(column), table.rows[seen], entries), outcome)
            for column in columns
        ]
    )


def _share_between(codes: np.ndarray, outcome: np.ndarray) -> float:
    """Return the share of variance between labels, adjusted and at least 0; `outcome` has variance 1."""
    groups = codes.astype(np.int64) + 1
    counts = np.bincount(groups)
    sums = np.bincount(groups, weights=outcome)
    free = len(outcome) - np.count_nonzero(counts)
    between = float((sums**2 / np.maximum(counts, 1)).sum()) / len(outcome)
    return max(0.0, 1 - (1 - between) * (len(outcome) - 1) / free) if free > 0 else 0.0


def rows_in_group(groups: np.ndarray) -> np.ndarray:
    """Return the place of each row within its group, int; `groups` is sorted."""
    return np.arange(len(groups)) - np.searchsorted(groups, groups)


def _cubic_relation(inputs: np.ndarray, outcome: np.ndarray) -> np.ndarray:
    z = _standardise(inputs)
    total = np.zeros(len(z))
    for power in (z, z * z, z * (z * z - 3)):
        correlation = _standardise(power) @ outcome / len(outcome)
        total += correlation**2
    return total


def _standardise(values: np.ndarray) -> np.ndarray:
    """Return rows of values (m, n), float32, centred, scaled and clipped; missing ones are 0."""
    known = np.nan_to_num(values)
    known = known - known.mean(axis=1, keepdims=True)
    scale = known.std(axis=1, keepdims=True)
    clipped: np.ndarray = np.clip(known / np.where(scale > 0, scale, 1), -_CLIP, _CLIP)
    return clipped


def take_inputs(table: RankingTable, entries: Sequence[Entry], inputs: np.ndarray, which: np.ndarray) -> np.ndarray:
    """Return the inputs, float32 (n, inputs), of the samples at the positions `which`."""
    taken = np.empty((len(inputs), len(which)), dtype=np.float32)
    for column in np.unique(inputs[:, 0]):
        here = np.flatnonzero(inputs[:, 0] == column)
        wanted = [entries[place] for place in inputs[here, 1]]
        taken[here] = take_entries(table.standardised(column), table.rows[which], wanted)
    return taken.T


def _score(
    table: RankingTable,
    entries: Sequence[Entry],
    inputs: np.ndarray,
    scored: np.ndarray,
    outcome: np.ndarray,
    model: "CatBoostRegressor",
    pool: "Pool",
) -> FitScores:
    groups = int(table.groups.max()) + 1
    of_group = np.zeros((len(inputs), groups))
    of_group[np.arange(len(inputs)), table.groups[inputs[:, 0]]] = 1
    bins, starts = _time_bins(table, scored)
    counts = np.bincount(bins)
    changes = np.zeros((len(counts), groups))
    by_input = np.zeros(len(inputs))
    some = np.arange(0, len(scored), -(-len(scored) // _MOST_POINTS))
    points = np.empty((len(some), groups))
    for start in range(0, len(scored), _AT_ONCE):
        part = np.arange(start, min(start + _AT_ONCE, len(scored)))
        shap = model.get_feature_importance(pool.slice(part), type="ShapValues", thread_count=2)
        error = outcome[part] - shap.sum(axis=1)
        contributions = shap[:, :-1] @ of_group
        np.add.at(changes, bins[part], adjusted_change(contributions, error))
        by_input += adjusted_change(shap[:, :-1], error).sum(axis=0) / len(scored)
        here = np.isin(some, part)
        points[here] = contributions[some[here] - start]
    by_entry = np.zeros((len(table.columns), len(entries)))
    by_entry[inputs[:, 0], inputs[:, 1]] = by_input
    return FitScores(
        changes=changes / counts[:, None],
        starts=starts,
        by_entry=by_entry,
        point_rows=table.rows[scored[some]],
        points=points,
        model=model,
    )


def _time_bins(table: RankingTable, scored: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the time bin of each scored sample, int (n,), and the first time of each bin, datetime64 (bins,)."""
    _, stamps = np.unique(table.stamps[scored], return_inverse=True)
    width = -(-(int(stamps.max()) + 1) // _MOST_BINS)
    bins = stamps // width
    times = np.sort(np.unique(table.origin_times[scored]))[::width]
    return bins, times


def _label(table: RankingTable, column: int, entry: Entry) -> str:
    known = len(table.names)
    if column < known:
        return f"{table.names[column]}, {entry.label}"
    probe = "probe"
    while any(name.startswith(probe) for name in table.names):
        probe += "_"
    return f"{probe} {column - known + 1}, {entry.label}"


class _LiveLoss(TreeCallback):
    """Reports the loss on the scored samples while CatBoost fits, and ends the fit if a stop is requested."""

    def __init__(self, progress: Progress, trees_before: int, should_stop: ShouldStop) -> None:
        super().__init__(should_stop)
        self._progress, self._before = progress, trees_before

    def after_iteration(self, info: object) -> bool:
        """Report every tenth tree; CatBoost calls this after each one."""
        iteration, metrics = getattr(info, "iteration", 0), getattr(info, "metrics", {})
        losses = metrics.get("validation", {}).get(LOSS, ())
        if losses and iteration % _REPORTED_TREES == 0:
            self._progress.metric("val_loss", self._before + iteration, float(losses[-1]))
        return super().after_iteration(info)
