"""Structured logs without secrets."""

import logging
import re
import sys
from collections.abc import Iterable
from typing import Any, Final

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

_HIDDEN: Final = "[hidden]"
_SECRET_SHAPES: Final = (
    re.compile(r"(?<=bot)\d{5,20}:[A-Za-z0-9_-]{8,200}"),  # a Telegram token inside a URL
    re.compile(r"\b\d{6,20}:[A-Za-z0-9_-]{30,200}"),  # the same elsewhere
    re.compile(r"(?i)(?<=access_token=)[^&\s\"']{1,512}"),
    re.compile(r"(?i)(?<=appsecret_proof=)[^&\s\"']{1,512}"),
    re.compile(r"(?i)(?<=hub\.verify_token=)[^&\s\"']{1,512}"),
    re.compile(r"(?i)(?<=bearer )[A-Za-z0-9._~+/=-]{8,1024}"),
    re.compile(r"\bEAA[A-Za-z0-9]{8,512}"),  # a Graph token
    re.compile(r"\brd_[A-Za-z0-9_-]{16,128}"),  # our own API tokens
    re.compile(r"(?<=://)[^/\s:@]{1,128}:[^/\s@]{1,256}(?=@)"),  # user:password in a URL
)


class Scrubber:
    """Takes secrets out of everything that is logged: known shapes, and every value it was told of."""

    def __init__(self) -> None:
        self._known: set[str] = set()

    def learn(self, secrets: Iterable[str]) -> None:
        """Values shorter than 6 characters are too common to hide."""
        self._known.update(secret for secret in secrets if len(secret) >= 6)

    def clean(self, text: str) -> str:
        for secret in self._known:
            text = text.replace(secret, _HIDDEN)
        for shape in _SECRET_SHAPES:
            text = shape.sub(_HIDDEN, text)
        return text

    def __call__(self, logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
        del logger, method
        return {key: self._cleaned(value) for key, value in event.items()}

    def _cleaned(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.clean(value)
        if isinstance(value, dict):
            return {key: self._cleaned(inner) for key, inner in value.items()}
        if isinstance(value, (list, tuple)):
            return [self._cleaned(inner) for inner in value]
        if value is None or isinstance(value, (bool, int, float)):
            return value
        return self.clean(str(value))


def configure_logs(*, log_format: str, scrubber: Scrubber, level: int = logging.INFO) -> None:
    """Send our events and the libraries' records through one chain to standard error: `console` or `json`.

    httpx logs whole URLs at INFO, with tokens in them (FIGURES.md 0.2): it is silenced below WARNING, and scrubbed.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    # The traceback becomes text before the scrubber sees it, so that a secret in an exception is hidden too.
    last: list[Processor] = [structlog.processors.format_exc_info, scrubber]
    renderer: Processor = (
        structlog.processors.JSONRenderer()
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for noisy in ("httpx", "httpcore", "aiogram", "aiohttp", "uvicorn.access", "asyncio", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
