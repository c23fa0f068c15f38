"""REST: ask the knowledge base what the bot would answer."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from core.access import Access
from core.database import Database
from core.preferences import load_brand
from core.roles import Actor, Permission
from nlu.asking import asked
from nlu.serving import Serving


class Question(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: str = Field(max_length=20_000)


def create_router(*, database: Database, access: Access, serving: Serving) -> APIRouter:
    router = APIRouter(tags=["knowledge"])
    reader = access.require(Permission.READ_KNOWLEDGE)

    @router.post("/knowledge/ask")
    async def ask(question: Question, actor: Annotated[Actor, Depends(reader)]) -> dict[str, Any]:
        """What the bot would do with this text as a customer's first message: decision, best entry, candidates, answer."""
        del actor
        async with database.read() as session:
            brand = await load_brand(session)
        return await asked(question.text, in_use=await serving.current(), brand=brand)

    return router
