"""Signatures against vectors that were made without this code."""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path

import pytest

from core.domain.errors import ConfigurationError
from core.venues.binance.orders.signing import payload_of, signer_of

FIXTURES = Path(__file__).parents[4] / "fixtures" / "binance"
VECTORS = json.loads((FIXTURES / "sign_vectors.json").read_text())


def fixture(name):
    return json.loads((FIXTURES / f"{name}.json").read_text())


def pem() -> str:
    """The key of the vector: PKCS 8 around its seed."""
    seed = bytes.fromhex(VECTORS["ed25519_ws"]["seed_hex"])
    der = bytes.fromhex("302e020100300506032b657004220420") + seed
    body = base64.b64encode(der).decode()
    return f"-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n"


@pytest.mark.parametrize("name", ["order_place_request", "user_stream_subscribe_signature"])
def test_a_published_request_is_signed_as_it_was(name) -> None:
    params = fixture(name)["params"]
    signature = params.pop("signature")
    assert signer_of(VECTORS["hmac_ws"]["secret"])(payload_of(params)) == signature


def test_the_payload_is_sorted_and_not_encoded() -> None:
    params = fixture("order_place_request")["params"]
    del params["signature"]
    assert payload_of(params).decode() == VECTORS["hmac_ws"]["payload"]
    assert payload_of({"b": "a b/+", "a": True}) == b"a=true&b=a b/+"


def test_an_ed25519_key_signs_as_the_vector_says(tmp_path) -> None:
    pytest.importorskip("cryptography")
    vector = VECTORS["ed25519_ws"]
    path = tmp_path / "key.pem"
    path.write_text(pem())
    for secret in (pem(), str(path)):
        assert signer_of(secret)(vector["payload"].encode()) == vector["signature_base64"]


def test_a_key_of_another_kind_is_refused_without_showing_it() -> None:
    pytest.importorskip("cryptography")
    text = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIAAB\n-----END PRIVATE KEY-----\n"
    with pytest.raises(ConfigurationError, match="not an Ed25519 private key") as refused:
        signer_of(text)
    assert "MC4CAQ" not in str(refused.value)


def test_without_the_package_it_is_said_what_to_install(monkeypatch) -> None:
    for name in ("cryptography", "cryptography.hazmat.primitives.asymmetric.ed25519"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ConfigurationError, match=r"pip install 'imc-cockpit\[binance\]'"):
        signer_of(pem())


def test_a_key_file_that_is_not_there_is_said(tmp_path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read: No such file"):
        signer_of(str(tmp_path / "nothing.pem"))
