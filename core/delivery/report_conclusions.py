"""What each section of the report concludes, in a sentence, and the findings that matter for it."""

from collections import Counter
from collections.abc import Iterable

from core.cleaning.plan import CleaningPlan
from core.data.dataset import Dataset
from core.findings.model import Finding, Severity, worst_first
from core.forecast.evaluation.evaluation import Evaluation
from core.forecast.evaluation.scores import naive_names
from core.importance.ranking import ImportanceRanking
from core.text.escape import plain_text
from core.text.feature_tokens import feature_label
from core.text.format import format_count, format_number, format_percent, format_time

MOST_FINDINGS = 8
_MOST_NAMES = 12


def data_conclusion(dataset: Dataset) -> str:
    """Return how much data there are, and how much of them is bad."""
    bad = {column.name: column.bad.total for column in dataset.columns if column.bad.total}
    cells = dataset.rows * max(1, len(dataset.columns))
    text = (
        f"{format_count(dataset.rows, 'row')} and {format_count(len(dataset.columns), 'column')} from "
        f"{format_time(dataset.start)} to {format_time(dataset.end)}"
    )
    if not bad:
        return f"{text}; every cell has a usable value."
    worst = max(bad, key=lambda name: bad[name])
    share = format_percent(bad[worst] / max(1, dataset.rows))
    return (
        f"{text}; {format_percent(sum(bad.values()) / cells)} of the cells are bad, most of them in {_name(worst)} ({share} of "
        "its rows)."
    )


def cleaning_conclusion(plan: CleaningPlan) -> str:
    """Return which columns were dropped, and why."""
    text = f"{len(plan.kept):,} of {format_count(len(plan.columns), 'feature column')} kept"
    dropped = [column for column in plan.columns if column.decision == "drop"]
    if not dropped:
        return f"{text}."
    names = [f"{_name(column.name)} ({'; '.join(column.reasons) or 'by hand'})" for column in dropped[:_MOST_NAMES]]
    more = f" and {len(dropped) - len(names):,} more" if len(dropped) > len(names) else ""
    return f"{text}. Dropped: {', '.join(names)}{more}."


def features_conclusion(ranking: ImportanceRanking) -> str:
    """Return how many features carry more than noise, and which were chosen."""
    labels = Counter(feature.label for feature in ranking.features)
    names = [_name(feature_label(name)) for name in ranking.chosen]
    more = f"; and {len(names) - _MOST_NAMES:,} more" if len(names) > _MOST_NAMES else ""
    chosen = (
        f"Chosen for training: {'; '.join(names[:_MOST_NAMES])}{more}." if names else "None was chosen for training."
    )
    return (
        f"{labels['signal']:,} of {format_count(len(ranking.features), 'feature')} are signal, {labels['unstable']:,} unstable, "
        f"{labels['noise']:,} noise. {chosen}"
    )


def rival_conclusion(evaluation: Evaluation) -> str:
    """Return which rival is best on the judged era, and how the LSTM compares; empty without scores."""
    scores, era = evaluation.judged
    naive = naive_names(scores)
    rivals = {name: one.mean_loss for name, one in scores.items() if name != "lstm" and name not in naive}
    if "lstm" not in scores or not (rivals := rivals or {n: s.mean_loss for n, s in scores.items() if n != "lstm"}):
        return ""
    best = min(rivals, key=lambda name: rivals[name])
    ours, theirs = scores["lstm"].mean_loss, rivals[best]
    label = evaluation.model_label(best)
    loss = evaluation.loss_name
    if not theirs > 0:
        comparison = f"its {loss} is {format_number(theirs)}, that of the LSTM {format_number(ours)}"
    else:
        change = ours / theirs - 1
        comparison = f"the LSTM's {loss} is {format_percent(abs(change))} {'higher' if change > 0 else 'lower'}"
    return f"{label} is the best rival on {era}; {comparison}."


def section_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return problems and warnings, each once, worst first."""
    return worst_first(finding for finding in dict.fromkeys(findings) if finding.severity is not Severity.INFO)


def _name(text: str) -> str:
    return plain_text(text, 60)
