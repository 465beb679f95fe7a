"""Who is there: each worker shows that it lives, apart from the database, which may be slow when everything is slow.

The port is the chats' (`features/chats/reaper.py`); these are its twins for one process and for several.
"""

from collections.abc import Collection

PRESENCE_SECONDS = 1.0
GONE_AFTER_SECONDS = 3


class MemoryPresence:
    """One process knows of no others, so it misses nobody."""

    async def missing(self, workers: Collection[str]) -> Collection[str]:
        return ()

    async def run(self) -> None:
        """Nothing is to be done here."""
