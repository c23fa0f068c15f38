"""The settings that come from the environment or `.env`; all others live in the database."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Self

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict
from rapidfuzz import process

from core.errors import SettingMistake

PREFIX: Final = "REPLYDESK_"
ENVIRONMENT_FILE: Final = ".env"
_NOT_SETTINGS: Final = frozenset({"REPLYDESK_SHARED_DIR"})  # tests' pointer to the payload pack


class Settings(BaseSettings):
    """Read once at start by `Settings.load()`; names and defaults are a contract (DESIGN.md section 4)."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, extra="ignore", frozen=True)

    database_url: str | None = Field(default=None, description="SQLAlchemy URL; SQLite in the data folder by default.")
    redis_url: str | None = Field(default=None, description="Redis for several processes; not needed on one machine.")
    data_dir: Path = Field(default=Path("data"), description="Where the database, models, vectors and secret key live.")
    secret_key: SecretStr | None = Field(
        default=None, description="Encrypts credentials; made on first start if absent."
    )
    public_url: str | None = Field(default=None, description="The https address under which platforms reach us.")
    embedding_model: str = Field(
        default="auto",
        description="`auto`, the bundled name, a sentence-transformers name (`@revision`) or folder; `none` to go without.",
    )
    rasa_url: str | None = Field(default=None, description="A Rasa 3.6 server to understand with, off by default.")
    rasa_token: SecretStr | None = Field(default=None, description="The Rasa server's token.")
    turn_wait_ms: int = Field(default=700, ge=0, le=60_000, description="Quiet time that ends a burst of messages, ms.")
    oidc_issuer: str | None = Field(default=None, description="An OpenID provider to sign in with, off by default.")
    oidc_client_id: str | None = Field(default=None, description="Our name at the provider.")
    oidc_client_secret: SecretStr | None = Field(default=None, description="Our secret at the provider.")
    oidc_domains: str = Field(
        default="", description="E-mail domains whose people may come without having been added, by commas."
    )
    oidc_role: str = Field(
        default="agent", pattern="^(agent|editor|manager|admin)$", description="The role such people get."
    )
    log_format: str = Field(default="console", pattern="^(console|json)$", description="`console` or `json`.")

    @classmethod
    def load(cls, **overrides: Any) -> Self:
        """From the environment, then `.env`. Raises `SettingMistake` for an unknown or unreadable setting."""
        given = environment()
        refuse_unknown(given, known=known_names(), prefix=PREFIX)
        values = {
            name.removeprefix(PREFIX).lower(): value
            for name, value in given.items()
            if name.startswith(PREFIX) and value != ""
        }
        try:
            return cls(**{**values, **overrides})
        except ValidationError as error:
            first = error.errors()[0]
            name = PREFIX + "_".join(str(part) for part in first["loc"]).upper()
            raise SettingMistake(f"{name}: {first['msg'][0].lower()}{first['msg'][1:]}.") from error

    @property
    def effective_database_url(self) -> str:
        return self.database_url or f"sqlite:///{self.data_dir.absolute() / 'replydesk.sqlite3'}"


def environment() -> dict[str, str]:
    """All variables, those of the process before those of `.env`."""
    from_file = {name: value for name, value in dotenv_values(ENVIRONMENT_FILE).items() if value is not None}
    return {**from_file, **os.environ}


def known_names() -> frozenset[str]:
    return frozenset(PREFIX + field.upper() for field in Settings.model_fields) | _NOT_SETTINGS


def refuse_unknown(given: Mapping[str, str], *, known: frozenset[str], prefix: str) -> None:
    """Raise `SettingMistake` for the first variable with our prefix that no setting reads, with the nearest name."""
    for name in sorted(given):
        if name.startswith(prefix) and name not in known:
            nearest = process.extractOne(name, sorted(known))
            hint = f" Did you mean {nearest[0]}?" if nearest and nearest[1] >= 60 else ""
            raise SettingMistake(f"{name} is not a setting.{hint}")


def refuse_near_misses(given: Mapping[str, str], *, known: frozenset[str], prefix: str) -> None:
    """Raise `SettingMistake` where a variable with another program's prefix looks like a misspelling of one of ours."""
    for name in sorted(given):
        if name.startswith(prefix) and name not in known:
            nearest = process.extractOne(name, sorted(known))
            if nearest and nearest[1] >= 88:
                raise SettingMistake(f"{name} is not a setting. Did you mean {nearest[0]}?")
