"""Small, seeded results of every step, with column names of the test's choice."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from core.cleaning.before_after import ColumnBeforeAfter
from core.cleaning.cells import Cells, CellStatus
from core.cleaning.plan import CleaningPlan, ColumnDecision, ConsequenceCurve
from core.cleaning.transform import count_changes
from core.data.columns import BadCounts, Column, Kind, Roles
from core.data.dataset import Dataset
from core.data.eras import Eras
from core.findings.model import RecordedFinding, Remedy, Severity
from core.forecast.evaluation.backtest import Backtest, Trades, run_backtest
from core.forecast.evaluation.certificate import CausalityCheck, Certificate
from core.forecast.evaluation.evaluation import Evaluation
from core.forecast.evaluation.interval_scores import CoverageSpan, IntervalScores
from core.forecast.evaluation.lstm_adds import Gain, LstmAdds
from core.forecast.evaluation.naive_checks import NaiveChecks
from core.forecast.evaluation.scores import Scores, SignalTest
from core.forecast.evaluation.trials import Trials
from core.forecast.evaluation.validation_levels import ValidationLevels
from core.forecast.evaluation.verdict import Verdict
from core.forecast.evaluation.walk_forward import Period, Slice, WalkForward
from core.forecast.network.training_summary import Ending, EpochLoss, TrainingSummary
from core.importance.curve import CurvePoint
from core.importance.dependence import Dependence
from core.importance.ranking import ImportanceRanking
from core.importance.stability import FeatureImportance, LagImportance
from core.quality.column.changes import describe_changes
from core.quality.column.profile import EraCounts
from core.quality.forecastability.question import Forecastability, Question, Transform
from core.quality.numerics.quantiles import compute_quantiles, count_histogram
from core.quality.numerics.sampling import SampledColumns
from core.quality.numerics.statistics import ColumnStatistics
from core.quality.pairwise.associations import Associations, associate
from core.quality.pairwise.relations import Relation
from core.quality.pairwise.similarity import Similarity
from core.quality.profile import ColumnProfile, QualityProfile
from core.quality.views.over_time import OverTime
from core.quality.views.pair import Pair
from core.regression.acf import autocorrelate
from core.regression.coefficient import Coefficient
from core.regression.diagnostics import Diagnostic
from core.regression.granger import GrangerTest
from core.regression.influence import Influence, InfluentialRow
from core.regression.points import FeatureValues, Points
from core.regression.report import RegressionReport, Residuals
from core.regression.scan import ScanRow
from core.regression.shrinkage import ShrinkagePath
from core.regression.stability import Break, Cusum, RollingCoefficient, Stability
from core.samples.task import Task

ROWS = 1500
TIMES = np.arange("2018-01-01", ROWS, dtype="datetime64[D]").astype("datetime64[us]")
ERAS = Eras(
    start=str(TIMES[0]),
    validation_from=str(TIMES[1050]),
    test_from=str(TIMES[1275]),
    end=str(TIMES[-1]),
    embargo=0,
    rows=(1050, 225, 225),
)
NAMES = ("close", "open", "vix", "us_10y_yield", "eur_usd", "volume", "sentiment", "feed_b", "gold", "note_code")
HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "$\\href{javascript:alert(1)}{x}$",
    "</script><script>window.__xss=1</script>",
    '<a href="javascript:alert(1)">x</a>',
    "%{x} %{customdata[0]} {{ 7*7 }}",
    "a" * 5000,
    "a" * 4999 + "b",
    "\u202eesolc\x00\n\r",
    "2020-01-01",
    "' \" & ; </td>",
)


def walk(seed: int = 0, start: float = 100.0, rows: int = ROWS) -> np.ndarray:
    """Return a random walk that looks like a price."""
    return start * np.exp(np.cumsum(np.random.default_rng(seed).normal(0, 0.012, rows)))


def dataset(names: tuple[str, ...] = NAMES) -> Dataset:
    """Return a data set whose first column is the target."""
    columns = tuple(
        Column(name=name, original_name=name, kind=Kind.NUMBER, bad=_bad(place)) for place, name in enumerate(names)
    )
    return Dataset(
        folder=Path("nowhere"),
        fingerprint="5f" * 32,
        key="0123456789abcdef",
        rows=ROWS,
        columns=(Column(name="date", original_name="Date", kind=Kind.TIME, bad=BadCounts()), *columns),
        time_column="date",
        series_column=None,
        frequency="D",
        start=ERAS.start,
        end=ERAS.end,
        encoding="utf-8",
        delimiter=",",
        decimal=".",
        header_rows=1,
        skipped_rows=0,
        findings=(
            RecordedFinding(
                code="repeated-lines", severity=Severity.INFO, title="3 lines are repeated", count=3, rows=(4, 9, 12)
            ),
        ),
    )


def profile(names: tuple[str, ...] = NAMES) -> QualityProfile:
    """Return the profile of `dataset`, every other column with bad values."""
    draws = np.random.default_rng(1)
    common = draws.normal(size=(ROWS, 3))
    values = common @ draws.normal(size=(3, len(names))) + 0.6 * draws.normal(size=(ROWS, len(names)))
    pearson = np.corrcoef(values.T)
    pearson = tuple(
        tuple(None if (i, j) == (0, 1) else float(r) for j, r in enumerate(row)) for i, row in enumerate(pearson)
    )
    periods = tuple(str(stamp) for stamp in TIMES[::30])
    return QualityProfile(
        dataset_key="0123456789abcdef",
        rows=ROWS,
        eras=ERAS,
        columns=tuple(_column(place, name, values[:, place], len(periods)) for place, name in enumerate(names)),
        periods=periods,
        target=names[0],
        roles=Roles(time="date", series=None, target=names[0]),
        correlated=names,
        pearson=pearson,
        spearman=pearson,
        spearman_sample=1000,
        similarity=Similarity(
            names=names, one=(), other=(), correlation=(), to_target=tuple(0.0 for _ in names), left_out=0
        ),
        relations=tuple(
            Relation(
                feature=name,
                target=names[0],
                kind=kind,
                pearson=0.31,
                spearman=0.29,
                xi=0.12,
                p_value=0.0004,
                q_value=0.002,
            )
            for name, kind in zip(names[1:4], ("linear", "nonlinear", "none"), strict=True)
        ),
        associations=_associations(names, values),
        empty_series=(),
        forecastability=forecastability(names),
        findings=(
            RecordedFinding(
                code="many-bad-values",
                severity=Severity.PROBLEM,
                title=f"{names[7]} holds 31 % bad values",
                detail="From 2020-01-01 on, three values of ten are missing.",
                column=names[7],
                count=465,
                remedy=Remedy(label=f"Drop {names[7]}", section="cleaning", field="drop", value=(names[7],)),
            ),
            RecordedFinding(
                code="stale-run",
                severity=Severity.WARNING,
                title=f"{names[3]} repeats its value 31 times",
                column=names[3],
            ),
        ),
    )


def question(
    column: str, transform: Transform, horizon: int, r2: float, q_value: float, r2_all: float | None = 0.01
) -> Question:
    """Return a question of the map of predictability."""
    return Question(
        column=column,
        transform=transform,
        horizon=horizon,
        rival="zero" if transform in ("change", "log_return") else "mean",
        r2_oos=r2,
        r2_oos_all=r2_all,
        p_value=q_value / 2,
        q_value=q_value,
        n=700,
    )


def forecastability(names: tuple[str, ...] = NAMES) -> Forecastability:
    """Return a map of returns without an answer, volatilities with one, and a spread."""
    return Forecastability(
        questions=(
            *(question(names[0], "log_return", horizon, -0.01, 0.6) for horizon in (1, 5, 21)),
            *(question(names[0], "volatility", horizon, 0.3 / horizon, 0.001) for horizon in (5, 21)),
            question(names[1], "level", 1, 0.12, 0.003, None),
            question(f"log {names[2]} - 0.8 log {names[3]}", "spread", 1, -1.5, 0.9, -2.0),
        ),
        rows=1_000,
        columns=3,
    )


def pair(names: tuple[str, ...] = NAMES, known: int = ROWS) -> Pair:
    """Return a drifting feature and a return that follows its change by two rows; only the first `known` rows are valid."""
    prices = walk(3)
    change = np.r_[np.nan, np.diff(prices)]
    returns = np.roll(change, 2) + np.random.default_rng(4).normal(0, 1, ROWS)
    levels = np.array([prices, returns])
    levels[:, known:] = np.nan
    stationary = np.array([change, returns])
    stationary[:, known:] = np.nan
    first, train = np.arange(ROWS) == 0, np.arange(ROWS) < ERAS.rows[0]
    return Pair(
        feature=names[1],
        other=names[0],
        times=TIMES,
        first=first,
        train=train,
        levels=levels,
        stationary=stationary,
        differenced=(True, False),
    )


def over_time(name: str = "close", known: int = ROWS) -> OverTime:
    """Return a price with a repeated day, a gap and missing values; only the first `known` rows are valid."""
    times, levels = TIMES.copy(), walk(5)
    times[41], times[700:] = times[40], times[700:] + np.timedelta64(9, "D")
    levels[300:320], levels[known:] = np.nan, np.nan
    return OverTime(
        name=name,
        series=None,
        times=times,
        levels=levels,
        lines=np.arange(2, ROWS + 2),
        train=np.arange(ROWS) < ERAS.rows[0],
        price_like=True,
    )


def plan(names: tuple[str, ...] = NAMES) -> CleaningPlan:
    """Return a plan that drops two features, one manually."""
    dropped = {
        names[7]: (("31 % of the train rows are bad, above 30 %",), False),
        names[9]: (("dropped manually",), True),
    }
    return CleaningPlan(
        columns=tuple(
            ColumnDecision(
                name=name,
                decision="drop" if name in dropped else "keep",
                reasons=dropped.get(name, ((), False))[0],
                overridden=dropped.get(name, ((), False))[1],
            )
            for name in names[1:]
        ),
        findings=(
            RecordedFinding(
                code="dropped-by-hand", severity=Severity.INFO, title="1 column is dropped manually", count=1
            ),
        ),
    )


def curve() -> ConsequenceCurve:
    """Return the curve of the threshold on bad values."""
    thresholds = tuple(np.linspace(0, 1, 41).round(3).tolist())
    remaining = tuple(int(9 - 6 * (1 - threshold) ** 3) for threshold in thresholds)
    return ConsequenceCurve(
        setting="max_bad_ratio",
        thresholds=thresholds,
        remaining=remaining,
        current=0.3,
        next_dropped=("feed_b", "sentiment"),
    )


def task(names: tuple[str, ...] = NAMES) -> Task:
    """Return the task of forecasting the first column."""
    return Task(target=names[0], predict="log_return", horizon=1)


def coefficient(name: str, coef: float, error: float, p_value_hac: float) -> Coefficient:
    """Return a coefficient whose HAC error is a fifth larger than its ordinary one."""
    half = 1.96 * 1.2 * error
    return Coefficient(
        name=name,
        coef=coef,
        standardised=None if name == "const" else 3 * coef,
        std_err=error,
        std_err_hc3=1.1 * error,
        std_err_hac=1.2 * error,
        low=coef - half,
        high=coef + half,
        t=coef / error,
        p_value=0.04,
        p_value_hac=p_value_hac,
        rows_behind=400.0,
    )


def points(names: tuple[str, ...] = NAMES, rows: int = 200) -> Points:
    """Return drawn train rows of every feature."""
    draws = np.random.default_rng(3)
    return Points(
        times=tuple(str(t) for t in TIMES[:rows]),
        outcome=tuple(draws.normal(0, 0.01, rows).tolist()),
        residual=tuple(draws.normal(0, 0.01, rows).tolist()),
        features=tuple(
            FeatureValues(name=name, values=tuple(draws.standard_normal(rows).tolist())) for name in names[1:]
        ),
    )


def stability(names: tuple[str, ...] = NAMES, rows: int = 80) -> Stability:
    """Return a CUSUM that leaves its bounds and a rolling coefficient of every feature."""
    times = tuple(str(t) for t in TIMES[:rows])
    path = np.linspace(0, 2, rows)
    return Stability(
        cusum=Cusum(times=times, values=tuple(path.tolist())),
        most_likely_break=Break(time=times[40], statistic=30.0, p_value=0.001),
        window=130,
        rolling=tuple(
            RollingCoefficient(name=name, times=times, coefs=tuple((path - 1).tolist()), half_widths=(0.4,) * rows)
            for name in names[1:]
        ),
    )


def influence() -> Influence:
    """Return the influence of rows, one of which decides the fit."""
    draws = np.random.default_rng(4)
    return Influence(
        leverage=tuple(draws.uniform(0, 0.1, 300).tolist()),
        standardised=tuple(draws.standard_normal(300).tolist()),
        rows=(InfluentialRow(time="2020-03-16T00:00:00", leverage=0.4, residual=-0.09, cook=1.7),),
    )


def shrinkage(names: tuple[str, ...] = NAMES) -> tuple[ShrinkagePath, ...]:
    """The paths of ridge, and of lasso, which keeps no feature at its largest penalty."""
    strengths = np.geomspace(10, 0.01, 20)
    ends = np.linspace(-0.4, 0.6, len(names) - 1)
    ridge = ends / (1 + strengths[:, None])
    lasso = np.sign(ends) * np.maximum(np.abs(ends) - strengths[:, None] / 10, 0)
    return tuple(
        ShrinkagePath(
            penalty=penalty,
            names=tuple(names[1:]),
            strengths=tuple(strengths.tolist()),
            coefficients=tuple(map(tuple, table.tolist())),
            r2_oos=tuple(np.linspace(-0.01, 0.02, 20).tolist()),
            best=19,
        )
        for penalty, table in (("ridge", ridge), ("lasso", lasso))
    )


def granger(names: tuple[str, ...] = NAMES) -> tuple[GrangerTest, ...]:
    """Return the tests of every feature; the first leads by a row."""
    draws = np.random.default_rng(5)
    return tuple(
        GrangerTest(
            name=name,
            leads_p=0.001,
            follows_p=0.4,
            leads_q=0.01,
            follows_q=0.5,
            correlations=(None, *draws.normal(0, 0.05, 40).tolist()),
        )
        for name in names[1:]
    )


def regression(names: tuple[str, ...] = NAMES, rows: int = 1040) -> RegressionReport:
    """Return a regression on all other columns with heavy-tailed residuals."""
    draws = np.random.default_rng(2)
    fitted, residual = draws.normal(0, 0.002, rows), 0.01 * draws.standard_t(4, rows)
    coefficients = [coefficient("const", 0.0004, 0.0003, 0.2)]
    for place, name in enumerate(names[1:]):
        coefficients.append(coefficient(name, draws.normal(0, 0.02), 0.002 + 0.001 * place, 0.03 if place < 3 else 0.4))
    return RegressionReport(
        question="predict",
        values="changes",
        task=task(names),
        features=names[1:],
        rows=rows,
        hac_lags=6,
        coefficients=tuple(coefficients),
        r_squared=0.0312,
        r_squared_adj=0.0243,
        aic=-6313.2,
        bic=-6263.7,
        r2_oos=-0.0041,
        oos_rows=224,
        diagnostics=(
            Diagnostic(
                name="Ljung-Box",
                statistic=21.3,
                p_value=0.0192,
                passed=False,
                sentence="Residuals are autocorrelated: use the HAC errors.",
            ),
            Diagnostic(
                name="Breusch-Pagan",
                statistic=8.1,
                p_value=0.52,
                passed=True,
                sentence="The spread of the residuals does not depend on the features.",
            ),
            Diagnostic(
                name="CUSUM", statistic=None, p_value=None, passed=None, sentence="Could not be judged: too few rows."
            ),
        ),
        scan=tuple(
            ScanRow(
                name=name,
                coef=0.01,
                intercept=0.0,
                std_err_hac=0.004,
                t_hac=2.5,
                p_value_hac=0.012,
                q_value=0.012,
                r_squared=0.004,
                same_sign=2,
                rows_behind=400.0,
            )
            for name in names[1:]
        ),
        residuals=Residuals(
            times=tuple(str(t) for t in TIMES[:rows]),
            fitted=tuple(fitted.tolist()),
            residual=tuple(residual.tolist()),
            sampled_from=rows,
        ),
        stability=stability(names),
        influence=influence(),
        residual_acf=autocorrelate(residual),
        points=points(names),
        granger=granger(names),
        shrinkage=shrinkage(names),
        findings=(
            RecordedFinding(
                code="weak-fit", severity=Severity.WARNING, title="The regression is no better than persistence"
            ),
        ),
    )


def ranking(names: tuple[str, ...] = NAMES) -> ImportanceRanking:
    """Return a ranking with signal, unstable features, noise, a pair of twins and a suspected leak."""
    features = names[1:]
    importance = np.geomspace(0.3, 0.005, len(features)).tolist()
    labels = ["signal" if value > 0.08 else "unstable" if value > 0.04 else "noise" for value in importance]
    lags = (0.01, 0.3, 0.0, 0.002)
    return ImportanceRanking(
        task=task(names),
        window=4,
        features=tuple(
            FeatureImportance(
                name=name,
                importance=value,
                low=0.8 * value,
                high=1.2 * value,
                rank=place + 1,
                rank_low=max(1, place),
                rank_high=place + 3,
                label=label,
                group=features[0] if place == 1 else name,
                best_lag=1,
                lags=tuple(LagImportance(lag=lag, rows=1, importance=value * part) for lag, part in enumerate(lags)),
                by_period=(value, 0.5 * value, -0.1 * value),
                suspected=place == 2,
            )
            for place, (name, value, label) in enumerate(zip(features, importance, labels, strict=True))
        ),
        noise_line=0.042,
        own=names[:1],
        chosen=features[:4],
        fits=3,
        probes=20,
        periods=("2001-01-01T00:00:00", "2004-01-01T00:00:00", "2008-01-01T00:00:00"),
        curve=tuple(
            CurvePoint(k=k, ridge=1.1 - 0.1 / k, ridge_error=0.01, catboost=1.2 - 0.1 / k, catboost_error=0.02)
            for k in (1, 2, 3)
        ),
        dependence=(
            Dependence(name=features[0], entry="lag 1", values=(-1.0, 0.0, 2.0), contributions=(-0.2, 0.0, 0.3)),
        ),
        findings=(),
    )


def history(members: int = 1, epochs: int = 24) -> tuple[EpochLoss, ...]:
    """Return falling losses, with a val_loss that rises again at the end."""
    draws = np.random.default_rng(3)
    return tuple(
        EpochLoss(
            member=member,
            epoch=epoch,
            loss=0.8 + 0.3 / epoch + draws.normal(0, 0.004),
            val_loss=0.97 + 0.1 / epoch + 0.0004 * epoch + draws.normal(0, 0.004),
        )
        for member in range(members)
        for epoch in range(1, epochs + 1)
    )


def trained(members: int = 1) -> TrainingSummary:
    """Return the summary of a training that stopped early."""
    return TrainingSummary(
        history=history(members),
        endings=(Ending(reason="patience", epoch=24, best_epoch=14, limit=8),) * members,
        persistence_val_loss=1.0,
        findings=(),
    )


def predictions(series: tuple[str, ...] = ()) -> pd.DataFrame:
    """Return predictions of validation and test, of one series or of a panel."""
    frames = []
    for seed, name in enumerate(series or ("",)):
        actual, draws = walk(seed), np.random.default_rng(seed + 10)
        rows = np.arange(1051, ROWS)
        base = actual[rows - 1]
        lstm = base * (1 + draws.normal(0, 0.003, len(rows)))
        frame = pd.DataFrame(
            {
                "origin": TIMES[rows - 1],
                "time": TIMES[rows],
                "ticker": name,
                "era": np.where(rows < 1275, "validation", "test"),
                "horizon": 1,
                "actual": actual[rows],
                "lstm": lstm,
                "persistence": base,
                "drift": base * 1.0002,
                "lower": lstm * 0.98,
                "upper": lstm * 1.02,
            }
        )
        frames.append(frame if series else frame.drop(columns="ticker"))
    return pd.concat(frames, ignore_index=True)


def validation_levels(names: tuple[str, ...] = NAMES, predict: str = "difference") -> ValidationLevels:
    """Return what a training predicts of validation rows of two series; of one, if it is a direction."""
    is_direction = predict == "direction"
    frame = predictions(() if is_direction else names[1:3])
    frame = frame[frame["era"] == "validation"].drop(columns="drift").assign(lower=np.nan, upper=np.nan)
    if is_direction:
        rose = (frame["actual"] > frame["persistence"]).astype(float)
        frame = frame.assign(actual=rose, lstm=0.5 + 0.1 * rose, persistence=0.5, mean=0.55)
    asked = Task(target=names[0], predict=predict, horizon=1)
    return ValidationLevels(predictions=frame, task=asked, epochs={0: 3}, kept=False)


def evaluation(sealed: bool = False, names: tuple[str, ...] = NAMES) -> Evaluation:
    """Return scores with an LSTM slightly worse than persistence."""

    def score(rmse: float, rival: bool = True) -> Scores:
        return Scores(
            n=225,
            mean_loss=rmse**2,
            rmse=rmse,
            mae=0.8 * rmse,
            mase=rmse / 1.3,
            r2_oos=1 - (rmse / 1.309) ** 2,
            cw={"persistence": SignalTest(statistic=0.4, p_value=0.34)} if rival else {},
            directional_accuracy=0.507 if rival else None,
            dm_statistic=0.8 if rival else None,
            dm_p_value=0.42 if rival else None,
            pt_statistic=-0.3 if rival else None,
            pt_p_value=0.61 if rival else None,
        )

    scores = {
        "lstm": score(1.32),
        "persistence": score(1.31, rival=False),
        "drift": score(1.309),
        "ar": score(1.314),
        "linear": score(1.36),
        "catboost": score(1.41),
    }
    return Evaluation(
        task=task(names),
        mean_is_rival=False,
        test=None if sealed else scores,
        validation=scores,
        interval=None
        if sealed
        else IntervalScores(
            nominal=0.9,
            coverage=0.884,
            mean_width=5.23,
            calibration_rows=224,
            n=225,
            effective_n=225,
            coverage_by_volatility=(0.92, 0.88, 0.852),
            over_time=tuple(
                CoverageSpan(start=f"2018-0{month}-01", end=f"2018-0{month}-28", n=75, coverage=share)
                for month, share in ((1, 0.907), (4, 0.827), (7, 0.92))
            ),
        ),
        backtest=None if sealed else backtest(),
        naive_checks=NaiveChecks(
            era="validation" if sealed else "test", flatness=0.21, slope=-0.1, slope_p_value=0.7, majority_share=0.53
        ),
        lstm_adds=lstm_adds(sealed),
        causality=certificate(),
        walk_forward=walk_forward(),
        trials=Trials(trained=7, opened=0 if sealed else 2, judged_on_test=0 if sealed else 4),
    )


def lstm_adds(sealed: bool = False) -> LstmAdds:
    """Return a memory that matters, and no gain over ridge."""
    return LstmAdds(
        era="validation" if sealed else "test",
        n=225,
        last_row=Gain(gain=0.041, statistic=2.4, p_value=0.01),
        shuffled=Gain(gain=0.032, statistic=2.0, p_value=0.024),
        ridge=Gain(gain=-0.012, statistic=-0.6, p_value=0.73),
    )


def walk_forward() -> WalkForward:
    """Return three periods: one better, one worse, and one that could not be scored."""

    def scored(gain: float) -> tuple[Slice, ...]:
        losses = {"lstm": 1 - gain, "persistence": 1.0, "drift": 1.01}
        return tuple(
            Slice(kind=kind, name=name, n=120, losses=losses)
            for kind, name in (("period", ""), ("year", "2017"), ("volatility", "low"))
        )

    return WalkForward(
        periods=(
            Period(start="2016-01-04", end="2016-09-30", era="train", slices=scored(0.03)),
            Period(start="2016-10-03", end="2017-06-30", era="train", slices=scored(-0.05)),
            Period(start="2017-07-03", end="2018-03-29", era="validation", reason="Too few windows."),
        )
    )


def certificate() -> Certificate:
    """Return a certificate that holds at two dates."""
    return Certificate(
        checks=tuple(
            CausalityCheck(cut=cut, era=era, forecasts=40, cleaning=0.0, features=0.0, predictions=1e-16)
            for cut, era in (("2018-03-01T00:00:00", "validation"), ("2019-02-01T00:00:00", "test"))
        )
    )


def backtest() -> Backtest:
    """Return a backtest whose costs exceed its profit."""
    draws = np.random.default_rng(4)
    count = len(TIMES) - 1275
    change, forecast = draws.normal(0.0004, 0.01, count), draws.normal(size=count)
    found = run_backtest(
        Trades(
            origins=np.arange(count),
            blocks=np.zeros(count, dtype=np.int64),
            times=TIMES[1275:],
            entry=np.ones(count),
            exit=1 + change,
            predicted_change=forecast + 10 * change,
        ),
        5.0,
        "test",
    )
    assert found is not None
    return found


def verdict(names: tuple[str, ...] = NAMES) -> Verdict:
    """Return a verdict of no evidence of skill."""
    return Verdict(
        level="no_evidence",
        sentence=f"There is no evidence that the LSTM forecasts {names[0]} better than its last value "
        "(RMSE 1.32 against 1.31, p = 0.42).",
        findings=(
            RecordedFinding(
                code="copies-the-last-value",
                severity=Severity.WARNING,
                title="The forecast follows the last value",
                detail="Lag peak at 1 row.",
            ),
        ),
    )


def clean(figure_profile: QualityProfile) -> QualityProfile:
    """Return the profile without bad values."""
    columns = tuple(replace(column, bad=BadCounts()) for column in figure_profile.columns)
    return replace(figure_profile, columns=columns)


def _bad(place: int) -> BadCounts:
    place %= 10
    if place == 7:
        return BadCounts(missing=420, infinite=5, unparseable=40)
    return (
        BadCounts(missing=12 * place, infinite=3 * (place == 5), sentinel=30 * (place == 3))
        if place % 2
        else BadCounts()
    )


def _associations(names: tuple[str, ...], values: np.ndarray) -> Associations:
    sampled = SampledColumns(np.arange(ROWS) == 0)
    for place, name in enumerate(names):
        sampled.add(name, values[:, place], differenced=place % 2 == 0)
    return associate(sampled.gather(), names, names[0])


def _column(place: int, name: str, values: np.ndarray, periods: int) -> ColumnProfile:
    bad = _bad(place)
    ordered = np.sort(values)
    statistics = ColumnStatistics(
        rows=ROWS,
        missing=bad.missing,
        infinite=bad.infinite,
        sentinel=bad.sentinel,
        bad_ratio=bad.total / ROWS,
        stale_ratio=0.01,
        unique_ratio=0.99,
        top_share=0.001,
        outlier_ratio=0.002,
        variance=float(values.var()),
        relative_variance=0.05,
        mean=float(values.mean()),
        std=float(values.std()),
        min=float(ordered[0]),
        q01=float(ordered[15]),
        q25=float(ordered[375]),
        median=float(np.median(values)),
        q75=float(ordered[1125]),
        q99=float(ordered[1485]),
        max=float(ordered[-1]),
        skewness=0.12,
        kurtosis=1.7,
        autocorrelation=0.98,
    )
    by_period = np.zeros(periods)
    if bad.total:
        by_period[periods // 3 * (place % 3) :] = np.linspace(
            0, min(1, bad.total / 450), periods - periods // 3 * (place % 3)
        )
    return ColumnProfile(
        name=name,
        original_name=name,
        kind=Kind.NUMBER,
        bad=bad,
        all=statistics,
        train=statistics,
        identifier_like=place == 9,
        constant=False,
        price_like=place == 0,
        drifts=place == 0,
        histogram=count_histogram(ordered),
        quantiles=tuple(compute_quantiles(ordered[None], np.array([ROWS]))[0].tolist()),
        changes=describe_changes(values[None], np.arange(ROWS) == 0, np.abs(values).max(keepdims=True))[0],
        bad_by_period=tuple(
            None if place == 3 and period == 4 else float(ratio) for period, ratio in enumerate(by_period)
        ),
        bad_by_era=tuple(
            EraCounts(
                rows=rows,
                missing=share * (bad.missing + bad.unparseable) // 10,
                infinite=share * bad.infinite // 10,
                sentinel=0,
            )
            for rows, share in zip(ERAS.rows, (7, 2, 1), strict=True)
        ),
    )


def before_and_after(name: str = "close", transform: str = "") -> ColumnBeforeAfter:
    """Return a column with three filled values, a clipped one, and one that is still bad."""
    after = walk()
    before = after.copy()
    what = np.zeros(ROWS, dtype=np.int64)
    before[[100, 101, 102]], what[[100, 101, 102]] = np.nan, CellStatus.FILLED
    before[700], what[700] = 999.0, CellStatus.CLIPPED
    before[900], after[900], what[900] = np.nan, np.nan, CellStatus.STILL_BAD
    cells = Cells(before=before, after=after, status=what)
    lines = np.arange(2, ROWS + 2)
    return ColumnBeforeAfter(
        name=name,
        transform=transform,
        times=TIMES,
        series=None,
        lines=lines,
        in_file=before.copy(),
        train=np.arange(ROWS) < 1050,
        cells=cells,
        changes=count_changes(name, cells),
    )


def next_forecast() -> tuple[pd.DataFrame, pd.Series]:
    """Sixty rows, and the forecast after them."""
    recent = pd.DataFrame({"time": TIMES[:60], "value": np.linspace(100, 110, 60)})
    return recent, pd.Series({"time": pd.Timestamp(TIMES[60]), "forecast": 111.0, "lower": 109.0, "upper": 113.5})
