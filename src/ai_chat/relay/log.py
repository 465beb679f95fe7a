"""The ordered log of one generation's frames. Readers follow it at their own pace; nothing is buffered for a reader."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial

from ai_chat.relay.events import StreamEvent, encode_frame


class FrameLog:
    """Frames 1, 2, 3 … of a generation, kept encoded. Written by its generation, read by anybody from any point."""

    def __init__(self) -> None:
        self._frames: list[bytes] = []
        self._waiting: set[asyncio.Future[bool]] = set()
        self.closed = False
        self.on_growth: Callable[[], None] | None = None
        """Told of every new frame, for a copy that is kept elsewhere."""

    def __len__(self) -> int:
        return len(self._frames)

    def append(self, event: StreamEvent, *, last: bool = False) -> None:
        """Adds a frame and wakes the readers. After the last one the log is closed."""
        self.extend(len(self._frames) + 1, [encode_frame(len(self._frames) + 1, event)], last)

    def extend(self, seq: int, frames: Sequence[bytes], last: bool) -> None:  # noqa: FBT001 - a callback's shape
        """Adds encoded frames, the first of which has number `seq`; those that are there already are passed over."""
        known = len(self._frames) + 1 - seq
        if known < 0:
            return  # a gap: what comes before will be handed over again
        self._frames.extend(frames[known:])
        self.closed = self.closed or last
        if self.on_growth is not None:
            self.on_growth()
        waiting, self._waiting = self._waiting, set()
        for future in waiting:
            _resolve(future, grown=True)

    def frames(self, after: int) -> Sequence[bytes]:
        """The frames after frame `after`, one by one."""
        return self._frames[after:]

    def since(self, seq: int) -> bytes:
        """All frames after frame `seq`, joined: what arrived together leaves together."""
        frames = self._frames
        return frames[seq] if len(frames) == seq + 1 else b"".join(frames[seq:])

    async def grown(self, seconds: float) -> bool:
        """Waits for the next frame; False where none came within `seconds`."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[bool] = loop.create_future()
        self._waiting.add(future)
        too_long = loop.call_later(seconds, partial(_resolve, future, grown=False))
        try:
            return await future
        finally:
            too_long.cancel()
            self._waiting.discard(future)


def _resolve(future: "asyncio.Future[bool]", *, grown: bool) -> None:
    if not future.done():
        future.set_result(grown)
