"""Checks of single columns: each planted fault is reported once, with its count and lines; clean data report nothing."""

import numpy as np
import pandas as pd
import pytest
from scipy.signal import lfilter

from core.findings.columns import (
    ConstantColumn,
    DeadFeed,
    IdentifierLike,
    InfiniteValues,
    LateStart,
    ManyBadValues,
    NearDuplicate,
    SentinelValues,
    StaleRun,
    TargetDrifts,
    TargetFewValues,
    TargetMissing,
    TextColumn,
)
from core.findings.limit import FurtherFindings, limit_findings
from core.findings.model import Finding, Severity

ROWS = 500


def clean(columns: int = 4) -> pd.DataFrame:
    """Return noise: features c0, c1, ... and the target y."""
    random = np.random.default_rng(20)
    frame = pd.DataFrame(random.normal(size=(ROWS, columns)), columns=[f"c{place}" for place in range(columns)])
    frame["y"] = random.normal(size=ROWS)
    frame["date"] = pd.date_range("2020-01-01", periods=ROWS, unit="us")
    return frame


def reported(bench, frame: pd.DataFrame, **settings) -> dict[tuple[type[Finding], str | None], Finding]:
    """Return the findings by kind and column; a kind may be reported once per column."""
    findings = bench.profile(frame, "y", **settings).findings
    by_kind = {(type(finding), finding.column): finding for finding in findings}
    assert len(by_kind) == len(findings)
    return by_kind


def kinds_of(found: dict[tuple[type[Finding], str | None], Finding], column: str) -> set[type[Finding]]:
    return {kind for kind, of_column in found if of_column == column}


@pytest.mark.silent(
    "constant-column",
    "dead-feed",
    "identifier-like",
    "infinite-values",
    "late-start",
    "many-bad-values",
    "near-duplicate",
    "sentinel-values",
    "stale-run",
    "target-drifts",
    "target-few-values",
    "target-missing",
    "text-column",
)
def test_data_close_to_every_fault_report_nothing(bench):
    random = np.random.default_rng(25)
    frame = clean(10)
    frame["c0"] = random.random(ROWS) < 0.97  # nearly constant
    frame.loc[496:, "c1"] = np.nan  # missing in the last four time stamps
    frame.loc[:3, "c2"] = np.nan  # missing in the first four
    frame.loc[random.permutation(350)[:104], "c3"] = np.nan  # bad in 29.7% of the train rows
    frame["c4"] = np.round(1e6 * np.exp(0.3 * random.normal(size=ROWS)))  # unique integers, like volumes
    frame["c5"] = frame["c5"].replace(frame["c5"].min(), -999.0)  # no missing-value code of this column
    frame.loc[450, "c6"] = 1.7e308  # finite
    frame.loc[100:108, "c7"] = 1.25  # a run of nine
    frame["c9"] = frame["c8"] + 0.05 * frame["c9"]  # correlation 0.999
    frame["y"] = np.clip(np.round(lfilter([1], [1, -0.85], frame["y"])), -3, 2)  # six values, autocorrelated
    findings = bench.profile(frame, "y").findings
    assert frame["y"].nunique() == 6
    assert {finding.code for finding in findings} <= {"ragged-edge", "suggest-clip"}


@pytest.mark.fires("constant-column")
def test_constant_column(bench):
    frame = clean()
    frame.loc[:400, "c1"] = 3.0
    finding = reported(bench, frame)[ConstantColumn, "c1"]
    assert (finding.severity, finding.constant, finding.train_rows) == (Severity.WARNING, 3.0, 350)
    assert finding.remedy.value == ("c1",)


@pytest.mark.fires("many-bad-values")
def test_bad_values_count_in_the_train_era_only(bench):
    frame = clean()
    scattered = np.random.default_rng(21).permutation(350)[:140]
    frame.loc[scattered, "c0"] = np.nan
    frame.loc[350:480, "c1"] = np.nan
    found = reported(bench, frame)
    finding = found[ManyBadValues, "c0"]
    assert (finding.count, finding.bad_ratio, finding.missing) == (140, 0.4, 140)
    assert finding.rows == tuple(np.sort(scattered)[:10] + 2)
    assert ManyBadValues not in kinds_of(found, "c1")


