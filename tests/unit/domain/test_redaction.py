"""No form of a secret survives."""

from __future__ import annotations

import base64
from urllib.parse import quote, quote_plus

from hypothesis import example, given
from hypothesis import strategies as st

from core.domain.redaction import REDACTED, forms_of, redact


@given(st.text(min_size=12, max_size=40))
@example('sk-7Qz/"planted"+9vXw=42&k é')
@example("\ud800 half a letter")
def test_every_form_becomes_the_mark(secret) -> None:
    data = secret.encode("utf-8", "surrogatepass")
    coded = base64.b64encode(data).decode()
    text = (
        f"<{secret}> <{quote(data, safe='')}> <{quote_plus(data)}> <{data.hex()}> "
        f"<{data.hex().upper()}> <{coded}> <{coded.translate({43: '-', 47: '_'})}>"
    )
    told = redact(text, forms_of(secret))
    assert told.replace("=", "") == " ".join([f"<{REDACTED}>"] * 7)


def test_a_form_that_stands_in_another_leaves_no_rest() -> None:
    assert redact("a%2Fb a/b", forms_of("a/b")) == f"{REDACTED} {REDACTED}"


def test_without_a_secret_nothing_changes() -> None:
    assert redact("as it was", forms_of("")) == "as it was"
