"""A bot's credentials are refused in one plain sentence, without showing them."""

import pytest
from pydantic import SecretStr, ValidationError

from bot.channels.telegram.settings import Mode, TelegramCredentials

TOKEN = "7300000001:AAE-settings-token_1"


def test_the_token_alone_is_enough() -> None:
    given = TelegramCredentials(bot_token=SecretStr(f" {TOKEN}\n"))
    assert given.bot_token.get_secret_value() == TOKEN
    assert (given.mode, given.api_url, given.webhook_secret) == (Mode.POLLING, "https://api.telegram.org", None)
    assert given.bot_id == 7300000001


def test_empty_and_sloppy_values_are_read_kindly() -> None:
    given = TelegramCredentials.model_validate(
        {"bot_token": TOKEN, "api_url": "http://127.0.0.1:8001/telegram/", "mode": " Webhook ", "webhook_secret": ""}
    )
    assert (given.api_url, given.mode, given.webhook_secret) == (
        "http://127.0.0.1:8001/telegram",
        Mode.WEBHOOK,
        None,
    )


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("bot_token", "my-bot-token", "digits, a colon and letters"),
        ("bot_token", "7300000001:with space", "digits, a colon and letters"),
        ("bot_token", "", "digits, a colon and letters"),
        ("api_url", "api.telegram.org", "must begin with https://"),
        ("api_url", "https://x/{token}", "must begin with https://"),
        ("mode", "push", "polling or webhook"),
        ("webhook_secret", "with space", "1 to 256 letters"),
        ("webhook_secret", "x" * 257, "1 to 256 letters"),
    ],
)
def test_a_wrong_value_is_told_in_one_sentence_that_does_not_show_it(field: str, value: str, sentence: str) -> None:
    with pytest.raises(ValidationError) as refused:
        TelegramCredentials.model_validate({"bot_token": TOKEN, field: value})
    [error] = refused.value.errors(include_url=False, include_input=False)
    assert sentence in error["msg"]
    assert TOKEN not in str(refused.value)
    assert not value or field == "api_url" or value not in str(refused.value)


def test_an_unknown_setting_is_refused() -> None:
    with pytest.raises(ValidationError):
        TelegramCredentials.model_validate({"bot_token": TOKEN, "tokn": "x"})
