"""The proposed target and its reason, by the names of columns as files have them."""

from collections.abc import Callable

import pytest

from core.data.dataset import Dataset
from core.ingest.target import TargetReason, guess_target

Read = Callable[[str], Dataset]


def rows(*names: str, cells: tuple[str, str] = ("1.5", "2.5")) -> str:
    """A file of two days with these columns."""
    lines = [",".join([f"2024-01-0{day}", *[cell] * len(names)]) for day, cell in enumerate(cells, start=1)]
    return "\n".join([",".join(["date", *names]), *lines, ""])


@pytest.mark.parametrize(
    ("names", "column", "reason"),
    [
        (("volume", "Close"), "Close", TargetReason.NAME),
        (("Dividend", "SP500", "Consumer Price Index", "Real Price"), "SP500", TargetReason.MARKET),
        (("RPI", "S&P 500", "S&P PE ratio"), "S&P 500", TargetReason.MARKET),
        (("yield", "spot price"), "spot price", TargetReason.PRICE),
        (("Consumer Price Index", "wage"), "wage", TargetReason.MEASURED),
        (("Consumer Price Index",), "Consumer Price Index", TargetReason.MEASURED),
        (("Price Earnings Ratio", "wage"), "wage", TargetReason.MEASURED),
        (("spread", "sp5"), "spread", TargetReason.MEASURED),
    ],
)
def test_names_decide_which_column_is_proposed(
    read: Read, names: tuple[str, ...], column: str, reason: TargetReason
) -> None:
    guess = guess_target(read(rows(*names)))
    assert (guess.column, guess.reason) == (column, reason)


def test_without_measured_values_the_last_column_of_integers_is_proposed(read: Read) -> None:
    guess = guess_target(read(rows("id", "count", cells=("1", "2"))))
    assert (guess.column, guess.reason) == ("count", TargetReason.LAST_NUMBER)
