"""Findings about feature importance: how many features exceed the noise line, and what was left out."""

from core.findings.model import Finding, Remedy, Severity


class AllNoise(Finding, code="all-noise"):
    """No feature helps more than random columns do.

    Training still runs on the best-ranked features. Expect no skill from them.
    """

    count: int
    severity = Severity.WARNING
    title = "No feature exceeds the noise line"
    detail = (
        "On later rows of the train era, no feature helps more than random columns do. The best-ranked features are still passed "
        "to training, but expect no skill from them."
    )


class NoSignal(Finding, code="no-signal"):
    """Some features help more than random columns in some fits, but none in nearly all fits.

    Expect little from them: this many do so by chance.
    """

    features: int
    count: int
    severity = Severity.WARNING
    title = "No feature clearly exceeds the noise line"

    @property
    def detail(self) -> str:
        return (
            f"{self.count:,} of {self.features:,} features helped more than random columns in some fits, but none in nearly all. "
            "This many do so by chance."
        )


class NoiseFeatures(Finding, code="noise-features"):
    """Some features help no more than random columns do, others do.

    They are not passed to training. Name features by hand to use them all the same.
    """

    features: int
    count: int
    severity = Severity.INFO
    detail = "They help no more than random columns do, and are not passed to training."

    @property
    def title(self) -> str:
        return f"{self.count:,} of {self.features:,} features look like noise"


class RecentSamplesOnly(Finding, code="recent-samples-only"):
    """The train era holds more samples than the ranking uses.

    Only the most recent ones are used.
    """

    used: int
    count: int
    severity = Severity.INFO

    @property
    def title(self) -> str:
        return f"Ranked on the {self.used:,} most recent samples"

    @property
    def detail(self) -> str:
        return f"{self.count:,} older samples of the train era are not used."


class FoldsLeftOut(Finding, code="folds-left-out"):
    """A walk-forward fold has too few samples or a constant outcome.

    It is skipped. Use fewer folds, or a longer train era.
    """

    folds: int
    count: int
    severity = Severity.WARNING
    detail = "The outcome is constant there, or too few samples are left between the gaps that keep folds apart."

    @property
    def title(self) -> str:
        return f"{self.count} of {self.folds} folds were skipped"

    @property
    def remedy(self) -> Remedy:
        used = self.folds - self.count
        return Remedy(
            label=f"Use {used} fold{'' if used == 1 else 's'}", section="importance", field="folds", value=used
        )
