"""Findings: each planted fault is told once, with its number and place, and sound data stay silent."""

import numpy as np
import pandas as pd
import pytest

from core.findings.limit import limit_findings
from core.findings.model import Finding, Severity, legacy_finding

ROWS = 500


def sound(columns: int = 4) -> pd.DataFrame:
    random = np.random.default_rng(20)
    frame = pd.DataFrame(random.normal(size=(ROWS, columns)), columns=[f"c{place}" for place in range(columns)])
    frame["y"] = random.normal(size=ROWS)
    frame["date"] = pd.date_range("2020-01-01", periods=ROWS, unit="us")
    return frame


def told(bench, frame: pd.DataFrame, **settings) -> dict[tuple[str, str | None], Finding]:
    findings = bench.profile(frame, "y", **settings).findings
    by_place = {(finding.code, finding.column): finding for finding in findings}
    assert len(by_place) == len(findings)
    return by_place


def test_sound_data_give_no_finding(bench):
    assert told(bench, sound()) == {}


def test_a_constant_column_is_told(bench):
    frame = sound()
    frame.loc[:400, "c1"] = 3.0
    finding = told(bench, frame)["constant-column", "c1"]
    assert finding.severity == Severity.WARNING
    assert finding.remedy.value == ("c1",)
    assert "3" in finding.detail


def test_many_bad_values_are_judged_on_train(bench):
    frame = sound()
    scattered = np.random.default_rng(21).permutation(350)[:140]
    frame.loc[scattered, "c0"] = np.nan
    frame.loc[350:480, "c1"] = np.nan
    found = told(bench, frame)
    assert found["many-bad-values", "c0"].count == 140
    assert "40 %" in found["many-bad-values", "c0"].title
    assert found["many-bad-values", "c0"].rows == tuple(np.sort(scattered)[:10] + 2)
    assert ("many-bad-values", "c1") not in found


def test_a_feed_that_died_is_told_with_its_last_day(bench):
    frame = sound()
    frame.loc[300:, "c0"] = np.nan
    frame.loc[470:, "c1"] = np.inf
    frame.loc[497:, "c2"] = np.nan
    found = told(bench, frame)
    assert "2020-10-26" in found["dead-feed", "c0"].title
    assert found["dead-feed", "c0"].severity == Severity.PROBLEM
    assert (found["dead-feed", "c1"].severity, found["dead-feed", "c1"].count) == (Severity.WARNING, 30)
    assert ("dead-feed", "c2") not in found


def test_a_late_start_is_told_with_its_first_day(bench):
    frame = sound()
    frame.loc[:199, "c0"] = np.nan
    frame.loc[:9, "c1"] = np.nan
    found = told(bench, frame)
    assert "2020-07-19" in found["late-start", "c0"].title
    assert (found["late-start", "c0"].severity, found["late-start", "c1"].severity) == (Severity.WARNING, Severity.INFO)
    assert found["late-start", "c1"].rows == tuple(range(2, 12))
    assert "None in the first 200 of 500 time stamps" in found["late-start", "c0"].detail
    assert "57.1 % of the train rows are bad" in found["late-start", "c0"].detail
    assert "train" not in found["late-start", "c1"].detail


@pytest.mark.parametrize("bad", [slice(0, 199), slice(200, None)])
def test_a_column_that_begins_late_or_died_is_told_once(bench, bad):
    frame = sound()
    frame.loc[bad, "c0"] = np.nan
    (code,) = (code for code, column in told(bench, frame) if column == "c0")
    assert code in ("late-start", "dead-feed")


def test_a_column_bad_here_and_there_neither_starts_late_nor_dies(bench):
    frame = sound()
    frame.loc[np.random.default_rng(22).random(ROWS) < 0.98, "c0"] = np.nan
    codes = {code for code, column in told(bench, frame) if column == "c0"}
    assert codes == {"many-bad-values"}


def test_identifiers_sentinels_and_infinities_are_told_with_lines(bench):
    frame = sound()
    frame["c0"] = np.arange(ROWS)
    frame.loc[[7, 9], "c1"] = -99.99
    frame.loc[[40, 400], "c2"] = [np.inf, -np.inf]
    found = told(bench, frame, sentinels={"c1": (-99.99,)})
    assert found["identifier-like", "c0"].remedy.field == "drop"
    assert (found["sentinel-values", "c1"].rows, found["sentinel-values", "c1"].count) == ((9, 11), 2)
    assert (found["infinite-values", "c2"].rows, found["infinite-values", "c2"].count) == ((42, 402), 2)


