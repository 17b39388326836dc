"""What a question pairs: same-row changes or levels to explain, earlier features to predict."""

import numpy as np
import pandas as pd
import pytest

from core.context import Context
from core.findings.regression import Cointegrated, CointegrationNotTested, NotCointegrated, NothingToExplainWith
from core.ingest.step import read
from core.quality.step import profile
from core.recipe.model import Recipe
from core.regression.question import ERROR_CORRECTION, pose_question
from core.regression.step import regress
from core.samples.step import prepare_once

DATES = pd.bdate_range("2015-01-01", periods=600)


@pytest.fixture
def make_context(tmp_path):
    """Builds the context of columns under a recipe whose target is "y"."""

    def make(columns, **regression) -> Context:
        path = tmp_path / "data.csv"
        pd.DataFrame({"date": DATES[: len(columns["y"])], **columns}).to_csv(path, index=False)
        recipe = Recipe().change("ingest", target="y").change("regression", **regression)
        return Context(dataset=read(path, recipe, tmp_path / "tables"), recipe=recipe)

    return make


def ask(context):
    return pose_question(prepare_once(context), profile(context), context.recipe)


def prices(rows=600, seed=0):
    """A price `y` that moves with the price `x` in the same row, and a stationary return `r`."""
    random = np.random.default_rng(seed)
    own, shared, r = random.normal(0, 0.01, (3, rows))
    return {"y": 100 * np.exp(np.cumsum(shared + 0.2 * own)), "x": 50 * np.exp(np.cumsum(shared)), "r": r}


def test_to_explain_pairs_the_changes_of_the_same_row(make_context):
    columns = prices()
    question = ask(make_context(columns))
    assert (question.kind, question.values, question.task.predict) == ("explain", "changes", "log_return")
    assert list(question.features.values) == ["x.log_return", "r"]
    np.testing.assert_allclose(question.samples.outcome[1:], np.diff(np.log(columns["y"])), rtol=1e-9)
    np.testing.assert_allclose(question.features.values["x.log_return"][1:], np.diff(np.log(columns["x"])), rtol=1e-9)
    np.testing.assert_allclose(question.features.values["r"], columns["r"])
    assert question.samples.eras[0] == -1
    np.testing.assert_array_equal(question.samples.eras[1:], profile_eras(question, 1))


def profile_eras(question, first):
    cuts = [round(0.7 * 600), round(0.85 * 600)]
    return np.searchsorted(cuts, np.arange(first, 600), side="right")


def test_what_moves_together_is_found_and_generalises(make_context):
    report = regress(make_context(prices()))
    assert report.question == "explain"
    found = {c.name: c for c in report.coefficients}
    assert found["x.log_return"].coef == pytest.approx(1, abs=0.05)
    assert found["r"].p_value_hac > 0.01
    assert report.r2_oos > 0.9
    assert report.rival == "the train mean"


def test_to_predict_uses_the_samples_of_the_forecast(make_context):
    context = make_context(prices(), question="predict")
    ready = prepare_once(context)
    question = ask(context)
    assert question.kind == "predict"
    assert question.samples is ready.samples
    assert regress(context).r2_oos < 0.2


def test_levels_are_paired_as_they_are(make_context):
    columns = prices()
    question = ask(make_context(columns, values="levels"))
    assert list(question.features.values) == ["x", "r"]
    np.testing.assert_allclose(question.samples.outcome, columns["y"])
    assert question.samples.eras[0] == 0


def test_an_error_correction_adds_the_last_deviation_from_the_levels(make_context):
    random = np.random.default_rng(3)
    x = 100 + np.cumsum(random.standard_normal(600))
    deviation = np.zeros(600)
    for row in range(1, 600):
        deviation[row] = 0.7 * deviation[row - 1] + random.standard_normal()
    report = regress(make_context({"y": 20 + 2 * x + deviation, "x": x}, values="error_correction"))
    found = {c.name: c for c in report.coefficients}
    assert set(found) == {"const", "x.difference", ERROR_CORRECTION}
    assert found["x.difference"].coef == pytest.approx(2, abs=0.2)
    assert found[ERROR_CORRECTION].coef == pytest.approx(-0.3, abs=0.1)
    assert found[ERROR_CORRECTION].p_value_hac < 0.001


