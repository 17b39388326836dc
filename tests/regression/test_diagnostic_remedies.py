import numpy as np
import pytest

from core.recipe.model import Recipe
from core.recipe.remedies import apply_remedy, holds_remedy


def failed(report):
    return {found.name: found.remedy for found in report.diagnostics if found.passed is False}


def random_walk(seed: int, rows: int = 600) -> np.ndarray:
    return 100 + np.cumsum(np.random.default_rng(seed).normal(size=rows))


def test_residuals_that_drift_are_answered_by_changes(make_study):
    report = make_study({"a": random_walk(1)}, random_walk(2), predict="level").fit(kind="explain", values="levels")
    remedies = failed(report)
    assert {remedies[name].value for name in ("Durbin-Watson", "Ljung-Box", "ADF")} == {"changes"}


def test_a_level_that_is_predicted_is_answered_by_its_change(make_study):
    report = make_study({"a": random_walk(1)}, random_walk(2), predict="level").fit()
    remedy = failed(report)["ADF"]
    assert (remedy.section, remedy.field, remedy.value) == ("training", "predict", "log_return")


def test_autocorrelation_of_changes_is_answered_by_a_lag(make_study):
    random = np.random.default_rng(4)
    shock = random.normal(size=1200)
    change = shock + 0.6 * np.r_[0.0, shock[:-1]]
    report = make_study({"a": random.normal(size=1200)}, np.cumsum(change)).fit()
    remedy = failed(report)["Ljung-Box"]
    assert apply_remedy(Recipe(), remedy).features.lags == (1,)


def test_inflation_is_answered_by_dropping_one_column_and_the_condition_by_a_selection(make_study):
    random = np.random.default_rng(5)
    one = random.normal(size=600)
    values = {"one": one, "twin": one + 0.01 * random.normal(size=600), "other": random.normal(size=600)}
    remedies = failed(make_study(values, random_walk(6)).fit())
    assert remedies["Variance inflation"].value in (("one",), ("twin",))
    assert remedies["Condition number"].value == "forward"


@pytest.mark.parametrize(("low", "offered"), [(1.0, True), (-1.0, False)])
def test_curvature_is_answered_by_logs_where_all_values_are_positive(make_study, low, offered):
    random = np.random.default_rng(7)
    grown = np.geomspace(1, 1000, 600)[random.permutation(600)]
    column = grown if low > 0 else grown - 2
    # The study pairs a row with the next target.
    target = np.r_[0.0, np.log(grown)[:-1]] + 0.1 * random.normal(size=600)
    report = make_study({"a": column, "b": random.normal(size=600)}, target, predict="level").fit(
        kind="explain", values="levels"
    )
    remedy = failed(report)["RESET"]
    assert (remedy is not None) is offered
    if offered:
        assert (remedy.section, remedy.field, remedy.value) == ("cleaning", "log", ("a",))


def test_what_holds_has_no_remedy(planted):
    report = planted().fit()
    assert all(found.remedy is None for found in report.diagnostics if found.passed is not False)
    assert all(not holds_remedy(Recipe(), remedy) for remedy in failed(report).values() if remedy)
