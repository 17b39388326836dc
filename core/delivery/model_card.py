"""The model card: what a bundle predicts, how good that is, and how to use it, as Markdown."""

from collections.abc import Iterable

from core.delivery.bundle import Manifest
from core.delivery.delivery_text import ahead_text, limits_of, refit_text, verified_text
from core.delivery.report import ReportInput
from core.delivery.volatility_text import errors_text, measure_text
from core.forecast.evaluation.units import units_of
from core.forecast.evaluation.verdict import title_verdict
from core.text.escape import plain_text
from core.text.feature_tokens import feature_label
from core.text.format import (
    ABSENT,
    format_correlation,
    format_count,
    format_number,
    format_p,
    format_percent,
    format_time,
)

_MOST_NAMES = 200
_MOST_AHEAD = 20


def render_model_card(source: ReportInput, manifest: Manifest, *, has_catboost: bool = False) -> str:
    """Return the card of a bundle; names from the user's file are in code spans, in which nothing is markup."""
    evaluation = source.evaluation
    parts = [
        f"# Model card: {_words(source.task.label)}",
        f"**{title_verdict(source.evaluation)}.** {_words(source.verdict.sentence)}",
        *([_words(refit_text(manifest.refit))] if manifest.refit is not None else []),
        "## What it predicts",
        _prediction(source, manifest),
        *(
            [_list(f"Next: {ahead_text(evaluation, one)}" for one in source.ahead[:_MOST_AHEAD])]
            if source.ahead
            else []
        ),
        "## Data",
        _data(source),
        "## Scores",
        _scores(source),
        "## Limits",
        _list(limits_of(evaluation)),
        *(["### Warnings", _warnings(source)] if source.verdict.findings else []),
        "## Use",
        _use(manifest, has_catboost),
        "## Versions",
        ", ".join(f"{name} {version}" for name, version in manifest.versions.items()) + f". Made {source.made}.",
        f"SHA-256 of the data: `{manifest.fingerprint}`",
    ]
    return "\n\n".join(parts) + "\n"


def _prediction(source: ReportInput, manifest: Manifest) -> str:
    task, shape = source.task, manifest.shape
    kind = shape.cell.upper()
    units = " and ".join(map(str, shape.units))
    text = (
        f"It predicts {task.quantity}, {format_count(task.horizon, 'row')} ahead, from the last "
        f"{shape.window} rows of {format_count(len(manifest.chosen), 'feature')}. The network is "
        f"{'a' if kind == 'GRU' else 'an'} {kind} with {units} units"
        + (f", the mean of {manifest.networks} networks." if manifest.networks > 1 else ".")
    )
    if task.is_direction:
        text += (
            f" `lstm` is the calibrated probability that {task.event}, from 0 to 1; `lower` and `upper` are its confidence band, "
            "not bounds of the target."
        )
    elif task.predict == "volatility":
        text += " `lstm`, `lower` and `upper` are fractions per row: 0.01 is 1% a row. "
        text += "" if source.evaluation.volatility is None else measure_text(source.evaluation.volatility)
        if (annual := units_of(source.evaluation)[-1]).name == "a year":
            text += f" To annualise a column, multiply it by {format_number(annual.factor / 100)}."
        text += f" {errors_text(source.evaluation)}"
    else:
        text += " `lstm`, `lower` and `upper` are levels of the target, in its own unit."
    if manifest.interval is not None:
        text += (
            f" The interval has a nominal coverage of {format_percent(manifest.interval.nominal)}. Its width adapts to the "
            "volatility known at the origin and to past misses."
        )
    return _words(text)


def _data(source: ReportInput) -> str:
    data, eras = source.dataset, source.profile.eras
    name = f"{_code(source.file_name)}, " if source.file_name else ""
    cuts = [
        f"{era} {rows:,} rows from {format_time(start)}"
        for era, rows, start in zip(
            ("train", "validation", "test"), eras.rows, (eras.start, eras.validation_from, eras.test_from), strict=True
        )
    ]
    return (
        f"{name}{data.rows:,} rows and {len(data.columns):,} columns, {_frequency(data.frequency)}, "
        f"{format_time(data.start)} to {format_time(data.end)}. Eras: {'; '.join(cuts)}. "
        f"{len(source.plan.kept):,} of {len(source.plan.columns):,} feature columns were kept."
    )


