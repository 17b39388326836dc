"""Size and power of the map, over many made files."""

import numpy as np
import pytest

from tests.quality.conftest import Bench
from tests.quality.forecastability.markets import DAILY, HOURLY, PLANTED, is_found, make_file, measure


@pytest.mark.simulation
@pytest.mark.parametrize("kind", ["arithmetic", "geometric"])
def test_files_of_random_walks_rarely_have_a_mark(bench: Bench, kind: str) -> None:
    """An arithmetic walk that comes near zero has log returns of a truly predictable volatility: a few marks are right."""
    marked = 0
    for seed in range(40):
        file = make_file(None, seed)
        if kind == "geometric":
            file.iloc[:, 1:] = 100 * np.exp(0.01 * file.iloc[:, 1:])
        marked += any(question.q_value < 0.05 for question in measure(bench, file).questions)
    print(f"{marked} of 40 files of 20 {kind} random walks have a mark")
    assert marked <= 5


@pytest.mark.simulation
def test_each_question_is_tested_at_its_size(bench: Bench) -> None:
    p_values: dict[tuple[str, int], list[float]] = {}
    for seed in range(100, 130):
        for question in measure(bench, make_file(None, seed)).questions:
            if question.transform != "spread":
                p_values.setdefault((question.transform, question.horizon), []).append(question.p_value)
    sizes = {asked: float(np.mean(np.array(found) < 0.05)) for asked, found in p_values.items() if len(found) > 100}
    print({f"{transform} {horizon}": round(size, 3) for (transform, horizon), size in sizes.items()})
    assert len(sizes) == 8
    # 600 tests each: 5% with three standard errors.
    assert max(sizes.values()) < 0.08


@pytest.mark.simulation
@pytest.mark.parametrize("planted", sorted(PLANTED))
def test_what_is_planted_is_found_in_nine_of_ten_files(bench: Bench, planted: str) -> None:
    rhythm = HOURLY if planted == "seasonal" else DAILY
    hits = others = answered = 0
    for seed in range(40):
        found = measure(bench, make_file(planted, seed), rhythm).answered
        hits += any(is_found(planted, question) for question in found)
        others += sum(question.column != "c0" and question.transform != "spread" for question in found)
        answered += len(found)
    print(f"{planted}: found in {hits} of 40 files; {others} of {answered} answers are about another column")
    assert hits >= 36
    assert others <= 0.2 * answered
