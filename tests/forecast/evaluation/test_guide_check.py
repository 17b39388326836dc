"""The guide against the outcome: significant differences only, on the judged era."""

from dataclasses import replace

import pytest

from core.forecast.evaluation.evaluation import Evaluation
from core.forecast.evaluation.guide_check import check_guide
from core.quality.forecastability.guide import Guide
from tests.charts import examples
from tests.forecast.evaluation.verdict_examples import EVEN, GOOD, PERSISTENCE, scores, signals

ANSWERED = Guide(
    question="volatility of close over 5 rows",
    family="size",
    has_answer=True,
    instead=None,
    others_help=False,
    linear=0,
    leading=(),
    nonlinear=(),
)
HOPELESS = replace(ANSWERED, family="move", has_answer=False)
DRIFT = replace(PERSISTENCE, cw={})


def evaluated(guide: Guide | None, **test: object) -> Evaluation:
    return replace(examples.evaluation(), guide=guide, test=test)


def against_lstm(loss: float, statistic: float, p_value: float) -> object:
    return scores(loss, 0.1, cw=signals(0.001, 0.001), dm_lstm_statistic=statistic, dm_lstm_p_value=p_value)


@pytest.mark.parametrize(
    ("statistic", "p_value", "outcome"),
    [
        (-1.0, 0.3, "as_recommended"),
        (1.0, 0.3, "as_recommended"),
        (-3.0, 0.003, "as_recommended"),
        (3.0, 0.003, "lstm_better"),
    ],
)
def test_a_difference_counts_only_if_it_is_significant(statistic: float, p_value: float, outcome: str) -> None:
    linear = against_lstm(0.84 + 0.1 * statistic / 3, statistic, p_value)
    found = check_guide(evaluated(ANSWERED, lstm=GOOD, persistence=PERSISTENCE, drift=DRIFT, linear=linear))
    assert (found.outcome, found.model) == (outcome, "linear")


def test_har_stands_for_a_ridge_on_the_own_past_and_ridge_for_one_on_several_columns() -> None:
    models = {"lstm": GOOD, "persistence": PERSISTENCE, "har": against_lstm(0.8, -1, 0.3)}
    models["linear"] = against_lstm(0.9, 3, 0.001)
    assert check_guide(evaluated(ANSWERED, **models)).model == "har"
    several = check_guide(evaluated(replace(ANSWERED, others_help=True), **models))
    assert (several.model, several.outcome) == ("linear", "lstm_better")


def test_without_an_answer_the_lstm_is_expected_to_find_nothing() -> None:
    good = replace(GOOD, cw=signals(0.001, 0.002))
    naive = {"persistence": PERSISTENCE, "drift": DRIFT}
    even = replace(EVEN, cw=signals(0.38, 0.4))
    assert check_guide(evaluated(HOPELESS, lstm=even, **naive)).outcome == "as_expected"
    assert check_guide(evaluated(HOPELESS, lstm=good, **naive)).outcome == "against_expectation"
    # A signal with a larger loss is no better forecast.
    assert check_guide(evaluated(HOPELESS, lstm=replace(good, mean_loss=1.1), **naive)).outcome == "as_expected"


def test_what_cannot_be_compared_is_not_known() -> None:
    alone = {"lstm": GOOD, "persistence": PERSISTENCE, "drift": DRIFT}
    assert check_guide(evaluated(ANSWERED, **alone)).outcome == "not_known"
    assert check_guide(evaluated(HOPELESS, **alone)).outcome == "not_known"
    assert check_guide(evaluated(None, **alone)) is None
    assert check_guide(evaluated(ANSWERED, persistence=PERSISTENCE)) is None
