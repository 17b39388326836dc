"""Which columns look like the prices and volumes of a market, by their names; whether they are, their values tell."""

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
    # What a close is called where no other column is one.
    "last": ("last", "settle", "price", "zuletzt"),
}
_ROLES = {word: role for role, words in _WORDS.items() for word in words}
_ADJUSTED = ("adj", "adjusted")
BAR = ("open", "high", "low", "close")


@dataclass(frozen=True, kw_only=True)
class PriceGroup:
    """The columns of one thing that is traded; `key` is what their names have in common, empty where there is no more."""

    key: str
    open: str | None = None
    high: str | None = None
    low: str | None = None
    close: str | None = None
    adjusted: str | None = None
    volumes: tuple[str, ...] = ()

    @cached_property
    def bar(self) -> tuple[str, str, str, str] | None:
        """The open, high, low and close, where all four are there."""
        names = (self.open, self.high, self.low, self.close)
        return None if None in names else names

    @property
    def prices(self) -> tuple[str, ...]:
        """Every column of prices: the bar, as far as it is there, and the adjusted close."""
        return tuple(name for name in (self.open, self.high, self.low, self.close, self.adjusted) if name is not None)

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column: prices, then volumes."""
        return (*self.prices, *self.volumes)


@dataclass(frozen=True, kw_only=True)
class _Parsed:
    name: str
    role: str
    key: str
    adjusted: bool


def group_prices(names: Sequence[str]) -> tuple[PriceGroup, ...]:
    """Return the groups of columns that are named like prices, in the order of their keys.

    A role that two columns of a group claim is nobody's. Prices that are all adjusted make a group of their own beside the
    raw ones; an adjusted close belongs to both. Volumes belong to the group of their key, or to the only one there is.

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


def _roles(parsed: list[_Parsed], key: str, adjusted: bool) -> dict[str, str]:
    """Return the column of each role of a bar."""
    members = [found for found in parsed if (found.key, found.adjusted) == (key, adjusted)]
    claims = {role: [found.name for found in members if found.role == role] for role in (*BAR, "last")}
    claims["close"] = claims["close"] or claims["last"]
    return {role: claims[role][0] for role in BAR if len(claims[role]) == 1}


def _parse(name: str) -> _Parsed | None:
    tokens = _split(name)
    adjusted = any(token in _ADJUSTED for token in tokens)
    rest = [token for token in tokens if token not in _ADJUSTED]
    roles = [_ROLES[token] for token in rest if token in _ROLES]
    strong = [role for role in roles if role != "last"]
    if len(strong) > 1 or (not roles and not adjusted):
        return None
    key = " ".join(token for token in rest if token not in _ROLES)
    return _Parsed(name=name, role=(strong or ["last" if roles else "close"])[0], key=key, adjusted=adjusted)


def _split(name: str) -> list[str]:
    """Return the words of a name without accents, in small letters; AdjClose and adjclose are two words."""
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", name) if not unicodedata.combining(sign))
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", plain)
    tokens = []
    for word in map(str.lower, words):
        prefix = next((known for known in _ADJUSTED if word.startswith(known) and word[len(known) :] in _ROLES), None)
        tokens += [prefix, word.removeprefix(prefix)] if prefix else [word]
    return tokens
