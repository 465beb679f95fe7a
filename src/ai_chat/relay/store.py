"""The port through which the relay saves: declared here, implemented by the feature that owns the messages."""

from collections.abc import Collection, Sequence
from typing import Protocol
from uuid import UUID

from ai_chat.relay.generation import Ending, Snapshot


class GenerationStore(Protocol):
    """Where generations are kept. Both calls are one transaction each."""

    async def checkpoint(self, running: Sequence[UUID], snapshots: Sequence[Snapshot]) -> Collection[UUID]:
        """Says that the `running` generations are alive and saves what has come to the texts of those that have grown; to save
        the same again changes nothing. Returns those of them
        that were ended elsewhere: nobody waits for more of their text.
        """

    async def finish(self, ending: Ending) -> bool:
        """Stores the end and settles or gives back the message; False where it had already been ended elsewhere."""
