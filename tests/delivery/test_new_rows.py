"""New rows are compared with the file of training: what is missing, renamed, new or out of range is a finding."""

from pathlib import Path

import pandas as pd
import pytest

from core.data.columns import Kind
from core.delivery.bundle import Bundle, Manifest
from core.delivery.predict import predict_with, read_new_rows
from core.errors.bundle import MissingModelColumns
from core.findings.model import Finding
from core.forecast.network.network import Network

ALL = (
    "scored-column-missing",
    "scored-column-renamed",
    "scored-columns-added",
    "scored-columns-not-needed",
    "scored-input-outside-train",
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
