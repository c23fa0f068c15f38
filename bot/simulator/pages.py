"""The page where anybody plays a customer, its files, and the files that customers and the product sent."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route

if TYPE_CHECKING:
    from bot.simulator.app import Simulator

WEB = Path(__file__).parent / "web"
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
PAGE_HEADERS = {
    "Content-Security-Policy": PAGE_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
MEDIA_HEADERS = {"Content-Security-Policy": "default-src 'none'; sandbox", "X-Content-Type-Options": "nosniff"}
SHOWN_IN_PLACE = ("image/", "audio/", "video/")
KINDS = {".js": "text/javascript", ".css": "text/css", ".html": "text/html", ".svg": "image/svg+xml"}


def page_routes(simulator: Simulator) -> list[BaseRoute]:
    async def page(_request: Request) -> Response:
        return FileResponse(WEB / "index.html", headers=PAGE_HEADERS)

    async def asset(request: Request) -> Response:
        path = WEB / request.path_params["name"]
        if path.suffix not in KINDS or not path.is_file():
            return Response("Not Found", status_code=404)
        return FileResponse(path, headers=PAGE_HEADERS, media_type=KINDS[path.suffix])

    async def media(request: Request) -> Response:
        stored = simulator.media.find(request.path_params["id"])
        if stored is None:
            return Response("Not Found", status_code=404)
        headers = dict(MEDIA_HEADERS)
        if not stored.mime.startswith(SHOWN_IN_PLACE):
            headers["Content-Disposition"] = "attachment"
        return Response(stored.data, media_type=stored.mime, headers=headers)

    return [
        Route("/", page),
        Route("/web/{name}", asset),
        Route("/media/{id}/{name}", media),
    ]
