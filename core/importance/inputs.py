"""The inputs of the network: the features that the ranking or the user has chosen, and lags of them."""

from dataclasses import dataclass

from core.context import Context
from core.findings.model import Finding
from core.importance.step import rank
from core.samples.input_lags import with_lags
from core.samples.prepare import Prepared, choose_features
from core.samples.step import prepare_once


@dataclass(frozen=True, eq=False, kw_only=True)
class Inputs:
    """The samples with every input among their features, the tokens of the inputs, and findings on tokens that do not exist."""

    ready: Prepared
    chosen: tuple[str, ...]
    findings: tuple[Finding, ...]


def choose_inputs(context: Context) -> Inputs:
    """Return the inputs of the network, chosen once per context; raises the errors of `rank` and `NoSelectedFeature`."""
    return context.once("inputs", lambda: _choose(context))


def _choose(context: Context) -> Inputs:
    tokens = context.recipe.training.features or rank(context).chosen
    ready = with_lags(prepare_once(context), tokens)
    chosen, absent = choose_features(tokens, ready.features, "training")
    return Inputs(ready=ready, chosen=chosen, findings=absent)
