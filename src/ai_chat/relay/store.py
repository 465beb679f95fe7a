"""The port through which the relay saves: declared here, implemented by the feature that owns the messages."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from ai_chat.relay.generation import Ending, Snapshot


class GenerationStore(Protocol):
    """Where generations are kept. Both calls are one transaction each."""

    async def checkpoint(self, running: Sequence[UUID], snapshots: Sequence[Snapshot]) -> None:
        """Says that the `running` generations are alive and saves the texts of those that have grown."""

    async def finish(self, ending: Ending) -> bool:
        """Stores the end and settles or gives back the message; False where it had already been ended elsewhere."""
