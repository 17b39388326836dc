import threading
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.signal import lfilter

from core.errors.model import DataError, Stopped
from core.importance import ranking as ranking_module
from core.importance.ranking import ImportanceRanking, importance_document, rank_importance
from core.io.json import from_json, to_json
from core.progress import Silence
from core.recipe.model import ImportanceSettings


def labels(ranking):
    return {feature.name: feature.label for feature in ranking.features}


def test_planted_signals_stand_above_noise_over_several_seeds(planted):
    wrong = 0
    for seed in range(4):
        ranking = planted(seed).rank(iterations=120)
        assert {feature.name for feature in ranking.features[:2]} == {"line", "bend"}
        found = labels(ranking)
        assert found["line"] == found["bend"] == "signal"
        assert ranking.chosen[:2] == tuple(feature.name for feature in ranking.features[:2])
        wrong += sum(label != "noise" for name, label in found.items() if name.startswith("noise"))
    assert wrong <= 4  # of 24 columns of noise


def test_where_nothing_helps_it_is_said_and_the_best_go_on_all_the_same(make_study):
    said = []
    for seed in range(4):
        random = np.random.default_rng(seed)
        study = make_study(
            {f"n{number}": random.standard_normal(700) for number in range(3)}, random.standard_normal(700)
        )
        ranking = study.rank(top_k=2)
        assert "signal" not in labels(ranking).values()
        said += [finding.code for finding in ranking.findings if finding.code in {"all-noise", "no-signal"}]
        if said[-1] == "all-noise":
            assert ranking.chosen == tuple(feature.name for feature in ranking.features[:2])
    assert len(said) == 4
    assert "all-noise" in said


def test_slow_noise_under_long_horizons_is_not_taken_for_signal(make_study):
    """Both drift, so a chance relation is easily found, and probes without memory would not tell."""
    above = 0
    for seed in range(4):
        random = np.random.default_rng(seed)
        values = {f"n{number}": lfilter([1], [1, -0.98], random.standard_normal(1000)) for number in range(8)}
        found = labels(make_study(values, random.standard_normal(1000), horizon=20).rank())
        above += sum(label != "noise" for label in found.values())
    assert above <= 4  # of 32; 15 with probes without memory


def test_what_all_series_share_is_not_taken_for_signal_by_their_number(make_study):
    """Twenty series with a common move, and features that all series share, are twenty views of one chance."""
    above, days, series = 0, 300, 20
    for seed in range(6):
        random = np.random.default_rng(seed)
        values = {
            f"n{number}": np.tile(lfilter([1], [1, -0.5], random.standard_normal(days)), series) for number in range(4)
        }
        values["own"] = random.standard_normal(days * series)
        change = np.tile(random.standard_normal(days), series) + 0.3 * random.standard_normal(days * series)
        found = labels(make_study(values, change, horizon=5, series=series).rank())
        above += sum(label != "noise" for label in found.values())
    assert above <= 4  # of 30; 9 with probes that differ from series to series


def test_the_order_of_columns_changes_nothing(planted):
    study = planted()
    values = study.features.values
    turned = replace(study, features=replace(study.features, values=values[values.columns[::-1]]))
    assert to_json(turned.rank()) == to_json(study.rank())


def test_equal_seeds_give_equal_numbers_and_others_do_not(planted):
    study = planted(rows=700)
    assert study.rank(seed=3) == study.rank(seed=3)
    assert study.rank(seed=3).noise_line != study.rank(seed=4).noise_line


def test_the_later_eras_move_nothing(planted):
    study = planted(rows=700)
    later = study.samples.eras != 0
    values = study.features.values.copy()
    values.loc[later] = values.loc[later] * 100 + 5
    outcome = np.where(later, 1e3, study.samples.outcome)
    changed = replace(
        study, features=replace(study.features, values=values), samples=replace(study.samples, outcome=outcome)
    )
    assert to_json(changed.rank()) == to_json(study.rank())


def test_a_fold_never_learns_an_outcome_that_reaches_into_its_judged_part(planted):
    study = planted(rows=600, horizon=7)
    material = ranking_module._gather(study.features, study.samples, ImportanceSettings())
    folds = list(ranking_module._walk_forward(material, 3))
    assert len(folds) == 3
    for learn, judge in folds:
        assert material.target_times[learn].max() < material.origin_times[judge].min()
        assert judge.min() - learn.max() == 8
    learned = [len(learn) for learn, _ in folds]
    assert learned == sorted(learned)
    assert [judge.max() + 1 for _, judge in folds[:-1]] == [judge.min() for _, judge in folds[1:]]


