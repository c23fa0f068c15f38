"""Every body of our fixtures and of the payload pack has the fate that is written for it."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.channels.telegram.arrival import Arrival, sign
from bot.channels.telegram.parser import parse
from bot.channels.telegram.tests.contract import TOKEN
from bot.channels.telegram.tests.fates import PAYLOAD_PACK
from core.errors import Unreadable
from core.inbound import (
    CustomerDeleted,
    CustomerEdited,
    CustomerReacted,
    CustomerWrote,
    Echo,
    Ignored,
    Reachability,
    ThreadMoved,
)
from core.messages import Attachment, AttachmentKind
from tests.contract.mutations import damaged
from tests.contract.subjects import kind_of

FIXTURES = Path(__file__).parent.parent / "fixtures"
ARRIVAL = Arrival(
    at=datetime(2026, 11, 22, 8, 30, tzinfo=UTC), bot_id=int(TOKEN.partition(":")[0]), bot_username="harbour_tea_bot"
)


def fixture(name: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))
    return sign(body, arrival=ARRIVAL)


def only(name: str) -> Any:
    [inbound] = parse(fixture(name))
    return inbound


def written(name: str) -> CustomerWrote:
    inbound = only(name)
    assert isinstance(inbound, CustomerWrote)
    return inbound


def attachment(name: str) -> Attachment:
    [found] = written(name).attachments
    return found


def private(**fields: Any) -> Mapping[str, Any]:
    chat = {"id": 7, "type": "private", "first_name": "Ann"}
    return {"update_id": 1, "message": {"message_id": 3, "date": 1790000000, "chat": chat, "from": chat, **fields}}


def test_every_body_of_the_payload_pack_has_its_fate(shared_dir: Path) -> None:
    bodies = sorted((shared_dir / "data" / "payloads" / "telegram").glob("*.json"))
    found = {body.stem: [kind_of(inbound) for inbound in parse(json.loads(body.read_bytes()))] for body in bodies}
    assert found == dict(PAYLOAD_PACK)


def test_a_text_keeps_its_words_its_writer_and_its_second() -> None:
    found = written("text")
    assert (found.thread, found.external_id, found.text) == ("5200000011", "5200000011:901", "Коли ви відчинені? 🍵")
    assert (found.sender.id, found.sender.name, found.sender.handle) == ("5200000011", "Mira Kovalenko", "mira_k")
    assert found.sender.language == "uk"
    assert found.at == datetime.fromtimestamp(1790000901, UTC)


def test_a_start_link_is_a_press_and_a_referral() -> None:
    found = written("start_payload")
    assert (found.text, found.press, found.referral) == ("", "spring-offer_7", "spring-offer_7")


def test_a_bare_start_is_a_greeting() -> None:
    found = written("start")
    assert (found.text, found.press, found.referral) == ("", "start", None)


@pytest.mark.parametrize("text", ["/start two words", "/startled", "please /start", f"/start {'x' * 65}"])
def test_what_only_looks_like_a_start_link_is_text(text: str) -> None:
    [found] = parse(private(text=text))
    assert isinstance(found, CustomerWrote)
    assert (found.text, found.press) == (text, None)


def test_a_photo_is_its_largest_size_with_the_caption_as_text() -> None:
    found = written("photo_caption")
    assert found.text == "The cup came broken"
    assert found.attachments[0].reference == "AgACAgIAAxkx"
    assert found.attachments[0].size_bytes == 150000


def test_album_items_share_a_key_and_keep_their_own_ids() -> None:
    first, second = written("album_first"), written("album_second")
    assert first.group_key == second.group_key == "13370000000000001"
    assert first.external_id != second.external_id
    assert (first.text, second.text) == ("Two pictures", "")


@pytest.mark.parametrize(
    ("name", "kind", "reference"),
    [
        ("voice", AttachmentKind.VOICE, "AwACvoice"),
        ("audio", AttachmentKind.AUDIO, "CQACaudio"),
        ("video", AttachmentKind.VIDEO, "BAACvideo"),
        ("video_note", AttachmentKind.VIDEO, "DQACnote"),
        ("animation", AttachmentKind.VIDEO, "CgACanim"),
        ("document", AttachmentKind.DOCUMENT, "BQACdoc"),
        ("sticker", AttachmentKind.STICKER, "CAACstick"),
        ("sticker_old_names", AttachmentKind.STICKER, "CAACold"),
    ],
)
def test_a_file_is_one_attachment_of_its_kind(name: str, kind: AttachmentKind, reference: str) -> None:
    found = attachment(name)
    assert (found.kind, found.reference) == (kind, reference)


def test_a_sticker_says_its_emoji() -> None:
    found = attachment("sticker")
    assert found.details is not None
    assert found.details["emoji"] == "🙏"


def test_only_the_senders_own_contact_is_his_own() -> None:
    assert attachment("contact_own").details == {"phone": "+380440000017", "own": True}
    assert attachment("contact_of_somebody_else").details == {"phone": "+380440000018", "own": False}


def test_a_venue_is_a_named_location() -> None:
    found = attachment("venue")
    assert found.name == "Central Market"
    assert found.details is not None
    assert (found.details["latitude"], found.details["longitude"]) == (50.45, 30.52)


def test_a_live_location_moves_quietly() -> None:
    found = only("live_location_moved")
    assert isinstance(found, CustomerEdited)
    assert found.quiet
    assert found.attachments is not None
    assert found.attachments[0].details is not None
    assert found.attachments[0].details["latitude"] == 50.46


def test_an_edit_brings_the_new_text_at_the_time_of_the_edit() -> None:
    found = only("edited_text")
    assert isinstance(found, CustomerEdited)
    assert (found.text, found.quiet, found.attachments) == ("Коли ви відчинені у неділю?", False, None)
    assert found.at == datetime.fromtimestamp(1790004000, UTC)


def test_a_reply_names_the_message_of_this_chat_only() -> None:
    assert written("reply_with_quote").reply_to == "5200000011:880"
    assert written("reply_from_another_chat").reply_to is None


def test_a_forward_is_not_the_senders_own_words() -> None:
    assert written("forward_hidden_user").forwarded
    assert not written("text").forwarded


def test_a_press_says_the_buttons_words_and_comes_now() -> None:
    found = written("press")
    assert (found.text, found.press, found.press_reference) == ("Returns", "entry:returns", "4400000000000000001")
    assert (found.thread, found.pressed_message) == ("5200000011", "5200000011:880")
    assert found.at == ARRIVAL.at


def test_a_press_on_an_inline_message_is_answered_to_the_presser() -> None:
    found = written("press_inline")
    assert (found.thread, found.pressed_message) == ("5200000011", None)


def test_a_press_without_data_is_acknowledged_all_the_same() -> None:
    assert only("press_of_a_game") == Ignored(kind="press_without_data", press_reference="4400000000000000004")


@pytest.mark.parametrize(("name", "reachable"), [("blocked", False), ("unblocked", True)])
def test_blocking_is_reachability(name: str, reachable: bool) -> None:
    found = only(name)
    assert isinstance(found, Reachability)
    assert (found.thread, found.reachable) == ("5200000011", reachable)


def test_reactions_are_those_that_stand_now() -> None:
    assert only("reaction") == CustomerReacted(
        thread="5200000011", external_id="5200000011:880", at=datetime.fromtimestamp(1790006100, UTC), reactions=("👍",)
    )
    assert only("reaction_removed").reactions == ()
    assert only("reaction_of_a_future_kind").reactions == ("hologram",)


@pytest.mark.parametrize("name", ["group_moved_away", "group_arrived"])
def test_both_notices_of_an_upgraded_group_move_the_same_thread(name: str) -> None:
    found = only(name)
    assert isinstance(found, ThreadMoved)
    assert (found.thread, found.new_thread) == ("-520000033", "-1002200000033")


def test_an_answer_to_the_bot_in_a_topic_stays_in_the_topic() -> None:
    found = written("group_reply_to_the_bot")
    assert found.thread == "-1002200000033#4"
    assert found.reply_to == "-1002200000033:44"


@pytest.mark.parametrize("text", ["@Harbour_Tea_Bot when do you open?", "/help@harbour_tea_bot"])
def test_a_group_that_names_the_bot_is_heard(text: str) -> None:
    body = fixture("group_chatter")
    body["message"]["text"] = text
    [found] = parse(body)
    assert isinstance(found, CustomerWrote)


@pytest.mark.parametrize("text", ["@harbour_tea_bots", "/help@another_bot", "me@example.org"])
def test_a_group_that_names_another_is_not(text: str) -> None:
    body = fixture("group_chatter")
    body["message"]["text"] = text
    assert parse(body) == (Ignored(kind="group_message"),)


def test_a_business_chat_has_a_thread_of_its_own() -> None:
    found = written("business_customer")
    assert found.thread == "5200000011@bc7Harbour0Tea1"
    assert found.external_id.startswith("5200000011@bc7Harbour0Tea1:")


def test_the_business_owner_echoes_to_the_customer() -> None:
    found = only("business_owner")
    assert isinstance(found, Echo)
    assert (found.thread, found.sender.id, found.text) == ("5200000011@bc7Harbour0Tea1", "5200000011", "Yes, we do.")


def test_deleted_business_messages_are_deleted_one_by_one() -> None:
    found = parse(fixture("business_deleted"))
    assert [type(inbound) for inbound in found] == [CustomerDeleted, CustomerDeleted]
    assert {inbound.at for inbound in found if isinstance(inbound, CustomerDeleted)} == {ARRIVAL.at}


@pytest.mark.parametrize(
    ("name", "kind"),
    [("dice", "dice"), ("story", "story"), ("poll", "poll"), ("content_of_a_future_kind", "unknown")],
)
def test_content_that_cannot_be_read_is_named(name: str, kind: str) -> None:
    assert written(name).unreadable_kind == kind


def test_what_can_be_read_is_not_called_unreadable() -> None:
    readable = ["text", "photo_caption", "voice", "sticker", "contact_own", "venue", "start", "press"]
    assert {name: written(name).unreadable_kind for name in readable} == dict.fromkeys(readable)


def test_a_missing_sender_is_the_private_chat_itself() -> None:
    found = written("without_sender")
    assert (found.sender.id, found.sender.name) == ("5200000011", "Mira Kovalenko")


def test_ids_may_come_as_text() -> None:
    found = written("ids_as_text")
    assert (found.thread, found.external_id, found.sender.id) == ("5200000011", "5200000011:991", "5200000011")


def test_texts_are_made_storable() -> None:
    [found] = parse(private(text="a\x00b\ud800c", **{"from": {"id": 7, "first_name": "\udfff"}}))
    assert isinstance(found, CustomerWrote)
    assert (found.text, found.sender.name) == ("a\ufffdb\ufffdc", "\ufffd")


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        "text",
        {},
        {"update_id": 1},
        {"update_id": 1, "message": None},
        {"update_id": 1, "message": {"text": "no chat"}},
        {"update_id": 1, "message": {"chat": {"id": 7}, "text": "no number"}},
        {"update_id": 1, "message": {"chat": {"id": "seven"}, "message_id": 3}},
        {"update_id": 1, "callback_query": {"data": "no id", "from": {"id": 7}}},
        {"update_id": 1, "callback_query": {"id": "1", "data": "nobody"}},
    ],
)
def test_a_body_without_chat_or_number_is_unreadable(body: Any) -> None:
    with pytest.raises(Unreadable):
        parse(body)


def test_a_damaged_body_is_understood_or_unreadable(shared_dir: Path) -> None:
    pack = shared_dir / "data" / "payloads" / "telegram"
    bodies = [json.loads(path.read_bytes()) for path in [*pack.glob("*.json"), *FIXTURES.glob("*.json")]]

    @settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
    @given(data=st.data())
    def holds_for(data: st.DataObject) -> None:
        body = data.draw(damaged(data.draw(st.sampled_from(bodies))))
        try:
            found = parse(body)
        except Unreadable:
            return
        assert found
        for inbound in found:
            json.dumps(str(inbound)).encode()

    holds_for()
