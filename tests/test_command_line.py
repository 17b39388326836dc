"""The command line is the contract: five commands, their files, and exit codes that can be relied on."""

import contextlib
import csv
import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from core.__main__ import main
from core.ingest import step as ingest_step
from core.recipe.model import Recipe, read_recipe
from core.terminal.display import Display
from core.terminal.interrupts import Interrupts

ROOT = Path(__file__).parents[1]
SECTIONS = ["ingest", "split", "cleaning", "features", "regression", "importance", "training", "evaluation"]


def started(*arguments: object, **options: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "core", *map(str, arguments)]
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True, **options
    )


def ran(*arguments: object) -> tuple[int, str, str]:
    process = started(*arguments)
    out, err = process.communicate(timeout=300)
    return process.returncode, out, err


def quick(recipe: Recipe) -> Recipe:
    return recipe.change("importance", iterations=10, folds=1, seeds=1, noise_probes=1).change(
        "training", epochs=2, window=5, units=(4,)
    )


@pytest.fixture(scope="module")
def recipe_file(prices_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("recipe") / "recipe.json"
    # The few validation rows calibrate an interval of 50%, and none of 90%.
    recipe = quick(Recipe().change("ingest", target="close"))
    recipe = recipe.change("evaluation", coverage=0.5, walk_forward_folds=2)
    path.write_text(recipe.model_dump_json())
    return path


# samples


def test_samples_lists_and_writes_every_data_set(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["samples"]) == 0
    names = [line.split()[0] for line in capsys.readouterr().out.splitlines()[1:]]
    assert names
    for name in names:
        assert main(["samples", name, "--out", str(tmp_path / f"{name}.csv")]) == 0
        assert len(pd.read_csv(tmp_path / f"{name}.csv")) > 100


def test_a_sample_without_a_place_or_of_no_name_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as done:
        main(["samples", "anything"])
    assert done.value.code == 2
    capsys.readouterr()
    assert main(["samples", "no-such-sample", "--out", str(tmp_path / "x.csv")]) == 2
    assert "no-such-sample" in capsys.readouterr().err
    assert not (tmp_path / "x.csv").exists()


# profile


def test_profile_writes_every_number_and_shows_a_table(
    prices_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["profile", str(prices_file), "--json", str(tmp_path / "p.json")]) == 0
    document = json.loads((tmp_path / "p.json").read_text())
    assert document["dataset"]["rows"] == 120
    assert {column["name"] for column in document["columns"]} >= {"close", "vix"}
    shown = capsys.readouterr().out
    assert shown.startswith("120 rows, 3 columns, 2024-01-01")
    assert [line.split()[0] for line in shown.splitlines() if line.startswith(("close", "vix"))] == ["close", "vix"]


def test_profile_of_a_wide_file_shows_some_columns_and_counts_the_rest(
    prices: pd.DataFrame, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    more = pd.DataFrame({f"f{number}": prices["vix"] * number for number in range(1, 101)})
    pd.concat([prices, more], axis=1).to_csv(tmp_path / "wide.csv", index=False)
    assert main(["profile", str(tmp_path / "wide.csv")]) == 0
    shown = capsys.readouterr().out
    assert "and 63 more columns" in shown
    assert sum(line.startswith("f") for line in shown.splitlines()) < 40


def test_profile_takes_settings_from_a_recipe(prices: pd.DataFrame, tmp_path: Path) -> None:
    prices.assign(day=prices["date"][::-1].to_numpy()).to_csv(tmp_path / "two.csv", index=False)
    (tmp_path / "r.json").write_text('{"ingest": {"time_column": "day"}}')
    asked = [
        "profile",
        str(tmp_path / "two.csv"),
        "--recipe",
        str(tmp_path / "r.json"),
        "--json",
        str(tmp_path / "p.json"),
    ]
    assert main(asked) == 0
    assert json.loads((tmp_path / "p.json").read_text())["dataset"]["time_column"] == "day"


def test_a_file_too_short_to_split_is_profiled_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "short.csv").write_text("date,close\n2024-01-01,1\n2024-01-02,2\n2024-01-03,4\n")
    assert main(["profile", str(tmp_path / "short.csv"), "--json", str(tmp_path / "p.json")]) == 0
    assert json.loads((tmp_path / "p.json").read_text())["dataset"]["rows"] == 3


def test_many_findings_of_one_kind_are_counted(
    prices: pd.DataFrame, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    constant = pd.DataFrame({f"same{number}": [1.0] * len(prices) for number in range(10)})
    pd.concat([prices, constant], axis=1).to_csv(tmp_path / "same.csv", index=False)
    assert main(["profile", str(tmp_path / "same.csv")]) == 0
    shown = capsys.readouterr().out
    assert "… and 7 more of" in shown


# recipe


def test_a_starter_recipe_has_every_setting_and_what_the_file_settles(prices_file: Path, tmp_path: Path) -> None:
    assert main(["recipe", str(prices_file), "--target", "vix", "--out", str(tmp_path / "r.json")]) == 0
    document = json.loads((tmp_path / "r.json").read_text())
    assert list(document) == SECTIONS
    every = json.loads(Recipe().model_dump_json())
    assert {section: list(document[section]) for section in SECTIONS} == {name: list(every[name]) for name in SECTIONS}
    assert document["ingest"]["target"] == "vix"
    assert document["ingest"]["time_column"] == "date"
    assert document["training"]["predict"] in ("log_return", "difference", "level", "return")
    assert read_recipe(tmp_path / "r.json").training.horizon == 1


def test_a_price_is_proposed_as_the_target(prices_file: Path, tmp_path: Path) -> None:
    assert main(["recipe", str(prices_file), "--out", str(tmp_path / "r.json")]) == 0
    recipe = read_recipe(tmp_path / "r.json")
    assert (recipe.ingest.target, recipe.training.predict) == ("close", "log_return")


# run and predict


@pytest.fixture(scope="module")
def results(prices_file: Path, recipe_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("results") / "new" / "folder"
    code, out, err = ran("run", prices_file, "--recipe", recipe_file, "--out", folder)
    assert code == 0, err
    # Findings on the training of a random walk may be printed, and nothing else.
    assert all(line.startswith("warning  ") for line in err.splitlines()), err
    assert json.loads((folder / "verdict.json").read_text())["sentence"] in out
    return folder


@pytest.mark.slow
def test_run_writes_every_file_of_the_contract(results: Path) -> None:
    named = (
        "recipe.json profile.json plan.json cleaned.parquet regression.json importance.json metrics.json verdict.json "
        "predictions.csv report.html bundle.zip progress.jsonl"
    )
    assert {path.name for path in results.iterdir()} >= set(named.split())
    header = next(csv.reader((results / "predictions.csv").read_text().splitlines()))
    assert header[:5] == ["origin", "time", "era", "horizon", "actual"]
    assert header[5] == "lstm"
    assert header[-2:] == ["lower", "upper"]
    assert {"persistence", "drift", "ar", "linear", "catboost"} <= set(header)
    for name in ("recipe", "profile", "plan", "regression", "importance", "metrics", "verdict"):
        assert "NaN" not in (results / f"{name}.json").read_text()


@pytest.mark.slow
def test_run_tells_what_it_does_line_by_line(results: Path) -> None:
    lines = [json.loads(line) for line in (results / "progress.jsonl").read_text().splitlines()]
    assert lines[-1]["kind"] == "finished"
    steps = [line for line in lines if line["kind"] == "step"]
    assert all(0 <= line["done"] <= line["total"] and line["text"] for line in steps)
    assert {line["name"] for line in lines if line["kind"] == "metric"} >= {"loss", "val_loss"}
    assert [line["time"] for line in lines] == sorted(line["time"] for line in lines)


@pytest.mark.slow
def test_the_same_data_and_recipe_give_the_same_numbers(
    results: Path, prices_file: Path, recipe_file: Path, tmp_path: Path
) -> None:
    code, _, err = ran("run", prices_file, "--recipe", recipe_file, "--out", tmp_path)
    assert code == 0, err
    for name in ("predictions.csv", "metrics.json", "importance.json", "regression.json", "verdict.json", "plan.json"):
        assert (tmp_path / name).read_bytes() == (results / name).read_bytes(), name


@pytest.mark.slow
def test_the_bundle_of_a_run_predicts_what_the_run_predicted(results: Path, prices_file: Path, tmp_path: Path) -> None:
    code, out, err = ran("predict", results / "bundle.zip", prices_file, "--out", tmp_path / "f.csv")
    assert code == 0, err
    scored = pd.read_csv(tmp_path / "f.csv")
    known = pd.read_csv(results / "predictions.csv")
    assert scored.columns.tolist() == ["origin", "time", "horizon", "lstm", "lower", "upper"]
    assert f"{len(scored):,} predictions" in out
    both = known.merge(scored, on=["origin", "time", "horizon"], suffixes=("_run", ""))
    assert len(both) == len(known)
    assert known["lower"].notna().all()
    for name in ("lstm", "lower", "upper"):
        assert both[name].tolist() == pytest.approx(both[f"{name}_run"].tolist(), rel=1e-9)
    assert scored["origin"].iloc[-1] == pd.read_csv(prices_file)["date"].iloc[-1]
    assert scored["time"].iloc[-1] > scored["origin"].iloc[-1]


@pytest.mark.slow
def test_a_run_that_is_interrupted_ends_quietly(prices_file: Path, recipe_file: Path, tmp_path: Path) -> None:
    process = started("run", prices_file, "--recipe", recipe_file, "--out", tmp_path)
    log = tmp_path / "progress.jsonl"
    deadline = time.monotonic() + 60
    while not (log.exists() and log.stat().st_size) and time.monotonic() < deadline:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.strip() == "run: Stopped."
    assert json.loads(log.read_text().splitlines()[-1])["kind"] == "failed"


class Deaf:
    """Receives Ctrl-C where no error can be raised: Python would print it, and go on as if nothing had been."""

    def __del__(self) -> None:
        signal.raise_signal(signal.SIGINT)


def test_an_interrupt_that_falls_into_a_callback_still_ends_the_command_quietly(
    prices_file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before, read = signal.getsignal(signal.SIGINT), ingest_step.read

    def interrupted(*inputs: object) -> object:
        Deaf()
        return read(*inputs)

    monkeypatch.setattr(ingest_step, "read", interrupted)
    assert main(["profile", str(prices_file)]) == 130
    assert capsys.readouterr() == ("", "profile: Stopped.\n")
    assert signal.getsignal(signal.SIGINT) is before


def test_an_interrupt_that_is_to_be_ignored_is_ignored() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with Interrupts() as interrupts:
            signal.raise_signal(signal.SIGINT)
        assert not interrupts.heard()
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


# Exit codes


def faulty(folder: Path, prices_file: Path) -> list[list[object]]:
    """Commands that are the user's fault, each in another way."""
    (folder / "empty.csv").touch()
    (folder / "picture.csv").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    (folder / "broken.json").write_text("{")
    (folder / "typo.json").write_text('{"training": {"epoch": 3}}')
    (folder / "range.json").write_text('{"training": {"horizon": 0}}')
    (folder / "absent.json").write_text('{"ingest": {"target": "clsoe"}}')
    (folder / "good.json").write_text("{}")
    out = folder / "out.json"
    return [
        ["profile", folder / "no-such.csv"],
        ["profile", folder],
        ["profile", folder / "empty.csv"],
        ["profile", folder / "picture.csv"],
        ["profile", prices_file, "--recipe", folder / "no-such.json"],
        ["profile", prices_file, "--recipe", folder / "broken.json"],
        ["profile", prices_file, "--json", folder / "good.json" / "p.json"],
        ["profile", prices_file, "--json", folder],
        ["recipe", folder / "no-such.csv", "--out", out],
        ["recipe", prices_file, "--target", "clsoe", "--out", out],
        ["recipe", prices_file, "--target", "date", "--out", out],
        ["run", prices_file, "--recipe", folder / "typo.json", "--out", folder / "r"],
        ["run", prices_file, "--recipe", folder / "range.json", "--out", folder / "r"],
        ["run", prices_file, "--recipe", folder / "absent.json", "--out", folder / "r"],
        ["run", folder / "no-such.csv", "--recipe", folder / "good.json", "--out", folder / "r"],
        ["run", prices_file, "--recipe", folder / "good.json", "--out", folder / "good.json"],
        ["predict", folder / "no-such.zip", prices_file, "--out", out],
        ["predict", prices_file, prices_file, "--out", out],
    ]


@pytest.mark.parametrize("case", range(18))
def test_a_fault_of_the_user_is_exit_code_2_and_one_sentence(
    case: int, prices_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    commands = faulty(tmp_path, prices_file)
    assert len(commands) == 18
    arguments = [str(argument) for argument in commands[case]]
    assert main(arguments) == 2
    told = capsys.readouterr()
    assert told.err.startswith(f"{arguments[0]}: ")
    assert len(told.err.strip().splitlines()) == 1
    assert "Traceback" not in told.err
    assert told.out == ""


def test_a_misspelt_setting_is_named(prices_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    faulty(tmp_path, prices_file)
    main(["run", str(prices_file), "--recipe", str(tmp_path / "typo.json"), "--out", str(tmp_path / "r")])
    assert "training.epoch" in capsys.readouterr().err
    main(["recipe", str(prices_file), "--target", "clsoe", "--out", str(tmp_path / "r.json")])
    assert "'close'" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["fly"], ["run"], ["predict", "b.zip"], ["profile", "a", "--jsn", "x"]])
def test_a_wrong_call_is_exit_code_2(arguments: list[str]) -> None:
    code, out, err = ran(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith("usage:")


def test_a_bug_is_exit_code_1_with_a_traceback(tmp_path: Path) -> None:
    told = (
        "import runpy, sys, core.recipe.model\n"
        "def fail(*_): raise ZeroDivisionError('planted')\n"
        "core.recipe.model.read_recipe = fail\n"
        "sys.argv = ['core', 'run', 'x', '--recipe', 'r', '--out', 'o']\n"
        "runpy.run_module('core', run_name='__main__')\n"
    )
    done = subprocess.run([sys.executable, "-c", told], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("This is a bug in Plumbline, not in your data.")
    assert "ZeroDivisionError: planted" in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_said_in_one_sentence(prices_file: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "core", "profile", prices_file],
            cwd=ROOT,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert "no space left" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_reader_that_goes_away_is_no_fault(prices_file: Path) -> None:
    process = started("profile", prices_file)
    process.stdout.close()
    assert process.wait(timeout=60) == 0
    assert process.stderr.read() == ""
    process.stderr.close()


# What the terminal shows


def everything_from(terminal: int) -> str:
    """What was drawn on a terminal that is closed now."""
    drawn = b""
    with contextlib.suppress(OSError):
        while part := os.read(terminal, 65536):
            drawn += part
    os.close(terminal)
    return drawn.decode()


def test_a_terminal_gets_a_bar_and_a_pipe_gets_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    watcher, shown = pty.openpty()
    with os.fdopen(shown, "w") as terminal, Display(tmp_path / "p.jsonl", terminal) as progress:
        progress.metric("loss", 1, 0.123456)
        progress.step(1, 2, "Training")
        progress.step(2, 2, "Training")
    drawn = everything_from(watcher)
    assert "1/2  Training  loss 0.1235" in drawn
    assert drawn.endswith("\r\x1b[K")
    with Display() as progress:
        progress.step(1, 2, "Training")
    assert capsys.readouterr() == ("", "")


def test_the_log_says_how_it_ended_and_holds_no_nan(tmp_path: Path) -> None:
    with contextlib.suppress(ZeroDivisionError), Display(tmp_path / "p.jsonl") as progress:
        progress.metric("loss", 1, float("nan"))
        raise ZeroDivisionError("planted")
    lines = [json.loads(line) for line in (tmp_path / "p.jsonl").read_text().splitlines()]
    assert [line["kind"] for line in lines] == ["metric", "failed"]
    assert lines[0]["value"] is None
    assert lines[1]["text"] == "planted"


def test_help_names_every_command_and_loads_no_data_library() -> None:
    code, out, _ = ran("--help")
    assert code == 0
    for command in ("samples", "profile", "recipe", "run", "predict"):
        assert command in out
    told = "import sys, core.__main__; print([m for m in ('pandas', 'numpy') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", told], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
