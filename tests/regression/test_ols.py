from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from core.errors.model import Stopped
from core.errors.regression import NoVaryingFeature, TargetIsClass, TooFewSamplesToRegress
from core.errors.samples import ConstantOutcome, NoFeature, NoSelectedFeature
from core.findings.recipe import AbsentColumns
from core.findings.regression import CollinearFeatures, ConstantFeatures, NearCollinearFeatures, NoLinearSkill
from core.io.json import from_json, to_json
from core.progress import NoProgress
from core.regression.ols import fit_regression
from core.regression.question import Question
from core.regression.report import RegressionReport, regression_document
from core.samples.features import FeatureFrame
from core.samples.samples import Samples
from core.samples.task import Task

# https://www.itl.nist.gov/div898/strd/lls/data/LINKS/v-Longley.shtml
LONGLEY = {
    "const": (-3482258.63459582, 890420.383607373),
    "GNPDEFL": (15.0618722713733, 84.9149257747669),
    "GNP": (-0.358191792925910e-01, 0.334910077722432e-01),
    "UNEMP": (-2.02022980381683, 0.488399681651699),
    "ARMED": (-1.03322686717359, 0.214274163161675),
    "POP": (-0.511041056535807e-01, 0.226073200069370),
    "YEAR": (1829.15146461355, 455.478499142212),
}


@pytest.fixture
def longley() -> RegressionReport:
    data = sm.datasets.longley.load_pandas()
    rows = len(data.endog)
    times = pd.date_range("1947", periods=rows, freq="YS").to_numpy().astype("datetime64[us]")
    target = data.endog.to_numpy(dtype=float)
    blocks = np.zeros(rows, dtype=np.int64)
    features = FeatureFrame(
        values=data.exog.astype(float),
        times=times,
        series=None,
        blocks=blocks,
        target=target,
        lines=np.arange(rows) + 2,
    )
    samples = Samples(
        rows=np.arange(rows),
        base=target,
        future=target,
        outcome=target,
        origin_times=times,
        target_times=times,
        blocks=blocks,
        eras=np.zeros(rows, dtype=np.int8),
    )
    task = Task(target="TOTEMP", predict="level", horizon=1)
    return fit_regression(
        Question(kind="predict", values="changes", task=task, features=features, samples=samples, selected=())
    )


def test_longley_matches_the_certified_values_of_nist(longley):
    found = {c.name: (c.coef, c.std_err) for c in longley.coefficients}
    assert list(found) == list(LONGLEY)
    for name, certified in LONGLEY.items():
        assert found[name] == pytest.approx(certified, rel=1e-8), name
    assert longley.r_squared == pytest.approx(0.995479004577296, rel=1e-12)


@pytest.mark.fires("near-collinear-features")
def test_longley_is_nearly_collinear(longley):
    inflation = next(found for found in longley.diagnostics if found.name == "Variance inflation")
    assert inflation.statistic == pytest.approx(1788.51348271, rel=1e-6)  # R, car::vif
    assert inflation.passed is False
    (found,) = (finding for finding in longley.findings if isinstance(finding, NearCollinearFeatures))
    assert (found.feature, found.vif) == ("GNP", inflation.statistic)


def statsmodels_fit(study, names, **kind):
    rows = study.train_rows()
    exog = sm.add_constant(study.features.values[list(names)].to_numpy()[rows])
    return sm.OLS(study.samples.outcome[rows], exog).fit(**kind)


@pytest.mark.parametrize("lags", [None, 0, 3, 40])
def test_hac_errors_match_statsmodels(planted, lags):
    study = planted()
    report = study.fit(hac_lags=lags)
    kind = {"maxlags": report.hac_lags, "use_correction": True}
    expected = statsmodels_fit(study, report.features, cov_type="HAC", cov_kwds=kind, use_t=True)
    assert [c.std_err_hac for c in report.coefficients] == pytest.approx(expected.bse, rel=1e-9)
    assert [(c.low, c.high) for c in report.coefficients] == pytest.approx(expected.conf_int(), rel=1e-9)
    assert report.coefficients[0].p_value_hac == pytest.approx(expected.pvalues[0], rel=1e-6)


