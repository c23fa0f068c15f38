"""What the desk does by itself, round by round: routing, asking for ratings, automations."""

import asyncio
from typing import Final

import structlog

from bot.ratings import RatingRequests
from core.database import TROUBLE
from handoff.automations.running import Automations
from handoff.routing.router import Router

log = structlog.get_logger(__name__)

_EVERY_SECONDS: Final = 1.0


class DeskWork:
    def __init__(self, *, router: Router, rating_requests: RatingRequests, automations: Automations) -> None:
        self._router = router
        self._rating_requests = rating_requests
        self._automations = automations

    async def run(self) -> None:
        """Until cancelled. A database that is away only makes it wait."""
        while True:
            try:
                await self._router.route_once()
                await self._rating_requests.ask_due()
                await self._automations.run_once()
            except TROUBLE as error:
                log.warning("desk_work_waits_for_database", error=str(error))
            await asyncio.sleep(_EVERY_SECONDS)
