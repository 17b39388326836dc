"""Suggested transformations fire on planted shapes, are silent on a bell curve, and use train rows only."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from core.findings.limit import FurtherFindings
from core.findings.suggestions import SuggestClip, SuggestLog, SuggestReturns
from core.quality.profile import QualityProfile

ROWS = 1000
TRAIN = 700


@pytest.fixture
def shapes() -> pd.DataFrame:
    random = np.random.default_rng(0)
    noise = random.normal(size=(ROWS, 6))
    frame = pd.DataFrame({"date": pd.date_range("2020-01-01", periods=ROWS, unit="us")})
    frame["target"] = noise[:, 0]
    frame["price"] = 100 * np.exp(0.01 * noise[:, 1].cumsum())
    frame["balance"] = noise[:, 2].cumsum() - 5
    frame["volume"] = np.exp(1.2 * noise[:, 3])
    frame["shock"] = stats.t.ppf(stats.norm.cdf(noise[:, 4]), 1.5)
    frame["bell"] = 50 + noise[:, 5]
    frame["even"] = random.uniform(1, 2, ROWS)
    frame["flag"] = random.random(ROWS) < 0.01
    frame["rare"] = (random.random(ROWS) < 0.02) * 7
    frame["number"] = np.arange(ROWS) + 5000
    frame["word"] = random.choice(["up", "down"], ROWS)
    return frame


def suggested(profile: QualityProfile) -> dict[str | None, str]:
    return {f.column: f.code for f in profile.findings if f.code.startswith("suggest-")}


@pytest.mark.fires("suggest-returns", "suggest-difference", "suggest-log", "suggest-clip")
def test_each_shape_has_its_suggestion_and_the_rest_none(bench, shapes):
    profile = bench.profile(shapes, "target")
    assert suggested(profile) == {
        "price": "suggest-returns",
        "balance": "suggest-difference",
        "volume": "suggest-log",
        "shock": "suggest-clip",
    }
    found = {f.column: f for f in profile.findings if f.code.startswith("suggest-")}
    assert {name: (f.remedy.field, f.remedy.value) for name, f in found.items()} == {
        "price": ("returns", ("price",)),
        "balance": ("difference", ("balance",)),
        "volume": ("log", ("volume",)),
        "shock": ("clip_columns", ("shock",)),
    }
    train = {column.name: column.train for column in profile.columns}
    log, clip = found["volume"], found["shock"]
    assert isinstance(log, SuggestLog) and isinstance(clip, SuggestClip)
    assert log.q99_to_median == pytest.approx(train["volume"].q99 / train["volume"].median)
    assert clip.outlier_share == train["shock"].outlier_ratio


@pytest.mark.silent("suggest-returns", "suggest-difference", "suggest-log", "suggest-clip")
def test_stationary_symmetric_features_have_no_suggestion(bench, shapes):
    calm = shapes.drop(columns=["price", "balance", "volume", "shock"])
    # Skewed and heavy-tailed as well, only less so.
    calm["skewed"] = np.exp(0.3 * np.random.default_rng(3).normal(size=ROWS))
    calm["tails"] = np.random.default_rng(4).standard_t(8, ROWS)
    calm["persistent"] = calm["bell"].rolling(5, min_periods=1).mean()
    assert suggested(bench.profile(calm, "target")) == {}


def test_the_target_has_no_suggestion(bench, shapes):
    assert "shock" not in suggested(bench.profile(shapes, "shock"))


def test_a_skewed_feature_with_a_zero_keeps_its_levels(bench, shapes):
    shapes.loc[10, "volume"] = 0.0
    assert suggested(bench.profile(shapes, "target")).get("volume") != "suggest-log"


def test_rows_after_train_change_no_suggestion(bench, shapes):
    changed = shapes.copy()
    random = np.random.default_rng(1)
    changed.loc[TRAIN:, "bell"] = random.standard_t(1, ROWS - TRAIN)
    changed.loc[TRAIN:, "volume"] = -1.0
    changed.loc[TRAIN:, "price"] = random.normal(size=ROWS - TRAIN)
    before, after = bench.profile(shapes, "target"), bench.profile(changed, "target")
    assert [f for f in before.findings if f.code.startswith("suggest-")] == [
        f for f in after.findings if f.code.startswith("suggest-")
    ]


def test_the_suggestions_of_many_columns_share_one_finding_and_one_remedy(bench):
    random = np.random.default_rng(2)
    prices = 100 * np.exp(0.01 * random.normal(size=(400, 40)).cumsum(axis=0))
    frame = pd.DataFrame(prices, columns=[f"p{place:02}" for place in range(40)])
    frame["date"] = pd.date_range("2020-01-01", periods=400, unit="us")
    profile = bench.profile(frame)
    drifting = sum(column.price_like for column in profile.columns)
    found = [f for f in profile.findings if f.code == "suggest-returns"]
    assert len(found) == 4
    further = found[-1]
    assert isinstance(further, FurtherFindings)
    assert (further.count, further.claim) == (drifting - 3, SuggestReturns.plural)
    assert further.remedy and len(further.remedy.value) == drifting - 3
    assert further.remedy.field == "returns"
