"""What the errors of samples, eras and stored data sets say."""

import pytest

from core.errors.data import (
    DamagedDataset,
    EraTooShort,
    InvalidSplitDate,
    SplitDatesOutOfOrder,
    UnknownSample,
)
from core.findings.catalogue import all_errors

TEXTS = [
    (
        UnknownSample(name="gold", known=("sp500-drivers", "three-markets-panel")),
        "There is no sample 'gold'.",
        "The samples are sp500-drivers, three-markets-panel.",
    ),
    (
        InvalidSplitDate(field="test_from", text="soon"),
        "split.test_from is 'soon', which is not a date.",
        "Write it as 2024-12-31.",
    ),
    (
        SplitDatesOutOfOrder(validation_from="2024-03-01", test_from="2024-02-01"),
        "split.validation_from (2024-03-01) is not before split.test_from (2024-02-01).",
        "Put the dates in time order.",
    ),
    (
        EraTooShort(era="test", stamps=1, total=100, minimum=2),
        "The test era would have 1 of 100 distinct time stamps; it needs at least 2.",
        "Change the split, or use more data.",
    ),
    (
        DamagedDataset(folder="tables/3f2a"),
        "The data set in tables/3f2a is missing or damaged.",
        "Upload the file again.",
    ),
]


@pytest.mark.parametrize(("error", "message", "hint"), TEXTS)
def test_the_texts_of_an_error_are_pinned(error, message, hint) -> None:
    assert (error.message, error.hint) == (message, hint)


def test_every_kind_of_the_module_is_pinned() -> None:
    kinds = {kind for kind in all_errors().values() if kind.__module__ == "core.errors.data"}
    assert {type(text[0]) for text in TEXTS} == kinds
