"""The screens as one application: a page that loads native modules, and the packages' `web` folders they come from.

The modules are named in an import map (`core/`, `handoff/` … and the vendored libraries). It is the page's one inline
script, and the policy names its hash, so that nothing else inline can run. The addresses carry a digest of all files,
so browsers keep them for good and still never mix two versions.
"""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Final
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from core.access import Access
from core.database import Database
from core.errors import NotFound
from core.setup_link import has_users
from core.web.screens import Screens, language_of

_TYPES: Final = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}
_VENDORED: Final = {
    "preact": "core/vendor/preact.js",
    "preact/hooks": "core/vendor/hooks.js",
    "@preact/signals-core": "core/vendor/signals-core.js",
    "@preact/signals": "core/vendor/signals.js",
    "htm": "core/vendor/htm.js",
}
_FOR_GOOD: Final = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
THEMES: Final = ("auto", "light", "dark")


class Application:
    """`folders`: each package's name in addresses and its `web` folder; `entry` is the module the page starts with."""

    def __init__(self, *, folders: Mapping[str, Path], entry: str, screens: Screens) -> None:
        self._screens = screens
        self._files = {
            f"{package}/{path.relative_to(folder).as_posix()}": path.read_bytes()
            for package, folder in folders.items()
            for path in sorted(folder.rglob("*"))
            if path.suffix in _TYPES
        }
        self._words = {language: screens.words(language) for language in screens.languages}
        self._files |= {f"words/{language}.js": _module(words) for language, words in self._words.items()}
        self.digest = hashlib.sha256(b"".join(self._files.values())).hexdigest()[:12]
        self._base = f"/web/{self.digest}/"
        self._entry = self._base + entry
        imports = {name: self._base + path for name, path in _VENDORED.items()}
        imports |= {f"{package}/": f"{self._base}{package}/" for package in folders}
        self._import_maps = {
            language: json.dumps({"imports": imports | {"words": f"{self._base}words/{language}.js"}})
            for language in self._words
        }

    def show(self, request: Request) -> Response:
        """The page, in the reader's language and theme."""
        language = language_of(request)
        import_map = self._import_maps[language]
        theme = request.cookies.get("replydesk_theme", "auto")
        page = self._screens.show(
            request,
            "application.html",
            theme=theme if theme in THEMES else "auto",
            entry=self._entry,
            import_map=import_map,
            styles=[
                self._base + name for name in self._files if name.endswith(".css") and name != "core/replydesk.css"
            ],
            modules=[
                self._base + name for name in self._files if name.endswith(".js") and not name.startswith("words/")
            ]
            + [f"{self._base}words/{language}.js"],
        )
        page.headers["Content-Security-Policy"] = _policy(import_map)
        return page

    def file(self, digest: str, name: str) -> Response:
        """One of the files. Raises `NotFound`, also for those of an older version: the page is to be loaded anew."""
        content = self._files.get(name) if digest == self.digest else None
        if content is None:
            raise NotFound("There is no such file.")
        return Response(content, headers=_FOR_GOOD, media_type=_TYPES["." + name.rpartition(".")[2]])


def create_application(
    *, application: Application, paths: Sequence[str], database: Database, access: Access, screens: Screens
) -> APIRouter:
    """The application at each of `paths`, for who is signed in; its files under `/web/`."""
    router = APIRouter(include_in_schema=False)

    async def page(request: Request) -> Response:
        if await access.identify(request) is not None:
            return application.show(request)
        async with database.read() as session:
            somebody = await has_users(session)
        if not somebody:
            return screens.show(request, "no_users.html")
        return RedirectResponse(f"/login?next={quote(request.url.path)}", HTTPStatus.SEE_OTHER)

    for path in paths:
        router.add_api_route(path, page, methods=["GET"])

    @router.get("/web/{digest}/{name:path}")
    async def file(digest: str, name: str) -> Response:
        return application.file(digest, name)

    return router


def _module(words: Mapping[str, str]) -> bytes:
    return f"export default {json.dumps(words, ensure_ascii=False, indent=0)};\n".encode()


def _policy(import_map: str) -> str:
    digest = base64.b64encode(hashlib.sha256(import_map.encode()).digest()).decode()
    return (
        f"default-src 'none'; script-src 'self' 'sha256-{digest}'; style-src 'self'; img-src 'self' blob:; "
        "media-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )
