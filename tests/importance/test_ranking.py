"""Rankings of planted signals and of noise, walk-forward folds, stops and findings."""

import threading
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.signal import lfilter

from core.errors.importance import NoUsableFold, TooFewSamplesToRank
from core.errors.model import Stopped
from core.errors.samples import ConstantOutcome, NoFeature
from core.importance import table as table_module
from core.importance.ranking import ImportanceRanking, importance_document, rank_importance
from core.importance.table import gather_table, split_walk_forward
from core.io.json import from_json, to_json
from core.progress import NoProgress
from core.recipe.model import ImportanceSettings


def labels_of(ranking):
    return {feature.name: feature.label for feature in ranking.features}


@pytest.mark.silent("no-signal")
def test_planted_signals_are_signal_and_chosen_over_several_seeds(planted):
    wrong = 0
    for seed in range(4):
        ranking = planted(seed).rank(iterations=120)
        assert {feature.name for feature in ranking.features[:2]} == {"line", "bend"}
        found = labels_of(ranking)
        assert found["line"] == found["bend"] == "signal"
        assert ranking.chosen[:2] == tuple(feature.name for feature in ranking.features[:2])
        wrong += sum(label == "signal" for name, label in found.items() if name.startswith("noise"))
    assert wrong <= 1  # of 24 columns of noise


def test_a_lagged_signal_is_found_at_its_lag(make_study):
    random = np.random.default_rng(0)
    x = random.standard_normal(1000)
    values = {"lagged": x, **{f"n{number}": random.standard_normal(1000) for number in range(4)}}
    change = 0.6 * np.r_[np.zeros(5), x[:-5]] + random.standard_normal(1000)
    ranking = make_study(values, change).rank(own=("n0",))
    assert (ranking.features[0].name, ranking.features[0].label, ranking.features[0].best_lag) == (
        "lagged",
        "signal",
        5,
    )
    assert ranking.chosen[:2] == ("n0", "lagged")
    # A share of 0.36 / 1.36 of the variance is explained.
    assert ranking.curve[0].ridge - ranking.curve[1].ridge > 0.15


def test_missing_values_leave_the_probes_whole(planted):
    study = planted(rows=600)
    values = study.features.values.copy()
    values.loc[::7, "line"] = np.nan
    study = replace(study, features=replace(study.features, values=values))
    table = gather_table(study.features, study.samples, study.task, ImportanceSettings(), 8, 0)
    assert all(np.isfinite(probe).all() for probe in table.columns[len(table.names) :])
    assert labels_of(study.rank(iterations=120))["line"] == "signal"


def test_lags_do_not_cross_from_one_series_into_another(make_study):
    """Each series copies the end of the one before: across the border it would be a perfect predictor."""
    random = np.random.default_rng(0)
    change = random.standard_normal(900)
    study = make_study({"x": random.standard_normal(900)}, change, series=3)
    table = gather_table(study.features, study.samples, study.task, ImportanceSettings(), 8, 0)
    assert (table.rows % 300 >= 7).all()


@pytest.mark.fires("no-signal")
def test_without_a_signal_own_history_is_chosen_alone(make_study):
    for seed in range(4):
        random = np.random.default_rng(seed)
        values = {f"n{number}": random.standard_normal(700) for number in range(3)}
        ranking = make_study(values, random.standard_normal(700)).rank(own=("n1", "n2"))
        assert "signal" not in labels_of(ranking).values()
        assert ranking.chosen == ("n1", "n2")
        finding = next(finding for finding in ranking.findings if finding.code == "no-signal")
        assert finding.unstable == list(labels_of(ranking).values()).count("unstable")


@pytest.mark.fires("suspected-not-chosen")
@pytest.mark.silent("noise-features")
def test_a_suspected_leak_is_ranked_and_marked_but_not_chosen(make_study):
    random = np.random.default_rng(0)
    values = {"own": random.standard_normal(700)}
    change = random.standard_normal(700)
    values["leak"] = change + 0.1 * random.standard_normal(700)
    ranking = make_study(values, change).rank(own=("own",), suspected=("leak",))
    assert (ranking.features[0].name, ranking.features[0].suspected) == ("leak", True)
    assert ranking.chosen == ("own",)
    finding = next(finding for finding in ranking.findings if finding.code == "suspected-not-chosen")
    assert finding.features == ("leak",)


