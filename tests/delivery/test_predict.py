"""New rows get the predictions that the trained network gives, from their own past alone, here and in an unzipped bundle."""

import json
import os
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.__main__ import main
from core.cleaning.fitted import FittedCleaning
from core.cleaning.gaps import Calendar
from core.data.calendar import learn_calendars_by_name
from core.data.columns import Roles
from core.delivery.bundle import Bundle, Manifest
from core.delivery.packing import write_bundle
from core.delivery.predict import Scored, predict_with
from core.errors.bundle import MissingModelColumns, ModelColumnsNotNumeric, NoFullWindow
from core.findings.delivery import OtherFrequency, PredictionsBounded
from core.forecast.evaluation.bounds import OutcomeBounds
from core.forecast.network.network import Network
from core.recipe.model import IngestSettings
from core.samples.task import Task
from tests.data.markets import NEW_YORK_HOURLY

COLUMNS = ["origin", "time", "horizon", "lstm", "lower", "upper"]


def score(frame: pd.DataFrame, manifest: Manifest, network: Network, folder: Path) -> Scored:
    data = folder / "rows.csv"
    frame.to_csv(data, index=False)
    return predict_with(Bundle(manifest, network), data, folder / f"table-{len(list(folder.iterdir()))}")


def sigmoid(value: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-value))


def naive_outcome(network: Network, inputs: np.ndarray) -> float:
    """One window through the mean of the networks, written out step by step in float64."""
    outputs = []
    for weights in network.members:
        units = len(weights["layer0_recurrent"])
        hidden, carried = np.zeros(units), np.zeros(units)
        for row in inputs:
            gates = row @ weights["layer0_kernel"] + hidden @ weights["layer0_recurrent"] + weights["layer0_bias"]
            enter, forget, new, out = np.split(gates, 4)
            carried = sigmoid(forget) * carried + sigmoid(enter) * np.tanh(new)
            hidden = sigmoid(out) * np.tanh(carried)
        outputs.append((hidden @ weights["dense_kernel"] + weights["dense_bias"])[0])
    return float(np.mean(outputs))


def test_every_origin_with_a_full_window_has_a_row(
    prices: pd.DataFrame, manifest: Manifest, network: Network, tmp_path: Path
) -> None:
    table = score(prices, manifest, network, tmp_path).table
    assert table.columns.tolist() == COLUMNS
    lost = manifest.features.warm_up + manifest.shape.window - 1
    assert table["origin"].tolist() == prices["date"].iloc[lost:].tolist()
    assert (table["horizon"] == 1).all()
    assert (table["lower"] < table["lstm"]).all()
    assert (table["lstm"] < table["upper"]).all()


def test_the_numbers_are_those_of_the_network_written_out_by_hand(
    prices: pd.DataFrame, manifest: Manifest, network: Network, tmp_path: Path
) -> None:
    table = score(prices, manifest, network, tmp_path).table
    returns = np.log(prices["close"]).diff().to_numpy() / 0.01
    inputs = np.column_stack([returns, (prices["vix"].to_numpy() - 20) / 2])
    squares = np.log(prices["close"]).diff() ** 2
    volatility = np.sqrt(squares.ewm(alpha=0.06).mean() ** (2 / 3) * squares.expanding().mean() ** (1 / 3)).to_numpy()
    for row in (0, 50, len(table) - 1):
        end = row + manifest.features.warm_up + manifest.shape.window
        outcome = 0.01 * naive_outcome(network, inputs[end - manifest.shape.window : end])
        base = prices["close"].iloc[end - 1]
        found = table.iloc[row][["lstm", "lower", "upper"]].to_numpy(float)
        half_width = 2.0 * volatility[end - 1]
        assert found == pytest.approx(base * np.exp([outcome, outcome - half_width, outcome + half_width]), rel=1e-6)


