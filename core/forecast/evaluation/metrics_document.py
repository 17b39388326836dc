"""The document of metrics.json."""

from dataclasses import asdict, fields

from core.forecast.evaluation.backtest import Backtest
from core.forecast.evaluation.certificate import Certificate
from core.forecast.evaluation.evaluation import Evaluation
from core.forecast.evaluation.lstm_adds import LstmAdds
from core.forecast.evaluation.scores import Scores
from core.forecast.evaluation.walk_forward import Slice, WalkForward


def metrics_document(evaluation: Evaluation) -> dict[str, object]:
    """Return the content of metrics.json: all scores, without the gains of each period."""
    return {
        "loss": evaluation.loss,
        "test": _score_documents(evaluation.test),
        "validation": _score_documents(evaluation.validation),
        "interval": asdict(evaluation.interval) if evaluation.interval else None,
        "probability": _probability_document(evaluation),
        "backtest": _backtest_document(evaluation.backtest),
        "no_backtest": evaluation.no_backtest,
        "naive_checks": asdict(evaluation.naive_checks),
        "lstm_adds": _adds_document(evaluation.lstm_adds),
        "causality": _causality_document(evaluation.causality),
        "walk_forward": _period_documents(evaluation.walk_forward),
        "walk_forward_pooled": _pooled_document(evaluation.walk_forward),
        "series": [asdict(each) for each in evaluation.series],
        "volatility": asdict(evaluation.volatility) if evaluation.volatility else None,
        "guide": asdict(evaluation.guide) if evaluation.guide else None,
        "trials": asdict(evaluation.trials) | {"adjusted_p": evaluation.adjusted_p},
    }


def _probability_document(evaluation: Evaluation) -> dict[str, object] | None:
    """Return the calibration and reliability of a predicted direction, None for other tasks."""
    if evaluation.calibration is None:
        return None
    return {
        "calibration": asdict(evaluation.calibration),
        "reliability": [asdict(each) for each in evaluation.reliability],
        "reliability_p": evaluation.reliability_p,
    }


def _backtest_document(backtest: Backtest | None) -> dict[str, object] | None:
    if backtest is None:
        return None
    numbers = {field.name: getattr(backtest, field.name) for field in fields(backtest) if field.name != "gains"}
    return numbers | {"no_break_even": backtest.no_break_even}


def _adds_document(adds: LstmAdds | None) -> dict[str, object] | None:
    if adds is None:
        return None
    return {
        "era": adds.era,
        "n": adds.n,
        "memory": {"last_row": asdict(adds.last_row), "shuffled": asdict(adds.shuffled)},
        "non_linearity": None if adds.ridge is None else {"ridge": asdict(adds.ridge)},
        "placebo": None if adds.placebo is None else asdict(adds.placebo),
        "sentence": adds.sentence,
    }


def _causality_document(certificate: Certificate | None) -> dict[str, object] | None:
    return None if certificate is None else {"holds": certificate.holds} | asdict(certificate)


def _period_documents(found: WalkForward | None) -> list[dict[str, object]] | None:
    if found is None:
        return None
    return [
        {"start": period.start, "end": period.end, "era": period.era, "reason": period.reason or None}
        | _slice_document(found, period.whole)
        for period in found.periods
    ]


def _pooled_document(found: WalkForward | None) -> dict[str, object] | None:
    if found is None:
        return None
    pooled = {"by_year": found.pooled("year"), "by_volatility": found.pooled("volatility")}
    documents = {
        name: [{"name": each.name} | _slice_document(found, each) for each in slices] for name, slices in pooled.items()
    }
    return documents | {"rival": found.rival, "sentence": found.sentence}


def _slice_document(found: WalkForward, each: Slice | None) -> dict[str, object]:
    """Return the rows and the scores of every model; `r2_oos` is relative to the same naive forecast in all periods."""
    if each is None:
        return {"n": 0}
    naive = each.losses.get(found.rival, 0.0)
    return {"n": each.n} | {
        name: {"n": each.n, "mean_loss": loss, "r2_oos": 1 - loss / naive if naive > 0 else None}
        for name, loss in each.losses.items()
    }


def _score_documents(scores: dict[str, Scores] | None) -> dict[str, object] | None:
    return None if scores is None else {name: asdict(score) for name, score in scores.items()}