def test_twins_are_ranked_as_one_and_one_of_them_is_chosen(make_study):
    random = np.random.default_rng(0)
    x = random.standard_normal(900)
    values = {"a": x, "b": -x + 0.1 * random.standard_normal(900), "c": random.standard_normal(900)}
    ranking = make_study(values, x + random.standard_normal(900)).rank(own=("c",))
    first, second = ranking.features[:2]
    assert {first.name, second.name} == {"a", "b"}
    assert first.group == second.group == first.name
    assert first.importance == second.importance
    assert ranking.chosen == ("c", first.name)  # the other twin adds nothing


def test_persistent_noise_at_long_horizons_is_not_signal(make_study):
    """Both are persistent: spurious correlations are frequent, and white noise probes would not show it."""
    above = 0
    for seed in range(4):
        random = np.random.default_rng(seed)
        values = {f"n{number}": lfilter([1], [1, -0.98], random.standard_normal(1000)) for number in range(8)}
        found = labels_of(make_study(values, random.standard_normal(1000), horizon=20).rank())
        above += sum(label == "signal" for label in found.values())
    assert above <= 1  # of 32


def test_features_common_to_all_series_are_not_signal_because_of_their_number(make_study):
    """Twenty series with common changes and common features repeat one spurious correlation twenty times."""
    above, days, series = 0, 300, 20
    for seed in range(6):
        random = np.random.default_rng(seed)
        values = {
            f"n{number}": np.tile(lfilter([1], [1, -0.5], random.standard_normal(days)), series) for number in range(4)
        }
        values["own"] = random.standard_normal(days * series)
        change = np.tile(random.standard_normal(days), series) + 0.3 * random.standard_normal(days * series)
        found = labels_of(make_study(values, change, horizon=5, series=series).rank())
        above += sum(label == "signal" for label in found.values())
    assert above <= 1  # of 30


def test_the_ranking_does_not_depend_on_the_order_of_columns(planted):
    study = planted()
    values = study.features.values
    reversed_columns = replace(study, features=replace(study.features, values=values[values.columns[::-1]]))
    assert to_json(reversed_columns.rank()) == to_json(study.rank())


def test_the_ranking_depends_on_the_seed(planted):
    study = planted(rows=700)
    assert study.rank(seed=3) == study.rank(seed=3)
    assert study.rank(seed=3).noise_line != study.rank(seed=4).noise_line


def test_the_ranking_does_not_depend_on_later_eras_but_for_its_curve(planted):
    study = planted(rows=700)
    later = study.samples.eras != 0
    values = study.features.values.copy()
    values.loc[later] = values.loc[later] * 100 + 5
    outcome = np.where(later, 1e3, study.samples.outcome)
    changed = replace(
        study, features=replace(study.features, values=values), samples=replace(study.samples, outcome=outcome)
    )
    first, again = (replace(each.rank(), curve=()) for each in (study, changed))
    assert to_json(again) == to_json(first)


def test_the_curve_does_not_depend_on_the_test_era(planted):
    study = planted(rows=700)
    sealed = study.samples.eras == 2
    outcome = np.where(sealed, 1e3, study.samples.outcome)
    changed = replace(study, samples=replace(study.samples, outcome=outcome))
    assert changed.rank() == study.rank()


def test_no_fold_is_fitted_on_an_outcome_that_overlaps_its_scored_rows(planted):
    study = planted(rows=600, horizon=7)
    table = gather_table(study.features, study.samples, study.task, ImportanceSettings(), 4, 0)
    folds = list(split_walk_forward(table, 3))
    assert len(folds) == 3
    for fit_rows, score_rows in folds:
        assert table.target_times[fit_rows].max() < table.origin_times[score_rows].min()
        assert score_rows.min() - fit_rows.max() == 8
    sizes = [len(fit_rows) for fit_rows, _ in folds]
    assert sizes == sorted(sizes)
    assert [rows.max() + 1 for _, rows in folds[:-1]] == [rows.min() for _, rows in folds[1:]]