def test_the_last_time_follows_the_business_days_beyond_the_data(
    prices: pd.DataFrame, manifest: Manifest, network: Network, tmp_path: Path
) -> None:
    friday = prices[: len(prices) - (prices["date"].iloc[-1].weekday() - 4) % 7]
    assert friday["date"].iloc[-1].day_name() == "Friday"
    table = score(friday, manifest, network, tmp_path).table
    assert table["time"].iloc[-1] == friday["date"].iloc[-1] + pd.Timedelta(days=3)
    assert table["time"].iloc[:-1].tolist() == friday["date"].iloc[-len(table) + 1 :].tolist()


def test_a_longer_horizon_reaches_that_many_rows_beyond_the_data(
    prices: pd.DataFrame, manifest: Manifest, network: Network, tmp_path: Path
) -> None:
    three = manifest.model_copy(update={"task": Task(target="close", predict="log_return", horizon=3)})
    table = score(prices, three, network, tmp_path).table
    last = prices["date"].iloc[-1]
    assert table["time"].iloc[-4:].tolist() == [last, *pd.bdate_range(last, periods=4)[1:]]
    assert (table["horizon"] == 3).all()


@pytest.mark.parametrize(("frequency", "after"), [("D", "2024-01-31"), ("MS", "2024-02-01"), ("h", "2024-01-30 01:00")])
def test_the_time_beyond_the_data_is_counted_by_the_frequency_of_training(
    frequency: str, after: str, prices: pd.DataFrame, manifest: Manifest, network: Network, tmp_path: Path
) -> None:
    changed = manifest.model_copy(update={"frequency": frequency})
    days = prices.assign(date=pd.date_range(end="2024-01-30", periods=len(prices)))
    table = score(days, changed, network, tmp_path).table
    assert table["time"].iloc[-1] == pd.Timestamp(after)


def test_a_time_beyond_irregular_data_is_missing(
    prices: pd.DataFrame, manifest: Manifest, network: Network, tmp_path: Path
) -> None:
    table = score(prices, manifest.model_copy(update={"frequency": None}), network, tmp_path).table
    assert table["time"].isna().tolist() == [False] * (len(table) - 1) + [True]


def hourly(end: str, zone: str | None = None, start: str = "2022-03-01") -> pd.DataFrame:
    """Return hourly bars of New York up to a day."""
    times = NEW_YORK_HOURLY.stamped(zone, start=start, end=end)
    chance = np.random.default_rng(1)
    close = 100 * np.exp(np.cumsum(chance.normal(0, 0.01, len(times))))
    return pd.DataFrame(
        {"date": times, "close": close.round(4), "vix": (20 + chance.normal(0, 2, len(times))).round(4)}
    )


@pytest.mark.parametrize("zone", [None, "UTC", "Europe/Berlin"])
@pytest.mark.parametrize("last", ["2023-03-10", "2023-06-14", "2023-06-16", "2023-11-03"])
def test_the_times_beyond_hourly_bars_are_those_of_the_next_session(
    last: str, zone: str | None, manifest: Manifest, network: Network, tmp_path: Path
) -> None:
    three = manifest.model_copy(
        update={"task": Task(target="close", predict="log_return", horizon=3), "frequency": "h"}
    )
    table = score(hourly(last, zone), three, network, tmp_path).table
    after = NEW_YORK_HOURLY.stamped(zone, start=last)[7:10]
    assert table["time"].iloc[-3:].tolist() == pd.DatetimeIndex(after).tolist()


def test_few_new_rows_are_followed_by_the_calendar_of_training(
    manifest: Manifest, network: Network, tmp_path: Path
) -> None:
    new = hourly("2023-03-10", "UTC", start="2023-03-09")
    trained = learn_calendars_by_name(hourly("2023-02-28", "UTC")["date"].to_numpy("datetime64[us]"), None)
    kept = manifest.model_copy(update={"frequency": "h", "calendars": trained})
    assert score(new, kept, network, tmp_path).table["time"].iloc[-1] == pd.Timestamp("2023-03-13 13:30")
    without = manifest.model_copy(update={"frequency": "h"})
    assert score(new, without, network, tmp_path).table["time"].iloc[-1] == pd.Timestamp("2023-03-10 21:30")


