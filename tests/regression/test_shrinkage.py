import numpy as np
import pytest
from sklearn.linear_model import Ridge, lasso_path

from core.regression.shrinkage import solve_lasso, solve_ridge, trace_shrinkage
from core.regression.train_rows import select_rows


@pytest.fixture
def collinear() -> tuple[np.ndarray, np.ndarray]:
    """Six features of which three are near copies, centred, and an outcome of two of them."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=(400, 6))
    x[:, 1:3] = x[:, [0]] + 0.05 * x[:, 1:3]
    x -= x.mean(axis=0)
    y = x[:, 0] - 0.5 * x[:, 4] + rng.normal(size=400)
    return x / x.std(axis=0), y - y.mean()


def test_the_lasso_path_is_that_of_scikit_learn(collinear):
    x, y = collinear
    gram, products = x.T @ x / len(x), x.T @ y / len(x)
    strengths, expected, _ = lasso_path(x, y, alphas=30, tol=1e-10, max_iter=100_000)
    found = solve_lasso(gram, products, strengths)
    np.testing.assert_allclose(found, expected.T, atol=1e-5)
    np.testing.assert_allclose(found[0], 0, atol=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_the_lasso_path_meets_the_conditions_of_a_minimum(seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(300, 40)) @ (rng.normal(size=(40, 40)) * (rng.random((40, 40)) < 0.1) + np.eye(40))
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    y = x[:, :5].sum(axis=1) + 3 * rng.normal(size=300)
    gram, products = x.T @ x / 300, x.T @ (y - y.mean()) / 300
    strengths = np.abs(products).max() * np.geomspace(1, 1e-4, 50)
    for strength, found in zip(strengths, solve_lasso(gram, products, strengths), strict=True):
        gradient = products - gram @ found
        assert np.abs(gradient).max() <= strength * (1 + 1e-6)
        kept = np.abs(found) > 1e-12
        np.testing.assert_allclose(gradient[kept], strength * np.sign(found[kept]), rtol=1e-6)


def test_the_ridge_path_is_that_of_scikit_learn(collinear):
    x, y = collinear
    strengths = np.geomspace(10, 0.001, 7)
    found = solve_ridge(x.T @ x / len(x), x.T @ y / len(x), strengths)
    for strength, coefficients in zip(strengths, found, strict=True):
        expected = Ridge(alpha=strength * len(x), fit_intercept=False).fit(x, y).coef_
        np.testing.assert_allclose(coefficients, expected, rtol=1e-8)


def test_the_weakest_ridge_is_least_squares_and_the_strongest_lasso_is_the_constant(planted):
    study = planted()
    report = study.fit()
    ridge, lasso = report.shrinkage
    standardised = [found.standardised for found in report.coefficients[1:]]
    np.testing.assert_allclose(ridge.coefficients[-1], standardised, rtol=1e-3)
    assert ridge.r2_oos[-1] == pytest.approx(report.r2_oos, abs=1e-4)
    assert lasso.kept(0) == 0
    assert lasso.kept(len(lasso.strengths) - 1) == len(report.features)


def test_the_best_penalty_has_the_largest_r2_on_validation(planted):
    for path in planted().fit().shrinkage:
        assert path.r2_oos[path.best] == max(path.r2_oos)


def test_the_path_does_not_see_the_test_era(planted):
    study = planted()
    changed = planted()
    test = changed.samples.of(2)
    changed.samples.outcome[test] = 1e3
    assert trace_shrinkage(select_rows(study.ask())) == trace_shrinkage(select_rows(changed.ask()))


def test_one_feature_has_no_path(planted):
    assert planted().fit(features=("good",)).shrinkage == ()
