"""How far the first run has come: kept on the server, so that it goes on after a closed window or a restart."""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import UserMistake
from core.models import Preference

STEPS: Final = ("brand", "hours", "channel", "knowledge", "trial")
_KEY: Final = "first_run"


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstRun:
    """`step` is where it stands; a house that never began one (or is older than this) counts as finished."""

    step: str = STEPS[0]
    finished: bool = True

    def to_json(self) -> dict[str, Any]:
        return {"step": self.step, "finished": self.finished}


async def load_first_run(session: AsyncSession) -> FirstRun:
    stored = await session.get(Preference, _KEY)
    if stored is None or stored.value.get("step") not in STEPS:
        return FirstRun()
    return FirstRun(step=stored.value["step"], finished=bool(stored.value.get("finished")))


async def save_first_run(session: AsyncSession, *, step: str, finished: bool) -> FirstRun:
    """Raises `UserMistake` for a step there is not."""
    if step not in STEPS:
        raise UserMistake(f"step: must be one of {', '.join(STEPS)}.")
    first_run = FirstRun(step=step, finished=finished)
    await session.merge(Preference(key=_KEY, value=first_run.to_json()))
    return first_run
