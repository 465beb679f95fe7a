"""Readers who come back until the answer has ended, on whichever worker or server, and notice a gap or a repeat."""

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from tests.product import Api

_PAUSE = 0.2


@dataclass
class Reader:
    """Somebody who reads one answer. `generation` may be known beforehand, or is read in the first frame."""

    api: Api
    chat: str
    generation: str = ""
    message: str = ""
    seq: int = 0
    text: str = ""
    last: dict[str, Any] = field(default_factory=dict)
    reconnects: int = 0

    async def send(self, content: str) -> None:
        """Sends, and reads to the end of the answer."""
        body = {"content": content, "clientMessageId": content}
        await self.read(
            self.api.session.post(f"{self.api.url}/api/chat/{self.chat}/message", json=body, headers=self.api.headers())
        )

    async def read(self, connection: Any = None) -> None:
        """Reads to the end, and reconnects as often as it takes. `api` may be changed meanwhile: it comes back there."""
        connection = connection or self._attach()
        while not await self._follow(connection):
            await asyncio.sleep(_PAUSE)
            self.reconnects += 1
            connection = self._attach()

    def _attach(self) -> Any:
        query = f"?generationId={self.generation}&after={self.seq}" if self.generation else ""
        return self.api.session.get(
            f"{self.api.url}/api/chat/{self.chat}/stream{query}", headers=self.api.headers({"Connection": "close"})
        )

    async def _follow(self, connection: Any) -> bool:
        """True when the answer is over for this reader."""
        with suppress(aiohttp.ClientError):
            async with connection as response:
                if response.status == 204:  # the log is gone: what was stored is what there is
                    return bool((await self.stored())["status"] != "generating")
                if response.status == 200:
                    async for line in response.content:
                        if line.startswith(b"id: "):
                            assert int(line[4:]) == self.seq + 1, "a gap or a repeat"
                            self.seq += 1
                        elif line.startswith(b"data: "):
                            self._take(json.loads(line[6:]))
        return self.last.get("type") in ("done", "error")

    def _take(self, event: dict[str, Any]) -> None:
        self.last = event
        self.generation = event.get("generationId", self.generation)
        self.message = event.get("messageId", self.message)
        self.text += event.get("delta", "")

    async def stored(self) -> dict[str, Any]:
        """The answer as it is kept."""
        while True:
            with suppress(aiohttp.ClientError):
                return dict((await self.api.get(f"/api/chat/{self.chat}/messages/{self.message}")).data)
            await asyncio.sleep(_PAUSE)
