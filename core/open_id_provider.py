"""The OpenID provider that the settings name, if any."""

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Self

from core.errors import SettingMistake
from core.roles import Role
from core.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """`domains`: whose people may come without having been added; they get `role`."""

    issuer: str
    client_id: str
    client_secret: str
    domains: frozenset[str]
    role: Role

    @classmethod
    def from_settings(cls, settings: Settings) -> Self | None:
        """None where no issuer is set. Raises `SettingMistake` for half of it, or without the extra installed."""
        if settings.oidc_issuer is None:
            return None
        if settings.oidc_client_id is None or settings.oidc_client_secret is None:
            raise SettingMistake(
                "REPLYDESK_OIDC_ISSUER needs REPLYDESK_OIDC_CLIENT_ID and REPLYDESK_OIDC_CLIENT_SECRET too."
            )
        if find_spec("joserfc") is None:
            raise SettingMistake("REPLYDESK_OIDC_ISSUER needs the extra: pip install 'replydesk[oidc]'.")
        return cls(
            issuer=settings.oidc_issuer.rstrip("/"),
            client_id=settings.oidc_client_id,
            client_secret=settings.oidc_client_secret.get_secret_value(),
            domains=frozenset(settings.oidc_domains.lower().replace(",", " ").split()),
            role=Role(settings.oidc_role),
        )
