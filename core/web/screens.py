"""Server-rendered pages: templates, words in five languages, and headers under which nothing foreign runs."""

import json
from collections.abc import Callable, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from core.errors import UserMistake
from core.languages import DEFAULT_LANGUAGE, LANGUAGES, known_language

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # 'no-referrer' would make the browser send `Origin: null` with our own forms
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
WEB: Final = Path(__file__).parent
_LARGEST_FORM: Final = 400_000
_MOST_FIELDS: Final = 20

Translate = Callable[[str], str]


class Screens:
    """Renders the templates of several `web` folders with the words of their `words.json` (`{key: {language: text}}`)."""

    def __init__(self, folders: Sequence[Path] = (WEB,)) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(folders),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._words: dict[str, dict[str, str]] = {}
        for folder in folders:
            self._words.update(json.loads((folder / "words.json").read_text("utf-8")))

    def show(self, request: Request, template: str, *, status: int = HTTPStatus.OK, **values: Any) -> HTMLResponse:
        """The page in the reader's language; templates say `t("key")`."""
        language = language_of(request)
        rendered = self._environment.get_template(template).render(
            t=self.translate(language), language=language, **values
        )
        return HTMLResponse(rendered, status, HEADERS)

    @property
    def languages(self) -> Sequence[str]:
        return LANGUAGES

    def words(self, language: str) -> dict[str, str]:
        """All words of all folders in one language."""
        return {key: words[language] for key, words in sorted(self._words.items())}

    def translate(self, language: str) -> Translate:
        """A key's words in that language; the key's last part where a code has no words yet."""

        def translate(key: str) -> str:
            words = self._words.get(key)
            return key.rpartition(".")[2].replace("_", " ") if words is None else words[language]

        return translate


def language_of(request: Request) -> str:
    """The one the reader chose, else the first of the browser's languages that we speak."""
    chosen = request.cookies.get("replydesk_language")
    if chosen in LANGUAGES:
        return chosen
    wanted = []
    for part in request.headers.get("accept-language", "")[:500].split(","):
        tag, _, weight = part.partition(";q=")
        try:
            wanted.append((-float(weight or 1), known_language(tag.strip())))
        except ValueError:
            continue
    known = [language for _, language in sorted(wanted, key=lambda pair: pair[0]) if language]
    return known[0] if known else DEFAULT_LANGUAGE


async def read_form(request: Request) -> dict[str, str]:
    """The fields of an ordinary form. Raises `UserMistake` for one that is too big or no form."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LARGEST_FORM:
            raise UserMistake("The form is too big.")
    if body and not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        raise UserMistake("An ordinary form was expected.")
    try:
        return dict(
            parse_qsl(body.decode("latin-1"), keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="replace")
        )
    except ValueError as error:
        raise UserMistake("The form has too many fields.") from error


def safe_next(address: str) -> str:
    """Where to go after signing in: a path of ours, never another site (CVE-2024-30264)."""
    plain = address.isascii() and address.isprintable() and "\\" not in address
    return address if plain and address.startswith("/") and not address.startswith("//") else "/"
