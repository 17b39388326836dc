"""Reads mutated files: nothing may crash, hang for ten seconds, or lose a line unsaid; how a file is cut changes nothing.

`python -m benchmarks.fuzz_reader [count] [seed] [first]`, for instance 10000. Tells every fault with the name that calls it
up again, and ends with the counts.
"""

import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from pathlib import Path

from core.runtime import configure
from tests.ingest.fuzzing import Hang, read_mutation


def main(count: int, seed: int, first: int) -> int:
    configure()
    warnings.simplefilter("error")
    signal.signal(signal.SIGALRM, raise_hang)
    ended: Counter[str] = Counter()
    slowest = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for number in range(first, first + count):
            begun = time.perf_counter()
            signal.alarm(10)
            try:
                ended[read_mutation(number, seed, Path(folder))] += 1
            except (Exception, Hang) as error:
                ended[type(error).__name__] += 1
                place = traceback.extract_tb(error.__traceback__)[-1]
                print(
                    f"{seed}/{number} {type(error).__name__} {place.name}:{place.lineno} {str(error)[:300]}", flush=True
                )
            finally:
                signal.alarm(0)
            slowest = max(slowest, time.perf_counter() - begun)
    faults = count - ended["read"] - ended["rejected"]
    print(f"{count} files of seed {seed}: {dict(ended)}; slowest {slowest:.1f} s; {faults} faults")
    return min(faults, 1)


def raise_hang(*_: object) -> None:
    raise Hang


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    sys.exit(main(*given, *(1000, 0, 0)[len(given) :]))
