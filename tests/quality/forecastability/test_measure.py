"""The map: what is asked, that the future is sealed, and that what is planted is found."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from core.data.eras import Era
from core.quality.forecastability.measure import map_forecastability
from core.quality.forecastability.question import Forecastability, Question
from core.quality.forecastability.table import Table
from core.quality.numerics.blocks import lay_out_rows
from core.quality.profile import profile_dataset, profile_document
from tests.quality.conftest import Bench
from tests.quality.forecastability.markets import (
    DAILY,
    HOURLY,
    garch,
    is_found,
    lay_out,
    make_file,
    measure,
    price,
    walks,
)

ROWS = 900


def days(rows: int) -> pd.DatetimeIndex:
    return pd.date_range("2020-01-01", periods=rows)


def transforms_of(found: Forecastability) -> dict[str, set[str]]:
    asked: dict[str, set[str]] = {}
    for question in found.questions:
        asked.setdefault(question.column, set()).add(question.transform)
    return asked


def test_each_column_is_asked_what_suits_its_nature(bench: Bench) -> None:
    random = np.random.default_rng(1)
    noise = random.normal(size=ROWS)
    reverting = np.zeros(ROWS)
    for row in range(1, ROWS):
        reverting[row] = 0.8 * reverting[row - 1] + noise[row]
    frame = pd.DataFrame(
        {
            "date": days(ROWS),
            "price": price(0.01 * random.normal(size=ROWS)),
            "spread": walks(random, 1, ROWS)[0] - 20,
            "return": 0.01 * random.normal(size=ROWS),
            "momentum": reverting,
            "volume": np.exp(reverting),
            "row": np.arange(ROWS),
            "id": random.permutation(10 * ROWS)[:ROWS],
            "one": 1.0,
            "weekday": days(ROWS).day_of_week,
            "up": random.integers(0, 2, ROWS),
            "trend": np.linspace(3.3, 10.1, ROWS),
            "quarterly": np.repeat(random.normal(size=ROWS // 60).cumsum() + 50, 60),
            "dead": np.where(np.arange(ROWS) < 400, price(0.01 * random.normal(size=ROWS)), np.nan),
        }
    )
    asked = transforms_of(measure(bench, frame))
    assert asked == {
        "price": {"log_return", "absolute_return", "volatility"},
        "spread": {"change", "absolute_change", "volatility"},
        "return": {"level", "absolute", "volatility"},
        "momentum": {"level"},
        "volume": {"log_level"},
    }


def test_a_drifting_column_that_rejects_a_unit_root_is_no_return(bench: Bench) -> None:
    random = np.random.default_rng(2)
    level = np.zeros(4 * ROWS)
    for row in range(1, len(level)):
        level[row] = 0.97 * level[row - 1] + 0.05 * random.normal()
    frame = pd.DataFrame({"date": days(len(level)), "vix": 20 * np.exp(level)})
    profile = bench.profile(frame)
    assert profile.column("vix").price_like
    assert {question.transform for question in profile.forecastability.questions} == {"log_level"}
    assert profile.forecastability.answered


def test_bars_are_asked_about_close_and_range_alone(bench: Bench) -> None:
    random = np.random.default_rng(3)
    returns = garch(random, ROWS)
    close = price(returns)
    opening = np.r_[100, close[:-1]]
    high = np.maximum(opening, close) * np.exp(np.abs(returns) * random.random(ROWS))
    low = np.minimum(opening, close) * np.exp(-np.abs(returns) * random.random(ROWS))
    frame = pd.DataFrame(
        {"date": days(ROWS), "Open": opening, "High": high, "Low": low, "Close": close, "Adj Close": close * 0.9}
    )
    asked = transforms_of(measure(bench, frame))
    assert asked == {"Close": {"log_return", "absolute_return", "volatility", "range"}}


def test_the_test_era_is_never_read(bench: Bench) -> None:
    frame = make_file("garch", 4, columns=4, rows=ROWS)
    frame.loc[::50, "c1"] = np.nan
    dataset = bench.dataset(frame)
    eras = bench.eras(dataset)
    shuffled = frame.copy()
    sealed = np.flatnonzero(lay_out_rows(dataset, eras).era == Era.TEST)
    order = np.random.default_rng(0).permutation(sealed)
    shuffled.iloc[sealed, 1:] = 3 * frame.iloc[order, 1:].to_numpy() + 1
    one, other = (profile_dataset(data, "c0", eras) for data in (dataset, bench.dataset(shuffled)))
    assert one.column("c0").all != other.column("c0").all
    assert one.forecastability == other.forecastability
    assert one.forecastability.rows == ROWS - len(sealed)


@pytest.mark.parametrize("series", [1, 3])
def test_a_row_is_forecast_by_earlier_rows_alone(bench: Bench, series: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every forecast, of models and rivals, up to a row stays as it was if later rows change."""
    rows, turn = 400, 260
    frame = pd.concat(
        [make_file("garch", 7 + place, columns=3, rows=rows).assign(name=f"s{place}") for place in range(series)]
    )
    changed = frame.copy()
    later = np.arange(len(frame)) % rows > turn
    changed.loc[later, ["c0", "c1", "c2"]] = 5 + 2 * frame.loc[later, ["c0", "c1", "c2"]].to_numpy()
    trials: list[dict] = []

    def keep(batch, trial):
        trials[-1][batch.names, batch.transform, batch.horizon] = trial
        return []

    monkeypatch.setattr("core.quality.forecastability.measure.judge", keep)
    tables = []
    for data in (frame, changed):
        dataset = bench.dataset(data, series="name" if series > 1 else None)
        tables.append(lay_out(bench, dataset))
    for table in tables:
        trials.append({})
        # The nature of a column is judged on all train rows: here it is kept.
        map_forecastability(table_with(table, tables[0]), DAILY)
    assert trials[0].keys() == trials[1].keys()
    assert len(trials[0]) > 5
    for asked, one in trials[0].items():
        other = trials[1][asked]
        stamps = one.stamps if series > 1 else np.arange(one.actual.shape[1]) + tables[0].timeline.cutoffs[0]
        before = stamps <= turn
        assert before.any()
        pairs = [*zip(one.models, other.models, strict=True), *((one.naive[n], other.naive[n]) for n in one.naive)]
        for ours, theirs in pairs:
            # In a panel, cumulative sums run through all series, and may round differently.
            slack = 1e-5 if series > 1 else 0
            np.testing.assert_allclose(ours[:, before], theirs[:, before], rtol=0, atol=slack)


