"""What the files feature needs of a place to keep files in."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Protocol


class StoreUnavailable(Exception):
    """The store cannot be reached, or refuses us; the text is for the operator's log."""


class ObjectMissing(Exception):
    """There is no object of this name."""


class ObjectStore(Protocol):
    """Keeps objects by names that are safe in a path (letters, digits, `-`). Any method may raise StoreUnavailable."""

    async def put(self, key: str, source: Path) -> None:
        """Stores what is in the file `source`, which may be gone afterwards, in place of what was there. An object is whole or
        not there at all.
        """

    def read(self, key: str) -> AsyncIterator[bytes]:
        """The object, piece by piece; ObjectMissing before the first."""

    async def delete(self, key: str) -> None:
        """Deletes the object; it may be gone already."""
