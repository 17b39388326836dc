r"""Feature tokens: unambiguous feature names, built from a column and its steps.

A token is the column's name with one part per step, each after a dot: `close.log_return`, `vix.lag5`,
`vix.log_return.lag1`, `vix.mean22`, `oil.log`. The parts are `log`, `return`, `difference`, `log_return`, `lagN`, `meanN`,
`stdN` and `volatilityN`, where N counts rows. Recipes, manifests and result files hold tokens; pages, charts and the report
show labels.

An untransformed column keeps its own name as its token, `BRK.B` included. Only two kinds of names are escaped: every
backslash is doubled, and the last dot of a name gets a backslash before it if the text after it reads as a step. So the
column `close.log_return` has the token `close\.log_return`, and `close.log_return` is always the log return of `close`.
"""

import re

_WORDS = {"log": "log", "return": "return", "difference": "difference", "log_return": "log return"}
_STEP = re.compile(r"log|return|difference|log_return|(lag|mean|std|volatility)([1-9][0-9]*)")


def feature_token(column: str, *steps: str) -> str:
    r"""Return the token of a column after the steps; distinct features have distinct tokens.

    Raises `ValueError` if a step is none of the known parts.

    Examples
    --------
    >>> feature_token("vix", "log_return", "lag1"), feature_token("BRK.B"), feature_token("BRK.B", "return")
    ('vix.log_return.lag1', 'BRK.B', 'BRK.B.return')
    >>> print(feature_token("close.log_return"), feature_token("close.log_return", "lag1"))
    close\.log_return close\.log_return.lag1
    """
    if unknown := [step for step in steps if not _STEP.fullmatch(step)]:
        raise ValueError(f"not a step of a feature: {unknown[0]!r}")
    escaped = column.replace("\\", "\\\\")
    head, dot, last = escaped.rpartition(".")
    if dot and _STEP.fullmatch(last):
        escaped = rf"{head}\.{last}"
    return ".".join([escaped, *steps])


def split_token(token: str) -> tuple[str, tuple[str, ...]]:
    r"""Return the column and the steps of a token: the inverse of `feature_token`.

    Examples
    --------
    >>> split_token("vix.log_return.lag1"), split_token("BRK.B"), split_token(r"close\.log_return.lag1")
    (('vix', ('log_return', 'lag1')), ('BRK.B', ()), ('close.log_return', ('lag1',)))
    """
    steps: list[str] = []
    rest = token
    while True:
        head, dot, last = rest.rpartition(".")
        escaped = (len(head) - len(head.rstrip("\\"))) % 2 == 1
        if not dot or escaped or not _STEP.fullmatch(last):
            break
        steps.insert(0, last)
        rest = head
    return re.sub(r"\\(.)", r"\1", rest, flags=re.DOTALL), tuple(steps)


def lag_token(feature: str, lag: int) -> str:
    """Return the token of a feature's value `lag` rows earlier.

    Examples
    --------
    >>> lag_token("vix.log_return", 5)
    'vix.log_return.lag5'
    """
    return f"{feature}.lag{lag}"


def lag_source(token: str) -> str | None:
    """Return the feature that a token is the lag of, or None if it is no lag.

    Examples
    --------
    >>> lag_source("vix.log_return.lag5"), lag_source("vix.mean22"), lag_source("lag5")
    ('vix.log_return', None, None)
    """
    _, steps = split_token(token)
    return token.removesuffix(f".{steps[-1]}") if steps and steps[-1].startswith("lag") else None


def feature_label(token: str) -> str:
    """Return a token in words, as pages, charts and the report show it.

    Examples
    --------
    >>> feature_label("close.log_return"), feature_label("vix.lag5"), feature_label("vix.mean22"), feature_label("BRK.B")
    ('close, log return', 'vix, lag 5', 'vix, mean over 22 rows', 'BRK.B')
    """
    column, steps = split_token(token)
    return ", ".join([column, *map(_label_step, steps)])


def _label_step(step: str) -> str:
    match = _STEP.fullmatch(step)
    if match is None or match[1] is None:
        return _WORDS[step]
    return f"lag {match[2]}" if match[1] == "lag" else f"{match[1]} over {match[2]} row{'' if match[2] == '1' else 's'}"
