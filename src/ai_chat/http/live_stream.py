"""An endless event stream as an HTTP answer: few, small frames, pushed as they come. (An answer's log, which is long and
fast, has `event_stream.py`.)
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from ai_chat.relay.events import KEEP_ALIVE, KEEP_ALIVE_SECONDS

_LAST_WORDS_SECONDS = 2.0
_HEADERS = [
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-cache"),
    (b"x-accel-buffering", b"no"),
]


class Frames(Protocol):
    """Where the frames come from."""

    ended: asyncio.Event

    async def frames(self, seconds: float) -> bytes:
        """What waits to be sent; nothing where nothing came within `seconds`."""


class LiveStream(Response):
    """A pure ASGI response that ends with its reader or with its source, whichever is first."""

    def __init__(self, source: Frames, on_end: Callable[[], None]) -> None:
        super().__init__(None)
        self._source = source
        self._on_end = on_end

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        tasks = []
        try:
            await send({"type": "http.response.start", "status": 200, "headers": list(_HEADERS)})
            pushing = asyncio.create_task(self._push(send))
            tasks = [pushing, asyncio.create_task(_gone(receive)), asyncio.create_task(self._over())]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if pushing.done():
                pushing.result()
        finally:
            self._on_end()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _push(self, send: Send) -> None:
        while True:
            frames = await self._source.frames(KEEP_ALIVE_SECONDS)
            if frames:
                await send(_body(frames))
            elif self._source.ended.is_set():
                with suppress(OSError):
                    await send({"type": "http.response.body", "body": b"", "more_body": False})
                return
            else:
                await send(_body(KEEP_ALIVE))

    async def _over(self) -> None:
        """After the source's end its last frames have a moment, also where the reader takes nothing."""
        await self._source.ended.wait()
        await asyncio.sleep(_LAST_WORDS_SECONDS)


def _body(data: bytes) -> Message:
    return {"type": "http.response.body", "body": data, "more_body": True}


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
