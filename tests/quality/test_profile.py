"""The profile of a data set: exact counts, no look-ahead, nothing crosses series, and order has no effect."""

import json

import numpy as np
import pandas as pd
import pytest

from core.data.eras import Era
from core.errors.model import RecipeError, Stopped
from core.findings.columns import StaleRun
from core.io.json import from_json, to_json
from core.progress import NoProgress
from core.quality.column.profile import EraCounts
from core.quality.numerics.quantiles import QUANTILE_SHARES
from core.quality.profile import QualityProfile, profile_dataset, profile_document

ROWS = 400
COLUMN_KEYS = """name original_name kind bad bad_ratio stale_ratio unique_ratio variance relative_variance mean std min q01 q25
    median q75 q99 max skewness kurtosis identifier_like constant"""
DATASET_KEYS = """fingerprint rows columns time_column series_column frequency start end encoding delimiter decimal header_rows
    skipped_rows"""


def market(rows: int = ROWS, seed: int = 0) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    change = 0.01 * random.normal(size=rows)
    frame = pd.DataFrame({"date": pd.date_range("2020-01-01", periods=rows, unit="us")})
    frame["close"] = 100 * np.exp(change.cumsum())
    frame["rival"] = 50 * np.exp((change + 0.003 * random.normal(size=rows)).cumsum())
    frame["spread"] = 0.01 * random.normal(size=rows)
    frame["number"] = np.arange(rows) + 1000
    frame["word"] = random.choice(["up", "down"], size=rows)
    frame["flag"] = random.random(rows) > 0.5
    frame["hole"] = np.nan
    return frame


def test_bad_values_are_counted_exactly_by_reason_over_all_rows_and_train(bench):
    frame = market()
    frame.loc[3:12, "spread"] = np.nan
    frame.loc[20:26, "spread"] = np.inf
    frame.loc[30:32, "spread"] = -np.inf
    frame.loc[390:394, "spread"] = -999.0
    found = bench.profile(frame, "close", sentinels={"spread": (-999.0,)}).column("spread")
    assert (found.all.missing, found.all.infinite, found.all.sentinel) == (10, 10, 5)
    assert (found.train.rows, found.train.missing, found.train.infinite, found.train.sentinel) == (280, 10, 10, 0)
    assert found.train.bad_ratio == pytest.approx(20 / 280)
    assert found.all.bad_ratio == pytest.approx(25 / 400)
    valid = frame["spread"].to_numpy()[np.isfinite(frame["spread"]) & (frame["spread"] > -999)]
    assert found.all.mean == pytest.approx(valid.mean())
    assert found.all.min == valid.min()


def test_train_statistics_are_those_of_the_train_rows(bench):
    frame = market()
    found = bench.profile(frame, "close").column("close")
    train = frame["close"][:280]
    assert found.train.mean == pytest.approx(train.mean())
    assert found.train.std == pytest.approx(train.std())
    assert found.train.autocorrelation == pytest.approx(train.autocorr(1))
    assert found.all.mean == pytest.approx(frame["close"].mean())


def test_the_nature_of_columns(bench):
    profile = bench.profile(market(), "close")
    nature = {
        column.name: {kind for kind in ("identifier_like", "constant", "price_like", "drifts") if getattr(column, kind)}
        for column in profile.columns
    }
    assert nature == {
        "date": set(),
        "close": {"price_like", "drifts"},
        "rival": {"price_like", "drifts"},
        "spread": set(),
        "number": {"identifier_like", "price_like", "drifts"},
        "word": set(),
        "flag": set(),
        "hole": set(),
    }


@pytest.mark.parametrize("rows", [60, 100, 200, 1000])
def test_short_random_walks_drift_and_short_noise_does_not(bench, rows):
    random = np.random.default_rng(1)
    frame = pd.DataFrame(random.normal(size=(rows, 40)), columns=[f"c{place}" for place in range(40)])
    frame.iloc[:, :20] = frame.iloc[:, :20].cumsum()
    frame["date"] = pd.date_range("2020-01-01", periods=rows, unit="us")
    drifts = [column.drifts for column in bench.profile(frame).columns[:40]]
    assert sum(drifts[:20]) >= 12
    assert not any(drifts[20:])


