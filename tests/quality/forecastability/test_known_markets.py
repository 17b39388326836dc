"""The map of real data says what the literature says: volatility yes, returns no."""

from pathlib import Path

import pytest

from core.context import Context
from core.data.builtin import write_sample
from core.ingest.step import read
from core.quality.forecastability.question import Forecastability
from core.quality.step import profile
from core.recipe.model import Recipe
from tests.ingest.test_real_files import REAL

real = pytest.mark.skipif(REAL is None, reason="the folder of real files is not here (PLUMBLINE_REAL_DATA)")


def map_of(file: Path, folder: Path) -> Forecastability:
    return profile(Context(dataset=read(file, Recipe(), folder / "tables"), recipe=Recipe())).forecastability


def answers(found: Forecastability) -> set[tuple[str, str]]:
    return {(question.column, question.transform) for question in found.answered}


def test_the_sample_with_drivers_has_both_sides(tmp_path: Path) -> None:
    write_sample("sp500-drivers", tmp_path / "sample.csv")
    found = map_of(tmp_path / "sample.csv", tmp_path)
    assert {("sp500", "volatility"), ("sp500", "absolute_return"), ("sp500_range", "log_level")} <= answers(found)
    moves = [question for question in found.questions if question.family == "move"]
    assert {question.column for question in moves} == {"sp500", "nasdaq", "wti"}
    assert not [question for question in moves if question.has_answer]
    assert not {question.column for question in found.questions} & {"row_id", "lot_size", "dead_feed", "yield_aaa"}
    (week,) = [q for q in found.questions if (q.column, q.transform, q.horizon) == ("sp500", "volatility", 5)]
    assert week.rival == "last value"
    assert week.r2_oos == pytest.approx(0.25, abs=0.03)


def test_twenty_years_of_two_indices(tmp_path: Path) -> None:
    write_sample("sp500-nasdaq-long", tmp_path / "sample.csv")
    found = map_of(tmp_path / "sample.csv", tmp_path)
    assert {(f"{name}_close", what) for name in ("sp500", "nasdaq") for what in ("range", "volatility")} <= answers(
        found
    )
    assert not [question for question in found.answered if question.family == "move"]


@real
def test_macro_figures_move_with_momentum_and_some_spreads_revert(tmp_path: Path) -> None:
    found = map_of(REAL / "FRED_MD_2024-06.csv", tmp_path)
    assert {(name, "log_return") for name in ("PAYEMS", "USGOOD", "BUSLOANS", "CUSR0000SAS")} <= answers(found)
    spreads = [question for question in found.questions if question.transform == "spread"]
    assert 0.1 * len(spreads) < sum(question.has_answer for question in spreads) < 0.6 * len(spreads)


@real
def test_a_volatility_index_reverts_and_is_no_return(tmp_path: Path) -> None:
    found = map_of(REAL / "vix_daily.csv", tmp_path)
    assert answers(found) == {("CLOSE", "log_level"), ("CLOSE", "range")}


@real
def test_portfolio_returns_are_luck_and_their_sizes_are_not(tmp_path: Path) -> None:
    found = map_of(REAL / "french_370portfolios_wide.csv", tmp_path)
    levels = [question for question in found.questions if question.transform == "level"]
    assert len(levels) > 1_000
    assert sum(question.has_answer for question in levels) <= 0.01 * len(levels)
    assert sum(question.transform == "absolute" for question in found.answered) > 200
