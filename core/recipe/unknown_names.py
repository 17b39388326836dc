"""Names in a recipe that mean nothing in a file: what merely lists them goes on without, and says so."""

from collections.abc import Iterable, Mapping, Sequence

from core.findings.model import Finding, Severity, legacy_finding
from core.text.nearest import nearest_names

_SHOWN = 10


def say_absent(
    named: Mapping[str, Iterable[str]], known: Sequence[str], what: str = "columns that are not in this file"
) -> tuple[Finding, ...]:
    """Return a finding on the names that are not among the `known`; `named` holds the names by the title of their setting.

    Examples
    --------
    >>> found, = say_absent({"Ignore": ["vix", "Clsoe"]}, ["Date", "Close"])
    >>> found.title
    'The recipe names columns that are not in this file: vix, Clsoe'
    >>> found.detail
    'They are passed over in Ignore. The nearest name to Clsoe is Close.'
    """
    present = set(known)
    absent = {title: [name for name in names if name not in present] for title, names in named.items()}
    names = list(dict.fromkeys(name for missing in absent.values() for name in missing))
    if not names:
        return ()
    shown = f"{', '.join(names[:_SHOWN])}{f' and {len(names) - _SHOWN:,} more' if len(names) > _SHOWN else ''}"
    near = [f"The nearest name to {name} is {close[0]}." for name in names if (close := nearest_names(name, known))]
    where = " and ".join(title for title, missing in absent.items() if missing)
    detail = " ".join([f"They are passed over in {where}.", *near[:3]])
    return (
        legacy_finding(
            "absent-columns", Severity.WARNING, f"The recipe names {what}: {shown}", detail, count=len(names)
        ),
    )
