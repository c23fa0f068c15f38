"""Preparing and checking an account."""

from collections.abc import AsyncIterator

import pytest

from bot.channel import FindingLevel
from bot.channels.telegram.items import ALLOWED_UPDATES
from bot.channels.telegram.tests.contract import WEBHOOK_SECRET, SimulatedTelegram, simulated_telegram
from bot.channels.telegram.tests.opened import opened
from bot.simulator.telegram.webhook import WebhookSettings
from core.errors import AccountStopped, TryLater
from tests.contract.case import WEBHOOK_URL


@pytest.fixture
async def fake() -> AsyncIterator[SimulatedTelegram]:
    async with simulated_telegram() as fake:
        yield fake


async def test_a_webhook_account_tells_telegram_where_to_deliver(fake: SimulatedTelegram) -> None:
    async with opened(fake.base_url, mode="webhook") as channel:
        await channel.prepare()
        assert not channel.polls
    settings = fake.telegram.webhook.settings
    assert settings is not None
    assert (settings.url, settings.secret_token, settings.max_connections) == (WEBHOOK_URL, WEBHOOK_SECRET, 40)
    assert fake.telegram.updates.allowed == sorted(ALLOWED_UPDATES)


async def test_a_polling_account_removes_the_webhook_and_keeps_what_waits(fake: SimulatedTelegram) -> None:
    fake.telegram.webhook.settings = WebhookSettings(url="http://127.0.0.1:9/elsewhere")
    async with opened(fake.base_url) as channel:
        await channel.prepare()
        await channel.prepare()
        assert channel.polls
    assert fake.telegram.webhook.settings is None
    assert len(fake.telegram.updates) == 1


async def test_a_dead_token_is_told_at_start_and_by_the_check(fake: SimulatedTelegram) -> None:
    async with opened(fake.base_url, bot_token="7300000001:another-token") as channel:
        with pytest.raises(AccountStopped, match="BotFather"):
            await channel.prepare()
        [finding] = await channel.check()
    assert finding.level is FindingLevel.BAD
    assert "BotFather" in finding.sentence


async def test_an_unreachable_telegram_is_told_at_start_and_by_the_check() -> None:
    async with opened("http://127.0.0.1:9") as channel:
        with pytest.raises(TryLater):
            await channel.prepare()
        [finding] = await channel.check()
    assert (finding.level, finding.sentence) == (FindingLevel.BAD, "Telegram cannot be reached.")


async def test_a_healthy_polling_account_has_nothing_to_mend(fake: SimulatedTelegram) -> None:
    async with opened(fake.base_url) as channel:
        findings = await channel.check()
    assert [finding.level for finding in findings] == [FindingLevel.GOOD, FindingLevel.GOOD]
    assert "@demo_shop_bot" in findings[0].sentence


async def test_a_webhook_account_without_a_public_address_says_what_is_missing(fake: SimulatedTelegram) -> None:
    async with opened(fake.base_url, mode="webhook", webhook_url=None) as channel:
        await channel.prepare()
        findings = await channel.check()
    assert findings[1].level is FindingLevel.BAD
    assert "REPLYDESK_PUBLIC_URL" in findings[1].sentence


@pytest.mark.parametrize("url", ["http://desk.example/hook", "https://desk.example:8080/hook"])
async def test_an_address_that_telegram_does_not_take_is_told_before_it_refuses(
    fake: SimulatedTelegram, url: str
) -> None:
    async with opened(fake.base_url, mode="webhook", webhook_url=url) as channel:
        findings = await channel.check()
    assert "https addresses on the ports" in findings[1].sentence


async def test_a_webhook_that_is_not_set_is_told_and_then_is_well(fake: SimulatedTelegram) -> None:
    async with opened(fake.base_url, mode="webhook") as channel:
        assert [finding.level for finding in await channel.check()] == [FindingLevel.GOOD, FindingLevel.BAD]
        await channel.prepare()
        fake.telegram.webhook.last_error_date = 0
        assert (await channel.check())[1].level is FindingLevel.GOOD


async def test_a_failing_webhook_and_a_backlog_are_warnings(fake: SimulatedTelegram) -> None:
    for number in range(120):
        fake.anna.write(str(number))
    fake.telegram.webhook.settings = WebhookSettings(url=WEBHOOK_URL)
    fake.telegram.webhook.last_error_date = int(fake.telegram.pace.now().timestamp())
    fake.telegram.webhook.last_error_message = "Wrong response from the webhook: 403 Forbidden"
    async with opened(fake.base_url, mode="webhook") as channel:
        sentences = [finding.sentence for finding in await channel.check() if finding.level is FindingLevel.WARNING]
    assert len(sentences) == 2
    assert "121 updates wait" in sentences[0]
    assert "403 Forbidden" in sentences[1]
