"""Where the machine of "never lost" plays: what its workers share, and the books that are looked at afterwards."""

import tempfile
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from ai_chat.features.chats.models import Chat, Message
from ai_chat.features.usage.models import UsageDay, UsageEntry
from ai_chat.signals.frame_streams import FrameSource, MemoryFrameStreams
from ai_chat.storage.database import Database
from ai_chat.storage.migrate import migrate
from ai_chat.storage.opening import open_database
from tests.contracts.mortals import MortalRedisStreams, MortalStreams


class Stage:
    """What the workers share: a database in a file, and a hub of logs in this process."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._hub: dict[UUID, FrameSource] = {}
        self._members: list[MemoryFrameStreams] = []

    async def open(self) -> Database:
        database = await open_database(None, Path(self._folder.name))
        await migrate(database)
        return database

    def streams(self) -> MortalStreams | MortalRedisStreams:
        return MortalStreams(self._hub, self._members)

    def close(self) -> None:
        self._folder.cleanup()


class SharedStage(Stage):
    """PostgreSQL, migrated, and Redis."""

    def __init__(self, database_url: str, redis_url: str) -> None:
        super().__init__()
        self._database_url, self._redis_url = database_url, redis_url

    async def open(self) -> Database:
        return await open_database(self._database_url, Path())

    def streams(self) -> MortalRedisStreams:
        return MortalRedisStreams(self._redis_url)


def books(user_id: UUID, session: Session) -> tuple[dict[Any, Any], dict[Any, Any], list[tuple[int, int]]]:
    """This person's messages, how their reservations ended, and what their days say."""
    rows = {
        row.id: (row.content, row.status)
        for row in session.execute(
            select(Message.id, Message.content, Message.status)
            .join(Chat, Chat.id == Message.chat_id)
            .where(Chat.user_id == user_id)
        )
    }
    entries = select(UsageEntry.id, UsageEntry.state).where(UsageEntry.user_id == user_id)
    days = select(UsageDay.used, UsageDay.reserved).where(UsageDay.user_id == user_id)
    return (
        rows,
        {row.id: row.state for row in session.execute(entries)},
        [(row.used, row.reserved) for row in session.execute(days)],
    )
