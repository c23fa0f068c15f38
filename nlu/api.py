"""REST: ask the knowledge base what the bot would answer."""

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

import nlu.unanswered.api
from core.access import Access
from core.clock import Clock
from core.database import Database
from core.preferences import load_brand
from core.roles import Actor, Permission
from nlu.asking import asked
from nlu.reporting import LIMITS, curve_points
from nlu.serving import Serving
from nlu.unanswered.beside import group_beside
from nlu.unanswered.board import Board
from nlu.understanding import Understanding


class Question(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: str = Field(max_length=20_000)


class PointItem(BaseModel):
    """At one limit, for a language or `all`: from which confidence on it answers, which share of questions that is, and
    which share of those answers is wrong, each between 0 and 1 with a 95 % interval.
    """

    language: str
    max_wrong_answer_rate: float
    cutoff: float
    answered: float
    answered_interval: tuple[float, float]
    wrong: float
    wrong_interval: tuple[float, float]


class Thresholds(BaseModel):
    """`points` are empty until the bot has been calibrated on the published entries."""

    max_wrong_answer_rate: float
    points: list[PointItem]


def create_router(*, database: Database, clock: Clock, access: Access, serving: Serving, data_dir: Path) -> APIRouter:
    """To be mounted under `/api/v1`. Vectors of unanswered questions are kept in `data_dir`."""
    router = APIRouter(tags=["knowledge"])
    board = Board(database=database, serving=serving, folder=data_dir / "unanswered", group=group_beside)
    router.include_router(nlu.unanswered.api.create_router(database=database, clock=clock, access=access, board=board))
    reader = access.require(Permission.READ_KNOWLEDGE)

    @router.post("/knowledge/ask")
    async def ask(question: Question, actor: Annotated[Actor, Depends(reader)]) -> dict[str, Any]:
        """What the bot would do with this text as a customer's first message: decision, best entry, candidates, answer."""
        del actor
        async with database.read() as session:
            brand = await load_brand(session)
        return await asked(question.text, in_use=await serving.current(), brand=brand)

    @router.get("/knowledge/thresholds")
    async def thresholds(actor: Annotated[Actor, Depends(reader)]) -> Thresholds:
        """What would be answered, and how much of it wrongly, at several limits: estimated on the published entries."""
        del actor
        async with database.read() as session:
            limit = (await load_brand(session)).max_wrong_answer_rate
        understanding = (await serving.current()).understanding
        model = understanding.model if isinstance(understanding, Understanding) else None
        if model is None or not len(model.calibration.curve.right):
            return Thresholds(max_wrong_answer_rate=limit, points=[])
        limits = tuple(sorted({*LIMITS, limit}))
        points = await asyncio.to_thread(curve_points, model.calibration, limits)
        return Thresholds(max_wrong_answer_rate=limit, points=[PointItem(**asdict(point)) for point in points])

    return router