def test_rows_after_the_train_era_change_no_train_statistics(bench):
    frame = market()
    frame["late"] = np.r_[np.full(100, np.nan), np.random.default_rng(2).normal(size=300)]
    changed = frame.copy()
    random = np.random.default_rng(3)
    for name in ("close", "rival", "spread", "late"):
        changed.loc[280:, name] = random.normal(size=120) * 1e6
        changed.loc[300:320, name] = np.nan
        changed.loc[350, name] = np.inf
    changed.loc[280:, "number"] = random.permutation(120)
    before, after = bench.profile(frame, "close"), bench.profile(changed, "close")
    assert before.similarity == after.similarity
    assert before.relations == after.relations
    assert before.correlated == after.correlated
    for one, other in zip(before.columns, after.columns, strict=True):
        assert one.train == other.train
        assert (one.identifier_like, one.constant, one.price_like, one.drifts) == (
            other.identifier_like,
            other.constant,
            other.price_like,
            other.drifts,
        )
    assert before.column("close").all != after.column("close").all


@pytest.mark.fires("correlations-limited")
def test_which_of_many_columns_are_correlated_depends_on_train_rows_only(bench):
    frame = pd.DataFrame(
        np.random.default_rng(4).normal(size=(40, 230)), columns=[f"c{place:03}" for place in range(230)]
    )
    frame["date"] = pd.date_range("2020-01-01", periods=40, unit="us")
    frame["c229"] += frame["c000"]
    changed = frame.copy()
    changed.loc[28:, "c228"] = changed.loc[28:, "c000"]
    before, after = bench.profile(frame, "c000"), bench.profile(changed, "c000")
    assert before.correlated == after.correlated
    assert before.correlated[:2] == ("c000", "c229")
    assert len(before.correlated) == len(before.pearson) == len(before.spearman[0]) == 200
    assert [finding.count for finding in before.findings if finding.code == "correlations-limited"] == [30]


@pytest.mark.parametrize("wide", [False, True])
def test_the_order_of_columns_has_no_effect(bench, wide):
    frame = market(40 if wide else 120)
    if wide:
        extra = np.random.default_rng(5).normal(size=(40, 210))
        frame = pd.concat([frame, pd.DataFrame(extra, columns=[f"c{place}" for place in range(210)])], axis=1)
    forward, backward = bench.profile(frame, "close"), bench.profile(frame[frame.columns[::-1]], "close")
    assert {column.name: column for column in forward.columns} == {column.name: column for column in backward.columns}
    assert {found.feature: found for found in forward.relations} == {
        found.feature: found for found in backward.relations
    }
    assert set(forward.correlated) == set(backward.correlated)
    similar = []
    for found in (forward.similarity, backward.similarity):
        one, other = (
            np.array(found.names)[np.array(places, dtype=int)].tolist() for places in (found.one, found.other)
        )
        similar.append(
            (set(zip(one, other, found.correlation, strict=True)), dict(zip(found.names, found.to_target, strict=True)))
        )
    assert similar[0] == similar[1]
    for table in ("pearson", "spearman"):
        one, other = (
            pd.DataFrame(getattr(profile, table), index=profile.correlated, columns=profile.correlated)
            for profile in (forward, backward)
        )
        pd.testing.assert_frame_equal(one, other.loc[one.index, one.columns], rtol=0, atol=2e-12)


@pytest.mark.fires("stale-run")
def test_interleaved_series_are_kept_apart(bench):
    one, other = market(200, 6), market(200, 7)
    other[["close", "rival"]] *= 1000
    one.loc[190:, "spread"] = 0.5
    other.loc[:9, "spread"] = 0.5
    panel = pd.concat([one.assign(ticker="A"), other.assign(ticker="B")]).sort_values("date", kind="stable")
    found = bench.profile(panel.reset_index(drop=True), "close", series="ticker")
    # In the sorted table the ten rows of 0.5 that end A and the ten that start B are neighbours.
    assert found.column("spread").all.stale_ratio == pytest.approx(20 / 400)
    (run,) = [finding for finding in found.findings if isinstance(finding, StaleRun) and finding.column == "spread"]
    assert (run.count, run.series) == (10, "A")
    centred = panel["close"] - panel.groupby("ticker")["close"].transform("mean")
    assert (
        found.column("close").all.autocorrelation
        < centred.groupby(panel["ticker"]).apply(pd.Series.autocorr).max() + 0.01
    )
    relation = {relation.feature: relation for relation in found.relations}["rival"]
    train = panel[panel["date"] < pd.Timestamp("2020-01-01") + pd.Timedelta(days=140)]
    changes = train.sort_values(["ticker", "date"]).groupby("ticker")[["close", "rival"]].diff().dropna()
    assert relation.pearson == pytest.approx(changes.corr().iloc[0, 1])
    assert relation.kind == "linear"


