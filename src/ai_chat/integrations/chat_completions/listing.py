"""Reads a server's `GET /models`, leniently: rows that make no sense are left out, the others stay."""

import asyncio
from typing import TypeVar

import aiohttp
import msgspec
import structlog

from ai_chat.features.catalog.ports import SourceUnavailable
from ai_chat.integrations.chat_completions.client import Target
from ai_chat.integrations.chat_completions.failures import kind_of
from ai_chat.kernel.text import storable

LISTING_SECONDS = 20
LARGEST_LIST = 20 * 1024 * 1024
_MAX_ID = 100
_MOST_TOKENS = 100_000_000
"""A hundred times the largest window there is."""
Row = TypeVar("Row")

log = structlog.get_logger()


class _List(msgspec.Struct):
    data: list[msgspec.Raw] | None = None


async def fetch_list(session: aiohttp.ClientSession, target: Target, kind: type[Row]) -> list[Row]:
    """The rows of `/models` as `kind`; SourceUnavailable where the server does not give a list."""
    headers = dict(target.headers)
    if target.api_key:
        headers["Authorization"] = f"Bearer {target.api_key}"
    try:
        async with (
            asyncio.timeout(LISTING_SECONDS),
            session.get(f"{target.base_url}/models", headers=headers, allow_redirects=False) as response,
        ):
            if response.status != 200:
                start = await response.content.read(200)
                raise SourceUnavailable(f"HTTP {response.status}: {start.decode(errors='replace')}")
            body = bytearray()
            async for chunk in response.content.iter_any():
                body += chunk
                if len(body) > LARGEST_LIST:
                    raise SourceUnavailable(f"the list is larger than {LARGEST_LIST} bytes")
        listed = msgspec.json.decode(body, type=_List).data or []
    except (aiohttp.ClientError, TimeoutError) as problem:
        raise SourceUnavailable(kind_of(problem)) from problem
    except msgspec.MsgspecError as problem:
        raise SourceUnavailable(f"no list of models: {problem}") from problem
    if not listed:
        raise SourceUnavailable("the list is empty")
    rows = []
    for raw in listed:
        try:
            rows.append(msgspec.json.decode(raw, type=kind, strict=False))
        except msgspec.MsgspecError as problem:
            log.warning("a listed model makes no sense and is not offered", reason=str(problem), row=bytes(raw)[:200])
    return rows


def believable_tokens(value: int | None) -> int | None:
    """A number of tokens that a model can have room for; None for any other."""
    return value if value is not None and 0 < value <= _MOST_TOKENS else None


def offerable_id(model_id: str) -> bool:
    """Whether the id can be kept and shown."""
    return 0 < len(model_id) <= _MAX_ID and storable(model_id) and model_id.isprintable()
