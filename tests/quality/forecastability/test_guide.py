"""The guide: which model to start with for the question of a recipe."""

from dataclasses import replace

from core.quality.forecastability.guide import recommend
from core.quality.pairwise.relations import Relation
from tests.charts.examples import forecastability, question

FOUND = forecastability(("sp500", "vix", "a", "b"))


def relation(feature: str, kind: str, lead_q: float | None = None) -> Relation:
    return Relation(
        feature=feature,
        target="sp500",
        kind=kind,
        pearson=0.3,
        spearman=0.3,
        xi=0.1,
        p_value=0.001,
        q_value=0.002,
        lead=None if lead_q is None else 0.2,
        lead_q=lead_q,
    )


def test_it_advises_against_a_target_without_an_answer() -> None:
    guide = recommend(FOUND, (relation("vix", "linear"), relation("wti", "nonlinear")), "sp500", 1)
    assert (guide.question, guide.has_answer) == ("log return of sp500 over 1 row", False)
    assert (guide.instead, guide.nonlinear) == ("volatility over 5 rows", ("wti",))
    assert guide.text == (
        "Expect no more than the naive forecast: the log return of sp500 over 1 row has no answer; its volatility over 5 rows has "
        "one. An LSTM may add something: the relation to wti is non-linear."
    )


def test_it_names_leading_columns_if_they_help() -> None:
    helped = question("sp500", "log_return", 1, 0.01, 0.01, 0.2)
    found = replace(FOUND, questions=(helped,))
    guide = recommend(found, (relation("vix", "linear", 0.01), relation("wti", "none")), "sp500", 1)
    assert (guide.others_help, guide.linear, guide.leading, guide.nonlinear) == (True, 1, ("vix",), ())
    assert guide.text.startswith("Start with ridge on several columns: 1 linear relation, vix leads by a row.")
    alone = replace(found, questions=(replace(helped, r2_oos=0.2),))
    guide = recommend(alone, (relation("vix", "linear"),), "sp500", 1)
    assert (guide.others_help, guide.leading) == (False, ())


def test_it_answers_the_question_of_the_recipe_not_that_of_the_value() -> None:
    guide = recommend(FOUND, (relation("vix", "linear"),), "sp500", 5, "volatility")
    assert (guide.question, guide.family, guide.has_answer) == ("volatility of sp500 over 5 rows", "size", True)
    assert "linear relation" not in guide.text


def test_another_question_is_rather_one_that_can_be_the_task() -> None:
    ranged = question("sp500", "range", 1, 0.4, 0.001)
    assert replace(FOUND, questions=(ranged, *FOUND.questions)).best_of("sp500").transform == "volatility"
    assert replace(FOUND, questions=(ranged,)).best_of("sp500") == ranged


def test_it_is_silent_without_a_target_and_falls_back_to_the_next_horizon() -> None:
    assert recommend(FOUND, (), None, 1) is None
    assert recommend(FOUND, (), "other", 1) is None
    assert recommend(FOUND, (), "sp500", 3).question == "log return of sp500 over 1 row"