def test_each_series_is_followed_by_its_own_calendar(manifest: Manifest, network: Network, tmp_path: Path) -> None:
    crypto = pd.date_range("2023-01-02", "2023-06-16 23:00", freq="h")
    other = pd.DataFrame({"date": crypto, "close": 50 + np.arange(len(crypto)) % 7, "vix": 20.5, "ticker": "B"})
    roles = Roles(time="date", series="ticker", target="close")
    panel = manifest.model_copy(
        update={
            "roles": roles,
            "cleaning": replace(manifest.cleaning, roles=roles),
            "frequency": "h",
            "ingest": IngestSettings(time_column="date", series_column="ticker", target="close"),
        }
    )
    both = pd.concat([hourly("2023-06-16", start="2023-01-02").assign(ticker="A"), other])
    table = score(both, panel, network, tmp_path).table.groupby("series")["time"].last()
    assert table.tolist() == [pd.Timestamp("2023-06-19 09:30"), pd.Timestamp("2023-06-17 00:00")]


@pytest.mark.silent("other-frequency")
def test_rows_of_the_frequency_of_training_are_not_reported(
    prices: pd.DataFrame, manifest: Manifest, network: Network, tmp_path: Path
) -> None:
    assert len(score(prices, manifest, network, tmp_path).table)


@pytest.mark.fires("other-frequency")
def test_rows_of_another_frequency_are_reported(
    prices: pd.DataFrame, manifest: Manifest, network: Network, tmp_path: Path
) -> None:
    other = score(prices, manifest.model_copy(update={"frequency": "MS"}), network, tmp_path)
    assert OtherFrequency(trained="MS", found="B") in other.findings


@pytest.mark.fires("predictions-bounded")
def test_predictions_beyond_the_bounds_are_set_to_them_and_reported(
    prices: pd.DataFrame, manifest: Manifest, network: Network, tmp_path: Path
) -> None:
    free = score(prices, manifest, network, tmp_path).table
    outcome = np.log(free["lstm"] / prices.set_index("date")["close"][free["origin"]].to_numpy())
    bounds = OutcomeBounds(low=float(outcome.quantile(0.3)), high=float(outcome.quantile(0.8)))
    narrow = manifest.model_copy(update={"bounds": bounds})
    found = score(prices, narrow, network, tmp_path)
    bounded = np.log(found.table["lstm"] / prices.set_index("date")["close"][free["origin"]].to_numpy())
    assert bounded.to_numpy() == pytest.approx(outcome.clip(bounds.low, bounds.high).to_numpy(), abs=1e-12)
    count = int(((outcome < bounds.low) | (outcome > bounds.high)).sum())
    assert PredictionsBounded(count=count, total=len(free)) in found.findings
    # The interval moves with the forecast.
    width, free_width = (table["upper"] / table["lstm"] for table in (found.table, free))
    assert width.to_numpy() == pytest.approx(free_width.to_numpy())


@pytest.mark.silent("predictions-bounded")
def test_a_bundle_without_bounds_predicts_as_the_network_does(
    prices: pd.DataFrame, manifest: Manifest, network: Network, tmp_path: Path
) -> None:
    free = score(prices, manifest.model_copy(update={"bounds": None}), network, tmp_path).table
    pd.testing.assert_frame_equal(free, score(prices, manifest, network, tmp_path).table, check_exact=True)


def test_without_an_interval_its_bounds_are_missing(
    prices: pd.DataFrame, manifest: Manifest, network: Network, tmp_path: Path
) -> None:
    table = score(prices, manifest.model_copy(update={"interval": None}), network, tmp_path).table
    assert table["lower"].isna().all()
    assert table["upper"].isna().all()
    assert table["lstm"].notna().all()


def test_later_rows_change_no_earlier_prediction(
    prices: pd.DataFrame, manifest: Manifest, network: Network, tmp_path: Path
) -> None:
    whole = score(prices, manifest, network, tmp_path).table
    for rows in (20, 73, 119):
        early = score(prices[:rows], manifest, network, tmp_path).table
        assert early["lstm"].tolist() == whole["lstm"][: len(early)].tolist()


