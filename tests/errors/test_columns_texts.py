"""The texts of the error about an unknown column, as a user reads them."""

import pytest

from core.errors.columns import UnknownColumn

TEXTS = [
    (
        UnknownColumn(column="Clsoe", columns=["Open", "Close"]),
        "There is no column 'Clsoe'.",
        "The nearest name is 'Close'.",
    ),
    (
        UnknownColumn(column="clos", columns=["Close", "Closing"], role="target"),
        "The recipe names 'clos' as the target, but this file has no such column.",
        "The nearest names are 'Close', 'Closing'.",
    ),
    (
        UnknownColumn(column="vix", columns=[f"Column {number}" for number in range(10)]),
        "There is no column 'vix'.",
        "The columns are 'Column 0', 'Column 1', 'Column 2', 'Column 3', 'Column 4', 'Column 5', 'Column 6', 'Column 7' "
        "and 2 more.",
    ),
    (UnknownColumn(column="vix", columns=[]), "There is no column 'vix'.", ""),
]


@pytest.mark.parametrize(("error", "message", "hint"), TEXTS)
def test_texts(error: UnknownColumn, message: str, hint: str) -> None:
    assert (error.message, error.hint) == (message, hint)
