"""Errors as `application/problem+json` (RFC 9457): one plain sentence, never a stack trace."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from core.errors import NotSignedIn, ReplydeskError, TooManyTries
from core.text import storable

_log = structlog.get_logger()
_TEXT: Final = {"type": "string"}
_PROBLEM: Final = {
    "type": "object",
    "properties": {
        "type": _TEXT,
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": _TEXT,
        "errors": {"type": "array", "items": {"type": "object", "properties": {"field": _TEXT, "message": _TEXT}}},
    },
    "required": ["type", "title", "status"],
}
_TOLD: Final = {"application/problem+json": {"schema": _PROBLEM}}
PROBLEM_RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    422: {"description": "The input is refused; `errors` names the fields.", "content": _TOLD},
    "4XX": {"description": "Not signed in, not allowed, not found, changed meanwhile …", "content": _TOLD},
}
"""What every route may answer besides, for the description at /openapi.json."""


def problem(
    status: int,
    detail: str | None = None,
    *,
    headers: Mapping[str, str] | None = None,
    errors: Sequence[Mapping[str, str]] | None = None,
) -> JSONResponse:
    """`{"type", "title", "status", "detail"}`, for refused input also `errors`: `[{"field", "message"}]`."""
    content: dict[str, Any] = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    if detail:
        content["detail"] = storable(detail)  # it may quote what came in
    if errors:
        content["errors"] = [{key: storable(text) for key, text in error.items()} for error in errors]
    return JSONResponse(content, status, dict(headers or {}), media_type="application/problem+json")


def install_problem_handlers(app: FastAPI) -> None:
    """Every error of every route becomes a problem: ours, the framework's (404, 405, 422) and surprises (500)."""
    app.add_exception_handler(ReplydeskError, _tell_expected)
    app.add_exception_handler(HTTPException, _tell_http)
    app.add_exception_handler(RequestValidationError, _tell_invalid)
    app.add_exception_handler(Exception, _tell_surprise)


async def _tell_expected(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ReplydeskError)  # noqa: S101 - Starlette calls it for nothing else
    del request
    return problem(error.status, str(error), headers=headers_of(error))


def headers_of(error: ReplydeskError) -> dict[str, str]:
    """What HTTP wants beside the status: `WWW-Authenticate` with a 401, `Retry-After` with a 429."""
    if isinstance(error, NotSignedIn):
        return {"WWW-Authenticate": 'Bearer realm="replydesk"'}
    if isinstance(error, TooManyTries):
        return {"Retry-After": str(error.after_seconds)}
    return {}


async def _tell_http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - Starlette calls it for nothing else
    del request
    default = HTTPStatus(error.status_code).phrase
    detail = error.detail if isinstance(error.detail, str) and error.detail != default else None
    return problem(error.status_code, detail, headers=error.headers)


async def _tell_invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - Starlette calls it for nothing else
    del request
    faults = [{"field": _field(fault["loc"]), "message": str(fault["msg"])} for fault in error.errors()]
    first = faults[0]
    detail = f"{first['field']}: {first['message']}." if first["field"] else f"{first['message']}."
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, errors=faults)


def _field(location: Sequence[int | str]) -> str:
    """`("body", "until")` → `until`; where the whole body is at fault, `body`."""
    inner = location[1:] if len(location) > 1 else location
    return ".".join(str(part) for part in inner)


async def _tell_surprise(request: Request, error: Exception) -> JSONResponse:
    _log.error("request_failed", method=request.method, path=request.url.path, exc_info=error)
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong on our side.")
