"""For machines that watch us: is the process alive, can it do its work, and its numbers."""

from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bot.product import Product


def create_router(product: Product) -> APIRouter:
    router = APIRouter(tags=["operation"])

    @router.get("/healthz", response_class=PlainTextResponse)
    async def healthz() -> str:
        """The process answers; nothing else is asked."""
        return "ok"

    @router.get("/readyz")
    async def readyz() -> JSONResponse:
        """200 when messages can be stored and understood; 503 with what is missing."""
        checks: dict[str, Any] = {
            "database": await _database_answers(product),
            "knowledge": product.serving.is_ready,
            "background": sorted(product.supervisor.ailing),
        }
        ready = checks["database"] and checks["knowledge"] and not checks["background"]
        return JSONResponse({"ready": ready, **checks}, status_code=200 if ready else 503)

    @router.get("/metrics", response_class=PlainTextResponse)
    async def metrics() -> Response:
        """Prometheus text format."""
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return router


async def _database_answers(product: Product) -> bool:
    try:
        async with product.database.read() as session:
            await session.execute(text("SELECT 1"))
    except (SQLAlchemyError, OSError):
        return False
    return True
