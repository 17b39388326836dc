"""Findings about feature importance: how many features exceed the noise line, and what was left out."""

from core.findings.model import Finding, Remedy, Severity
from core.text.feature_tokens import feature_label
from core.text.format import format_count, format_list


class NoSignal(Finding, code="no-signal"):
    """No feature is signal: none exceeds the best random column with its whole interval.

    Training uses the target's own history only. Expect little from other features, or select them by hand.
    """

    features: int
    unstable: int
    severity = Severity.WARNING
    title = "No feature carries signal: training uses the target's own history only"

    @property
    def detail(self) -> str:
        if not self.unstable:
            return "On later rows of the train era, no feature helps more than random columns do."
        return (
            f"The intervals of {self.unstable:,} of {format_count(self.features, 'feature')} reach over the noise line, but none "
            "exceeds it as a whole."
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
        return f"{self.count:,} of {self.features:,} features look{'s' if self.count == 1 else ''} like noise"


class SamplesThinned(Finding, code="samples-thinned"):
    """The train era has more samples than the ranking uses.

    The samples of every second, third, ... time stamp are used.
    """

    used: int
    count: int
    severity = Severity.INFO

    @property
    def title(self) -> str:
        return f"Ranked on {self.used:,} of {self.used + self.count:,} train samples"

    @property
    def detail(self) -> str:
        return "They are evenly spaced over the train era."


class RankingStopped(Finding, code="ranking-stopped"):
    """The ranking was stopped before its last fit.

    It rests on the fits that are finished. Rank again for all of them.
    """

    count: int
    fits: int
    severity = Severity.WARNING

    @property
    def title(self) -> str:
        return f"Stopped after {self.count} of {self.fits} fits"

    detail = "Fewer fits mean wider intervals. Training ranks all of them."


class SuspectedNotChosen(Finding, code="suspected-not-chosen"):
    """A ranked feature comes from a column that is suspected of look-ahead.

    It is marked in the ranking and not chosen. Set the publication delay of its column, or confirm that it is known in time.
    """

    features: tuple[str, ...]
    severity = Severity.WARNING

    @property
    def count(self) -> int:
        return len(self.features)

    @property
    def title(self) -> str:
        return f"{format_count(self.count, 'feature')} suspected of look-ahead: not chosen"

    @property
    def detail(self) -> str:
        return f"{format_list([feature_label(name) for name in self.features])}. Their importance may come from later rows."


class CategoriesNotChosen(Finding, code="categories-not-chosen"):
    """A column of labels carries signal, but is not an input of the network.

    CatBoost accepts labels, the network only accepts numbers. Add a numeric column to the file, such as 1 for one label and 0 for
    the others.
    """

    features: tuple[str, ...]
    severity = Severity.INFO

    @property
    def count(self) -> int:
        return len(self.features)

    @property
    def title(self) -> str:
        return f"{format_count(self.count, 'category column')} with signal: not passed to training"

    @property
    def detail(self) -> str:
        names = format_list([feature_label(name) for name in self.features])
        return f"{names}: the network only accepts numbers. To use a label, add a column that is 1 for it and 0 for the others."


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
