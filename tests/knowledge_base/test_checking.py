from core.messages import Button
from knowledge_base.checking import Level, check, folded
from knowledge_base.content import EntryContent, Translation
from knowledge_base.models import EntryStatus


def text(question: str, *phrasings: str, answer: str = "Yes.", buttons: tuple[Button, ...] = ()) -> Translation:
    return Translation(question=question, phrasings=phrasings, answer=answer, buttons=buttons)


def entry(identity: str, status: EntryStatus = EntryStatus.PUBLISHED, **languages: Translation) -> EntryContent:
    return EntryContent(id=identity, status=status, translations=languages)


def told(*entries: EntryContent, languages: tuple[str, ...] = ("en",)) -> list[tuple[str, str, str | None, str]]:
    return [(one.level, one.entry, one.language, one.sentence) for one in check(entries, languages=languages)]


GOOD = entry("good", en=text("Where is my parcel?", "track my order", "has it been shipped yet"))


def test_a_good_entry_gives_nothing_to_mend() -> None:
    assert told(GOOD) == []


def test_the_same_phrasing_under_two_entries_is_an_error_however_it_is_typed() -> None:
    other = entry("other", en=text("Something else altogether?", "TRACK my — order!!", "third wording"))
    assert told(GOOD, other) == [("error", "good", "en", "'TRACK my — order!!' stands under 'other' too.")]


def test_nearly_the_same_phrasing_under_two_entries_is_a_warning() -> None:
    other = entry("other", en=text("Something else altogether?", "has it been shiped yet", "third wording"))
    [(level, identity, language, sentence)] = told(GOOD, other)
    assert (level, identity, language) == ("warning", "good", "en")
    assert sentence.startswith("'has it been shipped yet' is nearly 'has it been shiped yet' of 'other' (9")


def test_word_order_does_not_hide_a_repetition() -> None:
    other = entry("other", en=text("Something else altogether?", "order my track", "third wording"))
    assert [finding[0] for finding in told(GOOD, other)] == ["warning"]


def test_other_languages_drafts_and_the_entry_itself_are_not_repetitions() -> None:
    malay = entry("malay", ms=text("Lain", "track my order", "lagi satu"))
    draft = entry("draft", EntryStatus.DRAFT, en=text("Else?", "track my order", "another"))
    twice = entry("twice", en=text("one thing", "one thing", "One thing!"))
    assert told(GOOD, malay, draft, twice, languages=()) == []


def test_empty_answers_are_errors_once_published() -> None:
    empty = entry("empty", en=text("Q?", "alpha", "beta", answer=" "))
    draft = entry("sketch", EntryStatus.DRAFT, en=text("Q2?", "gamma", "delta", answer=""))
    assert told(empty, draft) == [
        ("error", "empty", "en", "The answer is empty."),
        ("warning", "sketch", "en", "The answer is empty."),
    ]


def test_missing_translations_of_the_brands_languages_are_warnings() -> None:
    assert told(GOOD, languages=("en", "ru", "zh-Hant")) == [
        ("warning", "good", None, "There is no translation into ru, zh-Hant.")
    ]


def test_entries_with_one_phrasing_or_none_are_warnings() -> None:
    bare = entry("bare", en=text("Bare?"), ms=text("Kosong?", "satu sahaja"))
    assert told(bare) == [
        ("warning", "bare", "en", "There is no phrasing; the bot needs several ways in which customers ask."),
        ("warning", "bare", "ms", "There is one phrasing; the bot needs several ways in which customers ask."),
    ]


def test_what_not_every_platform_shows_in_one_message_is_a_warning() -> None:
    many = tuple(Button(title=f"Button number {number} of many", url="https://a.example") for number in range(4))
    long = entry("long", en=text("Long?", "alpha", "beta", answer="x" * 2_001, buttons=many))
    sentences = [finding[3] for finding in told(long)]
    assert [finding[0] for finding in told(long)] == ["warning"] * 6
    assert any("2001 characters" in sentence for sentence in sentences)
    assert any("4 buttons" in sentence for sentence in sentences)
    assert sum("longer than the 20 characters" in sentence for sentence in sentences) == 4


def test_a_button_to_an_entry_that_customers_cannot_get_is_an_error() -> None:
    def leads(to: str) -> Translation:
        return text("Q?", "alpha", "beta", buttons=(Button(title="More", payload=f"entry:{to}"),))

    draft = entry("draft", EntryStatus.DRAFT, en=text("Else?", "gamma", "delta"))
    assert [one[:2] for one in told(entry("a", en=leads("draft")), draft)] == [("error", "a")]
    assert [one[:2] for one in told(entry("a", en=leads("nobody")))] == [("error", "a")]
    assert told(entry("a", en=leads("good")), GOOD) == []


def test_errors_come_first_and_progress_reaches_the_end() -> None:
    seen: list[tuple[int, int]] = []
    bare, empty = entry("bare", en=text("Bare?")), entry("empty", en=text("Q?", "alpha", "beta", answer=""))
    findings = check([bare, empty], languages=["en"], on_progress=lambda done, total: seen.append((done, total)))
    assert [finding.level for finding in findings] == [Level.ERROR, Level.WARNING]
    assert seen == [(4, 4)]


def test_folding_keeps_letters_and_digits_of_every_script() -> None:
    assert folded("  Ёлка №5, ПРИВЕТ!!! ") == "елка no5 привет"
    assert folded("怎麼付款？") == "怎麼付款"
    assert folded("Ｗｉｄｅ") == "wide"
