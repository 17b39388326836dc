"""Findings on a regression: its features, fit, standard errors and assumptions."""

from typing import Literal

from core.findings.model import Finding, Remedy, Severity
from core.text.feature_tokens import feature_label
from core.text.format import format_count, format_list, format_number, format_percent

MOST_NAMED, MOST_MEMBERS = 5, 50
Rival = Literal["persistence", "the train mean"]


def _use_features(names: tuple[str, ...]) -> Remedy:
    return Remedy(label="Use only the other features", section="regression", field="features", value=names)


def _quote(names: tuple[str, ...], most: int = MOST_NAMED) -> str:
    return format_list([f"'{feature_label(name)}'" for name in names], most)


def _are_left_out(names: tuple[str, ...]) -> str:
    return f"{_quote(names)} {'is' if len(names) == 1 else 'are'} left out"


def describe_vif(feature: str, vif: float, high: bool) -> str:
    """Return a variance inflation factor in words, with its effect if it is `high`."""
    shared = format_percent(min(round(max(0.0, 1 - 1 / vif), 3), 0.999))
    sentence = f"VIF {format_number(vif)}: the other features explain {shared} of the variance of {feature}"
    if not high:
        return f"{sentence}."
    return f"{sentence}, which multiplies the standard error of its coefficient by {format_number(vif**0.5)}."


class ConstantFeatures(Finding, code="constant-features"):
    """Features are constant in the train era.

    They are left out: their effect cannot be separated from the intercept. Select only the other features.
    """

    features: tuple[str, ...]
    used: tuple[str, ...]
    severity = Severity.WARNING
    detail = "The effect of a constant feature cannot be separated from the intercept."

    @property
    def column(self) -> str | None:
        return self.features[0] if len(self.features) == 1 else None

    @property
    def count(self) -> int:
        return len(self.features)

    @property
    def title(self) -> str:
        return f"{_are_left_out(self.features)}: constant in the train era"

    @property
    def remedy(self) -> Remedy:
        return _use_features(self.used)


class CollinearFeatures(Finding, code="collinear-features"):
    """Features are exact linear combinations of other features.

    They are left out: effects cannot be separated. `sources` are the features that each is a combination of.
    """

    features: tuple[str, ...]
    sources: tuple[tuple[str, ...], ...]
    used: tuple[str, ...]
    severity = Severity.WARNING

    @property
    def column(self) -> str | None:
        return self.features[0] if len(self.features) == 1 else None

    @property
    def count(self) -> int:
        return len(self.features)

    @property
    def title(self) -> str:
        what = "an exact linear combination" if len(self.features) == 1 else "exact linear combinations"
        return f"{_are_left_out(self.features)}: {what} of other features"

    @property
    def detail(self) -> str:
        pairs = zip(self.features[:MOST_MEMBERS], self.sources, strict=False)
        combinations = "; ".join(
            f"'{feature_label(name)}' from {_quote(sources, MOST_MEMBERS)}" for name, sources in pairs
        )
        return f"Their effects cannot be separated ({combinations}). The features listed first are kept."

    @property
    def remedy(self) -> Remedy:
        return _use_features(self.used)


class NoLinearSkill(Finding, code="no-linear-skill"):
    """The regression is no more accurate than the naive forecast on the validation era.

    Expect no skill from a linear model on these features.
    """

    rival: Rival
    r2_oos: float
    oos_rows: int
    r_squared: float
    severity = Severity.INFO

    @property
    def title(self) -> str:
        return f"The regression does not beat {self.rival} on the validation era"

    @property
    def detail(self) -> str:
        return (
            f"Out-of-sample R² against {self.rival} is {format_number(self.r2_oos)} on "
            f"{format_count(self.oos_rows, 'row')}; in-sample R² is {format_number(self.r_squared)}. A fit that does not "
            "generalise describes the past only."
        )


class TooGoodFit(Finding, code="too-good-fit"):
    """The features explain more than 90% of the variance of a change.

    Look for a feature that is published later than its date, and set a publication delay for its column.
    """

    r_squared: float
    outcome: str
    severity = Severity.WARNING
    detail = (
        "So much of a change is rarely predictable. Look for a feature that is published later than its date (look-ahead), and "
        "set a publication delay for its column."
    )

    @property
    def title(self) -> str:
        return f"The features explain {format_percent(self.r_squared)} of the variance of the {self.outcome}"