def test_hc3_errors_match_statsmodels(planted):
    study = planted(rows=60)
    report = study.fit()
    expected = statsmodels_fit(study, report.features, cov_type="HC3")
    assert [c.std_err_hc3 for c in report.coefficients] == pytest.approx(expected.bse, rel=1e-9)


def test_a_row_that_fits_itself_leaves_its_own_coefficient_without_an_hc3_error(planted):
    study = planted()
    spike = (np.arange(800) == 9).astype(float)
    values = study.features.values.assign(spike=spike)
    found = {c.name: c for c in replace(study, features=replace(study.features, values=values)).fit().coefficients}
    assert found["spike"].std_err_hc3 is None
    assert found["spike"].rows_behind == pytest.approx(1, abs=0.02)
    assert found["good"].std_err_hc3 is not None


def test_standardised_coefficients_and_information_criteria_match_statsmodels(planted):
    study = planted()
    report = study.fit()
    rows = study.train_rows()
    values, outcome = study.features.values.to_numpy()[rows], study.samples.outcome[rows]
    expected = statsmodels_fit(study, report.features)
    assert (report.aic, report.bic) == pytest.approx((expected.aic, expected.bic), rel=1e-9)
    units = values.std(axis=0) / outcome.std()
    assert [c.standardised for c in report.coefficients[1:]] == pytest.approx(expected.params[1:] * units, rel=1e-9)
    assert report.coefficients[0].standardised is None


def test_ordinary_errors_match_statsmodels(planted):
    study = planted()
    report = study.fit()
    expected = statsmodels_fit(study, report.features)
    assert [c.coef for c in report.coefficients] == pytest.approx(expected.params, rel=1e-9)
    assert [c.std_err for c in report.coefficients] == pytest.approx(expected.bse, rel=1e-9)
    assert [c.t for c in report.coefficients] == pytest.approx(expected.tvalues, rel=1e-9)
    assert [c.p_value for c in report.coefficients] == pytest.approx(expected.pvalues, rel=1e-6, abs=1e-15)
    assert report.r_squared_adj == pytest.approx(expected.rsquared_adj, rel=1e-9)


def test_in_a_panel_hac_errors_do_not_cross_series(planted):
    study = planted(rows=900, series=3)
    report = study.fit(hac_lags=8)
    groups = study.samples.blocks[study.train_rows()]
    kind = {"groups": groups, "maxlags": 8, "use_correction": False, "df_correction": False}
    expected = statsmodels_fit(study, report.features, cov_type="hac-panel", cov_kwds=kind)
    freedom = len(groups) - 3
    errors = expected.bse * (len(groups) / freedom) ** 0.5
    assert [c.std_err_hac for c in report.coefficients] == pytest.approx(errors, rel=1e-9)
    crossing = statsmodels_fit(study, report.features, cov_type="HAC", cov_kwds={"maxlags": 8})
    assert [c.std_err_hac for c in report.coefficients] != pytest.approx(crossing.bse, rel=1e-9)


def test_the_unit_of_a_feature_changes_only_its_coefficient(planted):
    study = planted()
    plain = study.fit()
    values = study.features.values.assign(good=study.features.values["good"] * 1e-9 + 1.0)
    scaled = replace(study, features=replace(study.features, values=values)).fit()
    assert scaled.coefficients[2].coef == pytest.approx(plain.coefficients[2].coef * 1e9, rel=1e-5)
    assert scaled.coefficients[2].t == pytest.approx(plain.coefficients[2].t, rel=1e-5)
    assert scaled.r2_oos == pytest.approx(plain.r2_oos, abs=1e-5)


def test_a_planted_effect_is_significant_and_noise_is_not(planted):
    dull_found = 0
    for seed in range(10):
        by_name = {c.name: c for c in planted(seed).fit().coefficients}
        assert by_name["good"].p_value_hac < 0.001
        assert by_name["good"].coef == pytest.approx(0.5, abs=0.15)
        dull_found += by_name["dull"].p_value_hac < 0.05
    assert dull_found <= 3


def test_a_planted_effect_generalises_to_the_validation_era(planted):
    report = planted().fit()
    assert report.r2_oos == pytest.approx(0.2, abs=0.12)
    assert report.oos_rows == 120


