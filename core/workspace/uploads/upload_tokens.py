"""Claims: signed tokens that a page gives its browser to authorise uploads."""

import hmac
import os
import secrets
import time
from pathlib import Path

from core.workspace.files import storage_error

LASTS = 3600.0

_KEY = "claims.key"


def make_claim(home: Path, lasts: float = LASTS, scope: str = "") -> str:
    """Return a claim that is valid for `lasts` seconds, on every server of this home, for uploads of one `scope`."""
    told = f"{int(time.time() + lasts)}.{scope}"
    return f"{told}.{_sign(home, told)}"


def read_claim(home: Path, claim: str) -> str | None:
    """Return the scope of a valid claim of this home; None if it is forged or has expired."""
    told, _, signature = claim.rpartition(".")
    if not hmac.compare_digest(signature.encode(errors="replace"), _sign(home, told).encode()):
        return None
    until, _, scope = told.partition(".")
    return scope if time.time() < int(until) else None


def holds(home: Path, claim: str) -> bool:
    """Return whether a text is a valid claim of this home that has not expired."""
    return read_claim(home, claim) is not None


def sign(home: Path, purpose: str, text: str) -> str:
    """Return the signature of a text for one purpose, by the secret of a home."""
    return hmac.digest(_key(home), f"{purpose} {text}".encode(errors="replace"), "sha256").hex()


def _sign(home: Path, told: str) -> str:
    return sign(home, "upload until", told)


def _key(home: Path) -> bytes:
    """Return the secret of a home, created atomically at its first use."""
    path = home / _KEY
    try:
        if not path.exists():
            home.mkdir(parents=True, exist_ok=True)
            draft = home / f"{_KEY}.{secrets.token_hex(8)}"
            number = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(number, "wb") as file:
                file.write(secrets.token_bytes(32))
            try:
                os.link(draft, path)
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        return path.read_bytes()
    except OSError as error:
        raise storage_error(error) from error
