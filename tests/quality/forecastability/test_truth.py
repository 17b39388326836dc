"""Size and power of the map, over many made files."""

import numpy as np
import pytest

from core.quality.forecastability.measure import _answer
from core.quality.forecastability.other_columns import gather_others
from core.quality.forecastability.spreads import find_spreads
from core.quality.forecastability.timeline import Timeline
from core.quality.forecastability.transforms import Asked, ask_spreads
from tests.quality.conftest import Bench
from tests.quality.forecastability.markets import DAILY, HOURLY, PLANTED, is_found, make_file, measure, walks


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
def test_spreads_of_independent_walks_are_tested_at_their_size() -> None:
    """They were chosen for looking stationary on the first third of the train era, and wander after it."""
    p_values: dict[int, list[float]] = {horizon: [] for horizon in DAILY.horizons}
    for seed in range(400):
        levels = walks(np.random.default_rng(seed), 60, 1_700)
        timeline = Timeline(series=np.zeros(levels.shape[1], dtype=int), stamps=np.arange(levels.shape[1]))
        found = find_spreads(levels[:, :466], [str(place) for place in range(60)])
        if not found:
            continue
        pairs = np.array([[spread.one, spread.other] for spread in found])
        slopes = np.array([[spread.slope] for spread in found])
        names = tuple(f"{one} {other}" for one, other in pairs.tolist())
        asked = Asked(names=names, columns=pairs, values=levels[pairs[:, 0]] - slopes * levels[pairs[:, 1]])
        others = gather_others(levels, np.ones(60, dtype=bool), np.arange(60), timeline)
        for batch in ask_spreads(asked, timeline, DAILY):
            p_values[batch.horizon] += [question.p_value for question in _answer(batch, timeline, others)]
    sizes = {horizon: float(np.mean(np.array(of_horizon) < 0.05)) for horizon, of_horizon in p_values.items()}
    print({horizon: round(size, 3) for horizon, size in sizes.items()}, len(p_values[1]))
    assert len(p_values[1]) > 4_000
    # Spreads of one file are correlated: a standard error is about 0.35%.
    assert max(sizes.values()) < 0.065


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
