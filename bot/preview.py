"""REST: how an answer will look on each channel, cut and laid out as it will be sent."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from bot.accounts import Accounts
from bot.channel import ChannelKind
from bot.parts import Part, lay_out
from core.access import Access
from core.messages import Attachment, AttachmentKind, Button
from core.models import Message
from core.roles import Actor, Permission
from knowledge_base.content import ANSWER_LENGTH, BUTTON_TITLE_LENGTH, BUTTONS
from knowledge_base.shapes import ButtonBody


class Answer(BaseModel):
    """What an editor has written so far; it need not be complete."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(default="", max_length=2 * ANSWER_LENGTH)
    buttons: list[ButtonBody] = Field(default_factory=list, max_length=2 * BUTTONS)
    picture: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")


class ShownButton(BaseModel):
    title: str
    opens_page: bool


class ShownPart(BaseModel):
    """One platform message; `picture` is the digest of a stored file."""

    text: str
    picture: str | None
    buttons: list[ShownButton]


class ShownOnChannel(BaseModel):
    channel: str
    title: str
    parts: list[ShownPart]


class Preview(BaseModel):
    items: list[ShownOnChannel]


def create_router(*, access: Access, accounts: Accounts) -> APIRouter:
    """To be mounted under `/api/v1`."""
    router = APIRouter(tags=["knowledge"])

    @router.post("/knowledge/preview")
    async def preview(
        answer: Answer, actor: Annotated[Actor, Depends(access.require(Permission.READ_KNOWLEDGE))]
    ) -> Preview:
        """For every channel, the messages that the answer becomes there."""
        del actor
        return Preview(items=[_shown(answer, kind) for kind in accounts.kinds.values()])

    return router


def _shown(answer: Answer, kind: ChannelKind) -> ShownOnChannel:
    titled = [button for button in answer.buttons if button.title.strip()]
    buttons = [
        Button(title=button.title[:BUTTON_TITLE_LENGTH], payload=None if button.url else "preview", url=button.url)
        for button in titled
    ]
    pictures = [Attachment(kind=AttachmentKind.PICTURE, stored=answer.picture)] if answer.picture else []
    message = Message(
        text=answer.text.strip(),
        attachments=[picture.to_json() for picture in pictures],
        buttons=[button.to_json() for button in buttons],
    )
    parts = [_part(part) for part in lay_out(message, kind.limits)]
    return ShownOnChannel(channel=kind.name, title=kind.title, parts=parts)


def _part(part: Part) -> ShownPart:
    buttons = [ShownButton(title=button.title, opens_page=button.url is not None) for button in part.buttons]
    return ShownPart(text=part.text, picture=part.file, buttons=buttons)