@pytest.mark.fires("dead-feed")
def test_dead_feed(bench):
    frame = clean()
    frame.loc[300:, "c0"] = np.nan
    frame.loc[470:, "c1"] = np.inf
    frame.loc[497:, "c2"] = np.nan
    found = reported(bench, frame)
    early, late = found[DeadFeed, "c0"], found[DeadFeed, "c1"]
    assert early.last_valid.startswith("2020-10-26")
    assert (early.severity, early.in_test, early.count) == (Severity.PROBLEM, False, 200)
    assert (late.severity, late.in_test, late.count) == (Severity.WARNING, True, 30)
    assert DeadFeed not in kinds_of(found, "c2")


@pytest.mark.fires("late-start")
def test_late_start(bench):
    frame = clean()
    frame.loc[:199, "c0"] = np.nan
    frame.loc[:9, "c1"] = np.nan
    found = reported(bench, frame)
    late, slightly_late = found[LateStart, "c0"], found[LateStart, "c1"]
    assert late.first_valid.startswith("2020-07-19")
    assert (late.severity, late.count, late.stamps) == (Severity.WARNING, 200, 500)
    assert late.train_bad_ratio == pytest.approx(200 / 350)
    assert (slightly_late.severity, slightly_late.train_bad_ratio) == (Severity.INFO, None)
    assert slightly_late.rows == tuple(range(2, 12))


@pytest.mark.parametrize(("bad", "kind"), [(slice(0, 199), LateStart), (slice(200, None), DeadFeed)])
def test_an_outage_is_not_reported_again_as_many_bad_values(bench, bad, kind):
    frame = clean()
    frame.loc[bad, "c0"] = np.nan
    assert kinds_of(reported(bench, frame), "c0") == {kind}


@pytest.mark.fires("many-bad-values")
@pytest.mark.silent("late-start", "dead-feed")
def test_a_sparse_column_neither_starts_late_nor_dies(bench):
    frame = clean()
    frame.loc[np.random.default_rng(22).random(ROWS) < 0.98, "c0"] = np.nan
    assert kinds_of(reported(bench, frame), "c0") == {ManyBadValues}


@pytest.mark.fires("identifier-like", "sentinel-values", "infinite-values")
def test_identifiers_missing_value_codes_and_infinities(bench):
    frame = clean()
    frame["c0"] = np.arange(ROWS)
    frame.loc[[7, 9], "c1"] = -99.99
    frame.loc[[40, 400], "c2"] = [np.inf, -np.inf]
    found = reported(bench, frame, sentinels={"c1": (-99.99,)})
    identifier, sentinel, infinite = (
        found[IdentifierLike, "c0"],
        found[SentinelValues, "c1"],
        found[InfiniteValues, "c2"],
    )
    assert (identifier.remedy.field, identifier.is_text) == ("drop", False)
    assert (sentinel.rows, sentinel.count, sentinel.share) == ((9, 11), 2, 2 / ROWS)
    assert (infinite.rows, infinite.count, infinite.share) == ((42, 402), 2, 2 / ROWS)


