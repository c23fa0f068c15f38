"""Reads a Graph call (query, form, multipart or JSON) and checks who is asking."""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request

from bot.simulator.graph.errors import GraphError, GraphErrorShape, bad_parameter, named_error
from bot.simulator.graph.signing import proof
from bot.simulator.media import MediaStore, StoredFile

#: Arguments that are JSON when they come in a form.
NESTED = frozenset({"recipient", "message", "reply_to", "payload", "greeting", "get_started", "persistent_menu"})
NESTED_TOO = frozenset({"ice_breakers", "commands", "fields_list"})


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphCall:
    """One call: its arguments (without the token), an uploaded file, and the token with its proof."""

    method: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    upload: StoredFile | None = None
    token: str = ""
    proof: str = ""
    token_in: str = ""

    def text(self, name: str, default: str = "") -> str:
        value = self.arguments.get(name)
        return default if value is None else str(value)

    def check(self, *, token: str, secret: str, require_proof: bool) -> None:
        """Raises GraphError 190 for a wrong token, 100 for a wrong or missing proof."""
        if not hmac.compare_digest(self.token.encode(), token.encode()):
            raise named_error("token_invalid")
        if not self.proof and not require_proof:
            return
        words = "Invalid appsecret_proof provided in the API argument"
        if not self.proof:
            words = "API calls from the server require an appsecret_proof argument"
        if not hmac.compare_digest(self.proof.encode(), proof(secret, token).encode()):
            raise GraphError(GraphErrorShape(status=400, code=100, message=words, type="GraphMethodException"))


async def read_call(request: Request, media: MediaStore) -> GraphCall:
    """The call with its token taken from the header, the query or the body. Raises GraphError 100 for broken JSON."""
    arguments: dict[str, Any] = dict(request.query_params)
    in_query = "access_token" in arguments
    upload = None
    if request.headers.get("content-type", "").startswith("application/json"):
        body = await request.body()
        given = _parsed("body", body.decode() or "{}")
        if not isinstance(given, dict):
            raise bad_parameter("The body must be a JSON object")
        arguments.update(given)
    else:
        async with request.form(max_files=5, max_part_size=8 * 1024 * 1024) as form:
            for name, value in form.multi_items():
                if isinstance(value, UploadFile):
                    mime = value.content_type or "application/octet-stream"
                    upload = media.keep(await value.read(), name=value.filename or name, mime=mime)
                else:
                    arguments[name] = _parsed(name, value) if name in NESTED | NESTED_TOO else value
    bearer = request.headers.get("authorization", "")
    in_header = bearer.lower().startswith("bearer ")
    token = str(arguments.pop("access_token", ""))
    place = "query" if in_query else "body"
    return GraphCall(
        method=request.method,
        arguments=arguments,
        upload=upload,
        token=bearer[7:].strip() if in_header else token,
        proof=str(arguments.pop("appsecret_proof", "")),
        token_in="header" if in_header else place,
    )


def _parsed(name: str, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise bad_parameter(f"Param {name} must be valid JSON") from error
