"""The texts of the findings on a regression, as a user reads them."""

import pytest

from core.findings.model import Finding, Severity
from core.findings.regression import (
    Cointegrated,
    CointegrationNotTested,
    CollinearFeatures,
    ConstantFeatures,
    FeaturesSelected,
    FewRowsBehind,
    FewRowsPerFeature,
    HacLagsShort,
    ManyTests,
    NearCollinearFeatures,
    NoLinearSkill,
    NotCointegrated,
    NothingToExplainWith,
    SeriesMoveTogether,
    SpuriousRegression,
    TooGoodFit,
)

INFO, WARNING, PROBLEM = Severity.INFO, Severity.WARNING, Severity.PROBLEM
USED = ("close.log_return",)
SPURIOUS = "The regression is probably spurious"
SPURIOUS_DETAIL = (
    "The level of close after 1 row and 'gold' both have a unit root, and so do the residuals: Durbin-Watson 0.0244 is below "
    "R² 0.622. Unrelated random walks look related by chance, so t and R² mean nothing here."
)


def spurious(change: str | None) -> SpuriousRegression:
    return SpuriousRegression(
        column="gold", outcome="level of close after 1 row", durbin_watson=0.02441, r_squared=0.6217, change=change
    )


TEXTS = [
    (
        ConstantFeatures(features=("vix",), used=USED),
        WARNING,
        "'vix' is left out: constant in the train era",
        "The effect of a constant feature cannot be separated from the intercept.",
        "Use only the other features",
    ),
    (
        ConstantFeatures(features=tuple("abcdefg"), used=USED),
        WARNING,
        "'a', 'b', 'c', 'd', 'e' and 2 more are left out: constant in the train era",
        "The effect of a constant feature cannot be separated from the intercept.",
        "Use only the other features",
    ),
    (
        CollinearFeatures(features=("spread",), sources=(("high", "low"),), used=USED),
        WARNING,
        "'spread' is left out: an exact linear combination of other features",
        "Their effects cannot be separated ('spread' from 'high', 'low'). The features listed first are kept.",
        "Use only the other features",
    ),
    (
        CollinearFeatures(features=("spread", "gold.lag1"), sources=(("high", "low"), ("gold",)), used=USED),
        WARNING,
        "'spread', 'gold, lag 1' are left out: exact linear combinations of other features",
        "Their effects cannot be separated ('spread' from 'high', 'low'; 'gold, lag 1' from 'gold'). The features listed first "
        "are kept.",
        "Use only the other features",
    ),
    (
        NoLinearSkill(rival="persistence", r2_oos=-0.0132, oos_rows=1225, r_squared=0.0716),
        INFO,
        "The regression does not beat persistence on the validation era",
        "Out-of-sample R² against persistence is -0.0132 on 1,225 rows; in-sample R² is 0.0716. A fit that does not generalise "
        "describes the past only.",
        None,
    ),
    (
        NoLinearSkill(rival="the train mean", r2_oos=-0.5, oos_rows=1, r_squared=0.2),
        INFO,
        "The regression does not beat the train mean on the validation era",
        "Out-of-sample R² against the train mean is -0.5 on 1 row; in-sample R² is 0.2. A fit that does not generalise "
        "describes the past only.",
        None,
    ),
    (
        TooGoodFit(r_squared=0.9731, outcome="log return of close over 1 row"),
        WARNING,
        "The features explain 97.3% of the variance of the log return of close over 1 row",
        "So much of a change is rarely predictable. Look for a feature that is published later than its date (look-ahead), and "
        "set a publication delay for its column.",
        None,
    ),
    (
        NearCollinearFeatures(feature="sp500.log_return", vif=10.24),
        INFO,
        "Some features are nearly collinear",
        "VIF 10.2: the other features explain 90.2% of the variance of 'sp500, log return', which multiplies the standard error "
        "of its coefficient by 3.2.",
        None,
    ),
    (
        HacLagsShort(lags=3, horizon=5),
        WARNING,
        "3 HAC lags: fewer than the overlap of the outcomes",
        "Outcomes over 5 rows overlap by 4 rows, so the HAC standard errors are too small.",
        "Choose lags automatically",
    ),
    (
        HacLagsShort(lags=0, horizon=2),
        WARNING,
        "0 HAC lags: fewer than the overlap of the outcomes",
        "Outcomes over 2 rows overlap by 1 row, so the HAC standard errors are too small.",
        "Choose lags automatically",
    ),
    (
        FewRowsPerFeature(samples=138, features=20),
        WARNING,
        "Only 138 train rows for 20 features",
        "With fewer than ten rows per feature, R² is high by chance. Select fewer features.",
        None,
    ),
    (
        SeriesMoveTogether(),
        INFO,
        "Standard errors assume that series are independent",
        "HAC standard errors allow for autocorrelation within each series. If series are correlated at the same time, the true "
        "standard errors are larger.",
        None,
    ),
    (spurious("log_return"), PROBLEM, SPURIOUS, SPURIOUS_DETAIL, "Predict the log return"),
    (spurious("difference"), PROBLEM, SPURIOUS, SPURIOUS_DETAIL, "Predict the difference"),
    (spurious(None), PROBLEM, SPURIOUS, SPURIOUS_DETAIL, None),
    (
        CollinearFeatures(features=("sum",), sources=(tuple("abcdefg"),), used=USED),
        WARNING,
        "'sum' is left out: an exact linear combination of other features",
        "Their effects cannot be separated ('sum' from 'a', 'b', 'c', 'd', 'e', 'f', 'g'). The features listed first are kept.",
        "Use only the other features",
    ),
    (
        NotCointegrated(target="gold", statistic=-2.412, critical=-3.921),
        PROBLEM,
        "Spurious unless cointegrated, and no cointegration is found",
        "The residuals of 'gold' may have a unit root: Engle-Granger -2.41, not below the 1% critical value of -3.92. Unrelated "
        "levels that drift look related by chance, so R² and t mean nothing here. Compare changes.",
        "Explain changes",
    ),
    (
        Cointegrated(target="gold", statistic=-8.3, critical=-3.921),
        INFO,
        "The levels are related: the regression is not spurious",
        "The residuals of 'gold' are stationary: Engle-Granger -8.3, below the 1% critical value of -3.92. If the levels drift, "
        "they are cointegrated; "
        "the standard errors below still do not hold for them, those of the error-correction form do.",
        "Use the error-correction form",
    ),
    (
        CointegrationNotTested(why="features", features=30, tested_rows=900, most_features=11),
        WARNING,
        "Spurious unless cointegrated: not tested",
        "The Engle-Granger test has critical values for up to 11 features; 30 are used. Select fewer, or compare changes.",
        "Explain changes",
    ),
    (
        CointegrationNotTested(why="rows", features=1, tested_rows=12, most_features=11),
        WARNING,
        "Spurious unless cointegrated: not tested",
        "12 rows are too few for the Engle-Granger test. Compare changes.",
        "Explain changes",
    ),
    (
        CointegrationNotTested(why="exact", features=1, tested_rows=900, most_features=11),
        WARNING,
        "Spurious unless cointegrated: not tested",
        "The features give the target exactly, so there are no residuals to test.",
        "Explain changes",
    ),
    (
        FewRowsBehind(features=("holiday",), fewest=2.004),
        WARNING,
        "The coefficient of 'holiday' depends on fewer than ten rows",
        "It rests on about 2 rows, so standard errors and intervals are too small. The robust p-value holds: it takes the "
        "variance under a zero coefficient.",
        None,
    ),
    (
        FewRowsBehind(features=("a", "b"), fewest=2.5),
        WARNING,
        "The coefficients of 2 features depend on fewer than ten rows",
        "'a', 'b': the least rests on about 2.5 rows, so standard errors and intervals are too small. The robust p-value holds: "
        "it takes the variance under a zero coefficient.",
        None,
    ),
    (
        FeaturesSelected(kept=3, candidates=11),
        INFO,
        "3 of 11 features chosen",
        "They were chosen by the same outcomes that they are fitted to, so p-values and intervals are too optimistic. Judge the "
        "choice by R² out of sample.",
        None,
    ),
    (
        NothingToExplainWith(target="close"),
        INFO,
        "'close' is predicted from its own past",
        "No other column is kept, so there is nothing to explain it with.",
        None,
    ),
    (
        ManyTests(tested=101, below=7, alpha=0.05, count=1),
        INFO,
        "Significant one by one, corrected for multiple tests: 1 of 101 features",
        "7 have p < 0.05; 5 would by chance. The correction of Benjamini and Hochberg (1995) leaves 1.",
        None,
    ),
]


@pytest.mark.parametrize(("finding", "severity", "title", "detail", "label"), TEXTS)
def test_texts(finding: Finding, severity: Severity, title: str, detail: str, label: str | None) -> None:
    assert (finding.severity, finding.title, finding.detail) == (severity, title, detail)
    assert (finding.remedy.label if finding.remedy else None) == label


@pytest.mark.parametrize("kind", [ConstantFeatures, CollinearFeatures])
def test_one_feature_left_out_is_the_column_of_the_finding(kind: type[ConstantFeatures | CollinearFeatures]) -> None:
    more = {} if kind is ConstantFeatures else {"sources": (("gold",), ("gold",))}
    assert (kind(features=("a",), used=(), **more).column, kind(features=("a", "b"), used=(), **more).column) == (
        "a",
        None,
    )
    assert kind(features=("a", "b"), used=(), **more).count == 2
