"""Lags as inputs of a model: features that are planned after the ranking has named them."""

from collections.abc import Iterable
from dataclasses import replace

from core.samples.features import FeaturePlan, FeatureStep, add_features
from core.samples.prepare import Prepared, take_outcome
from core.text.feature_tokens import lag_source

_LONGEST = 10_000


def with_lags(ready: Prepared, tokens: Iterable[str]) -> Prepared:
    """Return the samples with the lags among `tokens` as further features, unless they are planned already.

    Tokens that are not lags of planned features are ignored, and so are lags of 10,000 rows or more. Rows, samples and the other
    features do not change.
    """
    planned = {step.name for step in ready.feature_plan.steps}
    steps = [step for token in dict.fromkeys(tokens) if token not in planned and (step := _lag_step(token, planned))]
    if not steps:
        return ready
    longest = max(step.periods for step in steps)
    plan = FeaturePlan((*ready.feature_plan.steps, *steps), ready.feature_plan.warm_up + longest)
    added = take_outcome(add_features(ready.clean, plan.keep(step.name for step in steps)), ready.task)
    values = ready.features.values.assign(**{step.name: added.values[step.name] for step in steps})
    return replace(ready, feature_plan=plan, features=replace(ready.features, values=values))


def _lag_step(token: str, planned: set[str]) -> FeatureStep | None:
    source = lag_source(token)
    if source is None or source not in planned:
        return None
    periods = int(token.removeprefix(f"{source}.lag"))
    return FeatureStep(name=token, source=source, kind="lag", periods=periods) if periods < _LONGEST else None