class NearCollinearFeatures(Finding, code="near-collinear-features"):
    """The variance inflation factor of a feature exceeds 10.

    Coefficients of such features are imprecise. Select fewer of them if you interpret coefficients; forecasts are not
    affected.
    """

    feature: str
    vif: float
    severity = Severity.INFO
    title = "Some features are nearly collinear"

    @property
    def detail(self) -> str:
        return describe_vif(f"'{feature_label(self.feature)}'", self.vif, high=True)


class HacLagsShort(Finding, code="hac-lags-short"):
    """The HAC lags are fewer than the rows by which neighbouring outcomes overlap.

    Leave the number of lags automatic, or set at least the horizon less one.
    """

    lags: int
    horizon: int
    severity = Severity.WARNING

    @property
    def title(self) -> str:
        return f"{format_count(self.lags, 'HAC lag')}: fewer than the overlap of the outcomes"

    @property
    def detail(self) -> str:
        overlap = format_count(self.horizon - 1, "row")
        return f"Outcomes over {self.horizon:,} rows overlap by {overlap}, so the HAC standard errors are too small."

    @property
    def remedy(self) -> Remedy:
        return Remedy(label="Choose lags automatically", section="regression", field="hac_lags", value=None)


class FewRowsPerFeature(Finding, code="few-rows-per-feature"):
    """The train era has fewer than ten rows per feature.

    Chance alone gives a high R². Select fewer features.
    """

    samples: int
    features: int
    severity = Severity.WARNING
    detail = "With fewer than ten rows per feature, R² is high by chance. Select fewer features."

    @property
    def title(self) -> str:
        return f"Only {format_count(self.samples, 'train row')} for {format_count(self.features, 'feature')}"


class SeriesMoveTogether(Finding, code="series-move-together"):
    """The regression is fitted on several series.

    HAC standard errors allow for autocorrelation within a series, not for correlation between series.
    """

    severity = Severity.INFO
    title = "Standard errors assume that series are independent"
    detail = (
        "HAC standard errors allow for autocorrelation within each series. If series are correlated at the same time, the true "
        "standard errors are larger."
    )


class SpuriousRegression(Finding, code="spurious-regression"):
    """The outcome, a feature and the residuals all look like random walks.

    By Granger and Newbold (1974): unit roots in the outcome and the feature, and a Durbin-Watson statistic below R².
    Predict a change instead of the level.
    """

    column: str
    outcome: str
    durbin_watson: float
    r_squared: float
    change: Literal["log_return", "difference"] | None
    severity = Severity.PROBLEM
    title = "The regression is probably spurious"

    @property
    def detail(self) -> str:
        return (
            f"The {self.outcome} and '{self.column}' both have a unit root, and so do the residuals: Durbin-Watson "
            f"{format_number(self.durbin_watson)} is below R² {format_number(self.r_squared)}. Unrelated random walks look "
            "related by chance, so t and R² mean nothing here."
        )

    @property
    def remedy(self) -> Remedy | None:
        if self.change is None:
            return None
        label = f"Predict the {self.change.replace('_', ' ')}"
        return Remedy(label=label, section="training", field="predict", value=self.change)


class NotCointegrated(Finding, code="not-cointegrated"):
    """Levels are regressed on levels, and the regression may be spurious.

    The Engle-Granger test does not reject a unit root in its residuals. Regress changes on changes. Unrelated random walks
    give a high R² and large t by chance.
    """

    target: str
    statistic: float
    critical: float
    severity = Severity.PROBLEM
    title = "Spurious unless cointegrated, and no cointegration is found"

    @property
    def detail(self) -> str:
        return (
            f"The residuals of '{self.target}' may have a unit root: Engle-Granger {format_number(self.statistic)}, not below "
            f"the 1% critical value of {format_number(self.critical)}. "
            "Unrelated levels that drift look related by chance, so R² and t mean nothing here. Compare changes."
        )

    @property
    def remedy(self) -> Remedy:
        return Remedy(label="Explain changes", section="regression", field="values", value="changes")


