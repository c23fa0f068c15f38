"""REST: what the bot itself says, by language; edited per brand, ours restorable."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict

from bot.phrases import OwnPhrases, phrases
from bot.phrases.own import BUTTON_LENGTH, BUTTONS, LONGEST, holes_of, load_own, save_own
from core.access import Access
from core.audit import record
from core.clock import Clock
from core.database import Database
from core.languages import DEFAULT_LANGUAGE, LANGUAGES
from core.preferences import load_brand
from core.roles import Actor, Permission


class PhraseItem(BaseModel):
    """`ours` is what the bot says by itself, `own` what the brand lets it say instead; both by language."""

    key: str
    placeholders: list[str]
    longest: int
    ours: dict[str, str]
    own: dict[str, str]


class PhraseList(BaseModel):
    """`languages` are the brand's."""

    languages: list[str]
    items: list[PhraseItem]


class ChangedPhrases(BaseModel):
    """By language and key; null restores ours."""

    model_config = ConfigDict(extra="forbid")

    texts: dict[str, dict[str, str | None]]


def create_router(*, database: Database, clock: Clock, access: Access) -> APIRouter:
    """`/phrases`, to be mounted under `/api/v1`."""
    router = APIRouter(prefix="/phrases", tags=["brand"])

    @router.get("")
    async def read(actor: Annotated[Actor, Depends(access.require(Permission.READ_BRAND))]) -> PhraseList:
        del actor
        async with database.read() as session:
            own, brand = await load_own(session), await load_brand(session)
        return _list(own, brand.languages)

    @router.put("")
    async def write(
        changed: ChangedPhrases, actor: Annotated[Actor, Depends(access.require(Permission.EDIT_BRAND))]
    ) -> PhraseList:
        """Phrases that are not given stay as they are; a fault in one refuses all."""
        async with database.write() as session:
            own, brand = await save_own(session, changed.texts), await load_brand(session)
            details = {language: sorted(texts) for language, texts in changed.texts.items()}
            record(session, actor, "phrases.changed", at=clock(), details=details)
        return _list(own, brand.languages)

    return router


def _list(own: OwnPhrases, languages: tuple[str, ...]) -> PhraseList:
    items = [
        PhraseItem(
            key=key,
            placeholders=sorted(holes_of(text)),
            longest=BUTTON_LENGTH if key in BUTTONS else LONGEST,
            ours={language: phrases(language)[key] for language in LANGUAGES},
            own={language: own[language][key] for language in LANGUAGES if key in own.get(language, {})},
        )
        for key, text in phrases(DEFAULT_LANGUAGE).items()
    ]
    return PhraseList(languages=list(languages), items=items)
