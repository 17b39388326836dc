"""Claims: signed tokens that a page gives its browser to authorise uploads."""

from pathlib import Path

from core.workspace.signatures import LASTS, read_signed, sign_text

_PURPOSE = "upload"


def make_claim(home: Path, lasts: float = LASTS, scope: str = "") -> str:
    """Return a claim that is valid for `lasts` seconds, on every server of this home, for uploads of one `scope`."""
    return sign_text(home, _PURPOSE, scope, lasts)


def read_claim(home: Path, claim: str) -> str | None:
    """Return the scope of a valid claim of this home; None if it is forged or has expired."""
    return read_signed(home, _PURPOSE, claim)