def test_in_a_panel_folds_are_cut_by_time(planted):
    study = planted(rows=1200, series=4)
    material = ranking_module._gather(study.features, study.samples, ImportanceSettings())
    for learn, judge in ranking_module._walk_forward(material, 3):
        assert material.target_times[learn].max() < material.origin_times[judge].min()
        assert len(set(study.samples.blocks[study.samples.of(0)][judge])) == 4


def test_ranks_are_whole_and_fits_are_counted(planted):
    ranking = planted(rows=700).rank(folds=2, seeds=3)
    assert ranking.fits == 6
    assert [feature.rank for feature in ranking.features] == list(range(1, 9))
    assert all(feature.rank_low <= feature.rank <= feature.rank_high for feature in ranking.features)


def test_top_k_limits_what_is_chosen(planted):
    assert len(planted().rank(top_k=1, iterations=200).chosen) == 1


def test_only_the_most_recent_samples_are_ranked_when_there_are_too_many(planted, monkeypatch):
    monkeypatch.setattr(ranking_module, "MOST_SAMPLES", 300)
    study = planted(rows=1000)
    ranking = study.rank()
    finding = next(finding for finding in ranking.findings if finding.code == "recent-samples-only")
    assert finding.count == len(study.samples.of(0)) - 300
    values = study.features.values.copy()
    values.iloc[: finding.count] = 9.0
    assert replace(study, features=replace(study.features, values=values)).rank() == ranking


def test_too_few_rows_are_refused_with_numbers(planted):
    with pytest.raises(DataError, match="holds 34 samples; 3 folds need at least 40"):
        planted(rows=50).rank()


def test_an_outcome_that_never_moves_is_refused(make_study):
    study = make_study({"x": np.random.default_rng(0).standard_normal(200)}, np.zeros(200))
    with pytest.raises(DataError, match="The outcome is 0 in all"):
        study.rank()


def test_a_fold_with_nothing_to_learn_is_left_out_and_said(make_study):
    random = np.random.default_rng(0)
    change = np.where(np.arange(600) < 200, 0.0, random.standard_normal(600))
    ranking = make_study({"x": random.standard_normal(600)}, change).rank()
    assert ranking.fits == 4
    finding = next(finding for finding in ranking.findings if finding.code == "folds-left-out")
    assert finding.remedy.value == 2


def test_a_constant_feature_and_a_huge_one_do_no_harm(planted):
    study = planted()
    values = study.features.values.assign(flat=1.0, line=study.features.values["line"] + 1e9)
    found = labels(replace(study, features=replace(study.features, values=values)).rank(iterations=200))
    assert found["flat"] == "noise"
    assert found["line"] == "signal"


class Watcher(Silence):
    def __init__(self):
        self.steps = []

    def step(self, done, total, text):
        self.steps.append((done, total))


def test_progress_counts_the_fits(planted):
    study, watcher = planted(rows=300), Watcher()
    settings = ImportanceSettings(iterations=10, folds=2, seeds=2)
    rank_importance(study.features, study.samples, study.task, settings, 0, watcher)
    assert watcher.steps == [(0, 4), (1, 4), (2, 4), (3, 4), (4, 4)]


def test_a_stop_ends_a_long_fit_soon(planted):
    study = planted(rows=20_000)
    asked = threading.Event()
    timer = threading.Timer(1.5, asked.set)
    timer.start()
    with pytest.raises(Stopped):
        rank_importance(
            study.features, study.samples, study.task, ImportanceSettings(iterations=5000), 0, Silence(), asked.is_set
        )
    assert asked.is_set()
    timer.join()


def test_a_stop_before_the_first_fit_starts_none(planted):
    study = planted(rows=300)
    told = []
    progress = SimpleNamespace(step=lambda done, total, text: told.append(done), metric=None)
    with pytest.raises(Stopped):
        rank_importance(
            study.features, study.samples, study.task, ImportanceSettings(), 0, progress, should_stop=lambda: True
        )
    assert not any(told)


def test_no_file_is_written(planted, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    planted(rows=300).rank(iterations=10)
    assert list(tmp_path.iterdir()) == []


def test_a_ranking_survives_json_and_the_document_has_the_fields_of_the_contract(planted):
    ranking = planted(rows=700).rank()
    assert from_json(ImportanceRanking, to_json(ranking)) == ranking
    document = importance_document(ranking)
    assert {"features", "noise_line", "chosen", "findings"} <= set(document)
    assert set(document["features"][0]) == {"name", "importance", "rank", "rank_low", "rank_high", "label"}