def test_no_series_knows_of_another(prices: pd.DataFrame, manifest: Manifest, network: Network, tmp_path: Path) -> None:
    roles = Roles(time="date", series="ticker", target="close")
    panel = manifest.model_copy(
        update={
            "roles": roles,
            "ingest": IngestSettings(time_column="date", series_column="ticker", target="close"),
            "cleaning": FittedCleaning(
                roles=roles, features=("vix",), fill="forward", max_fill=5, fill_values={}, clip={}, sentinels={}
            ),
        }
    )
    other = prices.assign(ticker="B", close=prices["close"][::-1].to_numpy() + 50, vix=prices["vix"] + 1)[:70]
    both = pd.concat([prices.assign(ticker="A"), other])
    table = score(both, panel, network, tmp_path).table
    assert table.columns.tolist() == ["origin", "time", "series", *COLUMNS[2:]]
    for ticker, own in (("A", prices), ("B", other.drop(columns="ticker"))):
        alone = score(own, manifest, network, tmp_path).table
        part = table[table["series"] == ticker]
        assert part["lstm"].tolist() == alone["lstm"].tolist()
        assert part["time"].tolist() == alone["time"].tolist()


def test_missing_columns_are_named(prices: pd.DataFrame, manifest: Manifest, network: Network, tmp_path: Path) -> None:
    with pytest.raises(MissingModelColumns, match="'vix'"):
        score(prices.drop(columns="vix"), manifest, network, tmp_path)
    with pytest.raises(MissingModelColumns, match="'close'"):
        score(prices.drop(columns="close"), manifest, network, tmp_path)


def test_text_in_place_of_numbers_is_named(
    prices: pd.DataFrame, manifest: Manifest, network: Network, tmp_path: Path
) -> None:
    with pytest.raises(ModelColumnsNotNumeric, match="'vix'"):
        score(prices.assign(vix="calm"), manifest, network, tmp_path)


def test_features_are_changed_clipped_and_cut_by_what_was_learned(
    prices: pd.DataFrame, manifest: Manifest, network: Network, tmp_path: Path
) -> None:
    cleaning = replace(
        manifest.cleaning,
        transforms={"vix": ("log", "difference")},
        clip={"vix": (-0.05, 0.05)},
        max_gap=5,
        calendar=Calendar(step=86_400_000_000, weekends=False, rows_per_day=0),
    )
    frame = prices.copy()
    frame.loc[60:, "date"] += pd.Timedelta(days=70)
    found = score(frame, manifest.model_copy(update={"cleaning": cleaning}), network, tmp_path)
    table = found.table.set_index("origin")
    window = manifest.shape.window
    # In each of the two parts the first row has no change, and a window needs its rows.
    expected = [*frame["date"][window:60], *frame["date"][60 + window :]]
    assert table.index.tolist() == expected
    assert "cut-at-gaps" in {finding.code for finding in found.findings}
    end = 60 + window + 2
    returns = np.log(frame["close"]).diff().to_numpy()[end - window : end] / 0.01
    moves = np.log(frame["vix"]).diff().clip(-0.05, 0.05).to_numpy()[end - window : end]
    outcome = 0.01 * naive_outcome(network, np.column_stack([returns, (moves - 20) / 2]))
    assert table["lstm"].iloc[expected.index(frame["date"][end - 1])] == pytest.approx(
        frame["close"][end - 1] * np.exp(outcome), rel=1e-5
    )


def test_too_few_rows_are_counted(prices: pd.DataFrame, manifest: Manifest, network: Network, tmp_path: Path) -> None:
    with pytest.raises(NoFullWindow):
        score(prices[:5], manifest, network, tmp_path)
    assert len(score(prices[:6], manifest, network, tmp_path).table) == 1


# The bundle's own program