def test_relations_difference_drifting_columns_and_exclude_text(bench):
    frame = market()
    found = {relation.feature: relation for relation in bench.profile(frame, "close").relations}
    assert set(found) == {"rival", "spread", "number", "flag"}
    changes = frame[["close", "rival"]][:280].diff()
    assert found["rival"].pearson == pytest.approx(changes.corr().iloc[0, 1])
    assert found["rival"].kind == "linear"
    assert found["spread"].pearson == pytest.approx(frame["spread"][:280].corr(changes["close"]))
    assert found["number"].p_value is None


def test_changes_are_changes_of_persistent_columns_that_do_not_drift(bench):
    random = np.random.default_rng(8)
    shocks = random.standard_normal(600)
    fear = np.zeros(600)
    for row in range(1, 600):
        fear[row] = 0.85 * fear[row - 1] - shocks[row]
    returns = shocks + 0.1 * random.standard_normal(600)
    frame = pd.DataFrame(
        {"date": pd.bdate_range("2020-01-01", periods=600), "close": 500 + shocks.cumsum(), "fear": fear, "r": returns}
    )
    profile = bench.profile(frame, "close")
    assert not profile.column("fear").drifts
    assert [profile.column(name).is_differenced for name in ("close", "fear", "r")] == [True, True, False]
    relation = {relation.feature: relation for relation in profile.relations}
    changes = frame[["close", "fear"]][: round(0.7 * 600)].diff()
    assert relation["fear"].pearson == pytest.approx(changes.corr().iloc[0, 1])
    assert relation["fear"].pearson < -0.9
    (pair,) = (pair for pair in profile.associations.pairs if {pair.one, pair.other} == {"close", "fear"})
    assert pair.changes == pytest.approx(changes.corr().iloc[0, 1], abs=1e-3)
    assert relation["r"].pearson == pytest.approx(frame["r"][:420].corr(frame["close"][:420].diff()))


@pytest.mark.parametrize("target", [None, "word"])
def test_without_a_numeric_target_there_are_no_relations(bench, target):
    assert bench.profile(market(), target).relations == ()


def test_ignored_columns_are_not_profiled(bench):
    profile = bench.profile(market(), "close", ignore=("rival", "word"))
    assert [column.name for column in profile.columns] == ["date", "close", "spread", "number", "flag", "hole"]
    assert "rival" not in profile.correlated
    assert not [finding for finding in profile.findings if finding.column in ("rival", "word")]


def test_a_column_that_is_constant_in_train_is_not_correlated(bench):
    profile = bench.profile(market().assign(late=np.r_[np.zeros(300), np.arange(100.0)]), "close")
    assert "late" not in profile.correlated
    assert {"close", "rival", "flag"} < set(profile.correlated)


def test_an_unknown_column_raises_with_the_nearest_name(bench):
    profile = bench.profile(market(), "close")
    with pytest.raises(RecipeError, match="close"):
        profile.column("clos")
    with pytest.raises(RecipeError, match="close"):
        bench.profile(market(), "clos")


def test_bad_values_by_period(bench):
    frame = market(600)
    frame.loc[300:, "spread"] = np.nan
    profile = bench.profile(frame, "close")
    assert len(profile.periods) == 60
    assert profile.periods[0] == "2020-01-01"
    by_period = profile.column("spread").bad_by_period
    assert by_period[:29] == (0.0,) * 29
    assert by_period[31:] == (1.0,) * 29


def test_a_period_without_rows_has_no_bad_ratio(bench):
    frame = pd.concat([market(100), market(100).assign(date=lambda at: at["date"] + pd.Timedelta(days=900))])
    by_period = bench.profile(frame.reset_index(drop=True), "close").column("hole").bad_by_period
    assert by_period[0] == by_period[-1] == 1.0
    assert by_period[30] is None


