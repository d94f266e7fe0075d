"""Secrets are read from the environment, and shown nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.domain.errors import ConfigurationError
from core.settings.credentials import load_secrets
from core.settings.loader import load_settings

NAME = "SOME_VENUE_KEY"


@pytest.fixture
def venue(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv(NAME, raising=False)
    return load_settings(None, (), [f"venue.api_key_env={NAME}"]).settings.venue


@pytest.fixture
def env_file(tmp_path: Path) -> Path:
    path = tmp_path / ".env"
    path.write_text(f'# a comment\nUNRELATED=1\n{NAME}="from the file"\n', encoding="utf-8")
    return path


def test_the_variable_that_the_settings_name_is_read(venue, monkeypatch) -> None:
    monkeypatch.setenv(NAME, "k3y-value")
    secrets = load_secrets(venue, None)
    assert secrets.required_api_key(venue).get_secret_value() == "k3y-value"


def test_a_file_serves_where_the_environment_is_silent(venue, env_file) -> None:
    assert load_secrets(venue, env_file).required_api_key(venue).get_secret_value() == (
        "from the file"
    )


def test_the_environment_wins_over_the_file(venue, env_file, monkeypatch) -> None:
    monkeypatch.setenv(NAME, "from outside")
    key = load_secrets(venue, env_file).required_api_key(venue)
    assert key.get_secret_value() == "from outside"


def test_a_missing_key_names_its_variable(venue) -> None:
    secrets = load_secrets(venue, None)
    assert secrets.api_key is None
    with pytest.raises(ConfigurationError, match=rf"{NAME} is not set; export it"):
        secrets.required_api_key(venue)


def test_an_empty_key_is_none(venue, monkeypatch) -> None:
    monkeypatch.setenv(NAME, "")
    assert load_secrets(venue, None).api_key is None


def test_a_file_that_is_not_there_is_no_error(venue, tmp_path) -> None:
    assert load_secrets(venue, tmp_path / ".env").api_key is None


def test_a_broken_file_is_named_and_not_quoted(venue, tmp_path) -> None:
    path = tmp_path / ".env"
    path.write_bytes(NAME.encode() + b"=hush\xff\n")
    with pytest.raises(ConfigurationError, match="cannot be read") as caught:
        load_secrets(venue, path)
    assert "hush" not in str(caught.value)


def test_a_key_is_not_shown(venue, monkeypatch) -> None:
    monkeypatch.setenv(NAME, "k3y-value")
    secrets = load_secrets(venue, None)
    assert "k3y-value" not in f"{secrets!r} {secrets} {secrets.model_dump_json()}"
