"""Logs of generations that have ended, kept for a while for those who come back to them."""

import asyncio
from uuid import UUID

from ai_chat.relay.log import FrameLog

MOST_BYTES = 64 * 1024 * 1024


class FinishedLogs:
    """Each is kept `seconds` long; where that would be more than `most_bytes`, those that ended first go first."""

    def __init__(self, seconds: float, most_bytes: int = MOST_BYTES) -> None:
        self._seconds = seconds
        self._most_bytes = most_bytes
        self._kept: dict[UUID, tuple[FrameLog, asyncio.TimerHandle]] = {}
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._kept)

    def keep(self, generation_id: UUID, log: FrameLog) -> None:
        self.forget(generation_id)
        log.pack()
        self._bytes += log.size
        timer = asyncio.get_running_loop().call_later(self._seconds, self.forget, generation_id)
        self._kept[generation_id] = log, timer
        while self._bytes > self._most_bytes and len(self._kept) > 1:
            self.forget(next(iter(self._kept)))

    def get(self, generation_id: UUID) -> FrameLog | None:
        kept = self._kept.get(generation_id)
        return kept[0] if kept else None

    def forget(self, generation_id: UUID) -> None:
        kept = self._kept.pop(generation_id, None)
        if kept is not None:
            kept[1].cancel()
            self._bytes -= kept[0].size

    def clear(self) -> None:
        for generation_id in list(self._kept):
            self.forget(generation_id)
