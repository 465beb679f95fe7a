"""Keeps objects in a bucket of an S3-compatible server. Implements the files feature's `ObjectStore`."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from ai_chat.features.files.ports import ObjectMissing, StoreUnavailable
from ai_chat.integrations.s3.signing import EMPTY, Credentials, signed_headers
from ai_chat.kernel.clock import system_clock

_PIECE = 256 * 1024
_ATTEMPTS = 3
_PAUSE = 0.2
_PATIENCE = aiohttp.ClientTimeout(total=120, sock_connect=10, sock_read=30)


class _Passing(StoreUnavailable):
    """It may work in a moment."""


class S3Store:
    """Addresses objects by path (`endpoint/bucket/key`), which all servers understand."""

    def __init__(self, session: aiohttp.ClientSession, endpoint: str, bucket: str, credentials: Credentials) -> None:
        self._session = session
        self._base = f"{endpoint.rstrip('/')}/{bucket}"
        self._credentials = credentials

    async def put(self, key: str, source: Path) -> None:
        payload = await asyncio.to_thread(_sha256, source)
        size = (await asyncio.to_thread(source.stat)).st_size
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                with source.open("rb") as file:
                    headers = {"Content-Length": str(size), "Content-Type": "application/octet-stream"}
                    async with self._asked("PUT", key, payload=payload, headers=headers, data=file):
                        return
            except _Passing:
                if attempt == _ATTEMPTS:
                    raise
                await asyncio.sleep(_PAUSE * attempt)

    async def read(self, key: str) -> AsyncIterator[bytes]:
        async with self._asked("GET", key) as response:
            try:
                async for piece in response.content.iter_chunked(_PIECE):
                    yield piece
            except (aiohttp.ClientError, TimeoutError) as problem:
                raise StoreUnavailable(f"{key}: {problem!r}") from problem

    async def delete(self, key: str) -> None:
        try:
            async with self._asked("DELETE", key):
                pass
        except ObjectMissing:
            pass

    @asynccontextmanager
    async def _asked(
        self,
        method: str,
        key: str,
        *,
        payload: str = EMPTY,
        headers: dict[str, str] | None = None,
        data: object = None,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        url = f"{self._base}/{key}"
        signed = signed_headers(
            method, url, self._credentials, payload=payload, now=system_clock(), headers=headers or {}
        )
        try:
            response = await self._session.request(
                method, url, headers=signed, data=data, timeout=_PATIENCE, allow_redirects=False
            )
        except (aiohttp.ClientError, TimeoutError, OSError) as problem:
            raise _Passing(f"{method} {key}: {problem!r}") from problem
        async with response:
            if response.status == 404 and method != "PUT":
                raise ObjectMissing(key)
            if not 200 <= response.status < 300:
                said = (await response.content.read(500)).decode(errors="replace")
                kind = _Passing if response.status >= 500 or response.status == 429 else StoreUnavailable
                raise kind(f"{method} {key}: HTTP {response.status} {said}")
            yield response


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
