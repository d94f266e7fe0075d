"""A CMI venue in the settings: its address, its login, its profile."""

from __future__ import annotations

import pytest

from core.assembly.account import cmi_login
from core.domain.errors import ConfigurationError
from core.settings.credentials import load_secrets
from core.settings.loader import load_settings


@pytest.fixture(autouse=True)
def _no_login(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    for name in ("IMC_COCKPIT_USERNAME", "IMC_COCKPIT_PASSWORD", "IMC_COCKPIT_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def settings_of(*overrides: str):
    return load_settings("cmi", (), overrides).settings


def test_the_profile_practises_with_a_login_that_needs_no_secret() -> None:
    settings = settings_of()
    assert settings.venue.kind == "cmi"
    assert settings.venue.requests_per_s == 1.0
    assert settings.risk.max_requests_per_s == 1
    assert cmi_login(settings.venue).username == "practice"


def test_an_event_needs_user_and_password_from_the_environment(monkeypatch) -> None:
    event = ("venue.url=http://exchange.example:8080", "venue.start_exchange=false")
    venue = settings_of(*event).venue
    with pytest.raises(ConfigurationError, match=r"venue\.username_env: .*IMC_COCKPIT_USERNAME"):
        cmi_login(venue)
    monkeypatch.setenv("IMC_COCKPIT_USERNAME", "team-7")
    with pytest.raises(ConfigurationError, match=r"venue\.password_env: .*IMC_COCKPIT_PASSWORD"):
        cmi_login(venue)
    monkeypatch.setenv("IMC_COCKPIT_PASSWORD", "hunter2-x")
    login = cmi_login(venue)
    assert (login.username, login.password) == ("team-7", "hunter2-x")
    assert "hunter2-x" not in repr(login)


def test_the_password_is_among_what_a_log_must_not_show(monkeypatch) -> None:
    monkeypatch.setenv("IMC_COCKPIT_USERNAME", "team-7")
    monkeypatch.setenv("IMC_COCKPIT_PASSWORD", "hunter2-x")
    hidden = load_secrets(settings_of().venue, None).hidden
    assert [secret.get_secret_value() for secret in hidden] == ["hunter2-x"]


@pytest.mark.parametrize("url", ["ws://127.0.0.1:8766", "http://me:secret@host", "http://h/?k=v"])
def test_another_kind_of_address_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"venue\.url|http://"):
        settings_of(f"venue.url={url}")