def test_a_long_stale_run_is_told_and_a_column_that_steps_by_month_is_not(bench):
    frame = sound()
    frame.loc[100:139, "c0"] = 1.25
    frame["c1"] = np.repeat(np.random.default_rng(23).normal(size=ROWS // 20), 20)
    frame["c2"] = np.random.default_rng(24).random(ROWS) < 0.9
    frame.loc[100:105, "c3"] = 1.25
    found = told(bench, frame)
    assert {column for code, column in found if code == "stale-run"} == {"c0"}
    finding = found["stale-run", "c0"]
    assert (finding.count, finding.rows) == (40, tuple(range(102, 112)))
    assert "1.25" in finding.title
    assert "2020-04-10" in finding.detail


def test_of_columns_that_repeat_each_other_the_worse_ones_are_told(bench):
    frame = sound()
    frame["c1"] = 2 * frame["c0"] + 1
    frame["c2"] = -frame["c0"]
    frame.loc[3, "c0"] = np.nan
    frame["c3"] = frame["y"] + 1e-6 * frame["c3"]
    found = told(bench, frame)
    assert {column for code, column in found if code == "near-duplicate"} == {"c0", "c2", "c3"}
    assert "c2 repeats c1" in found["near-duplicate", "c2"].title
    assert "repeats y" in found["near-duplicate", "c3"].title


def test_text_and_further_dates_are_told(bench):
    frame = sound()
    frame["word"] = np.where(frame["c0"] > 0, "up", "down")
    frame["name"] = [f"order {place}" for place in range(ROWS)]
    frame["posted"] = frame["date"] + pd.Timedelta(days=1)
    found = told(bench, frame)
    assert set(found) == {
        ("text-column", "word"),
        ("text-column", "name"),
        ("text-column", "posted"),
        ("identifier-like", "name"),
    }
    assert "dates" in found["text-column", "posted"].title


def test_faults_of_the_target_offer_no_dropping(bench):
    frame = sound()
    frame["y"] = 100 + frame["y"].cumsum()
    frame.loc[:199, "y"] = np.nan
    found = {code: finding for (code, column), finding in told(bench, frame).items() if column == "y"}
    assert {"target-missing", "target-drifts", "many-bad-values"} <= set(found)
    assert found["target-missing"].count == 200
    assert found["target-missing"].severity == found["many-bad-values"].severity == Severity.PROBLEM
    assert not any(finding.remedy for finding in found.values())


@pytest.mark.parametrize(("shift", "habit"), [(1000, "log return"), (0, "difference")])
def test_a_drifting_target_is_told_with_what_is_predicted_instead(bench, shift, habit):
    frame = sound()
    frame["y"] = shift + frame["y"].cumsum() - frame["y"].cumsum().mean()
    assert habit in told(bench, frame)["target-drifts", "y"].detail


def test_relations_that_cannot_be_judged_are_told(bench):
    frame = sound().head(35)
    assert told(bench, frame)["relations-not-judged", None].count == 4


def test_thousands_of_alike_faults_are_counted_not_listed(bench):
    frame = pd.concat(
        [sound(), pd.DataFrame(np.ones((ROWS, 60)), columns=[f"k{place}" for place in range(60)])], axis=1
    )
    findings = bench.profile(frame, "y").findings
    constant = [finding for finding in findings if finding.code == "constant-column"]
    assert len(constant) == 21
    assert (constant[-1].count, constant[-1].column) == (40, None)
    assert len(constant[-1].remedy.value) == 40
    dropped = {name for finding in constant for name in finding.remedy.value}
    assert dropped == {f"k{place}" for place in range(60)}


def test_a_single_finding_beyond_twenty_keeps_its_own_words():
    findings = [
        legacy_finding("stale-run", Severity.INFO, f"c{place} repeats", column=f"c{place}") for place in range(21)
    ]
    assert limit_findings(findings) == tuple(findings)


def test_a_target_of_a_few_values_is_told_and_a_feature_of_them_is_not(bench):
    frame = sound()
    frame["y"] = np.sign(frame["y"])
    frame["c0"] = np.sign(frame["c0"])
    found = told(bench, frame)
    assert "takes 2 values" in found["target-few-values", "y"].title
    assert not any(column == "c0" for _, column in found)


def test_columns_that_end_a_little_before_the_others_are_a_ragged_edge(bench):
    frame = sound()
    frame.loc[498:, "c0"] = np.nan
    frame.loc[499:, "c1"] = np.nan
    finding = told(bench, frame)["ragged-edge", "c0"]
    assert finding.count == 2
    assert "c0 (2), c1 (1)" in finding.detail


def test_scattered_holes_and_dead_feeds_are_no_ragged_edge(bench):
    frame = sound()
    frame.loc[::25, "c0"] = np.nan
    frame.loc[499, "c0"] = np.nan
    frame.loc[400:, "c1"] = np.nan
    assert not any(code == "ragged-edge" for code, _ in told(bench, frame))


def test_prices_of_one_bar_repeat_each_other_on_levels_alone_and_are_no_duplicates(bench):
    random = np.random.default_rng(30)
    frame = sound(1)
    frame["c0"] = 1000 * np.exp(np.cumsum(random.normal(scale=0.02, size=ROWS)))
    frame["bar"] = frame["c0"] * np.exp(random.normal(scale=0.001, size=ROWS))
    frame["cents"] = 100 * frame["c0"]
    levels = frame[:350][["c0", "bar"]].corr().to_numpy()[0, 1]
    found = told(bench, frame)
    assert levels > 0.9999
    assert ("near-duplicate", "cents") in found
    assert "on levels and on changes" in found["near-duplicate", "cents"].detail
    assert ("near-duplicate", "bar") not in found
