"""What a run leaves behind, and what must not get there."""

from __future__ import annotations

from core.assembly.run_folder import hidden_secrets
from core.settings.loader import load_settings
from core.settings.markets import markets_of


def test_keys_of_the_venue_and_of_the_city_are_hidden(monkeypatch, tmp_path) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("MY_KEY=venue-sesame\nWAQI_OF_MINE=waqi-sesame\n")
    monkeypatch.setenv("OPENAQ_OF_MINE", "openaq-sesame")
    settings = load_settings(
        "practice",
        overrides=(
            "venue.api_key_env=MY_KEY",
            "city.waqi_token_env=WAQI_OF_MINE",
            "city.openaq_key_env=OPENAQ_OF_MINE",
            "city.openweathermap_key_env=NOT_THERE",
        ),
    ).settings
    hidden = hidden_secrets(settings, markets_of(settings))
    assert [secret.get_secret_value() for secret in hidden] == [
        "venue-sesame",
        "waqi-sesame",
        "openaq-sesame",
    ]
