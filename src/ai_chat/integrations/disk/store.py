"""Keeps objects as files of a folder. Implements the files feature's `ObjectStore`."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from ai_chat.features.files.ports import ObjectMissing, StoreUnavailable

_PIECE = 256 * 1024


class DiskStore:
    """The folder is made with the first object. Several processes of one machine may share it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, key: str, source: Path) -> None:
        await asyncio.to_thread(self._put, key, source)

    async def read(self, key: str) -> AsyncIterator[bytes]:
        file = await asyncio.to_thread(self._open, key)
        try:
            while piece := await asyncio.to_thread(file.read, _PIECE):
                yield piece
        finally:
            file.close()

    async def delete(self, key: str) -> None:
        with suppress(FileNotFoundError):
            await asyncio.to_thread(self._path(key).unlink)

    def _path(self, key: str) -> Path:
        assert key.replace("-", "").isalnum()
        # Ids begin with the time; their hash would spread no better than the random part that they have.
        return self._folder / key[30:32] / key

    def _put(self, key: str, source: Path) -> None:
        target = self._path(key)
        scratch = target.with_name(f"{target.name}.part")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                source.replace(scratch)  # on the same disk nothing is copied
            except OSError:
                shutil.copyfile(source, scratch)
            with scratch.open("rb") as file:
                os.fsync(file.fileno())
            scratch.replace(target)
        except OSError as problem:
            raise StoreUnavailable(f"{target}: {problem.strerror or problem}") from problem

    def _open(self, key: str) -> BinaryIO:
        try:
            return self._path(key).open("rb")
        except FileNotFoundError as problem:
            raise ObjectMissing(key) from problem
        except OSError as problem:
            raise StoreUnavailable(f"{key}: {problem.strerror or problem}") from problem