def _frequency(alias: str | None) -> str:
    return "irregular frequency" if alias is None else f"frequency `{alias}`"


def _scores(source: ReportInput) -> str:
    scores, era = source.evaluation.judged
    rows = [
        f"| {source.evaluation.model_label(name)} | {format_number(one.mean_loss)} | {format_correlation(one.r2_oos)} "
        f"| {ABSENT if one.signal_p is None else format_p(one.signal_p)} "
        f"| {ABSENT if one.dm_p_value is None else format_p(one.dm_p_value)} |"
        for name, one in scores.items()
    ]
    head = "| Model | Loss | R² | Clark-West | Diebold-Mariano |\n| --- | ---: | ---: | ---: | ---: |"
    note = (
        f"On the {era} era. Loss: {source.evaluation.loss_definition}. R²: 1 - loss / loss of the best naive forecast. "
        "Clark-West: p-value of a signal beyond the naive forecasts. Diebold-Mariano: p-value of the difference in loss from "
        "the best naive forecast."
    )
    return "\n".join([head, *rows]) + f"\n\n{note}"


def _warnings(source: ReportInput) -> str:
    return _list(f"{finding.title}. {finding.detail}".replace("..", ".") for finding in source.verdict.findings)


def _use(manifest: Manifest, has_catboost: bool) -> str:
    needed = [_code(name) for name in manifest.model.needed[:_MOST_NAMES]]
    more = len(manifest.model.needed) - len(needed)
    features = "; ".join(_code(feature_label(name)) for name in manifest.chosen[:_MOST_NAMES])
    series = f", the series in {_code(manifest.roles.series)}" if manifest.roles.series else ""
    of_each = " of each series" if manifest.roles.series else ""
    warm_up = manifest.shape.window + manifest.features.warm_up
    files = (
        ("manifest.json", "everything but the weights, with the SHA-256 of every other file"),
        ("weights.npz", "the weights"),
        ("model.keras", "the same network for your own tools"),
        ("predict.py, requirements.txt, plumbline/", "the scoring program"),
        *([("catboost.cbm", "the CatBoost model of the feature ranking")] if has_catboost else []),
        ("metrics.json, verdict.json, predictions.csv, report.html", "the evaluation"),
        ("recipe.json", "every setting"),
    )
    return "\n\n".join(
        [
            "```\npip install -r requirements.txt\npython predict.py DATA --out predictions.csv\n```",
            f"DATA is a CSV or Parquet file with the time in {_code(manifest.roles.time)}{series}, and the numbers "
            f"{', '.join(needed)}{f' and {more:,} more' if more > 0 else ''}. Give at least {warm_up:,} rows{of_each}; the "
            "longer the history, the better the interval. " + _layout(manifest),
            "The output has one row for every origin: `origin`, `time`, "
            + ("`series`, " if manifest.roles.series else "")
            + "`horizon`, `lstm`, `lower`, `upper`. The last rows are beyond the data.",
            f"Features, in order: {features}.",
            _list(f"`{name}`: {what}" for name, what in files),
            verified_text(manifest.verified, is_refitted=manifest.refit is not None),
        ]
    )


def _layout(manifest: Manifest) -> str:
    if manifest.table is None:
        return "Write a comma-separated CSV with one header row and ISO dates."
    layout = {"\t": "tab", " ": "spaces"}.get(manifest.table.delimiter, f"`{manifest.table.delimiter}`")
    return (
        f"It may be written like the file of training (delimiter {layout}, decimal mark `{manifest.table.decimal}`), or as a "
        "comma-separated CSV with ISO dates."
    )


def _list(lines: Iterable[str]) -> str:
    return "\n".join(f"- {_words(line)}" for line in lines)


def _words(text: str) -> str:
    """Return text on one line in which no HTML begins."""
    return plain_text(text, 5000).replace("<", "&lt;")


def _code(name: str) -> str:
    return f"`{plain_text(name, 100).replace('`', chr(39))}`"
