"""The certificate of causality holds for the walk as it is, and any value from later rows breaks it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.context import Context
from core.data.truncate import truncate
from core.errors.model import Stopped
from core.forecast.evaluation import causality
from core.forecast.evaluation.causality import certify_causality
from core.forecast.evaluation.certificate import CausalityCheck, Certificate
from core.forecast.evaluation.verdict import Reason, find_reason, reach_verdict
from core.forecast.network.network import Network, NetworkShape
from core.forecast.network.scaling import fit_scaling
from core.ingest.step import read
from core.progress import never_stop
from core.recipe.model import read_recipe
from core.samples import prepare
from tests.charts import examples

CHOSEN = ("close.log_return", "vix")
RECIPE = {"ingest": {"target": "close"}, "evaluation": {"coverage": 0.5}}
PANEL = {"ingest": {"target": "close", "series_column": "market"}, "training": {"horizon": 3}}


def network() -> Network:
    shape = NetworkShape(cell="lstm", window=5, features=len(CHOSEN), units=(4,), dropout=0.0)
    chance = np.random.default_rng(1)
    return Network(
        shape, ({name: chance.normal(0, 0.3, size).astype(np.float32) for name, size in shape.weights().items()},)
    )


def prices(seed: int = 1, rows: int = 300) -> pd.DataFrame:
    """Prices and a volatility that is missing in every other row, so that a fill has something to do at any date."""
    chance = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(chance.normal(0, 0.01, rows)))
    vix = np.where(np.arange(rows) % 2, np.nan, 20 + chance.normal(0, 2, rows))
    return pd.DataFrame({"date": pd.bdate_range("2020-01-01", periods=rows), "close": close, "vix": vix})


def context_of(frame: pd.DataFrame, folder: Path, recipe: dict[str, object] = RECIPE) -> Context:
    frame.to_csv(folder / "prices.csv", index=False)
    asked = read_recipe(recipe | {"cleaning": {"max_bad_ratio": 0.9}})
    return Context(dataset=read(folder / "prices.csv", asked, folder / "tables"), recipe=asked)


@pytest.fixture
def context(tmp_path: Path) -> Context:
    return context_of(prices(), tmp_path)


def certify(context: Context) -> Certificate:
    return certify_causality(context, network(), CHOSEN, never_stop)


def test_the_walk_is_causal_at_one_date_of_validation_and_two_of_test(context):
    found = certify(context)
    assert [check.era for check in found.checks] == ["validation", "test", "test"]
    assert [check.cut for check in found.checks] == sorted(check.cut for check in found.checks)
    assert all(check.forecasts > 10 for check in found.checks)
    assert found.holds


def test_a_panel_is_causal(tmp_path):
    frame = pd.concat([prices(seed).assign(market=f"m{seed}") for seed in (1, 2)])
    found = certify(context_of(frame, tmp_path, PANEL))
    assert len(found.checks) == 3 and found.holds


def test_a_centred_window_breaks_it(context, monkeypatch):
    features = prepare.add_features

    def centre(*given):
        made = features(*given)
        made.values["vix"] = made.values["vix"].rolling(3, center=True, min_periods=1).mean()
        return made

    monkeypatch.setattr(prepare, "add_features", centre)
    found = certify(context)
    assert not any(check.holds for check in found.checks)
    assert all(check.cleaning == 0 and check.features > 1e-3 for check in found.checks)


def test_a_scaler_of_all_rows_breaks_it(context, monkeypatch):
    def scale_all(features, names, *given):
        values = features.values[list(names)]
        return replace(fit_scaling(features, names, *given), center=tuple(values.mean()), scale=tuple(values.std()))

    monkeypatch.setattr(causality, "fit_scaling", scale_all)
    found = certify(context)
    assert not any(check.holds for check in found.checks)
    assert all(check.features == 0 and check.predictions > 1e-6 for check in found.checks)


def test_a_backward_fill_breaks_it(context, monkeypatch):
    apply = prepare.apply_cleaning

    def fill_back(frame, fitted):
        return apply(frame.bfill(), fitted)

    monkeypatch.setattr(prepare, "apply_cleaning", fill_back)
    found = certify(context)
    # A fill from the next row shows at dates that the fill reaches.
    assert any(check.cleaning is None or check.cleaning > 1e-3 for check in found.checks)
    assert not found.holds


def test_an_outcome_of_a_later_row_breaks_it(context, monkeypatch):
    features = prepare.add_features

    def look_ahead(*given):
        made = features(*given)
        made.values["close.log_return"] = made.values["close.log_return"].shift(-1)
        return made

    monkeypatch.setattr(prepare, "add_features", look_ahead)
    assert not certify(context).holds


def test_a_stop_is_obeyed(context):
    with pytest.raises(Stopped):
        certify_causality(context, network(), CHOSEN, lambda: True)


def test_a_truncated_data_set_ends_at_the_date(context, tmp_path):
    earlier = truncate(context.dataset, "2020-03-02", tmp_path / "earlier")
    whole = context.dataset.read()
    expected = whole[whole["date"] <= "2020-03-02"]
    pd.testing.assert_frame_equal(earlier.read(), expected)
    assert earlier.rows == len(expected)
    assert earlier.end.startswith("2020-03-02")
    assert earlier.key != context.dataset.key


BROKEN = CausalityCheck(
    cut="2020-01-02T00:00:00", era="test", forecasts=9, cleaning=0.0, features=2e-9, predictions=0.0
)


@pytest.mark.fires("depends-on-later-rows")
def test_a_forecast_that_is_not_causal_cannot_be_judged():
    given = replace(examples.evaluation(), causality=Certificate(checks=(BROKEN,)))
    assert find_reason(given) is Reason.NOT_CAUSAL
    assert reach_verdict(given).level == "cannot_judge"


@pytest.mark.silent("depends-on-later-rows")
def test_a_causal_forecast_is_judged():
    assert find_reason(examples.evaluation()) is not Reason.NOT_CAUSAL
    assert reach_verdict(examples.evaluation()).findings
