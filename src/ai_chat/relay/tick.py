"""The beat to which pieces become frames: everything that may wait a moment happens together, once per beat.

Each time a process sleeps and wakes costs more than carrying a token does. Readings that were paused go on at the beat, what they
bring is taken, and right after that all frames leave: a hundred streams are one awakening instead of a hundred.
"""

import asyncio
import time
from collections.abc import Callable

SHORTEST_SECONDS = 0.03
"""A frame every 30 ms is smooth to the eye; one frame a token would cost several times the work."""
LONGEST_SECONDS = 0.1
"""Under heavy load fewer, larger frames: the same text for less work."""
_BUSY, _IDLE = 0.75, 0.5
_STEP = 1.2


class Tick:
    """One for all generations and all connections of a process."""

    def __init__(self) -> None:
        self._readings: list[Callable[[], None]] = []
        self._frames: list[Callable[[], None]] = []
        self._running = False
        self._seconds = SHORTEST_SECONDS
        self._last_beat = self._last_busy = 0.0

    def read_on(self, work: Callable[[], None]) -> None:
        """Calls `work` at the beginning of the next beat."""
        self._readings.append(work)
        self._run()

    def make_frame(self, work: Callable[[], None]) -> None:
        """Calls `work` in the next beat, after what has arrived until then was taken."""
        self._frames.append(work)
        self._run()

    def _run(self) -> None:
        if not self._running:
            self._running = True
            asyncio.get_running_loop().call_later(self._seconds, self._beat)

    def _beat(self) -> None:
        self._adapt()
        readings, self._readings = self._readings, []
        for work in readings:
            work()
        loop = asyncio.get_running_loop()
        # What is called twice from now has the loop's next look at its sockets before it.
        loop.call_soon(loop.call_soon, self._leave)

    def _leave(self) -> None:
        self._running = False
        frames, self._frames = self._frames, []
        for work in frames:
            work()
        if self._readings:
            self._run()

    def _adapt(self) -> None:
        """A longer beat while this thread is busy most of the time."""
        now, busy = time.monotonic(), time.thread_time()
        share = (busy - self._last_busy) / max(now - self._last_beat, 0.001)
        self._last_beat, self._last_busy = now, busy
        if share > _BUSY:
            self._seconds = min(self._seconds * _STEP, LONGEST_SECONDS)
        elif share < _IDLE:
            self._seconds = max(self._seconds / _STEP, SHORTEST_SECONDS)
