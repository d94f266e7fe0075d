"""Takes a secret out of text, in whichever form a library or a stranger has written it."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

REDACTED = "<redacted>"
_MIN_WITHIN_BYTES = 6
"""The middle of a shorter one would be found in many a word."""
_URL_SAFE = str.maketrans("+/", "-_")


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
    }
    coded = [base64.b64encode(data).decode().rstrip("=")]
    if len(data) >= _MIN_WITHIN_BYTES:
        coded += [_within_base64(data, shift) for shift in range(3)]
    forms.update(coded, [text.translate(_URL_SAFE) for text in coded])
    # Longest first, or a form within another would leave the rest standing.
    return tuple(sorted(forms, key=len, reverse=True))


def _within_base64(data: bytes, shift: int) -> str:
    """What is always the same in the base64 of anything with `data` after `3 n + shift` bytes."""
    coded = base64.b64encode(bytes(shift) + data).decode()
    # Bytes before and after have a part in the letters at both ends.
    first = math.ceil(shift * 8 / 6)
    return coded[first : (shift + len(data)) * 8 // 6]


def redact(text: str, forms: Iterable[str]) -> str:
    """Put a mark in the place of every form; `forms` as of `forms_of`."""
    for form in forms:
        text = text.replace(form, REDACTED)
    return text
