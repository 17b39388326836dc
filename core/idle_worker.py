"""A worker that imports TensorFlow, waits for a run on its standard input, runs it and ends: `python -m core.idle_worker`."""

from core.runtime import configure

configure()

import json
import os
import sys
from importlib import import_module
from pathlib import Path

from core.worker import lower_priority, main
from core.workspace.processes import RUN_VARIABLE

# What a walk imports step by step. TensorFlow comes first: it takes the longest.
LIBRARIES = ("core.pipeline", "catboost", "statsmodels.api")


def wait_for_run() -> str | None:
    """Return the id of the run from the standard input, with output redirected to its log; None if the server has ended."""
    line = sys.stdin.buffer.readline()
    if not line:
        return None
    request = json.loads(line)
    run_id, log = str(request["run"]), Path(request["log"])
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output, Path(os.devnull).open("rb") as nothing:
        for source, target in ((nothing, 0), (output, 1), (output, 2)):
            os.dup2(source.fileno(), target)
    os.environ[RUN_VARIABLE] = run_id
    return run_id


def import_libraries() -> None:
    """Import what a training imports, and have TensorFlow train for a moment."""
    from core.forecast.network.training import warm_up

    warm_up()
    for module in LIBRARIES:
        import_module(module)


if __name__ == "__main__":
    lower_priority()
    import_libraries()
    run_id = wait_for_run()
    sys.exit(0 if run_id is None else main(run_id))
