"""Networks trained side by side: the weights of one after the other, stops, kills, and when workers are worth it."""

import functools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from types import SimpleNamespace

import numpy as np
import psutil
import pytest

from core import executor
from core.errors.model import Stopped
from core.errors.training import LossDiverged
from core.executor import Channel, count_free_workers, gather_parts
from core.forecast.network import side_by_side
from core.forecast.network.ablations import SHUFFLED, ablate_windows
from core.forecast.network.side_by_side import (
    WORTH_SECONDS,
    Pace,
    count_networks_at_once,
    saved_seconds,
    train_networks,
    train_seed,
    train_side_by_side,
)
from core.forecast.network.training import THREADS
from core.forecast.network.windows_file import write_windows
from core.progress import NoProgress, never_stop
from core.recipe.model import TrainingSettings

SETTINGS = TrainingSettings(window=6, units=(4,), epochs=3, batch_size=16, dropout=0.3, learning_rate=0.01, seeds=3)


class Recorded(NoProgress):
    """Keeps metrics and texts; `began` is when the first loss was reported."""

    def __init__(self):
        self.metrics, self.texts = {}, []

    def step(self, done, total, text):
        self.texts.append((done, total, text))

    def metric(self, name, step, value):
        self.metrics.setdefault(name, {})[step] = value


@pytest.fixture(scope="module")
def noise(world, random_walk):
    return world(random_walk(160, 3)).windows(6)


@pytest.fixture(autouse=True)
def local(monkeypatch):
    monkeypatch.delenv(executor.SCHEDULER, raising=False)


@pytest.fixture(scope="module")
def alone(noise, tmp_path_factory):
    """What the networks are when they are trained one after the other in this process, and what they report."""
    from core.forecast.network.training import train_lstm

    reported = Recorded()
    return train_lstm(noise, SETTINGS, tmp_path_factory.mktemp("alone"), reported), reported


@pytest.fixture(scope="module")
def started() -> Iterator[object]:
    distributed = pytest.importorskip("distributed", reason="the extra `dask` is not installed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None
    ) as cluster:
        yield cluster


def die_once(marker, seed, channel):
    """Train; the first worker that has written a checkpoint dies by a signal that cannot be caught."""

    def kill() -> bool:
        if list(seed.folder.glob("checkpoint-*")) and not marker.exists():
            marker.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return channel.should_stop()

    return train_seed(seed, Watched(channel, kill))


class Watched:
    """A channel whose request to stop is that of a function."""

    def __init__(self, channel, should_stop):
        self.report, self.record, self.should_stop = channel.report, channel.record, should_stop


def equal(one, other):
    assert len(one.members) == len(other.members)
    return all(np.array_equal(a[name], b[name]) for a, b in zip(one.members, other.members, strict=True) for name in a)


def test_windows_of_a_folder_are_the_windows_written_and_are_not_copied(noise, tmp_path):
    for kind, windows in {"plain": noise, **ablate_windows(noise)}.items():
        found = write_windows(windows, tmp_path / kind).open()
        assert type(found) is type(windows)
        some = np.array([0, 3, 40])
        assert (found.batch(some) == windows.batch(some)).all()
        assert (found.window, found.log_odds, found.mean) == (windows.window, windows.log_odds, windows.mean)
        assert np.array_equal(found.samples.target_times, windows.samples.target_times, equal_nan=True)
        assert not found.inputs.flags.writeable
        assert not found.inputs.flags.owndata


@pytest.mark.slow
def test_a_pool_trains_the_weights_of_one_process(noise, alone, tmp_path):
    expected, reported = alone
    shown = Recorded()
    found = train_side_by_side(noise, SETTINGS, tmp_path, shown, never_stop)
    assert equal(found.network, expected.network)
    assert found.summary == expected.summary
    assert shown.metrics == reported.metrics
    assert {"loss", "loss/2", "loss/3", "val_loss/3", "persistence_val_loss"} <= shown.metrics.keys()
    assert shown.texts[-1][:2] == (9, 9)
    assert not (tmp_path / "windows").exists()


@pytest.mark.simulation
@pytest.mark.filterwarnings("ignore")
def test_a_cluster_of_two_processes_trains_the_weights_of_one_process(noise, alone, tmp_path, started, monkeypatch):
    monkeypatch.setenv(executor.SCHEDULER, started.scheduler_address)
    monkeypatch.setattr(side_by_side, "WORTH_SECONDS", -1.0)
    found = train_networks(noise, SETTINGS, tmp_path, NoProgress(), never_stop)
    assert equal(found.network, alone[0].network)
    assert found.summary == alone[0].summary


