"""The two ways a completion is answered: as a stream of chunks, or whole. In both the model stops when the reader leaves."""

import asyncio
from collections.abc import Callable

import msgspec
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ai_chat.features.completions.chunks import ChunkTranslator, failure_of, whole_completion
from ai_chat.features.completions.service import Completions, Started
from ai_chat.http.access import Access
from ai_chat.http.event_stream import EventStream, gone
from ai_chat.http.openai_errors import openai_failure
from ai_chat.kernel.errors import AppError
from ai_chat.relay.events import ErrorEvent, decode_frame
from ai_chat.relay.log import FrameLog

STATUS_SECONDS = 10.0
"""How long the status waits for the first piece, so that what fails before it has a status of its own. Later the stream is
opened in any case, because a proxy in between would lose its patience.
"""
_LOOK_SECONDS = 15.0


class Answer(Response):
    """One completion as an HTTP answer. Whatever ends it ends the generation: the reader's leaving, or the end of the right
    to read. (Then the reader is told so by the log's end.)
    """

    def __init__(
        self, completions: Completions, started: Started, access: Access, *, stream: bool, include_usage: bool
    ) -> None:
        super().__init__(None)
        self._access = access
        self._completions = completions
        self._started = started
        self._stream = stream
        self._include_usage = include_usage

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            with self._access.watch(lambda: self._completions.abandon(self._started)):
                answer = await (self._opened(receive) if self._stream else self._whole(receive))
                if answer is not None:
                    await answer(scope, receive, send)
        finally:
            self._completions.abandon(self._started)

    async def _opened(self, receive: Receive) -> Response | None:
        """The stream, or the failure that came before its first piece; None where the reader has left."""
        log = self._started.log
        if not await _stays_until(lambda: len(log) > 1 or log.closed, log, receive, STATUS_SECONDS):
            return None
        first = decode_frame(log.frames(1)[0]) if len(log) > 1 else None
        if isinstance(first, ErrorEvent):
            return openai_failure(failure_of(first))
        started = self._started
        translator = ChunkTranslator(
            started.generation_id, started.created, started.model, include_usage=self._include_usage
        )
        return EventStream(log, translate=translator.translate)

    async def _whole(self, receive: Receive) -> Response | None:
        started, log = self._started, self._started.log
        if not await _stays_until(lambda: log.closed, log, receive, None):
            return None
        try:
            whole = whole_completion(started.generation_id, started.created, started.model, log.frames(0))
        except AppError as problem:
            return openai_failure(problem)
        return Response(msgspec.json.encode(whole), media_type="application/json")


async def _stays_until(ready: Callable[[], bool], log: FrameLog, receive: Receive, seconds: float | None) -> bool:
    """Waits until the log is ready, at most `seconds`; False where the reader leaves before."""

    async def wait() -> None:
        while not ready():
            await log.grown(_LOOK_SECONDS)

    waiting, leaving = asyncio.create_task(wait()), asyncio.create_task(gone(receive))
    try:
        await asyncio.wait({waiting, leaving}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        return not leaving.done()
    finally:
        waiting.cancel()
        leaving.cancel()
        await asyncio.gather(waiting, leaving, return_exceptions=True)
