"""Structured logs: coloured lines for a person in development, one JSON object a line in production.

Nothing secret may be logged. Keys that look like secrets are masked here as a second line of defence.
"""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_SECRET_WORDS = ("password", "secret", "token", "authorization", "cookie", "api_key", "apikey")
_ALLOWED = {"tokens_used", "tokens", "max_tokens", "prompt_tokens", "completion_tokens"}

# Tracebacks without local variables: those hold passwords, tokens and people's messages.
_TRACEBACKS = structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False))


def _mask_secrets(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key in event:
        lowered = key.lower()
        if lowered not in _ALLOWED and any(word in lowered for word in _SECRET_WORDS):
            event[key] = "***"
    return event


def configure_logging(*, level: str, json_lines: bool, for_good: bool = False) -> None:
    """Sets up structlog and routes the standard library's loggers (uvicorn, alembic, asyncio) through it. `for_good`: nothing
    in this process will set them up again, so that loggers need not be made anew for each line.
    """
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        _mask_secrets,
    ]
    renderer: list[structlog.types.Processor] = (
        [_TRACEBACKS, structlog.processors.JSONRenderer(ensure_ascii=False)]
        if json_lines
        else [
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)
        ]
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level.upper()),
        cache_logger_on_first_use=for_good,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for noisy in ("uvicorn.access", "asyncio", "alembic", "httpx"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
