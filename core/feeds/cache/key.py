"""Under which name an answer is kept."""

from __future__ import annotations

import hashlib
import json

from core.feeds.port import Request


def key_of(request: Request) -> str:
    """
    Name the answer to a request, without its secrets: 64 hexadecimal digits.

    Two engines with different keys of one service share an answer: what is told of a city
    does not depend on who asks.
    """
    parts = [request.url, sorted(request.query.items()), sorted(request.headers.items())]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def is_shareable(request: Request) -> bool:
    """Tell whether others may have the answer: one to a login is a secret itself."""
    return request.form is None and not request.is_for_us_alone
