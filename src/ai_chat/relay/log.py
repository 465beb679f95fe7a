"""The ordered log of one generation's frames. Readers follow it at their own pace; nothing is buffered for a reader."""

import asyncio
from array import array
from bisect import bisect_left
from collections.abc import Callable, Sequence
from functools import partial
from itertools import accumulate

from ai_chat.relay.events import StreamEvent, encode_frame

HANDED_OUT = 64 * 1024
"""About as many bytes are handed to a reader at once: a copy of more would lie with every reader that does not read."""


class FrameLog:
    """Frames 1, 2, 3 … of a generation, kept encoded. Written by its generation, read by anybody from any point."""

    def __init__(self) -> None:
        self._frames: list[bytes] = []
        self._packed: tuple[bytes, array[int]] | None = None
        """What has taken the place of the frames: all of them joined, and where each ends."""
        self._readers: list[Callable[[], None]] = []
        self.closed = False
        self.on_growth: Callable[[], None] | None = None
        """Told of every new frame, for a copy that is kept elsewhere."""

    def __len__(self) -> int:
        return len(self._frames) if self._packed is None else len(self._packed[1])

    @property
    def size(self) -> int:
        """How many bytes the frames are."""
        return sum(map(len, self._frames)) if self._packed is None else len(self._packed[0])

    def append(self, event: StreamEvent, *, last: bool = False) -> None:
        """Adds a frame and wakes the readers. After the last one the log is closed."""
        if not self.closed:
            self._frames.append(encode_frame(len(self._frames) + 1, event))
            self.closed = last
            self._tell()

    def extend(self, seq: int, frames: Sequence[bytes], last: bool) -> None:  # noqa: FBT001 - a callback's shape
        """Adds encoded frames, the first of which has number `seq`; those that are there already are passed over."""
        known = len(self) + 1 - seq
        if self.closed or known < 0:
            return  # nothing follows the end; and before what follows a gap, what is missing will be handed over again
        self._frames.extend(frames[known:])
        self.closed = last
        self._tell()

    def _tell(self) -> None:
        if self.on_growth is not None:
            self.on_growth()
        readers = self._readers
        for tell in readers if len(readers) == 1 else tuple(readers):  # one may leave when it is told
            tell()

    def follow(self, grown: Callable[[], None]) -> None:
        """`grown` is called after every growth, at once: it must be quick and must not raise."""
        self._readers.append(grown)

    def unfollow(self, grown: Callable[[], None]) -> None:
        self._readers.remove(grown)

    def frames(self, after: int) -> Sequence[bytes]:
        """The frames after frame `after`, one by one."""
        if self._packed is None:
            return self._frames[after:]
        whole, ends = self._packed
        return [whole[ends[number - 1] if number else 0 : ends[number]] for number in range(after, len(ends))]

    def since(self, seq: int) -> tuple[bytes, int]:
        """The frames after frame `seq`, joined, and the number of the last of them. What arrived together leaves together,
        up to the first frame that makes it `HANDED_OUT` bytes; the rest is asked for when that has been sent.
        """
        if self._packed is not None:
            whole, ends = self._packed
            if seq >= len(ends):
                return b"", seq
            start = ends[seq - 1] if seq else 0
            last = min(bisect_left(ends, start + HANDED_OUT, lo=seq), len(ends) - 1)
            return whole[start : ends[last]], last + 1
        frames, last, size = self._frames, seq, 0
        if len(frames) == seq + 1:  # as nearly always
            return frames[seq], seq + 1
        while last < len(frames) and size < HANDED_OUT:
            size += len(frames[last])
            last += 1
        return frames[seq] if last == seq + 1 else b"".join(frames[seq:last]), last

    def pack(self) -> None:
        """Makes a closed log as small as it can be kept."""
        if self._packed is None:
            self._packed = b"".join(self._frames), array("Q", accumulate(map(len, self._frames)))
            self._frames = []

    async def grown(self, seconds: float) -> bool:
        """Waits for the next frame; False where none came within `seconds`."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[bool] = loop.create_future()
        tell = partial(_resolve, future, grown=True)
        self.follow(tell)
        too_long = loop.call_later(seconds, partial(_resolve, future, grown=False))
        try:
            return await future
        finally:
            too_long.cancel()
            self.unfollow(tell)


def _resolve(future: "asyncio.Future[bool]", *, grown: bool) -> None:
    if not future.done():
        future.set_result(grown)
