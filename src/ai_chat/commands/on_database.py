"""What every command on the database needs: the database of the settings, and a way to fail."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from ai_chat.kernel.refusal import Refusal
from ai_chat.settings import Settings
from ai_chat.storage.database import Database
from ai_chat.storage.migrate import migrate
from ai_chat.storage.opening import open_database

Result = TypeVar("Result")


class CommandFailed(Refusal):
    """The command could not do what was asked."""


def on_database(settings: Settings, work: Callable[[Database], Awaitable[Result]]) -> Result:
    """Runs `work` on the migrated database of the settings."""

    async def run() -> Result:
        settings.prepare_data_dir()
        database = await open_database(
            settings.database_url.get_secret_value() if settings.database_url else None, settings.data_dir
        )
        try:
            await migrate(database)
            return await work(database)
        finally:
            await database.close()

    return asyncio.run(run())
