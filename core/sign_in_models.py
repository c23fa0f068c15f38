"""The tables of what lets a person in beside his password, and of what keeps others out."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Instant


class SecondFactor(Base):
    """A user's authenticator app; it is asked for once he has shown that it works."""

    __tablename__ = "second_factors"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    """Encrypted (core/vault.py)."""
    created_at: Mapped[datetime] = mapped_column(Instant)
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant)
    last_step: Mapped[int] = mapped_column(default=0)
    """The half minute of the last code that was taken: it and all before are used up."""


class RecoveryCode(Base):
    """Lets its user in once when the app is lost; only its digest is kept, and the row goes with its use."""

    __tablename__ = "recovery_codes"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)


class PasswordLink(Base):
    """A link that an administrator made, with which somebody sets his password once."""

    __tablename__ = "password_links"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    expires_at: Mapped[datetime] = mapped_column(Instant)


class Try(Base):
    """One try to get in; enough of them within a minute make the next wait (core/throttle.py)."""

    __tablename__ = "tries"
    __table_args__ = (Index("ix_tries_key_at", "key", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64))
    """A digest: nobody's address is kept in clear."""
    at: Mapped[datetime] = mapped_column(Instant, index=True)


class OutsideIdentity(Base):
    """A user as an OpenID provider knows him."""

    __tablename__ = "outside_identities"

    issuer: Mapped[str] = mapped_column(String(255), primary_key=True)
    subject: Mapped[str] = mapped_column(String(255), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