def test_lags_of_the_other_columns_explain_too(make_context):
    context = make_context(prices())
    recipe = context.recipe.change("features", lags=(1,))
    question = ask(context.under(recipe))
    assert list(question.features.values) == ["x.log_return", "x.log_return.lag1", "r", "r.lag1"]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ("changes", ("x.log_return", "r")),
        ("levels", ("x", "r")),
        ("error_correction", ("x.difference", "r.difference", ERROR_CORRECTION)),
    ],
)
def test_a_selection_is_kept_when_the_question_changes(make_context, values, expected):
    context = make_context(prices(), values=values, features=("x.log_return", "r"))
    assert ask(context).selected == expected


def test_publication_delays_do_not_shift_what_moves_together(make_context):
    context = make_context(prices())
    late = context.under(context.recipe.change("ingest", availability_lag={"x": 3}))
    pd.testing.assert_frame_equal(ask(context).features.values, ask(late).features.values)


@pytest.mark.fires("nothing-to-explain-with")
def test_without_another_column_the_target_is_predicted(make_context):
    report = regress(make_context({"y": prices()["y"]}))
    assert report.question == "predict"
    (found,) = (finding for finding in report.findings if isinstance(finding, NothingToExplainWith))
    assert found.target == "y"


@pytest.mark.silent("nothing-to-explain-with")
def test_with_another_column_the_question_is_as_asked(make_context):
    assert regress(make_context(prices())).question == "explain"


@pytest.mark.fires("not-cointegrated")
def test_unrelated_walks_are_spurious_and_changes_are_the_remedy(make_context):
    random = np.random.default_rng(1)
    columns = {"y": 500 + random.standard_normal(600).cumsum(), "x": 500 + random.standard_normal(600).cumsum()}
    context = make_context(columns, values="levels")
    report = regress(context)
    (found,) = (finding for finding in report.findings if isinstance(finding, NotCointegrated))
    assert found.statistic == report.cointegration.statistic > found.critical
    changes = context.under(context.recipe.change(found.remedy.section, **{found.remedy.field: found.remedy.value}))
    after = regress(changes)
    assert (after.cointegration, after.values) == (None, "changes")
    assert after.r_squared < 0.05


@pytest.mark.fires("cointegrated")
def test_the_remedy_of_related_levels_is_the_error_correction(make_context):
    random = np.random.default_rng(2)
    x = 300 + np.cumsum(random.standard_normal(600))
    context = make_context({"y": x + random.standard_normal(600), "x": x}, values="levels")
    report = regress(context)
    (found,) = (finding for finding in report.findings if isinstance(finding, Cointegrated))
    assert [form.values for form in report.forms] == ["levels", "changes", "error_correction"]
    assert [form.slopes[0].column for form in report.forms] == ["x", "x", "x"]
    assert report.forms[0].r_squared == pytest.approx(report.r_squared)
    after = regress(context.under(context.recipe.change("regression", **{found.remedy.field: found.remedy.value})))
    assert after.values == "error_correction"
    assert after.forms[2].r_squared == pytest.approx(after.r_squared)


@pytest.mark.fires("cointegration-not-tested")
def test_more_features_than_critical_values_are_not_judged(make_context):
    random = np.random.default_rng(2)
    columns = {f"x{number}": 100 + random.standard_normal(600).cumsum() for number in range(12)}
    report = regress(make_context({"y": 100 + random.standard_normal(600).cumsum(), **columns}, values="levels"))
    assert report.cointegration.cointegrated is None
    (found,) = (finding for finding in report.findings if isinstance(finding, CointegrationNotTested))
    assert (found.why, found.features) == ("features", 12)


@pytest.mark.silent("not-cointegrated", "cointegrated", "cointegration-not-tested")
def test_changes_are_not_tested_for_cointegration(make_context):
    assert regress(make_context(prices())).cointegration is None
