"""What the understanding holds of a customer: his questions that it could not answer."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.personal_data import Holder, Person, as_json
from nlu.models import UnansweredQuestion


async def collect(session: AsyncSession, person: Person) -> Mapping[str, Any]:
    of_person = UnansweredQuestion.conversation_id.in_(person.conversation_ids)
    return {"unanswered_questions": as_json(await session.scalars(select(UnansweredQuestion).where(of_person)))}


async def erase(session: AsyncSession, person: Person) -> None:
    of_person = UnansweredQuestion.conversation_id.in_(person.conversation_ids)
    await session.execute(delete(UnansweredQuestion).where(of_person))


HOLDER: Final = Holder(tables=frozenset({UnansweredQuestion.__tablename__}), collect=collect, erase=erase)
