"""Long texts in parts that fit."""

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from bot.splitting import split_text
from core.text import storable, utf16_length

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
FLAG = "\U0001f1fa\U0001f1e6"
ACCENTED = "e\u0301"
ZALGO = "z" + "\u0335" * 40


def utf8_length(text: str) -> int:
    return len(text.encode())


def split(text: str, limit: int) -> list[str]:
    return split_text(text, limit=limit, measure=utf16_length)


def test_a_text_that_fits_stays_as_it_is() -> None:
    assert split("  Hello,\n\nworld. ", 17) == ["  Hello,\n\nworld. "]


@pytest.mark.parametrize("blank", ["", "   ", "\n" * 10_000])
def test_a_blank_text_has_no_parts(blank: str) -> None:
    assert split(blank, 4096) == []


def test_paragraphs_are_cut_before_lines_sentences_and_words() -> None:
    text = "First one. It goes on\nhere.\n\nSecond one is short.\nEnd."
    assert split(text, 45) == ["First one. It goes on\nhere.", "Second one is short.\nEnd."]


def test_lines_are_cut_before_sentences() -> None:
    assert split("One line here.\nAnd more. Then some", 28) == ["One line here.", "And more. Then some"]


def test_sentences_are_cut_before_words() -> None:
    assert split("This is one. And this is another one", 24) == ["This is one.", "And this is another one"]


def test_words_are_cut_before_letters() -> None:
    assert split("alpha beta gamma", 12) == ["alpha beta", "gamma"]


def test_chinese_sentences_are_cut_after_their_full_stop() -> None:
    assert split("我們週一公休。週二照常營業，歡迎光臨", 12) == ["我們週一公休。", "週二照常營業，歡迎光臨"]


def test_an_early_paragraph_is_not_worth_a_nearly_empty_message() -> None:
    text = "Hi\n\n" + "word " * 100
    assert split(text, 100)[0].startswith("Hi\n\nword")


def test_a_word_longer_than_a_message_is_cut_between_letters() -> None:
    assert split("ab " + "x" * 25, 10) == ["ab", "x" * 10, "x" * 10, "x" * 5]


@pytest.mark.parametrize("grapheme", [FAMILY, FLAG, ACCENTED, "한"])
def test_what_a_reader_takes_for_one_letter_is_never_cut(grapheme: str) -> None:
    for limit in range(utf16_length(grapheme), 40):
        parts = split(grapheme * 30, limit)
        assert "".join(parts) == grapheme * 30
        assert all(part.count(grapheme) * len(grapheme) == len(part) for part in parts)


def test_a_letter_longer_than_a_message_is_cut_at_its_marks() -> None:
    parts = split(f"ok {ZALGO} ok", 10)
    assert parts[0] == "ok"
    assert "".join(parts).replace(" ", "") == f"ok{ZALGO}ok"
    assert all(utf16_length(part) <= 10 for part in parts)


def test_a_space_that_carries_a_mark_is_kept() -> None:
    assert "".join(split("aaaa \u0301bbbb", 5)) == "aaaa \u0301bbbb"


def test_emoji_count_as_two_units() -> None:
    assert split("🙂" * 5, 4) == ["🙂🙂", "🙂🙂", "🙂"]


def test_the_measure_is_the_callers() -> None:
    assert split_text("яяяя", limit=4, measure=utf8_length) == ["яя", "яя"]


def test_a_limit_too_small_for_one_letter_is_said() -> None:
    with pytest.raises(ValueError, match="too small"):
        split("🙂", 1)


@pytest.mark.parametrize("text", ["word " * 200_000, " " * 999_999 + "x", "x" * 1_000_000, "e" + "\u0301" * 1_000_000])
def test_a_megabyte_is_measured_a_few_times_and_no_more(text: str) -> None:
    measured = 0

    def counting(part: str) -> int:
        nonlocal measured
        measured += len(part)
        return utf16_length(part)

    parts = split_text(text, limit=4096, measure=counting)
    assert "".join("".join(parts).split()) == "".join(text.split())
    assert measured < 40 * len(text)


_letters = st.one_of(
    st.characters(),
    st.sampled_from(
        [
            FAMILY,
            FLAG,
            ACCENTED,
            ZALGO,
            "\r\n",
            "\n\n",
            "\n",
            " ",
            ". ",
            "。",
            "\u0600",
            "\u200d",
            "\U0001f1fa",
            "\u0301",
        ]
    ),
)
_texts = st.lists(_letters, max_size=120).map("".join)


@given(text=_texts, limit=st.integers(4, 60), measure=st.sampled_from([utf16_length, utf8_length, len]))
def test_every_part_fits_and_only_white_space_is_lost(text: str, limit: int, measure: object) -> None:
    assert callable(measure)
    given_text = storable(text)
    parts = split_text(given_text, limit=limit, measure=measure)
    rest = given_text
    for part in parts:
        assert part.strip()
        assert measure(part) <= limit
        lost, found, rest = rest.partition(part)
        assert found
        assert not lost.strip()
    assert not rest.strip()


@given(text=_texts, limit=st.integers(30, 80))
def test_no_cut_is_inside_a_grapheme_that_fits(text: str, limit: int) -> None:
    given_text = storable(text)
    graphemes = [(match.start(), match.end()) for match in regex.finditer(r"\X", given_text)]
    inside = {
        place
        for start, end in graphemes
        if utf16_length(given_text[start:end]) <= limit
        for place in range(start + 1, end)
    }
    if any(utf16_length(given_text[start:end]) > limit for start, end in graphemes):
        return  # after a cut inside a giant the letters that follow may join differently
    at = 0
    for part in split_text(given_text, limit=limit, measure=utf16_length):
        at = given_text.index(part, at)
        assert at not in inside
        at += len(part)
        assert at not in inside
