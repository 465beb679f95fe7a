"""Copies of running logs where other workers can read them, and a call that reaches the worker that writes one.

The port is the relay's (`relay/mirror.py`); this is its twin for one process. The twin for several is in `redis_streams.py`.
"""

from collections.abc import Callable, Sequence
from typing import Protocol
from uuid import UUID

Frames = Callable[[int, Sequence[bytes], bool], None]
"""Called with the number of the first frame, the frames, and whether the log ends with them."""


class FrameSource(Protocol):
    """A log as it is copied: its frames so far, and whether more can come."""

    closed: bool

    def frames(self, after: int) -> Sequence[bytes]:
        """The frames after number `after`."""


class MemoryFrameStreams:
    """Logs shared inside one process. A hub may be shared by several relays, as several workers share one Redis."""

    def __init__(
        self, hub: "dict[UUID, FrameSource] | None" = None, members: "list[MemoryFrameStreams] | None" = None
    ) -> None:
        self._sources: dict[UUID, FrameSource] = {} if hub is None else hub
        self._members: list[MemoryFrameStreams] = [] if members is None else members
        self._members.append(self)
        self._followed: dict[UUID, tuple[int, Frames]] = {}
        self._on_call: Callable[[UUID], None] | None = None

    def publish(self, key: UUID, source: FrameSource) -> None:
        self._sources[key] = source
        for member in self._members:
            if member._followed:
                member._deliver(key)
        if source.closed and len(self._members) == 1:
            self._sources.pop(key, None)  # nobody else can ask for it

    async def follow(self, key: UUID, on_frames: Frames) -> bool:
        if key not in self._sources:
            return False
        self._followed[key] = (0, on_frames)
        self._deliver(key)
        return True

    def unfollow(self, key: UUID) -> None:
        self._followed.pop(key, None)

    async def recover(self, key: UUID) -> list[bytes]:
        source = self._sources.get(key)
        return list(source.frames(0)) if source is not None else []

    async def call(self, key: UUID) -> None:
        for member in self._members:
            if member is not self and member._on_call is not None:
                member._on_call(key)

    async def run(self, on_call: Callable[[UUID], None]) -> None:
        self._on_call = on_call

    def _deliver(self, key: UUID) -> None:
        if key in self._followed:
            seen, on_frames = self._followed[key]
            fresh = self._sources[key].frames(seen)
            self._followed[key] = (seen + len(fresh), on_frames)
            if self._sources[key].closed:
                del self._followed[key]
            on_frames(seen + 1, fresh, self._sources[key].closed)
