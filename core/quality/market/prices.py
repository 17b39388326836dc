"""Groups of columns that are named like the prices and volumes of one instrument."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

_WORDS = {
    "open": ("open", "opening", "abertura", "apertura", "eroffnung", "ouverture"),
    "high": ("high", "maxima", "maximo", "hoch", "tageshoch"),
    "low": ("low", "minima", "minimo", "tief", "tagestief"),
    "close": ("close", "closing", "ultimo", "fechamento", "cierre", "schluss", "schlusskurs", "cloture", "dernier"),
    "volume": ("volume", "vol", "volumen", "turnover"),
    # Names of a close if no other column is one.
    "last": ("last", "settle", "price", "zuletzt"),
}
_ROLES = {word: role for role, words in _WORDS.items() for word in words}
_ADJUSTED = ("adj", "adjusted")
BAR = ("open", "high", "low", "close")
# A bar trades at its open and its close; that its high or low was one is known only afterwards.
_TRADED = ("open", "close", "last")
# Words of figures that nobody can buy, whatever else their name says.
_NOT_TRADED = frozenset(
    ("vix", "vxn", "vxo", "vxd", "rvx", "ovx", "gvz", "vvix", "vstoxx", "vdax", "volatility", "variance", "rv", "iv")
    + (
        "yield",
        "yields",
        "rate",
        "rates",
        "spread",
        "unemployment",
        "unemploy",
        "unrate",
        "cpi",
        "ppi",
        "gdp",
        "inflation",
    )
    + ("real", "return", "returns")
)


@dataclass(frozen=True, kw_only=True)
class PriceGroup:
    """The columns of one instrument.

    `key` is the part that their names share, empty if there is none.
    """

    key: str
    open: str | None = None
    high: str | None = None
    low: str | None = None
    close: str | None = None
    adjusted: str | None = None
    volumes: tuple[str, ...] = ()

    @cached_property
    def bar(self) -> tuple[str, str, str, str] | None:
        """The columns of open, high, low and close, or None if one is missing."""
        if self.open is None or self.high is None or self.low is None or self.close is None:
            return None
        return self.open, self.high, self.low, self.close

    @property
    def prices(self) -> tuple[str, ...]:
        """The columns of open, high, low, close and adjusted close that exist."""
        return tuple(name for name in (self.open, self.high, self.low, self.close, self.adjusted) if name is not None)

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns: prices, then volumes."""
        return (*self.prices, *self.volumes)


@dataclass(frozen=True, kw_only=True)
class _Parsed:
    name: str
    role: str
    key: str
    adjusted: bool


def group_prices(names: Sequence[str]) -> tuple[PriceGroup, ...]:
    """Return the groups of columns that are named like prices, ordered by key.

    A role that two columns of a group claim is left empty. Fully adjusted bars form a group of their own next to the raw ones;
    a lone adjusted close joins the raw group. Volumes belong to the group with their key, or to the only group.

    Examples
    --------
    >>> group, = group_prices(["AAPL.Open", "AAPL.High", "AAPL.Low", "AAPL.Close", "AAPL.Adjusted", "AAPL.Volume", "mavg"])
    >>> group.key, group.bar[0], group.adjusted, group.volumes
    ('aapl', 'AAPL.Open', 'AAPL.Adjusted', ('AAPL.Volume',))
    """
    parsed = [found for name in names if (found := _parse(name)) is not None]
    priced = {(found.key, found.adjusted) for found in parsed if found.role != "volume"}
    keys = {key for key, _ in priced}
    groups = []
    for key, adjusted in sorted(priced):
        if adjusted and (key, False) in priced and not _roles(parsed, key, True).keys() & {"open", "high", "low"}:
            continue
        roles = _roles(parsed, key, adjusted)
        only = len(keys) == 1
        volumes = sorted(
            f.name for f in parsed if f.role == "volume" and f.adjusted == adjusted and (only or f.key == key)
        )
        partner = None if adjusted else _roles(parsed, key, True).get("close")
        groups.append(PriceGroup(key=key, **roles, adjusted=partner, volumes=tuple(volumes)))
    return tuple(groups)


def is_named_like_price(target: str, names: Sequence[str]) -> bool:
    """Return whether a column is named like a price that trades, or like an instrument with a price or volume of its own.

    Highs and lows do not count, nor do volatilities, rates, yields and other figures by name.

    Parameters
    ----------
    target
        The column.
    names
        All columns of the table.

    Examples
    --------
    >>> columns = ["Adj Close", "High", "SPY", "SPY_volume", "vix_close", "unrate"]
    >>> [name for name in columns if is_named_like_price(name, columns)]
    ['Adj Close', 'SPY']
    """
    tokens = _split(target)
    if not _NOT_TRADED.isdisjoint(tokens):
        return False
    found = _parse(target)
    if found is not None:
        return found.role in _TRADED
    key = " ".join(tokens)
    siblings = (_parse(name) for name in names if name != target)
    return bool(key) and any(other is not None and other.key == key for other in siblings)


def _roles(parsed: list[_Parsed], key: str, adjusted: bool) -> dict[str, str]:
    """Return the column of each role of a bar that exactly one column claims."""
    members = [found for found in parsed if (found.key, found.adjusted) == (key, adjusted)]
    claims = {role: [found.name for found in members if found.role == role] for role in (*BAR, "last")}
    claims["close"] = claims["close"] or claims["last"]
    return {role: claims[role][0] for role in BAR if len(claims[role]) == 1}


def _parse(name: str) -> _Parsed | None:
    tokens = _split(name)
    adjusted = any(token in _ADJUSTED for token in tokens)
    rest = [token for token in tokens if token not in _ADJUSTED]
    roles = [_ROLES[token] for token in rest if token in _ROLES]
    specific = [role for role in roles if role != "last"]
    if len(specific) > 1 or (not roles and not adjusted):
        return None
    key = " ".join(token for token in rest if token not in _ROLES)
    return _Parsed(name=name, role=(specific or ["last" if roles else "close"])[0], key=key, adjusted=adjusted)


def _split(name: str) -> list[str]:
    """Return the lower-case words of a name without accents.

    AdjClose and adjclose are two words.
    """
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", name) if not unicodedata.combining(sign))
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", plain)
    tokens = []
    for word in map(str.lower, words):
        prefix = next((known for known in _ADJUSTED if word.startswith(known) and word[len(known) :] in _ROLES), None)
        tokens += [prefix, word.removeprefix(prefix)] if prefix else [word]
    return tokens
