"""Names in a recipe that the data do not have."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Literal

from core.findings.recipe import AbsentColumns
from core.text.nearest import nearest_names

_MOST_SUGGESTIONS = 3


def check_unknown_names(
    named: Mapping[str, Iterable[str]], known: Sequence[str], kind: Literal["column", "feature"] = "column"
) -> tuple[AbsentColumns, ...]:
    """Return a finding on the names that are not known, if there are any.

    Parameters
    ----------
    named : the names by the title of the setting that lists them
    known : the names that the data have
    kind : what the names stand for

    Examples
    --------
    >>> found, = check_unknown_names({"Ignore": ["vix", "Clsoe"]}, ["Date", "Close"])
    >>> found.names, found.settings, found.nearest
    (('vix', 'Clsoe'), ('Ignore',), (('Clsoe', 'Close'),))
    """
    present = set(known)
    unknown = {title: [name for name in names if name not in present] for title, names in named.items()}
    names = tuple(dict.fromkeys(name for listed in unknown.values() for name in listed))
    if not names:
        return ()
    nearest = ((name, close[0]) for name in names if (close := nearest_names(name, known)))
    settings = tuple(title for title, listed in unknown.items() if listed)
    suggested = tuple(islice(nearest, _MOST_SUGGESTIONS))
    return (AbsentColumns(names=names, settings=settings, nearest=suggested, kind=kind),)
