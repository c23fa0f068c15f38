"""Which languages customers write in: what a translation that is missing costs."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.models import Conversation


async def customers_by_language(session: AsyncSession, *, since: datetime) -> dict[str, int]:
    """Customers who wrote since then, by the language of their conversation; those of no known language are left out."""
    query = (
        select(Conversation.language, func.count(func.distinct(Conversation.contact_id)))
        .where(Conversation.last_customer_at >= since, Conversation.language.is_not(None))
        .group_by(Conversation.language)
    )
    return {language: count for language, count in await session.execute(query) if language is not None}
