"""A generation's log as an HTTP answer: one reader following it at its own pace, from any point."""

import asyncio

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from ai_chat.relay.events import KEEP_ALIVE, KEEP_ALIVE_SECONDS
from ai_chat.relay.log import FrameLog

_HEADERS = [
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-cache"),
    (b"x-accel-buffering", b"no"),
]


class EventStream(Response):
    """A pure ASGI response. The reader leaving ends only the reading; a slow reader is served from the log, which is kept
    once for all readers, so nothing piles up for it.
    """

    def __init__(self, log: FrameLog, after: int = 0) -> None:
        super().__init__(None)
        self._log = log
        self._after = after

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": list(_HEADERS)})
        following = asyncio.create_task(self._follow(send))
        leaving = asyncio.create_task(_gone(receive))
        done, pending = await asyncio.wait({following, leaving}, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)
        if following in done:
            following.result()

    async def _follow(self, send: Send) -> None:
        log, seq = self._log, self._after
        while True:
            if seq < len(log):
                frames, seq = log.since(seq), len(log)
                await send(_body(frames))  # waits while the reader's connection is full
            elif log.closed:
                await send({"type": "http.response.body", "body": b"", "more_body": False})
                return
            elif not await log.grown(KEEP_ALIVE_SECONDS):
                await send(_body(KEEP_ALIVE))


def _body(data: bytes) -> Message:
    return {"type": "http.response.body", "body": data, "more_body": True}


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
