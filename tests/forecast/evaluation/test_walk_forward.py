"""Walk-forward periods: known gains, pooling by rows, and what they say about a verdict."""

from dataclasses import replace

import numpy as np
import pytest

from core.data.eras import Era
from core.forecast.evaluation.metrics_document import metrics_document
from core.forecast.evaluation.verdict import Reason, find_reason, reach_verdict
from core.forecast.evaluation.walk_forward import Period, Slice, WalkForward, slice_losses
from tests.charts import examples
from tests.forecast.evaluation.examples import build_table
from tests.forecast.evaluation.verdict_examples import GOOD, PERSISTENCE, VARIED


def period(year: int, lstm: float, era: str = "train", n: int = 100, naive: float = 1.0) -> Period:
    losses = {"lstm": lstm, "persistence": naive}
    slices = (
        Slice(kind="period", name="", n=n, losses=losses),
        Slice(kind="year", name=str(year), n=n, losses=losses),
        Slice(kind="volatility", name="low" if year % 2 else "high", n=n, losses=losses),
    )
    return Period(start=f"{year}-01-01T00:00:00", end=f"{year}-12-31T00:00:00", era=era, slices=slices)


def walk(*losses: float) -> WalkForward:
    return WalkForward(periods=tuple(period(2010 + place, loss) for place, loss in enumerate(losses)))


def test_a_gain_is_relative_to_the_naive_forecast_of_the_same_period():
    found = WalkForward(periods=(period(2010, 0.9), period(2011, 3.0, naive=2.0)))
    assert found.gains == pytest.approx((0.1, -0.5))
    assert found.earlier == (1, 2)


def test_the_hardest_naive_forecast_over_all_periods_is_the_rival_in_each():
    def with_mean(each: Period, loss: float) -> Period:
        slices = tuple(replace(one, losses=one.losses | {"mean": loss}) for one in each.slices)
        return replace(each, slices=slices)

    found = WalkForward(periods=(with_mean(period(2010, 0.9), 0.5), with_mean(period(2011, 0.9), 1.2)))
    assert found.rival == "mean"
    assert found.gains == pytest.approx((-0.8, 0.25))


def test_years_and_volatilities_are_pooled_by_their_rows():
    found = WalkForward(periods=(period(2010, 0.5, n=300), period(2010, 0.9, n=100), period(2011, 0.7)))
    years = {each.name: (each.n, each.losses["lstm"]) for each in found.pooled("year")}
    assert years == {"2010": (400, pytest.approx(0.6)), "2011": (100, 0.7)}
    assert [each.name for each in found.pooled("volatility")] == ["low", "high"]


def test_the_test_era_does_not_count_as_an_earlier_period():
    found = WalkForward(periods=(period(2010, 1.1), period(2011, 0.9, era="test")))
    assert found.earlier == (0, 1)
    assert found.is_split


@pytest.mark.parametrize(("losses", "split"), [((0.9, 0.9, 1.1, 1.1), False), ((0.9, 1.1, 1.1), True), ((), False)])
def test_fewer_than_half_of_the_periods_is_split(losses, split):
    assert walk(*losses).is_split is split


def test_a_period_without_scores_is_counted_as_such():
    failed = Period(start="2012-01-01T00:00:00", end="2012-12-31T00:00:00", era="train", reason="Too few windows.")
    found = WalkForward(periods=(*walk(0.9).periods, failed))
    assert found.gains == (pytest.approx(0.1), None)
    assert found.earlier == (1, 1)
    assert "1 could not be scored" in found.sentence
    documents = metrics_document(replace(examples.evaluation(), walk_forward=found))["walk_forward"]
    assert [document["n"] for document in documents] == [100, 0]
    assert documents[1]["reason"] == "Too few windows."
    assert documents[0]["lstm"] == {"n": 100, "mean_loss": 0.9, "r2_oos": pytest.approx(0.1)}


def test_slices_hold_the_losses_of_their_rows(world, random_walk):
    w = world(random_walk(2000, 1))
    windows = w.windows(4)
    lstm = windows.samples.base + 0.2
    table = build_table(w, windows, lstm)
    part = table[table["era"] == "test"]
    found = slice_losses(part, w.features, w.samples, w.task, "squared_error")
    whole, years = found[0], [each for each in found if each.kind == "year"]
    volatility = [each for each in found if each.kind == "volatility"]
    rows = windows.samples.of(Era.TEST)
    changes = windows.samples.outcome[rows]
    scale = np.square(w.samples.outcome[w.samples.of(Era.TRAIN)]).mean()
    assert whole.losses["persistence"] == pytest.approx(np.mean(changes**2) / scale)
    assert whole.losses["lstm"] == pytest.approx(np.mean((changes - 0.2) ** 2) / scale)
    for slices in (years, volatility):
        assert sum(each.n for each in slices) == whole.n == len(rows)
        pooled = sum(each.n * each.losses["lstm"] for each in slices) / whole.n
        assert pooled == pytest.approx(whole.losses["lstm"])
    assert [each.name for each in volatility] == ["low", "middle", "high"]


def skilled(found: WalkForward | None):
    return replace(
        examples.evaluation(),
        test={"lstm": replace(GOOD, cw={"persistence": GOOD.cw["persistence"]}), "persistence": PERSISTENCE},
        naive_checks=VARIED,
        walk_forward=found,
    )


@pytest.mark.fires("few-periods-agree")
def test_skill_that_most_earlier_periods_lack_is_skill_with_a_warning():
    given = skilled(walk(1.1, 1.2, 0.9))
    assert find_reason(given) is Reason.BETTER
    assert "only 1 of 3" in reach_verdict(given).sentence


@pytest.mark.silent("few-periods-agree")
@pytest.mark.parametrize("found", [None, walk(0.9, 0.8, 1.1)])
def test_skill_that_holds_needs_no_warning(found):
    assert "earlier periods" not in reach_verdict(skilled(found)).sentence
