"""What several tests share: a small file of prices, and a bundle whose network was never trained."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.cleaning.transform import FittedCleaning
from core.delivery.bundle import Manifest
from core.delivery.packing import write_bundle
from core.features import FeaturePlan, FeatureStep
from core.forecast.intervals import Interval
from core.forecast.network import Network, NetworkShape
from core.forecast.windows import Scaling
from core.ingest.dataset import Kind, Roles
from core.ingest.eras import Eras
from core.recipe import IngestSettings
from core.target import Task

WINDOW = 5


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name cases of bytes by their place: an archive tells the second it was made in, and two workers must agree on names."""
    return "bytes" if isinstance(val, bytes) else None


@pytest.fixture(scope="session")
def prices() -> pd.DataFrame:
    """120 business days of a random walk `close`, a volatility `vix`, and their dates."""
    chance = np.random.default_rng(1)
    dates = pd.bdate_range("2024-01-01", periods=120)
    close = 100 * np.exp(np.cumsum(chance.normal(0, 0.01, len(dates))))
    return pd.DataFrame(
        {"date": dates, "close": close.round(4), "vix": (20 + chance.normal(0, 2, len(dates))).round(4)}
    )


@pytest.fixture(scope="session")
def prices_file(prices: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data") / "prices.csv"
    prices.to_csv(path, index=False)
    return path


@pytest.fixture(scope="session")
def manifest() -> Manifest:
    roles = Roles("date", None, "close")
    steps = (FeatureStep("close log return", "close", "log_return"), FeatureStep("vix level", "vix", "level"))
    return Manifest(
        made="2026-01-02T03:04:05+00:00",
        versions={"plumbline": "0.1.0"},
        fingerprint="0" * 64,
        eras=Eras("2020-01-01", "2022-01-03", "2023-01-02", "2023-12-29", 0, (500, 250, 250)),
        frequency="B",
        ingest=IngestSettings(time_column="date", target="close"),
        roles=roles,
        kinds={"close": Kind.NUMBER, "vix": Kind.NUMBER},
        cleaning=FittedCleaning(roles, ("vix",), "forward", 5, {}, {}, {}),
        features=FeaturePlan(steps, 1),
        chosen=("close log return", "vix level"),
        scaling=Scaling((0.0, 20.0), (0.01, 2.0), 0.0, 0.01),
        shape=NetworkShape("lstm", WINDOW, 2, (4,), 0.0),
        networks=2,
        task=Task("close", "log_return", 1),
        interval=Interval(0.9, 0.02, 200),
    )


@pytest.fixture(scope="session")
def network(manifest: Manifest) -> Network:
    return random_network(manifest.shape, seed=1)


@pytest.fixture(scope="session")
def bundle_file(manifest: Manifest, network: Network, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bundle") / "bundle.zip"
    write_bundle(path, manifest, network, {"recipe.json": b"{}", "model.keras": b"not read back"})
    return path


def random_network(shape: NetworkShape, seed: int) -> Network:
    chance = np.random.default_rng(seed)
    members = tuple(
        {name: chance.normal(0, 0.3, size).astype(np.float32) for name, size in shape.weights().items()}
        for _ in range(2)
    )
    return Network(shape, members)
