"""What the knowledge base's REST interface takes and gives (DESIGN.md section 4), and how it becomes content and back."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from core.messages import Button
from knowledge_base.checking import Finding, Kind, Level
from knowledge_base.content import EntryContent, StoredEntry, Translation
from knowledge_base.history import KeptVersion
from knowledge_base.models import EntryChange, EntryStatus


class ButtonBody(BaseModel):
    """With `url` it opens a page, with `payload` it comes back to the bot (`entry:ID` asks for that entry)."""

    model_config = ConfigDict(extra="forbid")

    title: str
    url: str | None = None
    payload: str | None = None


class TranslationBody(BaseModel):
    """An entry in one language; `picture` is the digest of a stored file."""

    model_config = ConfigDict(extra="forbid")

    question: str
    answer: str
    phrasings: list[str] = Field(default_factory=list)
    buttons: list[ButtonBody] = Field(default_factory=list)
    picture: str | None = None


class ChangedEntry(BaseModel):
    """The whole entry as it shall be; with `version`, only if nobody changed it since."""

    model_config = ConfigDict(extra="ignore")

    status: EntryStatus = EntryStatus.PUBLISHED
    tags: list[str] = Field(default_factory=list)
    translations: dict[str, TranslationBody]
    version: int | None = None


class NewEntry(ChangedEntry):
    id: str


class EntryItem(BaseModel):
    id: str
    status: EntryStatus
    tags: list[str]
    translations: dict[str, TranslationBody]
    version: int
    created_at: datetime
    updated_at: datetime


class EntryList(BaseModel):
    """`next` is the cursor of the following page, None on the last."""

    items: list[EntryItem]
    next: str | None


class StoredPicture(BaseModel):
    """`picture` is what an entry's translation refers to."""

    picture: str


class Restore(BaseModel):
    """`id` of the version wanted; with `version`, only if the entry is still at it."""

    model_config = ConfigDict(extra="forbid")

    id: int = Field(ge=1, le=2**63 - 1)
    version: int | None = None


class PlainEntry(BaseModel):
    """What an editor writes of an entry."""

    status: EntryStatus
    tags: list[str]
    translations: dict[str, TranslationBody]


class VersionItem(BaseModel):
    """`content` is null where the entry was deleted; `user` where a command did it or nobody knows."""

    id: int
    version: int
    change: EntryChange
    at: datetime
    user: str | None
    content: PlainEntry | None

    @classmethod
    def of(cls, kept: KeptVersion) -> Self:
        content = None if kept.content is None else plain_of(kept.content)
        return cls(id=kept.id, version=kept.version, change=kept.change, at=kept.at, user=kept.name, content=content)


class VersionList(BaseModel):
    items: list[VersionItem]


class FindingItem(BaseModel):
    """`kind` and `values` say the same as the English `sentence`, for screens in other languages."""

    level: Level
    kind: Kind
    entry: str
    language: str | None
    values: dict[str, str]
    sentence: str

    @classmethod
    def of(cls, finding: Finding) -> Self:
        return cls(
            level=finding.level,
            kind=finding.kind,
            entry=finding.entry,
            language=finding.language,
            values=dict(finding.values),
            sentence=finding.sentence,
        )


class FindingList(BaseModel):
    items: list[FindingItem]


class Coverage(BaseModel):
    """Customers by the language of their conversation, of the last `days`; `languages` are the brand's."""

    days: int
    languages: list[str]
    customers: dict[str, int]


class PlannedChange(BaseModel):
    """`before` is null for a new entry."""

    id: str
    before: PlainEntry | None
    after: PlainEntry


class ImportLook(BaseModel):
    """What an import would do, or, once `taken`, did. The first two hundred changes are shown."""

    taken: bool
    added: int
    changed: int
    unchanged: int
    revision: int | None = None
    changes: list[PlannedChange] = Field(default_factory=list)


def plain_of(content: EntryContent) -> PlainEntry:
    return PlainEntry(
        status=content.status,
        tags=list(content.tags),
        translations={language: body_of(text) for language, text in content.translations.items()},
    )


def content_of(entry_id: str, body: ChangedEntry) -> EntryContent:
    return EntryContent(
        id=entry_id,
        status=body.status,
        tags=tuple(body.tags),
        translations={language: _translation(text) for language, text in body.translations.items()},
    )


def _translation(body: TranslationBody) -> Translation:
    return Translation(
        question=body.question,
        answer=body.answer,
        phrasings=tuple(body.phrasings),
        buttons=tuple(Button(title=one.title, payload=one.payload, url=one.url) for one in body.buttons),
        picture=body.picture or None,
    )


def item_of(entry: StoredEntry) -> EntryItem:
    content = entry.content
    return EntryItem(
        id=content.id,
        status=content.status,
        tags=list(content.tags),
        translations={language: body_of(text) for language, text in content.translations.items()},
        version=entry.version,
        created_at=entry.created_at,
        updated_at=entry.updated_at,
    )


def body_of(text: Translation) -> TranslationBody:
    return TranslationBody(
        question=text.question,
        answer=text.answer,
        phrasings=list(text.phrasings),
        buttons=[ButtonBody(title=one.title, url=one.url, payload=one.payload) for one in text.buttons],
        picture=text.picture,
    )
