import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.text.feature_tokens import feature_label, feature_token, split_token

STEPS = st.one_of(
    st.sampled_from(["log", "return", "difference", "log_return"]),
    st.builds("{}{}".format, st.sampled_from(["lag", "mean", "std"]), st.integers(1, 500)),
)
# Names that read like tokens, or like escaped ones, are much more likely to collide than random text.
PARTS = st.one_of(
    STEPS, st.sampled_from(["close", "BRK", "B", ".", "..", "\\", "\\.", "lag0", "lag", "ＬＯＧ", "\n", " "])
)
COLUMNS = st.one_of(
    st.text(max_size=12),
    st.lists(PARTS, max_size=5).map("".join),
    st.lists(PARTS, max_size=5).map(".".join),
)
FEATURES = st.tuples(COLUMNS, st.lists(STEPS, max_size=3).map(tuple))


@given(FEATURES)
@settings(max_examples=500)
def test_a_token_is_split_into_the_column_and_steps_it_was_built_from(feature: tuple[str, tuple[str, ...]]) -> None:
    column, steps = feature
    assert split_token(feature_token(column, *steps)) == feature


@given(st.lists(FEATURES, min_size=2, max_size=6, unique=True))
@settings(max_examples=300)
def test_distinct_features_have_distinct_tokens(features: list[tuple[str, tuple[str, ...]]]) -> None:
    assert len({feature_token(column, *steps) for column, steps in features}) == len(features)


@pytest.mark.parametrize(
    "column", ["close", "BRK.B", "Adj Close", "10y.yield", "close.lag", "close.lag0", "lag5", "log"]
)
def test_an_untransformed_column_keeps_its_own_name(column: str) -> None:
    assert feature_token(column) == column
    assert feature_token(column, "log_return") == f"{column}.log_return"


def test_a_column_named_like_a_token_is_escaped() -> None:
    assert feature_token("close.log_return") == r"close\.log_return" != feature_token("close", "log_return")
    assert feature_token("close.log.lag1") == r"close.log\.lag1"
    assert feature_token("a\\.log") == r"a\\\.log"
    assert feature_token("a\\", "log") == r"a\\.log"


def test_an_unknown_step_is_an_error() -> None:
    for step in ("lag", "lag0", "mean05", "level", "lag1.lag2", ""):
        with pytest.raises(ValueError, match="not a step"):
            feature_token("close", step)


@pytest.mark.parametrize(
    ("token", "label"),
    [
        ("close", "close"),
        ("close.log_return", "close, log return"),
        ("close.difference", "close, difference"),
        ("oil.log", "oil, log"),
        ("oil.return", "oil, return"),
        ("vix.lag5", "vix, lag 5"),
        ("vix.log_return.lag1", "vix, log return, lag 1"),
        ("vix.mean22", "vix, mean over 22 rows"),
        ("vix.std22", "vix, std over 22 rows"),
        ("BRK.B.return", "BRK.B, return"),
        (r"close\.log_return", "close.log_return"),
        (r"close\.log_return.lag1", "close.log_return, lag 1"),
        ("const", "const"),
    ],
)
def test_a_label_is_the_column_and_the_steps_in_words(token: str, label: str) -> None:
    assert feature_label(token) == label
