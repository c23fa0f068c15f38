"""What the managers set for all teams: service level, presence, promises and ratings."""

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncSession

from core.database import announce
from core.models import Preference

_KEY: Final = "desk_rules"
_LONGEST_MINUTES: Final = 30 * 24 * 60

Minutes = Annotated[int, Field(ge=1, le=_LONGEST_MINUTES)]


class ServiceLevel(BaseModel):
    """Targets in minutes of opening hours (METRICS.md section 4, *Service level*); null: no target."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    first_response_minutes: Minutes | None = None
    """From the handoff to the first human response."""
    reply_minutes: Minutes | None = None
    """From a customer's message to the next human response."""
    resolution_minutes: Minutes | None = None
    warn_share: float = Field(default=0.75, ge=0.1, le=1)
    """The share of the target after which the desk is warned."""


class DeskRules(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    level: ServiceLevel = ServiceLevel()
    away_minutes: Minutes = 10
    """An agent who does nothing on our screens for so long is away."""
    offline_minutes: Minutes = 60
    """And after so long offline."""
    promise: bool = True
    """Tell the customer at handoff when to expect a person, where that can be computed."""
    ask_helpful: bool = False
    """Put 'did this help?' buttons under answers of the bot."""
    ask_rating: bool = False
    """Ask for one to five stars after a person resolved a case."""


async def load_rules(session: AsyncSession) -> DeskRules:
    stored = await session.get(Preference, _KEY)
    return DeskRules() if stored is None else DeskRules.model_validate(stored.value)


async def save_rules(session: AsyncSession, rules: DeskRules) -> None:
    """Announced as `brand`."""
    await session.merge(Preference(key=_KEY, value=rules.model_dump(mode="json")))
    announce(session, "brand")