def table_with(table: Table, other: Table) -> Table:
    return replace(table, profiles=other.profiles, is_train=table.is_train & (table.timeline.stamps <= 200))


def test_series_of_a_panel_are_scaled_apart(bench: Bench) -> None:
    """A series in another unit changes no answer."""
    files = [make_file("garch", 20 + place, columns=1, rows=600).assign(name=f"s{place}") for place in range(3)]
    one = measure(bench, pd.concat(files), series="name")
    files[1]["c0"] *= 1_000
    other = measure(bench, pd.concat(files), series="name")
    assert [question.transform for question in one.questions] == [question.transform for question in other.questions]
    for ours, theirs in zip(one.questions, other.questions, strict=True):
        assert ours.r2_oos == pytest.approx(theirs.r2_oos, abs=1e-5)
        assert ours.p_value == pytest.approx(theirs.p_value, abs=1e-4)


def test_a_panel_is_judged_by_its_time_stamps(bench: Bench) -> None:
    """Copies of one series add no evidence."""
    file = make_file("autoregressive", 5, columns=1, rows=600)
    alone = measure(bench, file)
    copies = pd.concat([file.assign(name=f"s{place}") for place in range(4)])
    together = measure(bench, copies, series="name")
    (one,) = [q for q in alone.questions if (q.transform, q.horizon) == ("log_return", 1)]
    (many,) = [q for q in together.questions if (q.transform, q.horizon) == ("log_return", 1)]
    assert many.n == 4 * one.n
    assert many.p_value == pytest.approx(one.p_value, rel=0.3)


def test_a_spread_is_a_question_with_a_clear_name(bench: Bench) -> None:
    random = np.random.default_rng(6)
    base = walks(random, 1, ROWS)[0]
    gap = np.zeros(ROWS)
    for row in range(1, ROWS):
        gap[row] = 0.7 * gap[row - 1] + random.normal()
    frame = pd.DataFrame({"date": days(ROWS), "A": base, "B": 2 * base + gap})
    found = measure(bench, frame)
    spreads = [question for question in found.questions if question.transform == "spread"]
    assert [question.horizon for question in spreads] == [1, 5, 21]
    assert spreads[0].column.startswith(("A - 0.", "B - "))
    assert spreads[0].has_answer
    assert spreads[0].best_r2 == pytest.approx(0.15, abs=0.08)


@pytest.mark.parametrize("planted", ["autoregressive", "garch", "led", "seasonal"])
def test_what_is_planted_is_found(bench: Bench, planted: str) -> None:
    found = measure(bench, make_file(planted, 1, columns=8), HOURLY if planted == "seasonal" else DAILY)
    assert any(is_found(planted, question) for question in found.answered)
    if planted == "led":
        (question,) = [q for q in found.answered if is_found(planted, q)]
        assert question.r2_oos_all is not None and question.r2_oos_all > question.r2_oos + 0.02


