"""Kraken's signatures against a vector that was made without this code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.domain.errors import ConfigurationError
from core.venues.kraken.orders.signing import Nonces, api_sign, key_of

VECTOR = json.loads(
    (Path(__file__).parents[4] / "fixtures" / "kraken" / "sign_vector.json").read_text()
)


def test_a_request_is_signed_as_the_vector_says() -> None:
    key = key_of(VECTOR["secret_base64"])
    signature = api_sign(key, VECTOR["path"], int(VECTOR["nonce"]), VECTOR["postdata"])
    assert signature == VECTOR["api_sign"]


def test_a_secret_that_is_no_base64_is_refused_without_showing_it() -> None:
    with pytest.raises(ConfigurationError, match="not a Kraken secret") as refused:
        key_of("not base64 at all!")
    assert "at all" not in str(refused.value)


def test_nonces_grow_even_where_the_clock_stands_or_goes_back() -> None:
    times = iter((50, 50, 20, 90))
    nonces = Nonces(lambda: next(times))
    assert [nonces.take() for _ in range(4)] == [50, 51, 52, 90]
