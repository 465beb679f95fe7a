"""The beat to which pieces become frames: everything that may wait a moment happens together, once per beat.

Each time a process sleeps and wakes costs more than carrying a token does. Sockets whose bytes may wait are looked at together, at
the beat; what they have is taken, and right after that leaves as frames: a hundred streams are one awakening, not a hundred.
"""

import asyncio
import selectors
import time
from collections.abc import Callable
from socket import socket

SHORTEST_SECONDS = 0.033
"""Thirty frames a second are smooth to the eye; one frame a token would cost several times the work."""
MANY, MANY_SECONDS = 100, 0.06
"""Of so many streams each has seventeen frames a second: nearly half the work, before it becomes too much."""
LONGEST_SECONDS = 0.2
"""Under heavy load fewer, larger frames: the same text for less work. Later than this it does not look like writing any more."""
TOGETHER = 128
"""So many streams are read before their frames leave. To read and to write one stream after the other costs an eighth more, for the
processor's caches; to read a thousand first would keep each waiting for all.
"""
_BUSY, _IDLE = 0.75, 0.5
_STEP = 1.2


class Tick:
    """One for all generations and all connections of a process."""

    def __init__(self) -> None:
        self._sockets: selectors.BaseSelector | None = None
        """What is read at the beat. Not among what the event loop waits for: it would wake for each piece."""
        self._watched = 0
        self._frames: list[Callable[[], None]] = []
        self._running = False
        self._seconds = SHORTEST_SECONDS
        self._wished = self._last_beat = self._last_busy = 0.0

    @property
    def seconds(self) -> float:
        """How long the next beat lasts."""
        return self._seconds

    def watch(self, source: socket, read: Callable[[], None]) -> None:
        """From now on `read` is called at each beat at which `source` has something to read. It must not raise."""
        if self._sockets is None:
            self._sockets = selectors.DefaultSelector()
        self._sockets.register(source, selectors.EVENT_READ, read)
        self._watched += 1
        self._run()

    def unwatch(self, source: socket) -> None:
        """Not any more; before it is closed."""
        assert self._sockets is not None
        self._sockets.unregister(source)
        self._watched -= 1

    def make_frame(self, work: Callable[[], None]) -> None:
        """Calls `work` in the next beat, after what has arrived until then was taken."""
        self._frames.append(work)
        if not self._running:
            self._run()

    def _run(self) -> None:
        if not self._running:
            self._running = True
            loop = asyncio.get_running_loop()
            self._wished = loop.time() + self._seconds
            loop.call_at(self._wished, self._beat)

    def _beat(self) -> None:
        self._running = False
        self._adapt()
        if self._watched and self._sockets is not None:
            ready = self._sockets.select(0)
            for first in range(0, len(ready), TOGETHER):
                waiting = len(self._frames)
                for source, _ in ready[first : first + TOGETHER]:
                    source.data()
                self._work_off(waiting)
        self._work_off(0)
        if self._watched or self._frames:
            self._run()

    def _work_off(self, first: int) -> None:
        """Makes the frames that stand from `first` on."""
        frames = self._frames[first:]
        del self._frames[first:]
        for work in frames:
            work()

    def _adapt(self) -> None:
        """A longer beat while this thread is busy most of the time, or comes late because the machine is."""
        now, busy = asyncio.get_running_loop().time(), time.thread_time()
        share = (busy - self._last_busy) / max(now - self._last_beat, 0.001)
        share = max(share, (now - self._wished) / self._seconds)
        self._last_beat, self._last_busy = now, busy
        if share > _BUSY:
            self._seconds = min(self._seconds * _STEP, LONGEST_SECONDS)
        elif share < _IDLE:
            self._seconds /= _STEP
        self._seconds = max(self._seconds, _shortest(self._watched))


def _shortest(streams: int) -> float:
    return SHORTEST_SECONDS + (MANY_SECONDS - SHORTEST_SECONDS) * min(streams / MANY, 1)
