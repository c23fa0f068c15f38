"""Who may do what: the one table of roles and permissions."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from core.errors import NotAllowed


class Role(StrEnum):
    AGENT = "agent"
    EDITOR = "editor"
    MANAGER = "manager"
    ADMIN = "admin"


class Permission(StrEnum):
    ANSWER = "answer"
    """Read conversations, own them, write in them."""
    TAKE_OVER = "take_over"
    """Act on a conversation that somebody else owns."""
    READ_KNOWLEDGE = "read_knowledge"
    EDIT_KNOWLEDGE = "edit_knowledge"
    READ_REPORTS = "read_reports"
    READ_BRAND = "read_brand"
    EDIT_BRAND = "edit_brand"
    MANAGE_CONTACTS = "manage_contacts"
    """Export everything held of a customer, and erase it."""
    MANAGE_CHANNELS = "manage_channels"
    MANAGE_USERS = "manage_users"
    READ_AUDIT = "read_audit"


_AGENT: Final = frozenset({Permission.ANSWER, Permission.READ_KNOWLEDGE, Permission.READ_BRAND})
_EDITOR: Final = _AGENT | {Permission.EDIT_KNOWLEDGE}
_MANAGER: Final = _EDITOR | {
    Permission.TAKE_OVER,
    Permission.READ_REPORTS,
    Permission.EDIT_BRAND,
    Permission.MANAGE_CONTACTS,
}

GRANTS: Final[Mapping[Role, frozenset[Permission]]] = {
    Role.AGENT: _AGENT,
    Role.EDITOR: _EDITOR,
    Role.MANAGER: _MANAGER,
    Role.ADMIN: frozenset(Permission),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """The user on whose behalf something is done."""

    id: int
    email: str
    name: str
    role: Role

    def may(self, permission: Permission) -> bool:
        return permission in GRANTS[self.role]

    def insist(self, permission: Permission) -> None:
        """Raises `NotAllowed` where the role does not reach."""
        if not self.may(permission):
            raise NotAllowed(f"The role '{self.role}' is not allowed to do this.")
