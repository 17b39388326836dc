"""Signed texts that expire: what a page hands to its browser, and every server of the home takes back."""

import hmac
import os
import secrets
import time
from pathlib import Path

from core.workspace.files import storage_error

LASTS = 3600.0

_KEY = "claims.key"


def sign_text(home: Path, purpose: str, text: str, lasts: float = LASTS) -> str:
    """Return a token that holds a text for one purpose, signed by the secret of the home; valid for `lasts` seconds."""
    signed = f"{int(time.time() + lasts)}.{text}"
    return f"{signed}.{_signature(home, purpose, signed)}"


def read_signed(home: Path, purpose: str, token: str) -> str | None:
    """Return the text of a token; None if it is forged, was signed for another purpose, or has expired."""
    signed, _, signature = token.rpartition(".")
    if not hmac.compare_digest(signature.encode(errors="replace"), _signature(home, purpose, signed).encode()):
        return None
    until, _, text = signed.partition(".")
    return text if time.time() < int(until) else None


def _signature(home: Path, purpose: str, signed: str) -> str:
    return hmac.digest(_key(home), f"{purpose} until {signed}".encode(errors="replace"), "sha256").hex()


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