class Cointegrated(Finding, code="cointegrated"):
    """Levels are regressed on levels, and the regression is not spurious.

    The Engle-Granger test rejects a unit root in its residuals. Use the error-correction form: it has valid standard
    errors, and shows how fast deviations are corrected.
    """

    target: str
    statistic: float
    critical: float
    severity = Severity.INFO
    title = "The levels are related: the regression is not spurious"

    @property
    def detail(self) -> str:
        return (
            f"The residuals of '{self.target}' are stationary: Engle-Granger {format_number(self.statistic)}, below the 1% "
            f"critical value of {format_number(self.critical)}. If the levels drift, they are cointegrated; the standard errors "
            "below still do not hold for them, those of the error-correction form do."
        )

    @property
    def remedy(self) -> Remedy:
        return Remedy(
            label="Use the error-correction form", section="regression", field="values", value="error_correction"
        )


class CointegrationNotTested(Finding, code="cointegration-not-tested"):
    """Levels are regressed on levels, and could not be tested for cointegration.

    Select fewer features, or compare changes.
    """

    why: Literal["features", "rows", "exact"]
    features: int
    tested_rows: int
    most_features: int
    severity = Severity.WARNING
    title = "Spurious unless cointegrated: not tested"

    @property
    def detail(self) -> str:
        reasons = {
            "features": f"The Engle-Granger test has critical values for up to {self.most_features} features; "
            f"{self.features:,} are used. Select fewer, or compare changes.",
            "rows": f"{format_count(self.tested_rows, 'row')} are too few for the Engle-Granger test. Compare changes.",
            "exact": "The features give the target exactly, so there are no residuals to test.",
        }
        return reasons[self.why]

    @property
    def remedy(self) -> Remedy:
        return Remedy(label="Explain changes", section="regression", field="values", value="changes")


class FewRowsBehind(Finding, code="few-rows-behind"):
    """A coefficient depends on fewer than ten rows.

    It describes these rows. Its ordinary, HC3 and HAC standard errors are too small; the robust p-value holds.
    """

    features: tuple[str, ...]
    fewest: float
    severity = Severity.WARNING

    @property
    def column(self) -> str | None:
        return self.features[0] if len(self.features) == 1 else None

    @property
    def count(self) -> int:
        return len(self.features)

    @property
    def title(self) -> str:
        subject = (
            "The coefficient" if len(self.features) == 1 else f"The coefficients of {len(self.features):,} features"
        )
        link = f" of {_quote(self.features)} depends" if len(self.features) == 1 else " depend"
        return f"{subject}{link} on fewer than ten rows"

    @property
    def detail(self) -> str:
        each = "It rests" if len(self.features) == 1 else f"{_quote(self.features)}: the least rests"
        return (
            f"{each} on about {format_number(self.fewest)} rows, so standard errors and intervals are too small. The robust "
            "p-value holds: it takes the variance under a zero coefficient."
        )


class FeaturesSelected(Finding, code="features-selected"):
    """Features were chosen by the outcomes that they are fitted to.

    Their p-values and intervals are too optimistic. Judge the choice by R² out of sample.
    """

    kept: int
    candidates: int
    severity = Severity.INFO
    detail = (
        "They were chosen by the same outcomes that they are fitted to, so p-values and intervals are too optimistic. Judge the "
        "choice by R² out of sample."
    )

    @property
    def title(self) -> str:
        return f"{self.kept:,} of {format_count(self.candidates, 'feature')} chosen"


class NothingToExplainWith(Finding, code="nothing-to-explain-with"):
    """The target is the only column, so it is predicted from its own past, not explained.

    Keep another column to explain the target.
    """

    target: str
    severity = Severity.INFO
    detail = "No other column is kept, so there is nothing to explain it with."

    @property
    def title(self) -> str:
        return f"'{self.target}' is predicted from its own past"


class ManyTests(Finding, code="many-tests"):
    """Ten or more features are tested one by one.

    Trust only those that are significant after the Benjamini-Hochberg correction.
    """

    tested: int
    below: int
    alpha: float
    count: int
    severity = Severity.INFO

    @property
    def title(self) -> str:
        return f"Significant one by one, corrected for multiple tests: {self.count:,} of {self.tested:,} features"

    @property
    def detail(self) -> str:
        return (
            f"{self.below:,} have p < {self.alpha:g}; {self.alpha * self.tested:.0f} would by chance. The correction of "
            f"Benjamini and Hochberg (1995) leaves {self.count:,}."
        )
