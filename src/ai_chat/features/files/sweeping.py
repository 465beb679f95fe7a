"""Deletes what nobody has any more: files that were never sent or whose messages are gone, and what is stored of them.

Chats and accounts delete their rows and know nothing of this: the sweep finds what is left, whoever died in the middle of what.
"""

import asyncio
import shutil
import time
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

import structlog
from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from ai_chat.features.files.attached import keys_of
from ai_chat.features.files.models import File, FileContent, MessageFile
from ai_chat.features.files.ports import ObjectStore, StoreUnavailable
from ai_chat.kernel.clock import Clock
from ai_chat.storage.database import Database

LOOK_SECONDS = 600.0
_AT_ONCE = 200
BEING_TAKEN_IN = timedelta(hours=1)
"""So old is content before it counts as left over: until then it may be on its way in."""
_OLD_SCRATCH = 6 * 3600.0

log = structlog.get_logger()


class FileSweep:
    """Any number of workers may sweep at the same time."""

    def __init__(self, database: Database, store: ObjectStore, scratch: Path, clock: Clock) -> None:
        self._database = database
        self._store = store
        self._scratch = scratch
        self._clock = clock

    async def run(self) -> None:
        """Sweeps for ever; a task of the application's."""
        while True:
            try:
                await self.sweep()
            except Exception:
                log.exception("sweeping files failed")
            await asyncio.sleep(LOOK_SECONDS)

    async def sweep(self) -> None:
        """One sweep, to the end."""
        await asyncio.to_thread(_forget_scratch, self._scratch)
        while await self._database.write(self._let_go) == _AT_ONCE:
            pass
        while await self._clear_store() == _AT_ONCE:
            pass

    def _let_go(self, session: Session) -> int:
        # Ids first, locked: a message that takes one of them this very moment has moved `kept_until`, and is seen.
        in_a_message = exists().where(MessageFile.file_id == File.id)
        over = File.kept_until < self._clock()
        ids = session.scalars(
            select(File.id).where(over, ~in_a_message).limit(_AT_ONCE).with_for_update(skip_locked=True)
        ).all()
        if ids:
            session.execute(delete(File).where(File.id.in_(ids), over))
        return len(ids)

    async def _clear_store(self) -> int:
        has_file = exists().where(File.content_id == FileContent.id)
        old = FileContent.created_at < self._clock() - BEING_TAKEN_IN
        query = select(FileContent.id, FileContent.kind).where(old, ~has_file).limit(_AT_ONCE)
        rows = await self._database.read(lambda session: session.execute(query).all())
        for row in rows:
            try:
                for key in keys_of(row.id, row.kind):
                    await self._store.delete(key)
            except StoreUnavailable as problem:
                log.warning("the file store cannot delete", reason=str(problem))
                return 0
            # The row goes last: whoever dies before leaves it to the next sweep.
            await self._database.write(partial(_forget_content, row.id))
        return len(rows)


def _forget_content(content_id: UUID, session: Session) -> None:
    session.execute(delete(FileContent).where(FileContent.id == content_id))


def _forget_scratch(folder: Path) -> None:
    """What dead processes were taking in."""
    if folder.is_dir():
        for left in folder.iterdir():
            if left.stat().st_mtime < time.time() - _OLD_SCRATCH:
                shutil.rmtree(left, ignore_errors=True)
