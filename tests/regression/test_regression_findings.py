from dataclasses import replace

import numpy as np
import pytest

from core.findings.model import Severity
from core.findings.regression import FewRowsPerFeature, HacLagsShort, SpuriousRegression, TooGoodFit
from core.recipe.model import Recipe


def codes(report):
    return {finding.code for finding in report.findings}


def random_walks(make_study, seed, predict, horizon=1):
    random = np.random.default_rng(seed)
    values = {"other": random.standard_normal(1500).cumsum()}
    return make_study(values, 500 + random.standard_normal(1500).cumsum(), predict=predict, horizon=horizon)


@pytest.mark.fires("spurious-regression")
def test_a_regression_between_unrelated_random_walks_is_spurious(make_study):
    reports = [random_walks(make_study, seed, "level").fit() for seed in range(10)]
    found = [finding for report in reports for finding in report.findings if isinstance(finding, SpuriousRegression)]
    assert len(found) >= 6
    assert found[0].severity is Severity.PROBLEM
    assert (found[0].column, found[0].change) == ("other", "log_return")
    assert found[0].durbin_watson < found[0].r_squared


def test_the_remedy_against_a_spurious_regression_removes_the_finding(make_study):
    report = random_walks(make_study, 1, "level").fit()
    remedy = next(finding for finding in report.findings if isinstance(finding, SpuriousRegression)).remedy
    recipe = Recipe().change(remedy.section, **{remedy.field: remedy.value})
    assert "spurious-regression" not in codes(random_walks(make_study, 1, recipe.training.predict).fit())


@pytest.mark.silent("spurious-regression")
def test_a_regression_of_changes_of_random_walks_is_not_spurious(make_study):
    for seed in range(6):
        assert random_walks(make_study, seed, "difference").fit().rows > 0


def test_a_sound_regression_has_no_warning(planted):
    assert all(finding.severity is Severity.INFO for finding in planted().fit().findings)


def noise_study(make_study, features):
    random = np.random.default_rng(0)
    values = {f"f{number}": random.standard_normal(200) for number in range(features)}
    return make_study(values, random.standard_normal(200).cumsum())


@pytest.mark.fires("few-rows-per-feature")
def test_few_rows_per_feature_are_reported(make_study):
    report = noise_study(make_study, 20).fit()
    (found,) = (finding for finding in report.findings if isinstance(finding, FewRowsPerFeature))
    assert (found.samples, found.features) == (report.rows, 20)


@pytest.mark.silent("few-rows-per-feature")
def test_ten_rows_per_feature_are_enough(make_study):
    report = noise_study(make_study, 13).fit()
    assert 10 * 13 <= report.rows < 11 * 13


@pytest.mark.fires("hac-lags-short")
def test_lags_shorter_than_the_overlap_are_reported(planted):
    report = planted(horizon=5).fit(hac_lags=3)
    (found,) = (finding for finding in report.findings if isinstance(finding, HacLagsShort))
    assert (found.lags, found.horizon) == (3, 5)


@pytest.mark.silent("hac-lags-short")
@pytest.mark.parametrize("lags", [4, None])
def test_lags_as_long_as_the_overlap_are_not_reported(planted, lags):
    assert planted(horizon=5).fit(hac_lags=lags).hac_lags >= 4


@pytest.mark.fires("series-move-together")
def test_on_several_series_the_assumption_of_independence_is_reported(planted):
    planted(series=2).fit()


@pytest.mark.silent("series-move-together")
def test_one_series_split_at_a_gap_is_still_one_series(planted):
    study = planted()
    cut = np.arange(800) >= 240
    features = replace(study.features, blocks=cut.astype(int))
    report = replace(
        study, features=features, samples=replace(study.samples, blocks=cut[study.samples.rows].astype(int))
    ).fit()
    found = {diagnostic.name: diagnostic for diagnostic in report.diagnostics}
    assert found["CUSUM"].passed is not None
    assert "the longest unbroken stretch" in found["ADF"].sentence
    assert not any("series" in diagnostic.sentence for diagnostic in report.diagnostics)


@pytest.mark.fires("too-good-fit")
def test_a_fit_that_is_too_good_is_reported(make_study):
    random = np.random.default_rng(2)
    x, noise = random.standard_normal(300), random.standard_normal(300)
    report = make_study({"x": x}, np.cumsum(np.r_[0, (x + 0.2 * noise)[:-1]])).fit()
    (found,) = (finding for finding in report.findings if isinstance(finding, TooGoodFit))
    assert found.r_squared == report.r_squared > 0.9


@pytest.mark.silent("too-good-fit")
def test_a_good_fit_of_a_change_and_a_very_good_fit_of_a_level_are_not_reported(make_study):
    random = np.random.default_rng(2)
    x, noise = random.standard_normal(300), random.standard_normal(300)
    report = make_study({"x": x}, np.cumsum(np.r_[0, (x + 0.4 * noise)[:-1]])).fit()
    assert 0.8 < report.r_squared < 0.9
    level = np.r_[0, x[:-1]]
    assert make_study({"x": x}, level, predict="level").fit().r_squared > 0.9


@pytest.mark.silent("no-linear-skill")
def test_skill_out_of_sample_is_not_denied(planted):
    assert planted().fit().r2_oos > 0
