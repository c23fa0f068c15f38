"""`send`: one platform call, and every refusal says what to do."""

import socket

import pytest

from bot.channel import Channel, Fetching, Outbound, Signal, SignalKind, Signalling
from core.clock import utc_now
from core.errors import NotSendable, SendError, TryLater
from core.messages import Attachment, AttachmentKind, Author, Button, Purpose
from tests.contract.case import LOST_ANSWER, RATE_LIMIT, FakePlatform
from tests.contract.subjects import Subject

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"


def outbound(
    thread: str, text: str = "We open at nine.", *, key: str = "key-1", buttons: tuple[Button, ...] = ()
) -> Outbound:
    return Outbound(
        key=key,
        thread=thread,
        author=Author.BOT,
        purpose=Purpose.ANSWER,
        text=text,
        buttons=buttons,
        last_customer_at=utc_now(),
    )


async def test_an_accepted_message_has_the_platforms_own_id(fake: FakePlatform, channel: Channel) -> None:
    before = utc_now()
    given = [await channel.send(outbound(fake.thread, key=f"key-{number}")) for number in range(5)]
    ids = [acceptance.external_id for acceptance in given]
    assert None not in ids
    assert len(set(ids)) == 5
    assert ids == [taken.external_id for taken in fake.taken()]
    assert all(before <= acceptance.at <= utc_now() for acceptance in given)


@pytest.mark.parametrize(
    "text",
    [
        "A line\nand another.",
        "<b>*_[not](markup)_*</b> & &amp; `x`",
        "Ми відчинені щодня 🙂",
        "週一公休。",
        f"{FAMILY} ok",
        "https://example.org/?a=1&b=2",
    ],
)
async def test_text_arrives_word_for_word(fake: FakePlatform, channel: Channel, text: str) -> None:
    await channel.send(outbound(fake.thread, text))
    assert [(taken.thread, taken.text) for taken in fake.taken()] == [(fake.thread, text)]


async def test_buttons_as_many_as_the_limit_says_go_with_the_text(
    subject: Subject, fake: FakePlatform, channel: Channel
) -> None:
    limits = subject.kind.limits
    buttons = tuple(
        Button(
            title=f"{number} {'ж' * limits.button_title_length}"[: limits.button_title_length],
            payload=f"entry:{number}",
        )
        for number in range(limits.buttons)
    )
    await channel.send(outbound(fake.thread, "Which one?", buttons=buttons))
    assert [taken.text for taken in fake.taken()] == ["Which one?"]


@pytest.mark.parametrize("letter", ["a", "я", "開"])
async def test_text_of_the_full_length_is_accepted(
    subject: Subject, fake: FakePlatform, channel: Channel, letter: str
) -> None:
    text = letter * (subject.kind.limits.text_length // subject.kind.limits.measure(letter))
    await channel.send(outbound(fake.thread, text))
    assert [taken.text for taken in fake.taken()] == [text]


@pytest.mark.parametrize("letter", ["a", "я", "🙂"])
async def test_text_over_the_limit_never_reaches_the_customer(
    subject: Subject, fake: FakePlatform, channel: Channel, letter: str
) -> None:
    text = letter * (subject.kind.limits.text_length // subject.kind.limits.measure(letter) + 1)
    with pytest.raises(NotSendable):
        await channel.send(outbound(fake.thread, text))
    assert list(fake.taken()) == []


async def test_every_trouble_becomes_the_error_that_says_what_to_do(subject: Subject, fake: FakePlatform) -> None:
    for number, (trouble, expected) in enumerate(subject.case.troubles.items()):
        before = len(fake.taken())
        async with subject.open(fake.base_url) as channel:
            fake.fail_next(trouble)
            with pytest.raises(SendError) as raised:
                await channel.send(outbound(fake.thread, key=f"key-{number}"))
        assert type(raised.value) is expected, trouble
        assert len(fake.taken()) - before == (1 if trouble == LOST_ANSWER else 0), trouble


async def test_after_a_rate_limit_the_same_message_goes_out_once(fake: FakePlatform, channel: Channel) -> None:
    fake.fail_next(RATE_LIMIT)
    with pytest.raises(TryLater) as limited:
        await channel.send(outbound(fake.thread))
    assert limited.value.after_seconds is None or limited.value.after_seconds >= 0
    acceptance = await channel.send(outbound(fake.thread))
    assert [taken.external_id for taken in fake.taken()] == [acceptance.external_id]


async def test_every_sign_is_given_or_does_nothing(fake: FakePlatform, channel: Channel) -> None:
    for kind in SignalKind:
        if isinstance(channel, Signalling) and kind is not SignalKind.PRESS_RECEIVED:
            await channel.signal(Signal(kind=kind, thread=fake.thread))
    assert list(fake.taken()) == []


async def test_an_attachment_without_any_handle_cannot_be_fetched(channel: Channel) -> None:
    if isinstance(channel, Fetching):
        assert await channel.fetch(Attachment(kind=AttachmentKind.PICTURE), limit_bytes=1000) is None


async def test_a_platform_that_cannot_be_reached_is_tried_later(subject: Subject, fake: FakePlatform) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        async with subject.open(f"http://127.0.0.1:{taken.getsockname()[1]}") as channel:
            with pytest.raises(TryLater):
                await channel.send(outbound(fake.thread))
