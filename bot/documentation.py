"""`/docs`: the REST interface told on one page of our own, from the same description as `/openapi.json`.

Nothing is fetched from elsewhere and no script runs, so the page works offline and under the strictest policy.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from fastapi import APIRouter, FastAPI, Request, Response

from core.web.screens import Screens

WEB: Final = Path(__file__).parent / "web"
_METHODS: Final = ("get", "post", "put", "delete")


def create_page(app: FastAPI, screens: Screens) -> APIRouter:
    """`screens` knows this folder too."""
    router = APIRouter(include_in_schema=False)

    @router.get("/docs")
    async def documentation(request: Request) -> Response:
        description = app.openapi()
        shapes = description.get("components", {}).get("schemas", {})
        return screens.show(
            request,
            "docs.html",
            title=description["info"]["title"],
            version=description["info"]["version"],
            routes=list(_routes(description["paths"])),
            shapes={name: _pretty(shape) for name, shape in sorted(shapes.items())},
        )

    return router


def _routes(paths: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for path, methods in paths.items():
        for method in _METHODS:
            if method in methods:
                yield _route(path, method, methods[method])


def _route(path: str, method: str, operation: Mapping[str, Any]) -> dict[str, Any]:
    body = operation.get("requestBody", {}).get("content", {})
    return {
        "method": method.upper(),
        "path": path,
        "summary": operation.get("summary", ""),
        "description": operation.get("description", ""),
        "parameters": [
            {
                "name": parameter["name"],
                "place": parameter["in"],
                "required": parameter.get("required", False),
                "shape": _pretty(parameter.get("schema", {})),
            }
            for parameter in operation.get("parameters", ())
        ],
        "body": [_pretty(content.get("schema", {})) for content in body.values()],
        "answers": {
            status: [_pretty(content.get("schema", {})) for content in answer.get("content", {}).values()]
            for status, answer in operation["responses"].items()
        },
    }


def _pretty(shape: Any) -> str:
    """JSON schema to read: references by name alone, titles left out."""
    return json.dumps(_short(shape), indent=2, ensure_ascii=False)


def _short(shape: Any) -> Any:
    if isinstance(shape, list):
        return [_short(one) for one in shape]
    if not isinstance(shape, dict):
        return shape
    if "$ref" in shape:
        return shape["$ref"].rpartition("/")[2]
    return {name: _short(inner) for name, inner in shape.items() if not (name == "title" and isinstance(inner, str))}
