"""How many trials a verdict is the best of."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Trials:
    """Counts of the ledger for one file; None if nobody counted, as on the command line without a workspace.

    `trained` counts distinct fitted settings, `opened` the openings of the test era, looks at its values among them.
    `judged_on_test` counts the settings that were opened, or trained after the first opening: from then on test results are
    known, and every further setting may be chosen by them. Choosing by validation alone is not counted.
    """

    trained: int | None = None
    opened: int | None = None
    judged_on_test: int | None = None

    @property
    def is_open(self) -> bool:
        """Whether the test era is known to have been opened."""
        return bool(self.opened)

    def adjust(self, p_value: float | None) -> float | None:
        """Return the p-value of the best of all judged settings (Bonferroni); None without a p-value or a count.

        Examples
        --------
        >>> Trials(judged_on_test=7).adjust(0.03), Trials(judged_on_test=50).adjust(0.03), Trials().adjust(0.03)
        (0.21, 1.0, None)
        """
        if p_value is None or not self.judged_on_test:
            return None
        return min(1.0, self.judged_on_test * p_value)
