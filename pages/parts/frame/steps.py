"""The eight steps in their order: address, title, and the one question that each answers."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of the walk; `name` is also its file and its address."""

    name: str
    title: str
    question: str

    @property
    def file(self) -> str:
        """The page's file, as navigation wants it."""
        return f"{self.name}.py"


STEPS = (
    Step(name="upload", title="Upload", question="What is in this file, and how was it read?"),
    Step(name="quality", title="Quality", question="What is wrong with these data, and what is related?"),
    Step(name="cleaning", title="Cleaning", question="Which columns are worth keeping?"),
    Step(name="regression", title="Regression", question="How much does a straight line explain?"),
    Step(name="importance", title="Importance", question="Which features carry more than noise?"),
    Step(name="training", title="Training", question="Does the network learn?"),
    Step(name="results", title="Results", question="Is the forecast better than what needs no model?"),
    Step(name="export", title="Export", question="What can be taken away?"),
)


def step_named(name: str) -> Step:
    """Return the step with this name."""
    return next(step for step in STEPS if step.name == name)


def step_of(section: str) -> Step:
    """Return the step where a section of the recipe is set.

    Examples
    --------
    >>> step_of("features").title
    'Cleaning'
    """
    homes = {"ingest": "upload", "split": "upload", "features": "cleaning", "evaluation": "results"}
    return step_named(homes.get(section, section))


def step_after(name: str) -> Step | None:
    """Return the step that follows, or None after the last."""
    names = [step.name for step in STEPS]
    following = names.index(name) + 1
    return STEPS[following] if following < len(STEPS) else None
