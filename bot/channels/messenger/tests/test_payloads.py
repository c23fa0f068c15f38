"""Every body of the payload pack, through the door: its fate by its kind (issue 2, Done means)."""

import json
from pathlib import Path
from typing import Final

import pytest

from bot.channels.messenger.envelope import split
from bot.channels.messenger.parser import parse
from core.inbound import CustomerWrote
from tests.contract.subjects import kind_of

FATES: Final[dict[tuple[str, ...], list[str]]] = {
    ("CustomerDeleted",): ["restfb_message_isdeleted"],
    ("CustomerEdited",): ["restfb_message_edits"],
    ("CustomerReacted",): [
        "bottender_reaction_react",
        "bottender_reaction_unreact",
        "restfb_reaction_1",
        "restfb_reaction_2",
    ],
    ("CustomerWrote",): [
        "botbuilder_request_response",
        "bottender_fallback_message",
        "bottender_image_message",
        "bottender_like_sticker_message",
        "bottender_location_message",
        "bottender_postback",
        "bottender_postback_referral",
        "bottender_quick_reply_message",
        "bottender_text_message",
        "bottender_text_message_from_customer_chat_plugin",
        "chatwoot_text_no_timestamp",
        "docs_message_appointment_booking",
        "docs_message_commands",
        "docs_message_fallback_with_text_and_url",
        "docs_message_ig_post_share",
        "docs_message_post_share",
        "docs_message_with_ad_referral",
        "docs_sticker_transition_image_and_sticker",
        "restfb_button_template",
        "restfb_message_basic",
        "restfb_message_fallback_attachment",
        "restfb_message_isunsupported",
        "restfb_message_location_attachment",
        "restfb_message_media_attachment",
        "restfb_message_nlp_1",
        "restfb_message_nlp_4",
        "restfb_message_nlp_error",
        "restfb_message_nlp_money",
        "restfb_message_prior",
        "restfb_message_product_template",
        "restfb_message_product_template_2",
        "restfb_message_quickreply",
        "restfb_message_reply_1",
        "restfb_message_reply_2",
        "restfb_message_sticker",
        "restfb_message_sticker_thumbup",
        "restfb_postback_basic",
        "restfb_postback_chat",
        "restfb_postback_referral",
    ],
    ("CustomerWrote", "CustomerWrote"): ["bottender_batch_two_entries"],
    ("CustomerWrote", "Ignored:standby", "Ignored:standby"): ["botbuilder_payload_with_standby"],
    ("Echo",): ["bottender_echo_message", "bottender_echo_request", "restfb_message_basic_echo"],
    ("Ignored:account_linking",): [
        "bottender_account_linking_unlinked",
        "restfb_accountlinking_linked",
        "restfb_accountlinking_unlinked",
    ],
    ("Ignored:app_roles",): ["bottender_app_roles", "restfb_approles"],
    ("Ignored:dashboard_test",): ["bottender_dashboard_test_changes", "docs_dashboard_test_postback"],
    ("Ignored:optin",): ["restfb_optin_basic", "restfb_optin_userref"],
    ("Ignored:referral",): [
        "botbuilder_payload_with_referral",
        "bottender_customer_chat_plugin_referral",
        "bottender_link_referral",
        "restfb_referral_basic",
    ],
    ("Ignored:request_thread_control",): [
        "botbuilder_payload_with_request_thread_control",
        "restfb_request_thread_control",
    ],
    ("Ignored:response_feedback",): ["docs_response_feedback"],
    ("PlatformWarning",): [
        "bottender_policy_enforcement",
        "restfb_policy_callback_block",
        "restfb_policy_callback_unblock",
    ],
    ("Receipt",): [
        "bottender_delivery",
        "bottender_read",
        "chatwoot_delivery_watermark_string",
        "chatwoot_read_watermark_string",
        "restfb_delivery_basic",
        "restfb_read_basic",
    ],
    ("ThreadControl",): [
        "botbuilder_payload_with_pass_thread_control",
        "botbuilder_payload_with_take_thread_control",
        "bottender_request_thread_control_from_inbox",
        "restfb_pass_thread_control",
        "restfb_standby_message_basic_echo",
        "restfb_take_thread_control",
    ],
}


def bodies(shared_dir: Path) -> dict[str, bytes]:
    return {path.stem: path.read_bytes() for path in sorted((shared_dir / "data/payloads/messenger").glob("*.json"))}


def kinds(body: bytes) -> tuple[str, ...]:
    return tuple(kind_of(inbound) for item in split(body) for inbound in parse(item.body))


def test_every_body_of_the_pack_has_the_fate_of_its_kind(shared_dir: Path) -> None:
    expected = {name: fate for fate, names in FATES.items() for name in names}
    assert {name: kinds(body) for name, body in bodies(shared_dir).items()} == expected


def test_no_customer_of_the_pack_is_left_without_words_files_or_a_visible_mark(shared_dir: Path) -> None:
    written = [
        inbound
        for body in bodies(shared_dir).values()
        for item in split(body)
        for inbound in parse(item.body)
        if isinstance(inbound, CustomerWrote)
    ]
    assert len(written) > 40
    assert all(found.text or found.attachments or found.press or found.unreadable_kind for found in written)


def test_all_bodies_in_one_batch_have_the_same_fates(shared_dir: Path) -> None:
    entries = [entry for body in bodies(shared_dir).values() for entry in json.loads(body)["entry"]]
    together = split(json.dumps({"object": "page", "entry": entries}).encode())
    apart = {item.dedup_key: item for body in bodies(shared_dir).values() for item in split(body)}
    assert {item.dedup_key: item.body for item in together} == {key: item.body for key, item in apart.items()}


@pytest.mark.parametrize("folder", ["instagram", "whatsapp"])
def test_bodies_of_metas_other_platforms_are_no_customers_of_a_page(shared_dir: Path, folder: str) -> None:
    for path in sorted((shared_dir / "data/payloads" / folder).glob("*.json")):
        items = split(path.read_bytes())
        assert [item.thread for item in items] == [None] * len(items)
