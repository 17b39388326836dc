"""The table of steps: what each page is called and asks, and the job that computes its result.

To add a step, add an entry here, a module `step.py` in its room, and a page of the step's name in `pages`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core.context import Context
from core.importance.ranking import ImportanceRanking
from core.importance.step import importance_key, rank
from core.quality.profile import QualityProfile
from core.quality.step import profile, profile_key
from core.regression.report import RegressionReport
from core.regression.step import regress, regression_key
from core.workspace.runs import RunKind


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of the walk; `name` is also its page's file and address.

    `sections` are the recipe sections that are edited on the page. `job` is the kind of run that works for the step and
    `job_title` its name on the pages. A cached step has a `key` under which `run` keeps its `result`.
    """

    name: str
    title: str
    question: str
    sections: tuple[str, ...] = ()
    job: RunKind | None = None
    job_title: str = ""
    key: Callable[[Context], str] | None = None
    result: type | None = None
    run: Callable[[Context], Any] | None = None

    @property
    def file(self) -> str:
        """The page's file, for `st.navigation`."""
        return f"{self.name}.py"


STEPS = (
    Step(
        name="upload",
        title="Upload",
        question="What is in this file, and how was it read?",
        sections=("ingest", "split"),
        job="arrival",
        job_title="Copying the file",
    ),
    Step(
        name="quality",
        title="Quality",
        question="What is wrong with these data, and what is related?",
        job="profile",
        job_title="Reading and profiling",
        key=profile_key,
        result=QualityProfile,
        run=profile,
    ),
    Step(
        name="cleaning",
        title="Cleaning",
        question="Which columns are worth keeping?",
        sections=("cleaning", "features"),
    ),
    Step(
        name="regression",
        title="Regression",
        question="How much does a linear model explain?",
        sections=("regression",),
        job="regression",
        job_title="Regression",
        key=regression_key,
        result=RegressionReport,
        run=regress,
    ),
    Step(
        name="importance",
        title="Importance",
        question="Which features carry more than noise?",
        sections=("importance",),
        job="importance",
        job_title="Importance",
        key=importance_key,
        result=ImportanceRanking,
        run=rank,
    ),
    Step(
        name="training",
        title="Training",
        question="Does the network learn?",
        sections=("training",),
        job="training",
        job_title="Training",
    ),
    Step(
        name="results",
        title="Results",
        question="Does the forecast beat the naive ones?",
        sections=("evaluation",),
        job="opening",
        job_title="Opening the test era",
    ),
    Step(
        name="export",
        title="Export",
        question="What can you download, and what does the model say of new rows?",
        job="scoring",
        job_title="Scoring",
    ),
)


# The second jobs of Results and Export.
_SECOND_JOBS: dict[RunKind, str] = {"folds": "Walk-forward", "refit": "Refit"}


def step_named(name: str) -> Step:
    """Return the step with this name."""
    return next(step for step in STEPS if step.name == name)


def step_of_section(section: str) -> Step:
    """Return the step on whose page a recipe section is edited.

    Examples
    --------
    >>> step_of_section("features").title
    'Cleaning'
    """
    return next(step for step in STEPS if section in step.sections)


def step_of_job(kind: str) -> Step:
    """Return the step that a kind of run works for.

    Examples
    --------
    >>> step_of_job("opening").title
    'Results'
    """
    return next(step for step in STEPS if step.job == kind)


def title_of_job(kind: RunKind) -> str:
    """Return the name of a kind of run as the pages show it.

    Examples
    --------
    >>> title_of_job("training"), title_of_job("folds")
    ('Training', 'Walk-forward')
    """
    return _SECOND_JOBS[kind] if kind in _SECOND_JOBS else step_of_job(kind).job_title


def step_after(name: str) -> Step | None:
    """Return the step that follows, or None after the last."""
    following = STEPS.index(step_named(name)) + 1
    return STEPS[following] if following < len(STEPS) else None