def test_bad_values_by_era_and_reason(bench):
    frame = market()
    frame.loc[275:284, "spread"] = np.nan
    frame.loc[300:301, "spread"] = np.inf
    frame.loc[390:394, "spread"] = -999.0
    dates = frame["date"].copy()
    found = bench.profile(frame, "close", sentinels={"spread": (-999.0,)}).column("spread").bad_by_era
    assert found == (
        EraCounts(rows=280, missing=5, infinite=0, sentinel=0),
        EraCounts(rows=60, missing=5, infinite=2, sentinel=0),
        EraCounts(rows=60, missing=0, infinite=0, sentinel=5),
    )
    assert [era.bad_ratio for era in found] == pytest.approx([5 / 280, 7 / 60, 5 / 60])
    # A row without a time is in no era, but counts among all rows.
    frame.loc[276, "date"] = pd.NaT
    timeless = bench.profile(frame, "close", sentinels={"spread": (-999.0,)}).column("spread")
    assert sum(era.rows for era in timeless.bad_by_era) == timeless.all.rows - 1 == len(dates) - 1
    assert sum(era.missing for era in timeless.bad_by_era) == timeless.all.missing - 1


def test_statistics_of_levels_and_changes(bench):
    frame = market()
    profile = bench.profile(frame, "close")
    close, word = profile.column("close"), profile.column("word")
    assert close.quantiles == pytest.approx(np.quantile(frame["close"], QUANTILE_SHARES))
    changes = frame["close"].diff().dropna()
    assert (close.changes.mean, close.changes.std) == pytest.approx((changes.mean(), changes.std()))
    assert close.all.autocorrelation > 0.95 > abs(close.changes.autocorrelation) + 0.5
    assert (word.quantiles, word.changes, word.all.outlier_ratio) == ((), None, None)
    assert profile.column("hole").quantiles == ()


def test_a_profile_read_from_json_is_equal(bench):
    frame = market()
    frame.loc[:200, "spread"] = np.inf
    profile = bench.profile(frame, "close")
    assert from_json(QualityProfile, to_json(profile)) == profile


@pytest.mark.fires("identifier-like")
def test_the_document_has_all_keys_and_no_nan(bench):
    frame = market()
    frame.loc[5:14, "spread"] = np.nan
    dataset = bench.dataset(frame, unparseable={"spread": 4})
    document = profile_document(dataset, profile_dataset(dataset, "close", bench.eras(dataset)))
    text = json.dumps(document, allow_nan=False)
    document = json.loads(text)
    assert set(DATASET_KEYS.split()) == set(document["dataset"])
    assert (document["dataset"]["rows"], document["dataset"]["columns"]) == (ROWS, 8)
    columns = {column["name"]: column for column in document["columns"]}
    assert all(set(COLUMN_KEYS.split()) <= set(column) for column in columns.values())
    assert columns["spread"]["bad"] == {"missing": 6, "infinite": 0, "unparseable": 4, "sentinel": 0}
    assert columns["spread"]["bad_ratio"] == pytest.approx(10 / ROWS)
    assert columns["spread"]["train"]["bad_ratio"] == pytest.approx(10 / 280)
    assert columns["hole"]["mean"] is None
    assert columns["word"]["kind"] == "text"
    relation = "feature target class pearson spearman xi p_value q_value lead lead_q"
    assert set(relation.split()) == set(document["relations"][0])
    assert {relation["class"] for relation in document["relations"]} <= {"linear", "nonlinear", "none"}
    findings = document["findings"]
    assert all(
        {"code", "severity", "column", "rows", "count", "title", "detail", "remedy"} == set(finding)
        for finding in findings
    )
    order = ["problem", "warning", "info"]
    ranks = [order.index(finding["severity"]) for finding in findings]
    assert ranks == sorted(ranks)
    (remedy,) = [finding["remedy"] for finding in findings if finding["code"] == "identifier-like"]
    assert remedy == {"label": "Drop number", "section": "cleaning", "field": "drop", "value": ["number"]}


def test_a_stop_request_is_obeyed_and_progress_reaches_its_end(bench):
    dataset = bench.dataset(market())
    eras = bench.eras(dataset)
    with pytest.raises(Stopped):
        profile_dataset(dataset, "close", eras, should_stop=lambda: True)
    steps = []

    class Record(NoProgress):
        def step(self, done: int, total: int, text: str) -> None:
            steps.append((done, total, text))

    profile_dataset(dataset, "close", eras, progress=Record())
    assert (8, 8, "Columns") in steps
    assert steps[-1][0] == steps[-1][1]


def test_the_train_era_depends_on_time_not_on_row_order(bench):
    frame = market().iloc[::-1].reset_index(drop=True)
    dataset = bench.dataset(frame)
    eras = bench.eras(dataset)
    profile = profile_dataset(dataset, "close", eras)
    train = frame[eras.label(frame["date"]) == Era.TRAIN]
    assert profile.column("close").train.rows == len(train) == 280
    assert profile.column("close").train.max == train["close"].max()
