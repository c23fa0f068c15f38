"""Run by Alembic with a connection handed in by bot/schema.py."""

from typing import Any, Literal

from alembic import context

from bot.tables import all_tables
from core.database import Instant, Word


def _plainly(kind: str, item: Any, context_: Any) -> str | Literal[False]:
    """Migrations name plain types, so that they stay what they were when ours change."""
    del context_
    if kind == "type" and isinstance(item, Instant):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, Word):
        return "sa.String(length=32)"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=all_tables(),
    render_as_batch=True,
    compare_type=True,
    render_item=_plainly,
)
with context.begin_transaction():
    context.run_migrations()