def test_folds_of_a_panel_are_cut_by_time(planted):
    study = planted(rows=1200, series=4)
    table = gather_table(study.features, study.samples, study.task, ImportanceSettings(), 4, 0)
    for fit_rows, score_rows in split_walk_forward(table, 3):
        assert table.target_times[fit_rows].max() < table.origin_times[score_rows].min()
        assert len(set(study.samples.blocks[study.samples.of(0)][score_rows])) == 4


def test_ranks_are_a_permutation_and_fits_are_counted(planted):
    ranking = planted(rows=700).rank(folds=2, seeds=3)
    assert ranking.fits == 6
    assert [feature.rank for feature in ranking.features] == list(range(1, 9))
    assert all(feature.rank_low <= feature.rank <= feature.rank_high for feature in ranking.features)


@pytest.mark.fires("samples-thinned")
def test_a_long_train_era_is_ranked_on_evenly_spaced_samples(planted, monkeypatch):
    monkeypatch.setattr(table_module, "MOST_SAMPLES", 300)
    study = planted(rows=1000)
    finding = next(finding for finding in study.rank().findings if finding.code == "samples-thinned")
    assert finding.used + finding.count == len(study.samples.of(0)) - 7
    table = gather_table(study.features, study.samples, study.task, ImportanceSettings(), 8, 0)
    assert set(np.diff(table.rows)) == {3}
    assert set(np.diff(table.stamps)) == {1}


def test_too_few_samples_are_an_error(planted):
    with pytest.raises(TooFewSamplesToRank) as caught:
        planted(rows=50).rank()
    assert (caught.value.found, caught.value.folds, caught.value.needed) == (27, 3, 40)


def test_a_constant_outcome_is_an_error(make_study):
    study = make_study({"x": np.random.default_rng(0).standard_normal(200)}, np.zeros(200))
    with pytest.raises(ConstantOutcome) as caught:
        study.rank()
    assert (caught.value.outcome, caught.value.value) == (study.task.label, 0)


def test_no_feature_is_an_error(planted):
    study = planted(rows=200)
    with pytest.raises(NoFeature):
        replace(study, features=replace(study.features, values=study.features.values[[]])).rank()


def test_a_train_era_without_a_usable_fold_is_an_error(make_study):
    change = np.where(np.arange(200) == 10, 1.0, 0.0)
    study = make_study({"x": np.random.default_rng(0).standard_normal(200)}, change)
    with pytest.raises(NoUsableFold):
        study.rank()


def test_a_relation_that_ends_within_the_train_era_is_no_clear_signal(make_study):
    random = np.random.default_rng(0)
    values = {name: random.standard_normal(1000) for name in ("broken", "noise")}
    holds = np.arange(1000) < 525  # three of the four parts of the train era
    ranking = make_study(values, np.where(holds, values["broken"], 0.0) + random.standard_normal(1000)).rank()
    broken = next(feature for feature in ranking.features if feature.name == "broken")
    assert broken.label == "unstable"
    assert broken.by_period[-1] < 0.3 * broken.by_period[0]


@pytest.mark.fires("noise-features")
def test_noise_beside_a_signal_is_reported(planted):
    ranking = planted().rank(iterations=120)
    noise = sum(label == "noise" for label in labels_of(ranking).values())
    (finding,) = ranking.findings
    assert noise > 0
    assert (finding.count, finding.features) == (noise, 8)


@pytest.mark.silent(
    "noise-features", "samples-thinned", "folds-left-out", "no-signal", "ranking-stopped", "suspected-not-chosen"
)
def test_a_ranking_of_signals_only_has_no_findings(make_study):
    random = np.random.default_rng(0)
    values = {name: random.standard_normal(700) for name in ("one", "two")}
    ranking = make_study(values, values["one"] + values["two"] + random.standard_normal(700)).rank()
    assert ranking.findings == ()


