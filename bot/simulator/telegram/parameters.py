"""Reads the three body kinds of a Bot API call: form-encoded, multipart with files, JSON."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request

from bot.simulator.telegram.errors import BotError


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    name: str
    mime: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """The arguments of one call. Nested objects may come as JSON strings, numbers and booleans as text."""

    values: Mapping[str, Any] = field(default_factory=dict)
    uploads: Mapping[str, Upload] = field(default_factory=dict)

    def text(self, name: str, default: str = "") -> str:
        value = self.values.get(name)
        return default if value is None else str(value)

    def integer(self, name: str, default: int = 0) -> int:
        try:
            return int(self.values.get(name, default))
        except (TypeError, ValueError):
            return default

    def flag(self, name: str) -> bool:
        return str(self.values.get(name, "false")).lower() in ("true", "1")

    def structure(self, name: str) -> Any:
        """The nested object, None when it is missing. Raises BotError 400 for JSON that is none."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError as error:
            raise BotError(400, f"can't parse {name} JSON object") from error

    def as_json(self) -> dict[str, Any]:
        """For the record: the values as sent, files by name and size."""
        files = {name: f"{upload.name} ({len(upload.data)} bytes)" for name, upload in self.uploads.items()}
        return {**self.values, **files}


async def read_parameters(request: Request) -> Parameters:
    """All arguments of the call, from the query string and the body."""
    values: dict[str, Any] = dict(request.query_params)
    kind = request.headers.get("content-type", "")
    if kind.startswith("application/json"):
        body = await request.body()
        try:
            values.update(json.loads(body) if body else {})
        except (ValueError, TypeError) as error:
            raise BotError(400, "can't parse JSON") from error
        return Parameters(values=values)
    uploads: dict[str, Upload] = {}
    async with request.form(max_files=20, max_part_size=8 * 1024 * 1024) as form:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                mime = value.content_type or "application/octet-stream"
                uploads[name] = Upload(name=value.filename or name, mime=mime, data=await value.read())
            else:
                values[name] = value
    return Parameters(values=values, uploads=uploads)
