"""The document of metrics.json."""

from dataclasses import asdict

from core.forecast.evaluation.evaluation import Evaluation
from core.forecast.evaluation.scores import Scores


def metrics_document(evaluation: Evaluation) -> dict[str, object]:
    """Return the content of metrics.json: all scores, without the equity curve."""
    backtest = asdict(evaluation.backtest) if evaluation.backtest else None
    if backtest:
        del backtest["equity"]
    return {
        "loss": evaluation.loss,
        "test": _score_documents(evaluation.test),
        "validation": _score_documents(evaluation.validation),
        "interval": asdict(evaluation.interval) if evaluation.interval else None,
        "backtest": backtest,
        "naive_checks": asdict(evaluation.naive_checks),
        "series": [asdict(each) for each in evaluation.series],
        "trials": asdict(evaluation.trials) | {"adjusted_p": evaluation.adjusted_p},
    }


def _score_documents(scores: dict[str, Scores] | None) -> dict[str, object] | None:
    return None if scores is None else {name: asdict(score) for name, score in scores.items()}