@pytest.mark.fires("folds-left-out")
def test_a_fold_with_a_constant_outcome_is_skipped(make_study):
    random = np.random.default_rng(0)
    change = np.where(np.arange(600) < 200, 0.0, random.standard_normal(600))
    ranking = make_study({"x": random.standard_normal(600)}, change).rank()
    assert ranking.fits == 2
    finding = next(finding for finding in ranking.findings if finding.code == "folds-left-out")
    assert (finding.count, finding.folds, finding.remedy.value) == (1, 3, 2)


def test_constant_and_huge_features_do_not_disturb_the_ranking(planted):
    study = planted()
    values = study.features.values.assign(flat=1.0, line=study.features.values["line"] + 1e9)
    found = labels_of(replace(study, features=replace(study.features, values=values)).rank(iterations=200))
    assert found["flat"] == "noise"
    assert found["line"] == "signal"


class RecordedProgress(NoProgress):
    def __init__(self):
        self.steps = []
        self.losses = []

    def step(self, done, total, text):
        self.steps.append((done, total))

    def metric(self, name, step, value):
        assert name == "val_loss"
        self.losses.append((step, value))


def test_progress_counts_the_fits(planted):
    study, progress = planted(rows=300), RecordedProgress()
    settings = ImportanceSettings(iterations=10, folds=2, seeds=2)
    rank_importance(study.features, study.samples, study.task, settings, 8, (), 0, progress=progress)
    assert progress.steps == [(done, 5) for done in range(6)]
    assert [step for step, _ in progress.losses] == [10, 20, 30, 40]
    assert all(0 < loss < 2 for _, loss in progress.losses)


@pytest.mark.fires("ranking-stopped")
def test_a_stop_keeps_the_fits_that_are_done(planted):
    study, progress = planted(rows=700), RecordedProgress()
    settings = ImportanceSettings(iterations=10, folds=3)
    ranking, _ = rank_importance(
        study.features,
        study.samples,
        study.task,
        settings,
        8,
        (),
        0,
        progress=progress,
        should_stop=lambda: (2, 4) in progress.steps,
    )
    assert (ranking.stopped, ranking.fits, ranking.curve) == (True, 2, ())
    finding = next(finding for finding in ranking.findings if finding.code == "ranking-stopped")
    assert (finding.count, finding.fits) == (2, 3)


def test_a_stop_ends_a_long_fit(planted):
    study = planted(rows=20_000)
    requested = threading.Event()
    timer = threading.Timer(1.5, requested.set)
    timer.start()
    with pytest.raises(Stopped):
        rank_importance(
            study.features,
            study.samples,
            study.task,
            ImportanceSettings(iterations=5000),
            8,
            (),
            0,
            should_stop=requested.is_set,
        )
    assert requested.is_set()
    timer.join()


def test_a_stop_before_the_first_fit_starts_no_fit(planted):
    study = planted(rows=300)
    steps = []
    progress = SimpleNamespace(step=lambda done, total, text: steps.append(done), metric=None)
    with pytest.raises(Stopped):
        rank_importance(
            study.features,
            study.samples,
            study.task,
            ImportanceSettings(),
            8,
            (),
            0,
            progress=progress,
            should_stop=lambda: True,
        )
    assert not any(steps)


def test_no_file_is_written(planted, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    planted(rows=300).rank(iterations=10)
    assert list(tmp_path.iterdir()) == []


def test_a_ranking_is_read_back_from_json_and_its_document_has_the_fields_of_the_contract(planted):
    ranking = planted(rows=700).rank()
    assert from_json(ImportanceRanking, to_json(ranking)) == ranking
    document = importance_document(ranking)
    assert {"features", "noise_line", "chosen", "curve", "findings"} <= set(document)
    assert {"name", "importance", "rank", "rank_low", "rank_high", "label", "group", "best_lag", "lags"} <= set(
        document["features"][0]
    )
