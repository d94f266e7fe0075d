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


@given(st.text(min_size=12, max_size=40), st.binary(max_size=9), st.binary(max_size=9))
@example("sk-7Qz+planted+9vXw", b"user:", b":x")
def test_no_more_than_its_ends_show_in_the_base64_of_something_longer(
    secret, before, after
) -> None:
    data = secret.encode("utf-8", "surrogatepass")
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        coded = encode(before + data + after).decode()
        told = redact(coded, forms_of(secret))
        assert REDACTED in told
        rest = len(told) - len(REDACTED)
        assert rest <= 4 * ((len(before) + len(after)) // 3 + 3)


def test_a_short_secret_is_not_looked_for_inside_of_words() -> None:
    assert redact("YQ abc", forms_of("\x00\x01")) == "YQ abc"
    assert "" not in forms_of("a")


def test_a_form_that_stands_in_another_leaves_no_rest() -> None:
    assert redact("a%2Fb a/b", forms_of("a/b")) == f"{REDACTED} {REDACTED}"


def test_without_a_secret_nothing_changes() -> None:
    assert redact("as it was", forms_of("")) == "as it was"