@pytest.mark.simulation
def test_networks_handed_over_to_workers_end_with_the_same_weights(noise, tmp_path, monkeypatch):
    """Network 1 is taken from this process in the middle of its training."""
    monkeypatch.setattr(side_by_side, "WORTH_SECONDS", -1.0)
    monkeypatch.setattr(os, "cpu_count", lambda: 2 * THREADS)
    longer = SETTINGS.model_copy(update={"epochs": 6, "seeds": 2})
    found = train_networks(noise, longer, tmp_path / "handed", NoProgress(), never_stop)
    monkeypatch.setattr(side_by_side, "WORTH_SECONDS", 1e9)
    shown = Recorded()
    expected = train_networks(noise, longer, tmp_path / "alone", shown, never_stop)
    assert equal(found.network, expected.network)
    assert found.summary == expected.summary
    assert not any("side by side" in text for _, _, text in shown.texts)


@pytest.mark.simulation
def test_a_worker_killed_in_the_middle_of_a_seed_is_replaced_and_changes_no_bit(noise, alone, tmp_path, monkeypatch):
    longer = SETTINGS.model_copy(update={"epochs": 120, "patience": 120, "seeds": 2})
    killed = functools.partial(die_once, tmp_path / "died")
    monkeypatch.setattr(side_by_side, "train_seed", killed)
    found = train_side_by_side(noise, longer, tmp_path / "killed", NoProgress(), never_stop)
    assert (tmp_path / "died").exists()
    monkeypatch.setattr(side_by_side, "WORTH_SECONDS", 1e9)
    assert equal(found.network, train_networks(noise, longer, tmp_path / "whole", NoProgress(), never_stop).network)


@pytest.mark.simulation
def test_a_stop_reaches_every_network_within_seconds_and_resumes_to_the_same_weights(noise, tmp_path, monkeypatch):
    longer = SETTINGS.model_copy(update={"epochs": 400, "patience": 400, "seeds": 2})
    shown, asked = Recorded(), []

    def should_stop():
        begun = {"loss", "loss/2"} <= shown.metrics.keys()
        if begun and not asked:
            asked.append(time.monotonic())
        return begun

    stopped = train_side_by_side(noise, longer, tmp_path / "cut", shown, should_stop)
    assert time.monotonic() - asked[0] < 5
    assert [ending.reason for ending in stopped.summary.endings] == ["stopped", "stopped"]
    assert len(stopped.network.members) == 2
    assert len(stopped.summary.history) < 800
    monkeypatch.setattr(side_by_side, "WORTH_SECONDS", 1e9)
    resumed = train_side_by_side(noise, longer, tmp_path / "cut", NoProgress(), never_stop)
    assert equal(resumed.network, train_networks(noise, longer, tmp_path / "whole", NoProgress(), never_stop).network)


def test_a_stop_before_any_network_has_begun_leaves_nothing(noise, tmp_path):
    with pytest.raises(Stopped):
        train_side_by_side(noise, SETTINGS, tmp_path, NoProgress(), lambda: True)


@pytest.mark.simulation
def test_a_diverging_network_ends_the_others(world, random_walk, tmp_path):
    windows = world(random_walk(160, 3)).windows(6)
    windows.outcomes[:] = 1e30
    with pytest.raises(LossDiverged):
        train_side_by_side(windows, SETTINGS, tmp_path, NoProgress(), never_stop)


@pytest.mark.simulation
def test_shuffled_windows_reach_a_worker_shuffled(noise, tmp_path):
    from core.forecast.network.training import train_lstm

    shuffled, two = ablate_windows(noise)[SHUFFLED], SETTINGS.model_copy(update={"epochs": 1, "seeds": 2})
    found = train_side_by_side(shuffled, two, tmp_path / "pool", NoProgress(), never_stop)
    assert equal(found.network, train_lstm(shuffled, two, tmp_path / "alone").network)


def test_one_network_is_trained_in_this_process(noise, tmp_path, monkeypatch):
    from core.forecast.network import training

    monkeypatch.setattr(training, "train_lstm", lambda *given: given)
    one, stop = SETTINGS.model_copy(update={"seeds": 1}), NoProgress()
    assert train_networks(noise, one, tmp_path, stop, never_stop) == (noise, one, tmp_path, stop, never_stop)