@pytest.mark.fires("no-linear-skill")
def test_r2_oos_is_measured_against_persistence(make_study):
    random = np.random.default_rng(3)
    target = 50 + np.cumsum(random.standard_normal(400))
    study = make_study({"noise": random.standard_normal(400)}, target, predict="level")
    report = study.fit()
    which = np.flatnonzero(study.samples.eras == 1)
    const, slope = (c.coef for c in report.coefficients)
    predicted = const + slope * study.features.values["noise"].to_numpy()[which]
    errors = target[which + 1] - predicted
    steps = target[which + 1] - target[which]
    assert report.rival == "persistence"
    assert report.r2_oos == pytest.approx(1 - np.sum(errors**2) / np.sum(steps**2))
    (found,) = (finding for finding in report.findings if isinstance(finding, NoLinearSkill))
    assert (found.rival, found.r2_oos, found.oos_rows) == (report.rival, report.r2_oos, report.oos_rows)


@pytest.mark.fires("no-linear-skill")
def test_a_mean_reverting_target_is_measured_against_its_mean(make_study):
    random = np.random.default_rng(3)
    target = 2 + random.standard_normal(400)
    study = make_study({"noise": random.standard_normal(400)}, target, predict="difference")
    report = study.fit()
    assert report.rival == "the train mean"
    assert report.r2_oos < 0.1
    (found,) = (finding for finding in report.findings if isinstance(finding, NoLinearSkill))
    assert found.rival == "the train mean"


def test_the_test_era_has_no_effect(planted):
    study = planted()
    test_rows = study.samples.eras == 2
    values = study.features.values.copy()
    values.loc[test_rows] = 1e6
    outcome, future = study.samples.outcome.copy(), study.samples.future.copy()
    outcome[test_rows], future[test_rows] = -77.0, 1e9
    changed = replace(
        study,
        features=replace(study.features, values=values),
        samples=replace(study.samples, outcome=outcome, future=future),
    )
    assert to_json(changed.fit()) == to_json(study.fit())


def test_the_validation_era_affects_r2_oos_and_the_best_penalty_only(planted):
    study = planted()
    outcome = study.samples.outcome.copy()
    outcome[study.samples.eras == 1] *= 3
    before, after = study.fit(), replace(study, samples=replace(study.samples, outcome=outcome)).fit()
    assert after.r2_oos != before.r2_oos
    judged = {"r2_oos": 0.0, "findings": (), "shrinkage": ()}
    assert replace(after, **judged) == replace(before, **judged)
    for one, other in zip(after.shrinkage, before.shrinkage, strict=True):
        assert one.coefficients == other.coefficients


def test_a_report_survives_json(planted):
    report = planted(series=2, horizon=3).fit()
    assert from_json(RegressionReport, to_json(report)) == report


def test_the_document_has_the_fields_of_the_contract(planted):
    document = regression_document(planted().fit())
    wanted = {
        "question",
        "coefficients",
        "r_squared",
        "r_squared_adj",
        "aic",
        "bic",
        "r2_oos",
        "diagnostics",
        "scan",
        "shrinkage",
        "findings",
    }
    assert wanted <= set(document)
    names = {
        *("name", "coef", "standardised", "std_err", "std_err_hc3", "std_err_hac", "t", "p_value", "p_value_hac"),
        *("low", "high", "rows_behind"),
    }
    assert set(document["coefficients"][0]) == names
    assert document["question"] == "predict"
    assert set(document["diagnostics"][0]) == {"name", "statistic", "p_value", "passed", "sentence", "remedy"}
    assert b"NaN" not in to_json(document)


def test_only_the_selected_features_are_used(planted):
    report = planted().fit(features=("good",))
    assert report.features == ("good",)
    assert [row.name for row in report.scan] == ["good"]


def test_an_unknown_feature_is_skipped_and_reported(planted):
    report = planted().fit(features=("goood", "good"))
    assert report.features == ("good",)
    (found,) = (finding for finding in report.findings if isinstance(finding, AbsentColumns))
    assert (found.names, found.kind, found.settings) == (("goood",), "feature", ("the regression features",))
    assert not any(isinstance(finding, AbsentColumns) for finding in planted().fit(features=("good",)).findings)


def test_if_no_selected_feature_exists_the_regression_is_refused(planted):
    with pytest.raises(NoSelectedFeature) as error:
        planted().fit(features=("goood",))
    assert (error.value.selected, error.value.features) == (("goood",), ("dull", "good"))
    assert "'good'" in error.value.hint


