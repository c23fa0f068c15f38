"""REST: questions the bot could not answer, in groups; drafts made of them; answers that an agent marks as wrong."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from core.access import Access
from core.audit import record
from core.clock import Clock
from core.database import Database
from core.errors import Conflict
from core.identity import Identity
from core.roles import Actor, Permission
from knowledge_base.shapes import EntryItem, item_of
from nlu.models import UnansweredQuestion
from nlu.unanswered.board import Board
from nlu.unanswered.drafting import make_draft
from nlu.unanswered.keeping import mark_wrong, marked_in, unmark_wrong
from nlu.unanswered.questions import MOST_QUESTIONS, Question, read_questions
from nlu.unanswered.shapes import BoardItem

Ids = Annotated[list[Identity], Field(min_length=1, max_length=MOST_QUESTIONS)]


class Chosen(BaseModel):
    """Questions as the editor saw them in a group."""

    model_config = ConfigDict(extra="forbid")

    questions: Ids


class NewDraft(Chosen):
    reply: Identity | None = None
    """The agent's message whose words become the answer."""


class SetAside(Chosen):
    aside: bool = True
    """False takes them back."""


class Marked(BaseModel):
    """The question that the wrong answer was given to."""

    id: int
    text: str


class Marks(BaseModel):
    messages: list[int]


def create_router(*, database: Database, clock: Clock, access: Access, board: Board) -> APIRouter:
    """To be mounted under `/api/v1`."""
    router = APIRouter()
    router.include_router(_marks(database=database, clock=clock, access=access))
    router.include_router(_groups(database=database, clock=clock, access=access, board=board))
    return router


def _groups(*, database: Database, clock: Clock, access: Access, board: Board) -> APIRouter:
    router = APIRouter(prefix="/knowledge/unanswered", tags=["knowledge"])
    Reader = Annotated[Actor, Depends(access.require(Permission.READ_KNOWLEDGE))]  # noqa: N806 - a type
    Editor = Annotated[Actor, Depends(access.require(Permission.EDIT_KNOWLEDGE))]  # noqa: N806 - a type

    @router.get("")
    async def read(actor: Reader) -> BoardItem:
        """Groups by meaning, those that concern most customers first; and what became of those that are entries now."""
        del actor
        return await board.read()

    @router.post("/draft", status_code=HTTPStatus.CREATED)
    async def draft(new: NewDraft, actor: Editor) -> EntryItem:
        """A draft entry of these questions and of an agent's reply; 409 where somebody was quicker."""
        now = clock()
        async with database.write() as session:
            chosen = await _chosen(session, new.questions)
            made = await make_draft(session, chosen, reply_id=new.reply, now=now, by=actor.id)
            details = {"questions": len(chosen)}
            record(session, actor, "entry.drafted", at=now, subject=made.content.id, details=details)
        return item_of(made)

    @router.post("/aside", status_code=HTTPStatus.NO_CONTENT)
    async def set_aside(chosen: SetAside, actor: Editor) -> None:
        """These questions are nothing for the knowledge base, and are not shown any more."""
        now = clock()
        async with database.write() as session:
            await session.execute(
                update(UnansweredQuestion)
                .where(UnansweredQuestion.id.in_(chosen.questions), UnansweredQuestion.entry.is_(None))
                .values(set_aside_at=now if chosen.aside else None)
            )
            action = "unanswered.set_aside" if chosen.aside else "unanswered.taken_back"
            record(session, actor, action, at=now, details={"questions": len(chosen.questions)})

    return router


async def _chosen(session: AsyncSession, ids: Sequence[int]) -> list[Question]:
    """In the order given. Raises `Conflict` for those that are not open any more."""
    there = {question.id: question for question in await read_questions(session, open_only=True)}
    if not all(one in there for one in ids):
        raise Conflict("Somebody has dealt with some of these questions meanwhile.")
    return [there[one] for one in dict.fromkeys(ids)]


def _marks(*, database: Database, clock: Clock, access: Access) -> APIRouter:
    router = APIRouter(prefix="/conversations/{conversation_id}", tags=["conversations"])
    Answering = Annotated[Actor, Depends(access.require(Permission.ANSWER))]  # noqa: N806 - a type

    @router.get("/wrong-answers")
    async def marks(conversation_id: Identity, actor: Answering) -> Marks:
        """The bot's messages here that somebody marked as wrong."""
        del actor
        async with database.read() as session:
            return Marks(messages=await marked_in(session, conversation_id))

    @router.put("/messages/{message_id}/wrong")
    async def mark(conversation_id: Identity, message_id: Identity, actor: Answering) -> Marked:
        """The bot's answer was wrong: its question counts as unanswered."""
        async with database.write() as session:
            question = await mark_wrong(session, conversation_id, message_id, by=actor.id)
            record(session, actor, "answer.marked_wrong", at=clock(), subject=str(message_id))
            return Marked(id=question.id, text=question.text)

    @router.delete("/messages/{message_id}/wrong", status_code=HTTPStatus.NO_CONTENT)
    async def unmark(conversation_id: Identity, message_id: Identity, actor: Answering) -> Response:
        async with database.write() as session:
            await unmark_wrong(session, conversation_id, message_id)
            record(session, actor, "answer.unmarked", at=clock(), subject=str(message_id))
        return Response(status_code=HTTPStatus.NO_CONTENT)

    return router
