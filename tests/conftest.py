"""What several tests share: a small file of prices, and a bundle whose network was never trained."""

from core.runtime import configure

configure()

import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.cleaning.fitted import FittedCleaning
from core.data.columns import Kind, Roles
from core.data.eras import Eras
from core.delivery.bundle import Manifest
from core.delivery.packing import write_bundle
from core.findings.catalogue import all_findings
from core.findings.model import Finding
from core.forecast.evaluation.bounds import OutcomeBounds
from core.forecast.evaluation.intervals import Interval, IntervalState
from core.forecast.network.network import Network, NetworkShape
from core.forecast.network.scaling import Scaling
from core.recipe.model import IngestSettings
from core.samples.features import FeaturePlan, FeatureStep
from core.samples.task import Task
from tests.chromium import browser  # noqa: F401

WINDOW = 5


def pytest_configure() -> None:
    """Hear Ctrl-C: a suite started in the background ignores it, and so would every process that a test starts.

    Keep no idle worker: a test that needs one asks for it.
    """
    os.environ["PLUMBLINE_IDLE_WORKER"] = "0"
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def own_main() -> Iterator[None]:
    """Put back the main module: a page that runs in a test replaces it, and worker processes import it."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name cases of bytes by their place: an archive tells the second it was made in, and two workers must agree on names."""
    return "bytes" if isinstance(val, bytes) else None


def _watched(build: Callable[..., None], code: str, seen: set[str]) -> Callable[..., None]:
    def watch(finding: Finding, *args: object, **facts: object) -> None:
        seen.add(code)
        build(finding, *args, **facts)

    return watch


@pytest.fixture(autouse=True)
def reported(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Hold a test to its marks: `fires("code")` must report the finding, `silent("code")` must not."""
    fires = {code for mark in request.node.iter_markers("fires") for code in mark.args}
    silent = {code for mark in request.node.iter_markers("silent") for code in mark.args}
    if not fires | silent:
        yield
        return
    seen: set[str] = set()
    kinds = all_findings()
    for code in fires | silent:
        monkeypatch.setattr(kinds[code], "__init__", _watched(kinds[code].__init__, code, seen))
    yield
    assert fires <= seen, f"not reported: {sorted(fires - seen)}"
    assert not silent & seen, f"reported: {sorted(silent & seen)}"


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
    roles = Roles(time="date", series=None, target="close")
    steps = (
        FeatureStep(name="close.log_return", source="close", kind="log_return"),
        FeatureStep(name="vix", source="vix", kind="level"),
    )
    return Manifest(
        made="2026-01-02T03:04:05+00:00",
        versions={"plumbline": "0.1.0"},
        fingerprint="0" * 64,
        eras=Eras(
            start="2020-01-01",
            validation_from="2022-01-03",
            test_from="2023-01-02",
            end="2023-12-29",
            embargo=0,
            rows=(500, 250, 250),
        ),
        frequency="B",
        ingest=IngestSettings(time_column="date", target="close"),
        roles=roles,
        kinds={"close": Kind.NUMBER, "vix": Kind.NUMBER},
        cleaning=FittedCleaning(
            roles=roles, features=("vix",), fill="forward", max_fill=5, fill_values={}, clip={}, sentinels={}
        ),
        features=FeaturePlan(steps, 1),
        chosen=("close.log_return", "vix"),
        scaling=Scaling(center=(0.0, 20.0), scale=(0.01, 2.0), outcome_center=0.0, outcome_scale=0.01),
        shape=NetworkShape(cell="lstm", window=WINDOW, features=2, units=(4,), dropout=0.0),
        networks=2,
        task=Task(target="close", predict="log_return", horizon=1),
        bounds=OutcomeBounds(low=-0.5, high=0.5),
        interval=Interval(
            nominal=0.9,
            most_scores=500,
            states=(IntervalState(as_of="2024-12-31", scores=(2.0,) * 200, alphas=(0.1, 0.1, 0.1)),),
        ),
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
