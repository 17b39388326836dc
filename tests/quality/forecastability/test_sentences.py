"""What the map says in words, and the finding on a question without an answer."""

from dataclasses import replace

import pytest

from core.quality.forecastability.checks import check_question
from core.quality.forecastability.question import Forecastability
from core.quality.forecastability.sentences import map_sentence, measures_text, question_label
from core.quality.market.ranges import PriceRange
from tests.charts.examples import forecastability, question

FOUND = forecastability(("sp500", "vix", "a", "b"))


def test_the_sentence_counts_names_the_best_and_speaks_of_returns() -> None:
    assert map_sentence(FOUND) == (
        "3 of 7 questions have an answer: the level of vix after 1 row (R² 0.12 beyond the mean so far), the volatility of sp500 "
        "over 5 rows (R² 0.06 beyond the mean so far); no return is forecastable beyond luck."
    )


def test_the_sentence_says_if_a_return_is_forecastable() -> None:
    momentum = question("sp500", "log_return", 1, 0.02, 0.01)
    found = replace(FOUND, questions=(*FOUND.questions[1:], momentum))
    assert map_sentence(found).endswith("; 1 of 3 returns is forecastable.")
    mixed = replace(found, questions=(*found.questions, question("rate", "change", 1, 0.02, 0.01)))
    assert map_sentence(mixed).endswith("; 2 of 4 changes or returns are forecastable.")


def test_columns_around_zero_stand_in_for_returns() -> None:
    found = Forecastability(
        questions=(question("r", "level", 1, -0.1, 0.9, None), question("r", "absolute", 1, 0.1, 0.01)),
        rows=9,
        columns=1,
    )
    assert map_sentence(found).endswith("; no level around 0 is forecastable beyond luck.")


def test_the_sentence_of_a_map_without_answers_or_questions() -> None:
    none = replace(FOUND, questions=FOUND.questions[:3])
    assert map_sentence(none).startswith("None of 3 questions has an answer")
    assert map_sentence(Forecastability()).startswith("Nothing was asked")


@pytest.mark.parametrize(
    ("asked", "label"),
    [
        (question("x", "log_return", 1, 0, 1), "log return of x over 1 row"),
        (question("x", "absolute_return", 5, 0, 1), "absolute log return of x over 5 rows"),
        (question("x", "log_level", 5, 0, 1), "log level of x after 5 rows"),
        (question("log A - 0.8 log B", "spread", 21, 0, 1), "spread log A - 0.8 log B after 21 rows"),
    ],
)
def test_a_question_is_labelled_as_a_task_is(asked, label: str) -> None:
    assert question_label(asked) == label


def test_volatilities_from_high_and_low_are_named() -> None:
    ranges = tuple(PriceRange(prices=(name,), high="h", low="l") for name in ("sp500", "never asked"))
    assert "volatility of sp500 is Parkinson's" in measures_text(FOUND, ranges)
    assert measures_text(FOUND, ()) == measures_text(FOUND, ranges[1:]) == ""


@pytest.mark.fires("no-answer-expected")
def test_a_question_without_an_answer_is_a_finding() -> None:
    found = check_question(FOUND, "sp500", 5)
    assert found is not None
    assert (found.column, found.q_value, found.n) == ("sp500", 0.6, 700)
    assert found.instead == "volatility of sp500 over 5 rows"


@pytest.mark.silent("no-answer-expected")
def test_an_answered_or_unasked_question_is_no_finding() -> None:
    assert check_question(FOUND, "vix", 1) is None
    assert check_question(FOUND, "sp500", 5, "volatility") is None
    assert check_question(FOUND, "sp500", 3) is None
    assert check_question(Forecastability(), "sp500", 1) is None