def test_too_few_train_samples_are_refused(planted):
    with pytest.raises(TooFewSamplesToRegress) as error:
        planted(rows=17).fit()
    assert (error.value.found, error.value.features, error.value.needed) == (11, 2, 12)


def test_a_constant_outcome_is_refused(make_study):
    study = make_study({"x": np.random.default_rng(0).standard_normal(100)}, np.full(100, 7.0))
    with pytest.raises(ConstantOutcome) as error:
        study.fit()
    assert error.value.value == 0


def test_a_target_with_two_values_is_refused_as_a_class(make_study):
    random = np.random.default_rng(0)
    up = (random.standard_normal(100) > 0).astype(float)
    with pytest.raises(TargetIsClass) as error:
        make_study({"x": random.standard_normal(100)}, up).fit()
    assert (error.value.column, error.value.values) == ("y", (0.0, 1.0))
    assert make_study({"x": random.standard_normal(100)}, np.where(np.arange(100) == 5, 2.0, up)).fit().rows > 0


def test_constant_features_alone_are_refused(make_study):
    study = make_study({"x": np.ones(100)}, np.random.default_rng(0).standard_normal(100))
    with pytest.raises(NoVaryingFeature):
        study.fit()


@pytest.mark.fires("constant-features", "collinear-features")
def test_constant_and_collinear_features_are_left_out_and_reported(planted):
    study = planted()
    good, dull = study.features.values["good"], study.features.values["dull"]
    values = study.features.values.assign(flat=3.0, both=good * 2 + dull - 5)
    report = replace(study, features=replace(study.features, values=values)).fit()
    assert report.features == ("dull", "good")
    constant, collinear = report.findings[:2]
    assert isinstance(constant, ConstantFeatures) and isinstance(collinear, CollinearFeatures)
    assert (constant.features, constant.column, constant.count) == (("flat",), "flat", 1)
    assert (collinear.features, collinear.column, collinear.sources) == (("both",), "both", (("dull", "good"),))
    assert constant.remedy.value == collinear.remedy.value == ("dull", "good")
    assert replace(report, findings=()) == replace(study.fit(), findings=())


def test_missing_outcomes_are_left_out(planted):
    study = planted()
    outcome = study.samples.outcome.copy()
    outcome[5:10] = np.nan
    assert replace(study, samples=replace(study.samples, outcome=outcome)).fit().rows == study.fit().rows - 5


def test_residuals_are_thinned_evenly_and_include_both_ends(planted):
    study = planted(rows=9000)
    report = study.fit()
    points = report.residuals
    assert len(points.times) == len(points.fitted) == len(points.residual) == 4000
    assert points.sampled_from == report.rows == len(study.train_rows())
    assert points.times[0] == "2000-01-01T00:00:00"
    assert list(points.times) == sorted(points.times)
    first = study.samples.outcome[0]
    assert points.fitted[0] + points.residual[0] == pytest.approx(first)


class Recorder(NoProgress):
    def __init__(self):
        self.steps = []

    def step(self, done, total, text):
        self.steps.append((done, total))


def test_progress_ends_at_its_total_and_a_stop_is_followed(planted):
    study, recorder = planted(), Recorder()
    fit_regression(study.ask(), progress=recorder)
    assert recorder.steps[-1] == (4, 4)
    with pytest.raises(Stopped):
        fit_regression(study.ask(), should_stop=lambda: True)


@pytest.mark.silent("constant-features", "collinear-features", "near-collinear-features")
def test_an_almost_constant_and_an_almost_collinear_feature_are_kept(planted):
    study = planted()
    values = study.features.values
    noise = np.random.default_rng(1).standard_normal(len(values))
    step = (np.arange(len(values)) == 9).astype(float)
    values = values.assign(spike=3.0 + step, both=values["good"] + 0.5 * noise)
    report = replace(study, features=replace(study.features, values=values)).fit()
    assert report.features == ("dull", "good", "spike", "both")


def test_without_features_the_regression_is_refused(planted):
    study = planted()
    empty = replace(study, features=replace(study.features, values=study.features.values[[]]))
    with pytest.raises(NoFeature):
        empty.fit()