@pytest.mark.fires("stale-run")
def test_stale_run_in_noise_but_not_in_a_column_that_repeats_itself(bench):
    frame = clean()
    frame.loc[100:139, "c0"] = 1.25
    frame["c1"] = np.repeat(np.random.default_rng(23).normal(size=ROWS // 20), 20)
    frame["c2"] = np.random.default_rng(24).random(ROWS) < 0.9
    frame.loc[100:105, "c3"] = 1.25
    found = reported(bench, frame)
    assert {column for kind, column in found if kind is StaleRun} == {"c0"}
    finding = found[StaleRun, "c0"]
    assert (finding.count, finding.rows, finding.repeated) == (40, tuple(range(102, 112)), 1.25)
    assert finding.since.startswith("2020-04-10")
    assert finding.series is None


@pytest.mark.fires("text-column", "identifier-like")
def test_text_and_further_dates(bench):
    frame = clean()
    frame["word"] = np.where(frame["c0"] > 0, "up", "down")
    frame["name"] = [f"order {place}" for place in range(ROWS)]
    frame["posted"] = frame["date"] + pd.Timedelta(days=1)
    found = reported(bench, frame)
    assert set(found) == {
        (TextColumn, "word"),
        (TextColumn, "name"),
        (TextColumn, "posted"),
        (IdentifierLike, "name"),
    }
    assert found[TextColumn, "posted"].holds_dates
    assert not found[TextColumn, "word"].holds_dates
    assert found[IdentifierLike, "name"].is_text


@pytest.mark.fires("target-missing", "target-drifts", "many-bad-values", "late-start")
def test_a_target_with_faults_is_a_problem_and_cannot_be_dropped(bench):
    frame = clean()
    frame["y"] = 100 + frame["y"].cumsum()
    frame.loc[:199, "y"] = np.nan
    found = {kind: finding for (kind, column), finding in reported(bench, frame).items() if column == "y"}
    assert set(found) == {TargetMissing, TargetDrifts, ManyBadValues, LateStart}
    assert found[TargetMissing].count == 200
    assert found[TargetMissing].severity == found[ManyBadValues].severity == Severity.PROBLEM
    assert not any(finding.remedy for finding in found.values())


@pytest.mark.fires("target-missing")
def test_a_few_missing_target_values_are_a_warning(bench):
    frame = clean()
    frame.loc[[3, 5], "y"] = [np.nan, np.inf]
    finding = reported(bench, frame)[TargetMissing, "y"]
    assert (finding.severity, finding.count, finding.rows) == (Severity.WARNING, 2, (5, 7))


@pytest.mark.fires("target-drifts")
@pytest.mark.parametrize(("shift", "price_like"), [(1000, True), (0, False)])
def test_a_drifting_target(bench, shift, price_like):
    frame = clean()
    frame["y"] = shift + frame["y"].cumsum() - frame["y"].cumsum().mean()
    finding = reported(bench, frame)[TargetDrifts, "y"]
    assert finding.price_like == price_like
    assert finding.autocorrelation == pytest.approx(frame["y"][:350].autocorr())


@pytest.mark.fires("target-few-values")
def test_a_target_with_few_values_is_reported_and_such_a_feature_is_not(bench):
    frame = clean()
    frame["y"] = np.sign(frame["y"])
    frame["c0"] = np.sign(frame["c0"])
    found = reported(bench, frame)
    finding = found[TargetFewValues, "y"]
    assert (finding.distinct, finding.lowest, finding.highest) == (2, -1.0, 1.0)
    assert not kinds_of(found, "c0")


@pytest.mark.fires("constant-column")
def test_findings_beyond_the_limit_are_summed_up(bench):
    constant = pd.DataFrame(np.ones((ROWS, 60)), columns=[f"k{place}" for place in range(60)])
    findings = bench.profile(pd.concat([clean(), constant], axis=1), "y").findings
    listed = [finding for finding in findings if finding.code == "constant-column"]
    assert len(listed) == 21
    assert isinstance(listed[-1], FurtherFindings)
    assert (listed[-1].count, listed[-1].column) == (40, None)
    assert len(listed[-1].remedy.value) == 40
    dropped = {name for finding in listed for name in finding.remedy.value}
    assert dropped == {f"k{place}" for place in range(60)}


def test_a_single_finding_beyond_the_limit_is_not_summed_up():
    findings = [NearDuplicate(column=f"c{place}", other="y", correlation=1.0, on_changes=False) for place in range(21)]
    assert limit_findings(findings) == tuple(findings)
