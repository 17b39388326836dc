"""The volumes that a recipe asks to swap back, each pair with the close of its instrument."""

from collections.abc import Sequence

from core.cleaning.swap_back import VolumePair
from core.quality.market.prices import group_prices


def pair_volumes(named: Sequence[str], columns: Sequence[str]) -> tuple[VolumePair, ...]:
    """Return the pairs of volumes that a recipe names, each with the close of its instrument.

    A pair whose columns are not volumes of one instrument with a close is left out.

    Parameters
    ----------
    named
        The volume in units and that in money, pair after pair.
    columns
        All columns of the data.

    Examples
    --------
    >>> pair_volumes(["Volume BTC", "Volume USD"], ["open", "close", "Volume BTC", "Volume USD"])
    (VolumePair(units='Volume BTC', money='Volume USD', price='close'),)
    """
    groups = group_prices(columns)
    return tuple(
        VolumePair(units=units, money=money, price=group.close)
        for units, money in zip(named[::2], named[1::2], strict=False)
        for group in groups
        if group.close is not None and {units, money} <= {*group.volumes}
    )
