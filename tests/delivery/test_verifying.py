"""A bundle is compared with its run in a process of its own, and one that differs is refused."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.data.dataset import Dataset
from core.data.user_file import UserFile
from core.delivery.bundle import Bundle, Manifest
from core.delivery.packing import write_bundle
from core.delivery.predict import predict_with
from core.delivery.table_format import learn_table_format
from core.delivery.verifying import verify_bundle
from core.errors.bundle import BundleNotVerified
from core.forecast.network.network import Network
from core.ingest.reader import read_table


@pytest.fixture(scope="module")
def dataset(prices_file: Path, manifest: Manifest, tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return read_table(prices_file, manifest.ingest, tmp_path_factory.mktemp("verify") / "table")


@pytest.fixture(scope="module")
def predictions(
    prices_file: Path, manifest: Manifest, network: Network, tmp_path_factory: pytest.TempPathFactory
) -> pd.DataFrame:
    folder = tmp_path_factory.mktemp("run") / "table"
    return predict_with(Bundle(manifest, network), prices_file, folder).table


def test_a_bundle_gives_the_predictions_of_its_run_from_file_and_from_table(
    prices_file: Path, dataset: Dataset, predictions: pd.DataFrame, manifest: Manifest, network: Network, tmp_path: Path
) -> None:
    layout = learn_table_format(prices_file, dataset, manifest.roles, manifest.model.needed)
    known = manifest.model_copy(update={"table": layout})
    path = tmp_path / "bundle.zip"
    write_bundle(path, known, network, {})
    file = UserFile(path=prices_file, name="prices.csv")
    verified = verify_bundle(path, known, file, dataset, predictions.iloc[20:60])
    assert (verified.rows, verified.read) == (40, "file")
    assert verified.largest < 1e-9
    assert verify_bundle(path, manifest, None, dataset, predictions).read == "table"


def test_a_bundle_with_other_weights_is_refused(
    prices_file: Path, dataset: Dataset, predictions: pd.DataFrame, manifest: Manifest, network: Network, tmp_path: Path
) -> None:
    other = Network(network.shape, network.members[:1])
    path = tmp_path / "bundle.zip"
    one = manifest.model_copy(update={"networks": 1})
    write_bundle(path, one, other, {})
    with pytest.raises(BundleNotVerified, match="differ"):
        verify_bundle(path, one, None, dataset, predictions)
    missing = predictions.assign(lower=np.nan)
    write_bundle(path, manifest, network, {})
    with pytest.raises(BundleNotVerified, match="lower"):
        verify_bundle(path, manifest, None, dataset, missing)


def test_a_program_that_fails_is_reported(
    dataset: Dataset, predictions: pd.DataFrame, manifest: Manifest, network: Network, tmp_path: Path
) -> None:
    path = tmp_path / "bundle.zip"
    wide = manifest.model_copy(update={"shape": replace(manifest.shape, window=500)})
    write_bundle(path, wide, network, {})
    with pytest.raises(BundleNotVerified, match="window"):
        verify_bundle(path, wide, None, dataset, predictions)
