"""What goes out, against the simulator's Send API."""

from datetime import timedelta

import pytest

from bot.channel import FileContent, Signal, SignalKind
from bot.channels.messenger.sending import prepared
from bot.channels.messenger.tests.conftest import Desk
from core.errors import NotSendable, WindowClosed
from core.messages import Author, Button

PICTURE = FileContent(content=b"\x89PNG picture", media_type="image/png", name="hours.png")


async def test_the_token_travels_in_a_header_and_our_key_in_the_metadata(desk: Desk) -> None:
    acceptance = await desk.channel.send(desk.outbound())
    [call] = desk.calls()
    assert (call["token_in"], call["metadata"], call["message_id"]) == ("header", "delivery-1", acceptance.external_id)
    assert call["parameters"]["messaging_type"] == "RESPONSE"
    assert acceptance.at == desk.clock.now


async def test_buttons_are_quick_replies_and_come_back_as_presses(desk: Desk) -> None:
    buttons = (
        Button(title="Delivery", payload="entry:delivery"),
        Button(title="Returns and refunds, all", payload="entry:r"),
    )
    await desk.channel.send(desk.outbound("Did you mean", buttons=buttons))
    [call] = desk.calls()
    assert call["parameters"]["message"]["quick_replies"] == [
        {"content_type": "text", "title": "Delivery", "payload": "entry:delivery"},
        {"content_type": "text", "title": "Returns and refunds…", "payload": "entry:r"},
    ]


async def test_a_long_title_is_cut_between_characters_as_people_see_them(desk: Desk) -> None:
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
    await desk.channel.send(desk.outbound(buttons=(Button(title=f"Tickets: {family}{family}", payload="t"),)))
    [reply] = desk.calls()[0]["parameters"]["message"]["quick_replies"]
    assert reply["title"] == f"Tickets: {family}…"


async def test_links_are_a_template_beside_the_quick_replies(desk: Desk) -> None:
    buttons = (Button(title="Open", url="https://shop.example/"), Button(title="Thanks", payload="thanks"))
    await desk.channel.send(desk.outbound("Have a look", buttons=buttons))
    [call] = desk.calls()
    message = call["parameters"]["message"]
    assert message["attachment"]["payload"]["buttons"] == [
        {"type": "web_url", "url": "https://shop.example/", "title": "Open"}
    ]
    assert [reply["payload"] for reply in message["quick_replies"]] == ["thanks"]


@pytest.mark.parametrize(("text", "links"), [("x" * 641, 1), ("short", 4)])
async def test_links_that_fit_no_template_stand_under_the_text(desk: Desk, text: str, links: int) -> None:
    buttons = tuple(Button(title=f"Page {number}", url=f"https://shop.example/{number}") for number in range(links))
    await desk.channel.send(desk.outbound(text, buttons=buttons))
    [call] = desk.calls()
    assert call["parameters"]["message"]["text"].startswith(f"{text}\nPage 0: https://shop.example/0")


async def test_a_picture_is_uploaded_as_a_message_of_its_own(desk: Desk) -> None:
    acceptance = await desk.channel.send(desk.outbound("", file=PICTURE))
    [shown] = [shown for shown in desk.customer.screen.messages.values() if shown.id == acceptance.external_id]
    [picture] = shown.pictures
    assert (picture.kind, picture.name, picture.size) == ("image", "hours.png", len(PICTURE.content))
    assert desk.calls()[0]["metadata"] == "delivery-1"


@pytest.mark.parametrize(
    ("text", "file"),
    [
        ("words", PICTURE),
        ("", None),
        ("", FileContent(content=b"x" * (25 * 1024 * 1024 + 1), media_type="image/png", name="huge.png")),
    ],
)
async def test_what_messenger_cannot_take_is_refused_before_any_call(
    desk: Desk, text: str, file: FileContent | None
) -> None:
    with pytest.raises(NotSendable):
        await desk.channel.send(desk.outbound(text, file=file))
    assert desk.calls() == []


async def test_a_visitor_without_an_id_is_written_to_by_his_reference(desk: Desk) -> None:
    arguments, _ = prepared(desk.outbound(thread="user_ref:visitor-42"), now=desk.clock.now)
    assert arguments["recipient"] == {"user_ref": "visitor-42"}


async def test_a_reply_names_the_message_it_answers(desk: Desk) -> None:
    await desk.channel.send(desk.outbound(reply_to="m_question"))
    assert desk.calls()[0]["parameters"]["reply_to"] == {"mid": "m_question"}


async def test_the_bot_may_write_until_the_day_is_over_and_not_after(desk: Desk) -> None:
    desk.turn(hours=23, minutes=59)
    await desk.channel.send(desk.outbound())
    desk.turn(minutes=1)
    for author in (Author.BOT, Author.SYSTEM):
        with pytest.raises(WindowClosed):
            await desk.channel.send(desk.outbound(author=author))
    assert len(desk.calls()) == 1


async def test_a_person_may_write_for_seven_days_with_the_tag_for_people(desk: Desk) -> None:
    desk.turn(hours=23)
    await desk.channel.send(desk.outbound(author=Author.AGENT))
    desk.turn(days=5)
    await desk.channel.send(desk.outbound(author=Author.AGENT))
    desk.turn(days=1, hours=1)
    with pytest.raises(WindowClosed):
        await desk.channel.send(desk.outbound(author=Author.AGENT))
    sent = [(call["parameters"]["messaging_type"], call["parameters"].get("tag")) for call in desk.calls()]
    assert sent == [("RESPONSE", None), ("MESSAGE_TAG", "HUMAN_AGENT")]


@pytest.mark.parametrize("author", [Author.BOT, Author.SYSTEM])
async def test_the_tag_for_people_is_never_on_the_bots_words(desk: Desk, author: Author) -> None:
    for hours in range(0, 24 * 9, 5):
        try:
            arguments, _ = prepared(desk.outbound(author=author), now=desk.clock.now + timedelta(hours=hours))
        except WindowClosed:
            continue
        assert "tag" not in arguments


async def test_without_a_known_message_the_platform_decides(desk: Desk) -> None:
    silent = desk.simulator.messenger.customer("Boris")
    with pytest.raises(WindowClosed):
        await desk.channel.send(desk.outbound(thread=silent.id, last_customer_at=None))
    assert [call["subcode"] for call in desk.calls()] == [2018278]


async def test_signs_go_alone(desk: Desk) -> None:
    for kind in SignalKind:
        await desk.channel.signal(Signal(kind=kind, thread=desk.customer.id))
    assert [call["parameters"].get("sender_action") for call in desk.calls()] == ["mark_seen", "typing_on"]
    assert all("message" not in call["parameters"] for call in desk.calls())


async def test_over_80_percent_of_the_allowance_the_next_send_pauses(desk: Desk) -> None:
    for percent in (80, 90, 250, 3):
        desk.simulator.messenger.usage_percent = percent
        await desk.channel.send(desk.outbound())
    await desk.channel.send(desk.outbound())
    assert desk.pauses == [1.0, 2.0]
