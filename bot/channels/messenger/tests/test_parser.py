"""What the fields of our own fixtures become."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.channels.messenger.envelope import split
from bot.channels.messenger.fields import instant
from bot.channels.messenger.parser import parse
from core.errors import Unreadable
from core.inbound import (
    CustomerEdited,
    CustomerReacted,
    CustomerWrote,
    Echo,
    Inbound,
    PlatformWarning,
    Receipt,
    ReceiptKind,
    ThreadControl,
)
from core.messages import AttachmentKind

FIXTURES = Path(__file__).parent.parent / "fixtures"
ANNA = "7700000000000001"


def understood(name: str) -> list[Inbound]:
    return [inbound for item in split((FIXTURES / f"{name}.json").read_bytes()) for inbound in parse(item.body)]


def written(name: str) -> CustomerWrote:
    [found] = understood(name)
    assert isinstance(found, CustomerWrote)
    return found


def event(**content: Any) -> dict[str, Any]:
    inner = {"sender": {"id": "5"}, "recipient": {"id": "1"}, "timestamp": 1795000000000, **content}
    return {"drawer": "messaging", "entry": {"id": "1", "time": 1795000000001}, "event": inner}


def test_a_text_keeps_its_words_thread_id_and_time() -> None:
    found = written("text_escaped")
    assert found.text == "Де моя посилка? \U0001f642 café"
    assert (found.thread, found.sender.id, found.external_id) == ("7700000000000002", "7700000000000002", "m_ours-0002")
    assert found.at == datetime(2026, 11, 18, 11, 6, 42, tzinfo=UTC)


def test_what_no_database_takes_is_replaced() -> None:
    assert written("text_odd_characters").text == "broken \ufffd half, nul \ufffd and bell \ufffd"


def test_ids_may_be_numbers() -> None:
    assert written("text_with_ids_as_numbers").thread == "7700000000000002"


def test_a_quick_reply_is_its_title_and_a_press() -> None:
    found = written("quick_reply")
    assert (found.text, found.press) == ("Delivery", "entry:delivery")


def test_a_postback_is_its_title_and_a_press() -> None:
    found = written("get_started")
    assert (found.text, found.press, found.referral) == ("Get Started", "GET_STARTED", "autumn")
    other = written("button_without_mid")
    assert other.external_id.startswith("postback:")
    assert other.external_id == written("button_without_mid").external_id


def test_an_advertisement_without_a_word_of_its_own_is_named_by_its_id() -> None:
    assert written("advertisement").referral == "23890000000000000"


def test_one_sticker_sent_twice_is_there_once() -> None:
    [sticker] = written("sticker_twice").attachments
    assert sticker.kind is AttachmentKind.STICKER


def test_the_thumbs_up_sticker_is_its_emoji() -> None:
    assert written("thumbs_up").text == "\U0001f44d"


def test_a_place_has_its_coordinates_even_on_the_equator() -> None:
    [place] = written("location").attachments
    assert place.details == {"latitude": 50.45, "longitude": 30.52}
    attachment = {"type": "location", "payload": {"coordinates": {"lat": 0, "long": 0}}}
    [origin] = parse(event(message={"mid": "m", "attachments": [attachment]}))
    assert isinstance(origin, CustomerWrote)
    assert origin.unreadable_kind is None


@pytest.mark.parametrize(
    ("fixture", "kind"),
    [
        ("fallback_null", "fallback"),
        ("appointment", "appointment_booking"),
        ("unknown_attachment", "hologram"),
        ("unsupported", "unsupported"),
        ("empty_message", "empty_message"),
    ],
)
def test_what_nobody_can_read_is_marked_so_that_it_is_answered_visibly(fixture: str, kind: str) -> None:
    assert written(fixture).unreadable_kind == kind


@pytest.mark.parametrize("fixture", ["picture", "voice", "document", "post_share", "product", "fallback_text_payload"])
def test_what_a_person_can_look_at_is_not_marked(fixture: str) -> None:
    assert written(fixture).unreadable_kind is None


def test_a_product_somebody_asks_about_has_its_title() -> None:
    [product] = written("product").attachments
    assert product.name == "Blue cup"


def test_an_echo_belongs_to_the_customers_thread_and_carries_our_key() -> None:
    [ours], [inbox] = understood("echo_ours"), understood("echo_page_inbox")
    assert isinstance(ours, Echo)
    assert isinstance(inbox, Echo)
    assert (ours.thread, ours.key, inbox.thread, inbox.key) == (ANNA, "delivery-17", ANNA, None)


def test_a_watermark_may_be_a_text() -> None:
    [receipt] = understood("delivered_watermark_text")
    assert isinstance(receipt, Receipt)
    assert receipt.kind is ReceiptKind.DELIVERED
    assert receipt.watermark == datetime(2026, 11, 18, 11, 6, 49, 500000, tzinfo=UTC)


def test_a_reaction_taken_back_leaves_none() -> None:
    [stands], [gone] = understood("reaction"), understood("reaction_taken_back")
    assert isinstance(stands, CustomerReacted)
    assert isinstance(gone, CustomerReacted)
    assert (stands.reactions, gone.reactions, gone.replace) == (("❤️",), (), True)


def test_an_edit_is_the_whole_new_text() -> None:
    [edit] = understood("edited")
    assert isinstance(edit, CustomerEdited)
    assert (edit.external_id, edit.text) == ("m_ours-0001", "Where is my second parcel?")


@pytest.mark.parametrize(
    ("fixture", "ours"),
    [
        ("pass_to_us", True),
        ("pass_to_page_inbox", False),
        ("take_from_us", False),
        ("request_by_page_inbox", False),
        ("standby_echo", False),
    ],
)
def test_who_has_the_thread(fixture: str, *, ours: bool) -> None:
    [control] = understood(fixture)
    assert isinstance(control, ThreadControl)
    assert (control.thread, control.ours) == (ANNA, ours)


def test_a_policy_warning_has_its_reason_under_either_key() -> None:
    warnings = [*understood("policy"), *understood("policy_old_key")]
    assert [found.reason for found in warnings if isinstance(found, PlatformWarning)] == [
        "warning: Too many messages were reported.",
        "block: The Page is blocked.",
    ]


def test_a_visitor_without_an_id_has_a_thread_by_his_reference() -> None:
    assert written("plugin_visitor").thread == "user_ref:visitor-42"


@pytest.mark.parametrize(
    "content",
    [{"message": {"text": "no id"}}, {"message": {"mid": "m"}, "sender": {}}, {"reaction": {}}, {"delivery": {}}],
)
def test_an_event_we_cannot_route_is_unreadable(content: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        parse(event(**content))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1795000000000, datetime(2026, 11, 18, 11, 6, 40, tzinfo=UTC)),
        (1795000000, datetime(2026, 11, 18, 11, 6, 40, tzinfo=UTC)),
        ("1795000000", datetime(2026, 11, 18, 11, 6, 40, tzinfo=UTC)),
        ("1795000000123", datetime(2026, 11, 18, 11, 6, 40, 123000, tzinfo=UTC)),
        ("2026-11-18T13:06:40+0200", datetime(2026, 11, 18, 11, 6, 40, tzinfo=UTC)),
        ("2026-11-18T11:06:40", datetime(2026, 11, 18, 11, 6, 40, tzinfo=UTC)),
        (True, None),
        (-5, None),
        (float("nan"), None),
        (10**40, None),
        ("yesterday", None),
        (None, None),
    ],
)
def test_times_come_in_seconds_milliseconds_texts_and_iso(value: Any, expected: datetime | None) -> None:
    assert instant(value) == expected