def count_within(number: int, channel: Channel) -> int:
    return count_free_workers(number)


@pytest.mark.slow
def test_a_fold_has_no_workers_of_its_own(tmp_path):
    assert gather_parts(count_within, [8], tmp_path, lambda _: None, never_stop) == [1]
    assert count_free_workers(1) == 1


def test_networks_share_the_processors_by_their_threads(monkeypatch):
    for processors, expected in ((None, 1), (1, 1), (THREADS, 1), (2 * THREADS, 2), (64, 3)):
        monkeypatch.setattr(os, "cpu_count", lambda found=processors: found)
        assert count_networks_at_once(3) == expected


def pace_of(epoch_seconds, monkeypatch, epochs=5, seeds=3):
    clock = iter(THREADS * np.cumsum([0.0, 30.0 * epoch_seconds, *[epoch_seconds] * epochs]))
    monkeypatch.setattr(side_by_side, "time", SimpleNamespace(process_time=lambda: float(next(clock))))
    pace = Pace(TrainingSettings(epochs=40, seeds=seeds), 2, NoProgress(), never_stop)
    pace.should_stop()
    slow = []
    for epoch in range(1, epochs + 1):
        pace.metric("val_loss", epoch, 0.5)
        slow.append(pace.is_slow)
    return slow


def test_workers_are_used_if_they_save_more_than_they_take_to_start(monkeypatch):
    least = WORTH_SECONDS / 40
    assert saved_seconds(least, TrainingSettings(epochs=40), 3, 2) == pytest.approx(WORTH_SECONDS)
    assert pace_of(0.9 * least, monkeypatch) == [False] * 5
    # The first epoch, which builds the graph, does not count.
    assert pace_of(1.1 * least, monkeypatch) == [False, True, True, True, True]
    assert pace_of(0.9 * least, monkeypatch, seeds=5)[-1]


def test_a_long_first_epoch_is_not_waited_for(monkeypatch):
    clock = iter([0.0, THREADS, THREADS * (WORTH_SECONDS + 0.1)])
    monkeypatch.setattr(side_by_side, "time", SimpleNamespace(process_time=lambda: float(next(clock))))
    pace = Pace(SETTINGS, 2, NoProgress(), never_stop)
    assert [pace.should_stop() for _ in range(3)] == [False, False, True]


ORPHANS = """
import sys, time
from pathlib import Path
from core.executor import gather_parts
from tests.test_executor import be_deaf

if __name__ == "__main__":
    gather_parts(be_deaf, [1, 2], Path(sys.argv[1]), lambda parts: None, lambda: False)
"""


@pytest.mark.slow
def test_workers_end_when_their_job_is_killed(tmp_path):
    (tmp_path / "job.py").write_text(ORPHANS)
    job = subprocess.Popen(
        [sys.executable, str(tmp_path / "job.py"), str(tmp_path / "parts")],
        env=os.environ | {"PYTHONPATH": os.getcwd()},
    )
    deadline = time.monotonic() + 120
    while len(list((tmp_path / "parts").glob("*.progress"))) < min(2, os.cpu_count() or 1):
        assert time.monotonic() < deadline and job.poll() is None
        time.sleep(0.1)
    workers = [child for child in psutil.Process(job.pid).children() if "spawn_main" in " ".join(child.cmdline())]
    assert workers
    job.kill()
    job.wait()
    _, alive = psutil.wait_procs(workers, timeout=10)
    assert not alive


def test_metrics_of_a_channel_are_read_once_and_survive_half_a_line(tmp_path):
    channel = Channel(folder=tmp_path, name="0")
    assert channel.recorded(0) == ([], 0)
    channel.record("loss", 1, 0.5)
    found, place = channel.recorded(0)
    assert found == [("loss", 1, 0.5)]
    assert channel.recorded(place) == ([], place)
    with (tmp_path / "0.metrics").open("a") as file:
        file.write('\n["loss", 2, 0.')
    assert channel.recorded(place) == ([], place + 1)
    channel.record("loss", 2, 0.25)
    assert channel.recorded(place)[0] == [("loss", 2, 0.25)]
    channel.clear()
    assert channel.recorded(0) == ([], 0)
