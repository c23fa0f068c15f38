"""How messages are laid out for channels of different abilities."""

from bot.channel import Limits
from bot.parts import lay_out
from bot.phrases import phrases
from core.languages import LANGUAGES
from core.messages import Attachment, AttachmentKind, Button
from core.models import Message

_ROOMY = Limits(text_length=4096, caption_length=1024, buttons=10, button_title_length=64)
_NARROW = Limits(text_length=50, buttons=3, button_title_length=20)


def _message(text: str, *titles: str, picture: str | None = None) -> Message:
    buttons = [Button(title=title, payload=f"p{number}").to_json() for number, title in enumerate(titles)]
    attachments = [Attachment(kind=AttachmentKind.PICTURE, stored=picture).to_json()] if picture else []
    return Message(text=text, buttons=buttons, attachments=attachments)


def test_a_short_text_becomes_the_caption_of_its_picture() -> None:
    (part,) = lay_out(_message("Our shop", "Map", picture="d1"), _ROOMY)
    assert (part.text, part.file, [button.title for button in part.buttons]) == ("Our shop", "d1", ["Map"])


def test_without_captions_the_picture_goes_first_and_the_buttons_stay_under_the_text() -> None:
    first, second = lay_out(_message("Our shop", "Map", picture="d1"), _NARROW)
    assert (first.file, first.text, first.buttons) == ("d1", "", ())
    assert (second.text, len(second.buttons)) == ("Our shop", 1)


def test_buttons_stand_under_the_last_piece_of_a_long_text() -> None:
    parts = lay_out(_message("word " * 30, "Yes"), _NARROW)
    assert len(parts) > 1
    assert [len(part.buttons) for part in parts] == [0] * (len(parts) - 1) + [1]


def test_titles_that_would_be_cut_are_written_out_and_numbered() -> None:
    (part,) = lay_out(_message("Which?", "How do I return an item?", "Person"), _NARROW)
    assert part.text == "Which?\n1. How do I return an item?"
    assert [button.title for button in part.buttons] == ["1. How do I return…", "Person"]
    assert [button.payload for button in part.buttons] == ["p0", "p1"]


def test_more_buttons_than_the_channel_shows_become_lines() -> None:
    (part,) = lay_out(_message("Which?", "One", "Two", "Three", "Four"), _NARROW)
    assert part.text == "Which?\n• One\n• Two\n• Three\n• Four"
    assert part.buttons == ()


def test_the_person_button_fits_every_channel_in_every_language() -> None:
    for language in LANGUAGES:
        assert len(phrases(language)["person_button"]) <= 20
