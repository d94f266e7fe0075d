"""Takes a secret out of text, in whichever form a library or a stranger has written it."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

REDACTED = "<redacted>"


def forms_of(secret: str) -> tuple[str, ...]:
    """Forms in which URLs, JSON, reprs, headers and dumps show a secret; the longest first."""
    if not secret:
        return ()
    # Half a letter of a damaged environment is no reason to fail.
    data = secret.encode("utf-8", "surrogatepass")
    forms = {
        secret,
        quote(data, safe=""),
        quote_plus(data),
        json.dumps(secret)[1:-1],
        repr(secret)[1:-1],
        data.hex(),
        data.hex().upper(),
        base64.b64encode(data).decode().rstrip("="),
        base64.urlsafe_b64encode(data).decode().rstrip("="),
    }
    # Longest first, or a form within another would leave the rest standing.
    return tuple(sorted(forms, key=len, reverse=True))


def redact(text: str, forms: Iterable[str]) -> str:
    """Put a mark in the place of every form; `forms` as of `forms_of`."""
    for form in forms:
        text = text.replace(form, REDACTED)
    return text
