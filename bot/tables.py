"""All tables of the house: importing a package's `models.py` is what declares them."""

from importlib import import_module
from typing import Final

from sqlalchemy import MetaData

from core.database import Base

_DECLARING: Final = (
    "core.models",
    "core.sign_in_models",
    "knowledge_base.models",
    "nlu.models",
    "handoff.models",
    "handoff.teams.models",
    "handoff.routing.models",
    "handoff.ratings.models",
    "handoff.automations.models",
    "handoff.webhooks.models",
    "bot.models",
)


def all_tables() -> MetaData:
    """The metadata with every package's tables in it."""
    for module in _DECLARING:
        import_module(module)
    return Base.metadata
