"""What is suggested for a feature: it fires on a planted shape, stays silent on a bell, and never looks past the train era."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

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


def suggested(profile: QualityProfile) -> dict[str, str]:
    return {f.column: f.code for f in profile.findings if f.code.startswith("suggest-")}


def test_each_shape_has_its_suggestion_and_the_rest_none(bench, shapes):
    profile = bench.profile(shapes, "target")
    assert suggested(profile) == {
        "price": "suggest-returns",
        "balance": "suggest-difference",
        "volume": "suggest-log",
        "shock": "suggest-clip",
    }
    fields = {f.column: (f.remedy.field, f.remedy.value) for f in profile.findings if f.code.startswith("suggest-")}
    assert fields == {
        "price": ("returns", ("price",)),
        "balance": ("difference", ("balance",)),
        "volume": ("log", ("volume",)),
        "shock": ("clip_columns", ("shock",)),
    }


def test_the_target_is_left_alone(bench, shapes):
    assert "shock" not in suggested(bench.profile(shapes, "shock"))


def test_a_skewed_column_that_reaches_0_keeps_its_levels(bench, shapes):
    shapes.loc[10, "volume"] = 0.0
    assert suggested(bench.profile(shapes, "target")).get("volume") != "suggest-log"


def test_later_rows_suggest_nothing(bench, shapes):
    changed = shapes.copy()
    random = np.random.default_rng(1)
    changed.loc[TRAIN:, "bell"] = random.standard_t(1, ROWS - TRAIN)
    changed.loc[TRAIN:, "volume"] = -1.0
    changed.loc[TRAIN:, "price"] = random.normal(size=ROWS - TRAIN)
    before, after = bench.profile(shapes, "target"), bench.profile(changed, "target")
    assert [f for f in before.findings if f.code.startswith("suggest-")] == [
        f for f in after.findings if f.code.startswith("suggest-")
    ]


def test_many_columns_share_one_suggestion_with_one_remedy(bench):
    random = np.random.default_rng(2)
    prices = 100 * np.exp(0.01 * random.normal(size=(400, 40)).cumsum(axis=0))
    frame = pd.DataFrame(prices, columns=[f"p{place:02}" for place in range(40)])
    frame["date"] = pd.date_range("2020-01-01", periods=400, unit="us")
    profile = bench.profile(frame)
    drifting = sum(column.price_like for column in profile.columns)
    found = [f for f in profile.findings if f.code == "suggest-returns"]
    assert len(found) == 4
    assert found[-1].title == f"{drifting - 3} more columns drift like prices: their returns say more than their levels"
    assert found[-1].remedy.label == f"Take the returns of these {drifting - 3} columns"
    assert (found[-1].remedy.field, len(found[-1].remedy.value)) == ("returns", drifting - 3)