def test_random_walks_have_no_answer(bench: Bench) -> None:
    for seed in range(3):
        found = measure(bench, make_file(None, seed))
        assert len(found.questions) >= 160
        assert not [question for question in found.questions if question.q_value < 0.05]


def test_a_suspected_leak_forecasts_no_other_column(bench: Bench) -> None:
    random = np.random.default_rng(8)
    returns = 0.01 * random.normal(size=ROWS)
    frame = pd.DataFrame({"date": days(ROWS), "close": price(returns), "leak": np.r_[returns[1:], 0.0]})
    table = lay_out(bench, bench.dataset(frame))
    trusting, wary = (map_forecastability(table, DAILY, suspected) for suspected in (frozenset(), frozenset({"leak"})))
    assert trusting.find_value("close", 1).r2_oos_all > 0.9
    assert wary.find_value("close", 1).best_r2 < 0.1


def test_few_rows_ask_nothing(bench: Bench) -> None:
    assert measure(bench, make_file("garch", 0, columns=3, rows=60)).questions == ()


def test_the_last_rows_of_a_long_file_are_measured(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.quality.forecastability.table._MOST_ROWS", 500)
    frame = make_file(None, 0, columns=2, rows=1_000)
    long = measure(bench, frame)
    assert long.rows == 500
    changed = frame.copy()
    changed.loc[:300, ["c0", "c1"]] -= 0.001
    assert [q.r2_oos for q in measure(bench, changed).questions] == [q.r2_oos for q in long.questions]


def test_a_very_wide_table_is_asked_about_the_target_and_its_first_columns(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.quality.forecastability.table._MOST_COLUMNS", 3)
    profile = bench.profile(make_file("garch", 0, columns=6, rows=600), target="c5")
    asked = {question.column for question in profile.forecastability.questions if question.transform != "spread"}
    assert asked == {"c0", "c1", "c5"}
    assert profile.forecastability.left_out == 3


def test_q_values_are_corrected_over_the_map_and_the_family(bench: Bench) -> None:
    found = measure(bench, make_file("garch", 3, columns=6)).questions
    whole = stats.false_discovery_control([question.p_value for question in found])
    for question, q_value in zip(found, whole, strict=True):
        assert question.q_value >= q_value - 1e-12
    for family in ("move", "size"):
        members = [question for question in found if question.family == family]
        within = stats.false_discovery_control([question.p_value for question in members])
        assert all(question.q_value >= q - 1e-12 for question, q in zip(members, within, strict=True))


def test_the_document_lists_the_contracts_numbers(bench: Bench) -> None:
    frame = make_file("garch", 0, columns=3, rows=600)
    dataset = bench.dataset(frame)
    profile = profile_dataset(dataset, "c0", bench.eras(dataset))
    listed = profile_document(dataset, profile)["forecastability"]
    assert len(listed) == len(profile.forecastability.questions) > 0
    keys = {"column", "transform", "horizon", "r2_oos", "r2_oos_all", "p_value", "q_value", "n"}
    assert all(keys <= set(entry) for entry in listed)


def test_an_answer_saves_error_and_is_significant() -> None:
    facts = {"column": "y", "transform": "level", "horizon": 1, "rival": "mean", "p_value": 0.01, "n": 100}
    assert Question(**facts, r2_oos=-0.1, r2_oos_all=0.1, q_value=0.04).has_answer
    assert not Question(**facts, r2_oos=-0.1, r2_oos_all=None, q_value=0.04).has_answer
    assert not Question(**facts, r2_oos=0.1, r2_oos_all=None, q_value=0.06).has_answer


def test_extreme_values_neither_warn_nor_spoil_other_columns(bench: Bench) -> None:
    frame = make_file("garch", 3, columns=3, rows=700)
    one = measure(bench, frame)
    extreme = frame.assign(huge=frame["c1"] * 1e250, tiny=frame["c2"] * 1e-280, huge_price=1e200 * frame["c0"])
    other = measure(bench, extreme)
    assert {question.column for question in one.answered} <= {question.column for question in other.answered}
    assert all(np.isfinite([question.r2_oos, question.p_value]).all() for question in other.questions)


def test_a_column_that_starts_late_is_named_as_not_asked(bench: Bench) -> None:
    frame = make_file(None, 1, columns=2, rows=600)
    frame.loc[:300, "c1"] = np.nan
    found = measure(bench, frame)
    assert found.too_short == ("c1",)
    assert {question.column for question in found.questions} == {"c0"}
