import numpy as np
import pytest
import statsmodels.api as sm
from statsmodels.stats import diagnostic
from statsmodels.stats.stattools import durbin_watson as durbin_watson_of_statsmodels
from statsmodels.stats.stattools import jarque_bera

from core.regression.diagnostics import diagnose_collinearity

NAMES = [
    "Durbin-Watson",
    "Ljung-Box",
    "Breusch-Godfrey",
    "Breusch-Pagan",
    "White",
    "ARCH-LM",
    "Jarque-Bera",
    "RESET",
    "CUSUM",
    "Break",
    "Variance inflation",
    "Condition number",
    "ADF",
    "KPSS",
]


def by_name(report):
    return {found.name: found for found in report.diagnostics}


def study_of(make_study, change, rows=900, **rest):
    """A target that changes by `change(x, noise)` one row after the feature x."""
    random = np.random.default_rng(5)
    x, noise = random.standard_normal(rows), random.standard_normal(rows)
    return make_study({"x": x}, np.cumsum(np.r_[0, change(x, noise)[:-1]]), **rest)


def test_statistics_match_statsmodels(planted):
    study = planted()
    found = by_name(study.fit())
    rows = study.train_rows()
    fit = sm.OLS(study.samples.outcome[rows], sm.add_constant(study.features.values.to_numpy()[rows])).fit()
    ljung_box = diagnostic.acorr_ljungbox(fit.resid, lags=[10])
    godfrey = diagnostic.acorr_breusch_godfrey(fit, nlags=10, result_object=True)
    arch = diagnostic.het_arch(fit.resid, nlags=10, result_object=True)
    pagan = diagnostic.het_breuschpagan(fit.resid, fit.model.exog)
    reset = diagnostic.linear_reset(fit, power=3, use_f=True, cov_type="HC1")
    cusum = diagnostic.breaks_cusumolsresid(fit.resid, ddof=3)
    expected = {
        "Ljung-Box": (ljung_box["lb_stat"].iloc[0], ljung_box["lb_pvalue"].iloc[0]),
        "Breusch-Godfrey": (godfrey.lm, godfrey.lmpval),
        "ARCH-LM": (arch.lm, arch.lmpval),
        "Breusch-Pagan": pagan[:2],
        "White": diagnostic.het_white(fit.resid, fit.model.exog)[:2],
        "Jarque-Bera": jarque_bera(fit.resid)[:2],
        "RESET": (float(np.squeeze(reset.statistic)), float(reset.pvalue)),
        "CUSUM": cusum[:2],
    }
    assert found["Durbin-Watson"].statistic == pytest.approx(durbin_watson_of_statsmodels(fit.resid))
    for name, pair in expected.items():
        assert (found[name].statistic, found[name].p_value) == pytest.approx(pair, rel=1e-6), name


def test_every_test_is_run_and_has_a_sentence(planted):
    report = planted().fit()
    assert [found.name for found in report.diagnostics] == NAMES
    assert all(found.sentence.endswith(".") and len(found.sentence) > 30 for found in report.diagnostics)


def test_a_sound_regression_passes_its_tests(planted):
    failed = [found.name for seed in range(10) for found in planted(seed).fit().diagnostics if found.passed is False]
    assert len(failed) <= 16  # 140 tests at 5%: more than 16 fail in one run of a thousand


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("Ljung-Box", lambda x, noise: x + noise + 0.5 * np.r_[0, noise[:-1]]),
        ("Breusch-Godfrey", lambda x, noise: x + noise + 0.5 * np.r_[0, noise[:-1]]),
        ("Durbin-Watson", lambda x, noise: x + noise + 0.9 * np.r_[0, noise[:-1]]),
        ("Durbin-Watson", lambda x, noise: x + noise - 0.9 * np.r_[0, noise[:-1]]),
        ("Breusch-Pagan", lambda x, noise: x + noise * np.exp(x / 2)),
        ("White", lambda x, noise: x + noise * np.abs(x)),
        ("Break", lambda x, noise: np.where(np.arange(len(x)) < 300, x, -x) + noise),
        ("ARCH-LM", lambda x, noise: x + noise * np.sqrt(0.3 + 0.9 * np.r_[0, noise[:-1] ** 2])),
        ("Jarque-Bera", lambda x, noise: x + noise**3),
        ("RESET", lambda x, noise: x + 0.5 * x**2 + noise),
        ("CUSUM", lambda x, noise: x + noise + np.where(np.arange(len(x)) < 300, -0.5, 0.5)),
    ],
)
def test_a_planted_violation_is_found(make_study, name, change):
    found = by_name(study_of(make_study, change).fit())[name]
    assert found.passed is False


