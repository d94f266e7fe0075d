"""Secrets come from the environment or from `.env`, and from nowhere else."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from core.domain.errors import ConfigurationError
from core.settings.city import CitySettings
from core.settings.venue import VenueSettings


class Secrets(BaseSettings):
    """What must not stand in a file of settings, a journal, a log or on a screen."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="ignore",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        hide_input_in_errors=True,
    )

    api_key: SecretStr | None = None
    """Key for the venue; None where the environment has none."""

    api_secret: SecretStr | None = None
    """Secret that belongs to the key; None where the environment has none."""

    username: SecretStr | None = None
    """User at a venue that logs in with a password."""
    password: SecretStr | None = None

    @property
    def hidden(self) -> list[SecretStr]:
        """Those that must not reach a log: a user's name stands in what the venue says."""
        everything = (self.api_key, self.api_secret, self.password)
        return [secret for secret in everything if secret is not None]

    def required_login(self, venue: VenueSettings) -> tuple[SecretStr, SecretStr]:
        """
        User and password for a venue that does not work without them.

        Raises:
            ConfigurationError: If one is missing; the sentence names its variable.
        """
        for name, variable, secret in (
            ("username_env", venue.username_env, self.username),
            ("password_env", venue.password_env, self.password),
        ):
            if secret is None:
                raise ConfigurationError(
                    f"venue.{name}: the environment variable {variable} is not set; "
                    "export it, or write it into .env"
                )
        assert self.username is not None
        assert self.password is not None
        return self.username, self.password

    def required_api_secret(self, venue: VenueSettings) -> SecretStr:
        """
        Secret for a venue that has requests signed.

        Raises:
            ConfigurationError: If there is none; the sentence names the variable.
        """
        if self.api_secret is None:
            raise ConfigurationError(
                f"venue.api_secret_env: the environment variable {venue.api_secret_env} is not "
                "set; export it, or write it into .env"
            )
        return self.api_secret

    def required_api_key(self, venue: VenueSettings) -> SecretStr:
        """
        Key for a venue that does not work without one.

        Raises:
            ConfigurationError: If there is none; the sentence names the variable.
        """
        if self.api_key is None:
            raise ConfigurationError(
                f"venue.api_key_env: the environment variable {venue.api_key_env} is not set; "
                "export it, or write it into .env"
            )
        return self.api_key


class CityKeys(BaseSettings):
    """Keys of city data, by the names that `core.feeds.sources` knows; None where missing."""

    model_config = Secrets.model_config

    openweathermap: SecretStr | None = None
    waqi: SecretStr | None = None
    openaq: SecretStr | None = None
    opensky_client_id: SecretStr | None = None
    opensky_client_secret: SecretStr | None = None
    redis_password: SecretStr | None = None

    @property
    def known(self) -> dict[str, SecretStr]:
        """Those that there are."""
        return {name: value for name, value in self if value is not None}


def load_city_keys(city: CitySettings, env_file: Path | None = Path(".env")) -> CityKeys:
    """
    Read the keys that the settings name; none of them is needed.

    Raises:
        ConfigurationError: If the file is there and cannot be read.
    """

    class NamedKeys(CityKeys):
        model_config = SettingsConfigDict(env_file=env_file)

        openweathermap: SecretStr | None = Field(
            default=None, validation_alias=city.openweathermap_key_env
        )
        waqi: SecretStr | None = Field(default=None, validation_alias=city.waqi_token_env)
        openaq: SecretStr | None = Field(default=None, validation_alias=city.openaq_key_env)
        opensky_client_id: SecretStr | None = Field(
            default=None, validation_alias=city.opensky_id_env
        )
        opensky_client_secret: SecretStr | None = Field(
            default=None, validation_alias=city.opensky_secret_env
        )
        redis_password: SecretStr | None = Field(
            default=None, validation_alias=city.redis_password_env
        )

    try:
        return NamedKeys()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{env_file}: cannot be read: {error}") from error


def load_secrets(venue: VenueSettings, env_file: Path | None = Path(".env")) -> Secrets:
    """
    Read the secrets that the settings name; the environment wins over the file.

    Args:
        venue: Names the variable of its key.
        env_file: A file of `NAME=value` lines that need not exist; None for none.

    Raises:
        ConfigurationError: If the file is there and cannot be read.
    """

    class NamedSecrets(Secrets):
        model_config = SettingsConfigDict(env_file=env_file)

        api_key: SecretStr | None = Field(default=None, validation_alias=venue.api_key_env)
        username: SecretStr | None = Field(default=None, validation_alias=venue.username_env)
        password: SecretStr | None = Field(default=None, validation_alias=venue.password_env)
        api_secret: SecretStr | None = Field(default=None, validation_alias=venue.api_secret_env)

    try:
        return NamedSecrets()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{env_file}: cannot be read: {error}") from error
