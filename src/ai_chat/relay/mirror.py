"""The port through which workers share their logs: declared here, implemented in `signals` for one process and for many."""

from collections.abc import Callable, Sequence
from typing import Protocol
from uuid import UUID

from ai_chat.relay.log import FrameLog


class FrameStreams(Protocol):
    """Where a log that is written here can be read elsewhere, and the other way round."""

    def publish(self, key: UUID, source: FrameLog) -> None:
        """The log is new or has grown: its frames shall be readable elsewhere soon."""

    async def follow(self, key: UUID, on_frames: Callable[[int, Sequence[bytes], bool], None]) -> bool:
        """Hands over all frames there are, then those that come, until the log ends; False where there is no such log.
        Frames may come twice; they never come out of order.
        """

    def unfollow(self, key: UUID) -> None:
        """Hands over no more."""

    async def recover(self, key: UUID) -> list[bytes]:
        """What is there of a log whose writer is dead."""

    async def call(self, key: UUID) -> None:
        """Reaches the worker that writes this log."""

    async def run(self, on_call: Callable[[UUID], None]) -> None:
        """Does the work behind the other methods; `on_call` is told of calls for logs that may be written here."""
