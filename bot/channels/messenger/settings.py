"""What one Page needs."""

from typing import Annotated, Any, Final

import httpx
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

VERSION: Final = "v25.0"
"""The Graph API's version all calls name."""


def _trimmed(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


def _fit_for_a_header(secret: SecretStr) -> SecretStr:
    value = secret.get_secret_value()
    if not (value and value.isascii() and value.isprintable() and " " not in value):
        raise ValueError("must be one word of plain letters, digits and signs")
    return secret


def _address(url: str) -> str:
    try:
        found = httpx.URL(url)
    except httpx.InvalidURL:
        found = httpx.URL()
    if found.scheme not in {"https", "http"} or not found.host:
        raise ValueError("must be an address that starts with https://")
    return url.rstrip("/")


Secret = Annotated[SecretStr, BeforeValidator(_trimmed), AfterValidator(_fit_for_a_header)]


class MessengerCredentials(BaseModel):
    """One Page's credentials; an error about them never repeats a value."""

    model_config = ConfigDict(hide_input_in_errors=True)

    page_id: Annotated[str, BeforeValidator(lambda value: _trimmed(str(value)))] = Field(
        pattern=r"^\d{1,32}$", description="The Page's number: Page, About, Page transparency."
    )
    page_token: Secret = Field(description="A Page access token with pages_messaging that does not expire.")
    app_secret: Secret = Field(description="The app's secret: App settings, Basic. It signs every webhook.")
    verify_token: Secret = Field(description="Any word of your own; type the same one into the webhook's settings.")
    graph_url: Annotated[str, BeforeValidator(_trimmed), AfterValidator(_address)] = Field(
        default="https://graph.facebook.com", description="Where the Graph API is; another address only for tests."
    )