@pytest.fixture(scope="module")
def unzipped(bundle_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unzipped")
    with zipfile.ZipFile(bundle_file) as archive:
        archive.extractall(folder)
    return folder


FOREIGN = (
    "pydantic",
    "pydantic_core",
    "scipy",
    "threadpoolctl",
    "tensorflow",
    "keras",
    "catboost",
    "statsmodels",
    "plotly",
    "sqlalchemy",
    "streamlit",
)


def run_alone(program: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run Python where nothing of this checkout can be imported."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        [sys.executable, *program], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def test_an_unzipped_bundle_writes_what_the_command_line_writes(
    unzipped: Path, bundle_file: Path, prices_file: Path, tmp_path: Path
) -> None:
    done = run_alone([str(unzipped / "predict.py"), str(prices_file), "--out", "alone.csv"], tmp_path)
    assert done.returncode == 0, done.stderr
    assert main(["predict", str(bundle_file), str(prices_file), "--out", str(tmp_path / "ours.csv")]) == 0
    assert (tmp_path / "alone.csv").read_bytes() == (tmp_path / "ours.csv").read_bytes()
    assert (tmp_path / "alone.csv").read_text().splitlines()[0] == ",".join(COLUMNS)


def test_an_unzipped_bundle_follows_the_calendar_of_the_market(
    manifest: Manifest, network: Network, tmp_path: Path
) -> None:
    calendars = learn_calendars_by_name(hourly("2023-02-28")["date"].to_numpy("datetime64[us]"), None)
    kept = manifest.model_copy(update={"frequency": "h", "calendars": calendars})
    write_bundle(tmp_path / "hourly.zip", kept, network, {})
    with zipfile.ZipFile(tmp_path / "hourly.zip") as archive:
        archive.extractall(tmp_path / "hourly")
    hourly("2023-06-16", start="2023-06-12").to_csv(tmp_path / "rows.csv", index=False)
    done = run_alone([str(tmp_path / "hourly" / "predict.py"), "rows.csv", "--out", "alone.csv"], tmp_path)
    assert done.returncode == 0, done.stderr
    assert pd.read_csv(tmp_path / "alone.csv")["time"].iloc[-1] == "2023-06-19T09:30:00"


def test_an_unzipped_bundle_needs_no_heavy_library_and_nothing_of_this_checkout(
    unzipped: Path, prices_file: Path, tmp_path: Path
) -> None:
    told = f"""
import json, runpy, sys
# What the recipient need not have cannot be imported.
sys.modules.update(dict.fromkeys({FOREIGN}))
sys.argv = ["predict.py", {str(prices_file)!r}, "--out", "alone.csv"]
try:
    runpy.run_path({str(unzipped / "predict.py")!r}, run_name="__main__")
except SystemExit as done:
    assert not done.code
files = {{name: module.__file__ for name, module in sys.modules.items() if name.partition(".")[0] == "core"}}
print(json.dumps(files))
"""
    done = run_alone(["-c", told], tmp_path)
    assert done.returncode == 0, done.stderr
    files = json.loads(done.stdout.splitlines()[-1])
    assert files
    assert all(Path(file).is_relative_to(unzipped / "plumbline") for file in files.values())


def test_an_unzipped_bundle_answers_a_bad_file_in_one_sentence(unzipped: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text("date,close\n2024-01-01,1\n2024-01-02,2\n2024-01-03,3\n")
    done = run_alone([str(unzipped / "predict.py"), "bad.csv", "--out", "alone.csv"], tmp_path)
    assert done.returncode == 2
    assert "vix" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "alone.csv").exists()


def test_an_unzipped_bundle_names_the_library_that_is_not_installed(
    unzipped: Path, prices_file: Path, tmp_path: Path
) -> None:
    # Without the folder of installed libraries.
    done = run_alone(["-S", "-I", str(unzipped / "predict.py"), str(prices_file), "--out", "alone.csv"], tmp_path)
    assert done.returncode == 2
    assert "pip install -r" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "alone.csv").exists()


def test_a_bundle_scores_alike_before_and_after_a_round_trip(
    prices: pd.DataFrame, manifest: Manifest, network: Network, tmp_path: Path
) -> None:
    from core.delivery.bundle import read_bundle

    write_bundle(tmp_path / "b.zip", manifest, network, {})
    back = read_bundle(tmp_path / "b.zip")
    before = score(prices, manifest, network, tmp_path).table
    after = score(prices, back.manifest, back.network, tmp_path).table
    pd.testing.assert_frame_equal(before, after, check_exact=True)