@pytest.mark.parametrize(
    ("change", "tails"),
    [
        (lambda x, noise: x + noise**3, "the tails are heavier"),
        (lambda x, noise: x + np.sign(noise) * (1 + noise / 10), "the tails are lighter"),
        (lambda x, noise: x + (noise > 0.674), "one tail is heavier"),
    ],
)
def test_the_sentence_on_normality_describes_the_tails(make_study, change, tails):
    found = by_name(study_of(make_study, change).fit())["Jarque-Bera"]
    assert found.passed is False
    assert tails in found.sentence


def test_the_sentence_on_collinearity_names_the_feature_by_its_label():
    inflation, _ = diagnose_collinearity(("x",), np.eye(1))
    assert "other features" not in inflation.sentence
    inflation, condition = diagnose_collinearity(("x.lag1", "y"), np.eye(2))
    assert inflation.sentence == "VIF 1: the other features explain 0% of the variance of x, lag 1."
    assert condition.sentence == "Condition number of the scaled features: 1, at most 30."
    inflation, condition = diagnose_collinearity(("x", "y.lag5"), np.diag([1.0, 10000.0]))
    assert inflation.sentence == (
        "VIF 10,000: the other features explain 99.9% of the variance of y, lag 5, which multiplies the standard error of its "
        "coefficient by 100."
    )
    assert (inflation.passed, condition.passed) == (False, False)


def test_overlapping_outcomes_are_tested_without_their_overlap(planted):
    found = by_name(planted(rows=4000, horizon=5).fit())
    for name in NAMES[:9]:
        assert found[name].passed, name
        assert "overlap" in found[name].sentence


def test_too_few_rows_without_overlap_are_not_tested(planted):
    found = by_name(planted(rows=200, horizon=30).fit())
    for name in NAMES[:9]:
        assert (found[name].passed, found[name].statistic, found[name].p_value) == (None, None, None)
        assert found[name].sentence == "Not tested: only 4 rows without overlapping outcomes."


def test_series_too_short_for_a_test_are_not_tested(planted):
    found = by_name(planted(rows=1600, series=100).fit())
    assert found["Ljung-Box"].statistic is not None
    assert found["ARCH-LM"].passed is None
    assert found["CUSUM"].passed is None
    found = by_name(planted(rows=3000, series=100, horizon=12).fit())
    assert found["Durbin-Watson"].passed is found["Ljung-Box"].passed is None


def test_short_series_do_not_look_autocorrelated(planted):
    assert by_name(planted(rows=3200, series=200).fit())["Durbin-Watson"].statistic == pytest.approx(2, abs=0.2)


def test_a_panel_of_the_same_series_twice_has_the_autocorrelation_of_the_series(planted, make_study):
    single = planted(rows=1000)
    values, target = single.features.values, single.features.target
    double = make_study({name: np.tile(values[name].to_numpy(), 2) for name in values}, np.tile(target, 2), series=2)
    alone, twice = by_name(single.fit()), by_name(double.fit())
    assert twice["Durbin-Watson"].statistic == pytest.approx(alone["Durbin-Watson"].statistic, rel=2e-3)
    assert twice["Ljung-Box"].statistic == pytest.approx(2 * alone["Ljung-Box"].statistic, rel=0.02)


@pytest.mark.fires("too-good-fit")
def test_an_exact_fit_is_not_tested_and_is_reported(make_study):
    random = np.random.default_rng(2)
    x = random.standard_normal(300)
    report = make_study({"x": x}, np.cumsum(np.r_[0, x[:-1]])).fit()
    found = by_name(report)
    assert all(found[name].passed is None and "leak" in found[name].sentence for name in NAMES[:9])


def test_an_exact_fit_of_integers_has_finite_numbers_and_no_warning(make_study):
    x = np.tile([-1.0, 1.0, 1.0, -1.0], 50)
    report = make_study({"x": x}, np.cumsum(np.r_[0, x[:-1]])).fit()
    numbers = [getattr(c, field) for c in report.coefficients for field in ("std_err", "std_err_hac", "t", "p_value")]
    assert all(number is None or np.isfinite(number) for number in numbers)


def test_reset_is_not_tested_on_a_feature_with_two_values(make_study):
    random = np.random.default_rng(2)
    x = random.integers(0, 2, 300).astype(float)
    report = make_study({"x": x}, np.cumsum(random.standard_normal(300))).fit()
    assert by_name(report)["RESET"].passed is None


def test_weekday_dummies_with_a_horizon_of_a_week_can_be_tested(make_study):
    random = np.random.default_rng(2)
    values = {f"day {day}": (np.arange(700) % 5 == day).astype(float) for day in range(4)}
    report = make_study(
        values | {"x": random.standard_normal(700)}, np.cumsum(random.standard_normal(700)), horizon=5
    ).fit()
    assert len(report.features) == 5
    assert by_name(report)["Ljung-Box"].statistic is not None
