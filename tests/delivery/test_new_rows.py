"""New rows are compared with the file of training: what is missing, renamed, new or out of range is a finding."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from core.cleaning.fitted import FittedCleaning
from core.data.columns import Kind, Roles
from core.delivery.bundle import Bundle, Manifest
from core.delivery.predict import predict_with, read_new_rows
from core.delivery.score_rows import Scored
from core.errors.bundle import MissingModelColumns
from core.findings.model import Finding
from core.forecast.network.network import Network
from core.forecast.network.scaling import SeriesScaling
from core.recipe.model import IngestSettings

ALL = (
    "scored-column-missing",
    "scored-column-renamed",
    "scored-columns-added",
    "scored-columns-not-needed",
    "scored-input-outside-train",
    "scored-series-scaled-together",
)


def findings_of(frame: pd.DataFrame, manifest: Manifest, folder: Path) -> dict[str, Finding]:
    frame.to_csv(folder / "rows.csv", index=False)
    rows = read_new_rows(manifest, folder / "rows.csv", folder / "table")
    return {finding.code: finding for finding in rows.findings if finding.code in ALL}


def predictions(frame: pd.DataFrame, manifest: Manifest, network: Network, folder: Path) -> pd.DataFrame:
    folder.mkdir()
    frame.to_csv(folder / "rows.csv", index=False)
    return predict_with(Bundle(manifest, network), folder / "rows.csv", folder / "table").table


@pytest.mark.silent(
    "scored-column-missing",
    "scored-column-renamed",
    "scored-columns-added",
    "scored-columns-not-needed",
    "scored-input-outside-train",
)
def test_the_file_of_training_has_no_differences(
    prices: pd.DataFrame, manifest: Manifest, network: Network, tmp_path: Path
) -> None:
    known = manifest.model_copy(update={"inputs": ((-10.0, 10.0), (-10.0, 10.0))})
    assert len(predictions(prices, known, network, tmp_path / "same")) > 100


@pytest.mark.fires("scored-column-missing", "scored-columns-added")
def test_a_missing_column_is_reported_with_the_nearest_name_and_nothing_is_predicted(
    prices: pd.DataFrame, manifest: Manifest, network: Network, tmp_path: Path
) -> None:
    other = prices.rename(columns={"vix": "vixx"})
    found = findings_of(other, manifest, tmp_path)
    assert (found["scored-column-missing"].column, found["scored-column-missing"].nearest) == ("vix", ("vixx",))
    assert found["scored-columns-added"].columns == ("vixx",)
    with pytest.raises(MissingModelColumns) as raised:
        predictions(other, manifest, network, tmp_path / "none")
    assert raised.value.columns == ("vix",)


@pytest.mark.fires("scored-column-renamed")
def test_a_column_that_is_only_spelt_differently_is_taken(
    prices: pd.DataFrame, manifest: Manifest, network: Network, tmp_path: Path
) -> None:
    other = prices.rename(columns={"vix": "VIX "})
    renamed = findings_of(other, manifest, tmp_path)["scored-column-renamed"]
    assert (renamed.column, renamed.found) == ("vix", "VIX")
    ours, theirs = (predictions(one, manifest, network, tmp_path / name) for one, name in ((prices, "a"), (other, "b")))
    pd.testing.assert_frame_equal(ours, theirs)


@pytest.mark.fires("scored-columns-not-needed")
def test_a_column_that_no_feature_is_computed_from_may_be_missing(
    prices: pd.DataFrame, manifest: Manifest, network: Network, tmp_path: Path
) -> None:
    more = manifest.model_copy(update={"kinds": manifest.kinds | {"oil": Kind.NUMBER}})
    assert findings_of(prices, more, tmp_path)["scored-columns-not-needed"].columns == ("oil",)
    pd.testing.assert_frame_equal(
        predictions(prices, more, network, tmp_path / "a"), predictions(prices, manifest, network, tmp_path / "b")
    )


@pytest.mark.fires("scored-input-outside-train")
def test_values_beyond_the_train_range_are_counted(
    prices: pd.DataFrame, manifest: Manifest, network: Network, tmp_path: Path
) -> None:
    known = manifest.model_copy(update={"inputs": ((-10.0, 10.0), (-1.0, 1.0))})
    prices.to_csv(tmp_path / "rows.csv", index=False)
    scored = predict_with(Bundle(known, network), tmp_path / "rows.csv", tmp_path / "table")
    (outside,) = [finding for finding in scored.findings if finding.code == "scored-input-outside-train"]
    judged = prices["vix"].iloc[-outside.total :]
    assert outside.count == ((judged < 18) | (judged > 22)).sum()
    assert outside.trained == (18.0, 22.0)
    assert outside.found == pytest.approx((judged.min(), judged.max()), rel=1e-6)


@pytest.fixture
def panel_manifest(manifest: Manifest) -> Manifest:
    """A model of the tickers A and B: B has 100 times the prices and 10 times the vix of A."""
    roles = Roles(time="date", series="ticker", target="close")
    scales = {"outcome_center": 0.0, "outcome_scale": 0.01}
    series = {
        "A": SeriesScaling(center=(0.0, 20.0), scale=(0.01, 2.0), **scales),
        "B": SeriesScaling(center=(0.0, 200.0), scale=(0.01, 20.0), **scales),
    }
    return manifest.model_copy(
        update={
            "roles": roles,
            "ingest": IngestSettings(time_column="date", series_column="ticker", target="close"),
            "cleaning": FittedCleaning(
                roles=roles, features=("vix",), fill="forward", max_fill=5, fill_values={}, clip={}, sentinels={}
            ),
            "scaling": replace(manifest.scaling, series=series),
            "inputs": ((-10.0, 10.0), (-1.0, 1.0)),
        }
    )


def score_panel(frame: pd.DataFrame, manifest: Manifest, network: Network, folder: Path) -> Scored:
    frame.to_csv(folder / "rows.csv", index=False)
    return predict_with(Bundle(manifest, network), folder / "rows.csv", folder / "table")


def tickers(prices: pd.DataFrame, *names: str) -> pd.DataFrame:
    sizes = {"A": (1, 1), "B": (100, 10), "C": (100, 10)}
    return pd.concat(
        [
            prices.assign(ticker=name, close=prices["close"] * sizes[name][0], vix=prices["vix"] * sizes[name][1])
            for name in names
        ]
    )


@pytest.mark.silent("scored-series-scaled-together")
def test_each_series_is_scored_in_its_own_scale(
    prices: pd.DataFrame, panel_manifest: Manifest, network: Network, tmp_path: Path
) -> None:
    scored = score_panel(tickers(prices, "A", "B"), panel_manifest, network, tmp_path)
    assert "scored-series-scaled-together" not in {finding.code for finding in scored.findings}
    one, other = (scored.table.loc[scored.table["series"] == name, "lstm"].to_numpy() for name in "AB")
    assert len(one) == len(other) > 100
    assert other == pytest.approx(100 * one, rel=1e-6)
    (outside,) = [finding for finding in scored.findings if finding.code == "scored-input-outside-train"]
    assert (outside.series, outside.trained) in [("A", (18.0, 22.0)), ("B", (180.0, 220.0))]


@pytest.mark.fires("scored-series-scaled-together")
def test_an_unknown_series_is_scaled_as_all_together_and_named(
    prices: pd.DataFrame, panel_manifest: Manifest, network: Network, tmp_path: Path
) -> None:
    scored = score_panel(tickers(prices, "A", "C"), panel_manifest, network, tmp_path)
    (found,) = [finding for finding in scored.findings if finding.code == "scored-series-scaled-together"]
    assert (found.series, found.count) == (("C",), 1)
    pooled = panel_manifest.model_copy(update={"scaling": replace(panel_manifest.scaling, series={})})
    (tmp_path / "pooled").mkdir()
    old = score_panel(tickers(prices, "A", "C"), pooled, network, tmp_path / "pooled")
    assert "scored-series-scaled-together" not in {finding.code for finding in old.findings}
    is_unknown = scored.table["series"] == "C"
    assert scored.table.loc[is_unknown, "lstm"].tolist() == old.table.loc[is_unknown, "lstm"].tolist()
