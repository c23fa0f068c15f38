"""One bot's credentials, from the environment (`TELEGRAM_…`) or the settings screen."""

import re
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

ENVIRONMENT_PREFIX: Final = "TELEGRAM_"
_TOKEN: Final = re.compile(r"[0-9]{1,20}:[A-Za-z0-9_-]+")
_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{1,256}")


class Mode(StrEnum):
    POLLING = "polling"
    WEBHOOK = "webhook"


class TelegramCredentials(BaseModel):
    """Values are never shown in validation errors: the token opens everything."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, validate_default=True)

    bot_token: SecretStr = Field(description="The token that @BotFather gave you, like 123456789:AAE….")
    api_url: str = Field(
        default="https://api.telegram.org",
        description="Address of the Bot API; another one for tests or your own server.",
    )
    mode: Mode = Field(
        default=Mode.POLLING, description="`polling` works everywhere; `webhook` needs a public https address."
    )
    webhook_secret: SecretStr | None = Field(
        default=None, description="Proves that a webhook comes from Telegram; made by us when left empty."
    )

    @field_validator("bot_token")
    @classmethod
    def _token_looks_like_one(cls, value: SecretStr) -> SecretStr:
        token = value.get_secret_value().strip()
        if not _TOKEN.fullmatch(token):
            raise ValueError("a Telegram token is digits, a colon and letters, as @BotFather sends it")
        return SecretStr(token)

    @field_validator("api_url")
    @classmethod
    def _url_is_one(cls, value: str) -> str:
        parts = urlsplit(value.strip())
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or "{" in value:
            raise ValueError(
                "the Bot API's address must begin with https:// and a host, such as https://api.telegram.org"
            )
        return value.strip().rstrip("/")

    @field_validator("mode", mode="before")
    @classmethod
    def _mode_in_any_case(cls, value: Any) -> Any:
        mode = value.strip().lower() if isinstance(value, str) else value
        if mode not in list(Mode):
            raise ValueError("the mode is polling or webhook")
        return mode

    @field_validator("webhook_secret")
    @classmethod
    def _secret_fits_the_header(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None or not value.get_secret_value():
            return None
        if not _SECRET.fullmatch(value.get_secret_value()):
            raise ValueError("the webhook secret may have 1 to 256 letters A-Z and a-z, digits, _ and -")
        return value

    @property
    def bot_id(self) -> int:
        """The bot's own user id: the token's digits."""
        return int(self.bot_token.get_secret_value().partition(":")[0])
