"""Subscribing, checking, other Pages, settings."""

import json
from typing import Any

import pytest
from pydantic import ValidationError
from structlog.testing import capture_logs

from bot.channel import Checking, Fetching, FindingLevel, Polling, Preparing, Signalling, WebhookRequest
from bot.channels.messenger.adapter import SUBSCRIBED_FIELDS
from bot.channels.messenger.settings import MessengerCredentials
from bot.channels.messenger.signature import HEADER, signature
from bot.channels.messenger.tests.conftest import Desk
from bot.channels.messenger.tests.contract import PAGE, SECRET
from core.errors import AccountStopped


async def test_the_channel_can_what_the_port_offers_a_page(desk: Desk) -> None:
    for ability in (Checking, Fetching, Preparing, Signalling):
        assert isinstance(desk.channel, ability)
    assert not isinstance(desk.channel, Polling)


async def test_preparing_subscribes_the_page_once(desk: Desk) -> None:
    await desk.channel.prepare()
    assert desk.simulator.messenger.webhook.subscription.fields == set(SUBSCRIBED_FIELDS)
    await desk.channel.prepare()
    assert [call["method"] for call in desk.calls("subscribed_apps")] == ["GET", "POST", "GET"]


async def test_preparing_mends_a_subscription_that_lacks_a_field(desk: Desk) -> None:
    desk.simulator.messenger.webhook.subscribe_page({"messages"})
    await desk.channel.prepare()
    assert desk.simulator.messenger.webhook.subscription.fields == set(SUBSCRIBED_FIELDS)


async def test_preparing_with_a_dead_token_stops_the_account(desk: Desk) -> None:
    desk.simulator.messenger.faults.add(kind="token_password", method="subscribed_apps")
    with pytest.raises(AccountStopped):
        await desk.channel.prepare()


async def test_the_check_tells_good_from_missing_from_dead(desk: Desk) -> None:
    before = await desk.channel.check()
    await desk.channel.prepare()
    good = await desk.channel.check()
    desk.simulator.messenger.faults.add(kind="token_expired", method="node")
    [dead] = await desk.channel.check()
    assert [finding.level for finding in before] == [FindingLevel.GOOD, FindingLevel.WARNING]
    assert [finding.level for finding in good] == [FindingLevel.GOOD, FindingLevel.GOOD]
    assert dead.level is FindingLevel.BAD
    assert "Demo Shop" in good[0].sentence


async def test_events_of_another_page_are_kept_and_told_once(desk: Desk) -> None:
    entries = [{"id": page, "time": 1795000000000, "messaging": [{"sender": {"id": "5"}}]} for page in (PAGE, "4242")]
    body = json.dumps({"object": "page", "entry": entries}).encode()
    request = WebhookRequest(method="POST", body=body, headers={HEADER: signature(SECRET, body)}, query={})
    with capture_logs() as events:
        for _ in range(3):
            assert len((await desk.channel.receive(request)).items) == 2
    assert [event["page"] for event in events if event["event"] == "messenger.other_page"] == ["4242"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"page_id": "my-page"},
        {"page_token": ""},
        {"page_token": "two words"},
        {"app_secret": "  "},
        {"app_secret": "секрет"},
        {"verify_token": ""},
        {"graph_url": "graph.facebook.com"},
        {"graph_url": "https:///graph"},
    ],
)
def test_unusable_settings_are_refused_without_repeating_them(wrong: dict[str, Any]) -> None:
    good = {"page_id": "1", "page_token": "token", "app_secret": "secret", "verify_token": "word"}
    with pytest.raises(ValidationError) as refusal:
        MessengerCredentials.model_validate({**good, **wrong})
    [value] = wrong.values()
    assert not value.strip() or value not in str(refusal.value)


def test_spaces_around_pasted_settings_do_no_harm() -> None:
    given = {
        "page_id": 12,
        "page_token": " t\n",
        "app_secret": "s",
        "verify_token": "v",
        "graph_url": "https://graph.example/ ",
    }
    found = MessengerCredentials.model_validate(given)
    assert (found.page_id, found.page_token.get_secret_value(), found.graph_url) == ("12", "t", "https://graph.example")
