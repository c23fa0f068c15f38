"""REST of the first run: how far it is, the demo's knowledge, and the trial."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from bot.demo import load_demo_entries
from bot.first_run.trial import Trial
from core.access import Access
from core.audit import record
from core.clock import Clock
from core.database import Database
from core.first_run import FirstRun, load_first_run, save_first_run
from core.messages import ConversationStatus
from core.roles import Actor, Permission
from core.text import storable
from core.web.screens import language_of


class Progress(BaseModel):
    model_config = ConfigDict(extra="forbid")

    step: str = Field(max_length=16)
    finished: bool = False


class Imported(BaseModel):
    """In entries."""

    added: int
    changed: int
    unchanged: int


class Question(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: str = Field(min_length=1, max_length=1000, pattern=r"\S")
    anew: bool = False
    """As another customer, who has not written before."""


class SaidItem(BaseModel):
    by_customer: bool
    text: str
    at: AwareDatetime


class SceneItem(BaseModel):
    """What the test customer sees; `status` is null until his words have arrived."""

    messages: list[SaidItem]
    conversation_id: int | None
    status: ConversationStatus | None


def create_router(*, database: Database, clock: Clock, access: Access, trial: Trial) -> APIRouter:
    """`/first-run`, to be mounted under `/api/v1`."""
    router = APIRouter(prefix="/first-run", tags=["first run"])
    Managing = Annotated[Actor, Depends(access.require(Permission.MANAGE_CHANNELS))]  # noqa: N806 - a type

    @router.get("")
    async def read(actor: Managing) -> Progress:
        del actor
        async with database.read() as session:
            return _progress(await load_first_run(session))

    @router.put("")
    async def go_on(progress: Progress, actor: Managing) -> Progress:
        """Where it stands now; finishing it ends the trial."""
        del actor
        async with database.write() as session:
            saved = await save_first_run(session, step=progress.step, finished=progress.finished)
        if saved.finished:
            await trial.end()
        return _progress(saved)

    @router.post("/demo")
    async def take_demo(actor: Managing) -> Imported:
        """The demo brand's entries, in five languages; the brand's own name and hours stay."""
        counts = await load_demo_entries(database, clock=clock)
        async with database.write() as session:
            record(session, actor, "knowledge.imported", subject="demo", details={"added": counts.added}, at=clock())
        return Imported(added=counts.added, changed=counts.changed, unchanged=counts.unchanged)

    @router.get("/trial")
    async def scene(actor: Managing) -> SceneItem:
        del actor
        return await _scene(trial)

    @router.post("/trial", status_code=HTTPStatus.ACCEPTED)
    async def say(question: Question, request: Request, actor: Managing) -> SceneItem:
        """A test customer writes this; the bot answers it as it would anybody."""
        del actor
        await trial.say(storable(question.text).strip(), language=language_of(request), anew=question.anew)
        return await _scene(trial)

    return router


async def _scene(trial: Trial) -> SceneItem:
    scene = await trial.scene()
    return SceneItem(
        messages=[SaidItem(by_customer=one.by_customer, text=one.text, at=one.at) for one in scene.messages],
        conversation_id=scene.conversation_id,
        status=scene.status,
    )


def _progress(first_run: FirstRun) -> Progress:
    return Progress(step=first_run.step, finished=first_run.finished)
