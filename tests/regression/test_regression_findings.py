from dataclasses import replace

import numpy as np
import pytest

from core.findings.model import Severity
from core.recipe.model import Recipe


def codes(report):
    return {finding.code for finding in report.findings}


def walks(make_study, seed, predict, horizon=1):
    random = np.random.default_rng(seed)
    values = {"other": random.standard_normal(1500).cumsum()}
    return make_study(values, 500 + random.standard_normal(1500).cumsum(), predict=predict, horizon=horizon)


def test_two_unrelated_walks_are_called_spurious(make_study):
    reports = [walks(make_study, seed, "level").fit() for seed in range(10)]
    called = [report for report in reports if "spurious-regression" in codes(report)]
    assert len(called) >= 6
    finding = next(finding for finding in called[0].findings if finding.code == "spurious-regression")
    assert finding.severity is Severity.PROBLEM
    assert finding.column == "other"
    assert finding.remedy.field == "predict"


def test_the_remedy_against_a_spurious_regression_can_be_applied_and_helps(make_study):
    report = walks(make_study, 1, "level").fit()
    remedy = next(finding for finding in report.findings if finding.code == "spurious-regression").remedy
    recipe = Recipe().change(remedy.section, **{remedy.field: remedy.value})
    assert "spurious-regression" not in codes(walks(make_study, 1, recipe.training.predict).fit())


def test_changes_of_walks_are_never_called_spurious(make_study):
    for seed in range(6):
        assert "spurious-regression" not in codes(walks(make_study, seed, "difference").fit())


def test_a_sound_regression_has_no_warning(planted):
    assert all(finding.severity is Severity.INFO for finding in planted().fit().findings)


def test_few_rows_for_many_features_are_warned_of(make_study):
    random = np.random.default_rng(0)
    values = {f"f{number}": random.standard_normal(200) for number in range(20)}
    target = random.standard_normal(200).cumsum()
    assert "few-rows-per-feature" in codes(make_study(values, target).fit())
    assert "few-rows-per-feature" not in codes(make_study(values, target).fit(features=("f1", "f2")))


@pytest.mark.parametrize(("lags", "warned"), [(3, True), (4, False), (None, False)])
def test_lags_shorter_than_the_overlap_are_warned_of(planted, lags, warned):
    assert ("hac-lags-short" in codes(planted(horizon=5).fit(hac_lags=lags))) is warned


def test_a_panel_is_told_what_its_errors_leave_out(planted):
    assert "series-move-together" in codes(planted(series=2).fit())
    assert "series-move-together" not in codes(planted().fit())


def test_one_series_cut_at_a_gap_is_still_one_series(planted):
    study = planted()
    cut = np.arange(800) >= 240
    features = replace(study.features, blocks=cut.astype(int))
    report = replace(
        study, features=features, samples=replace(study.samples, blocks=cut[study.samples.rows].astype(int))
    ).fit()
    assert "series-move-together" not in codes(report)
    found = {diagnostic.name: diagnostic for diagnostic in report.diagnostics}
    assert found["CUSUM"].passed is not None
    assert "the longest stretch" in found["ADF"].sentence
    assert not any("series" in diagnostic.sentence for diagnostic in report.diagnostics)


def test_skill_out_of_sample_is_not_denied(planted):
    assert "no-linear-skill" not in codes(planted().fit())
