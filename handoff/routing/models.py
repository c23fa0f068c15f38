"""The table of routing: where each case stands on its way to somebody who answers."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Instant


class CaseRoute(Base):
    """One row a case, made when it is first looked at."""

    __tablename__ = "case_routes"

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"), index=True)
    """None: no team serves its language and channel, so everybody sees it."""
    assigned_at: Mapped[datetime | None] = mapped_column(Instant)
    """When it was last given to somebody."""
    passed_over: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    """Who had it and was silent: user id → when it was taken from him."""
    timed_since: Mapped[datetime | None] = mapped_column(Instant)
    """The wait that the three below are about; None: they are to be computed again."""
    warn_at: Mapped[datetime | None] = mapped_column(Instant)
    due_at: Mapped[datetime | None] = mapped_column(Instant)
    """When the service level is missed."""
    warned: Mapped[int] = mapped_column(default=0)
    """0 nobody was warned of this wait, 1 warned, 2 told that it is missed."""
