"""Where things are kept: the database, and the files that people attach."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path

from ai_chat.assembly.background import in_background
from ai_chat.features.files.ports import ObjectStore
from ai_chat.features.files.service import Files
from ai_chat.features.files.sweeping import FileSweep
from ai_chat.features.usage.plans import Plan, PlanId
from ai_chat.integrations.disk.store import DiskStore
from ai_chat.integrations.s3.signing import Credentials
from ai_chat.integrations.s3.store import S3Store
from ai_chat.kernel.clock import Clock
from ai_chat.outgoing import http_session, is_loopback
from ai_chat.settings import Settings
from ai_chat.storage.database import Database
from ai_chat.storage.exclusive import exclusive_use
from ai_chat.storage.migrate import migrate
from ai_chat.storage.opening import open_database
from ai_chat.storage.sqlite import SqliteDatabase


async def open_storage(settings: Settings, stack: AsyncExitStack, workers: int) -> Database:
    """The database of the settings, migrated; the stack closes it."""
    url = settings.database_url.get_secret_value() if settings.database_url else None
    database = await open_database(url, settings.data_dir, processes=workers)
    stack.push_async_callback(database.close)
    if isinstance(database, SqliteDatabase):
        stack.enter_context(exclusive_use(database.path))
    await migrate(database)
    return database


async def open_files(
    settings: Settings, stack: AsyncExitStack, database: Database, plans: Mapping[PlanId, Plan], clock: Clock
) -> tuple[Files, FileSweep]:
    """Files, kept where the settings say, and the sweep that deletes what nobody has any more."""
    store, scratch = await _object_store(settings, stack), settings.data_dir / "incoming"
    sweep = FileSweep(database, store, scratch, clock)
    in_background(stack, "files", sweep.run())
    return Files(database, store, plans, scratch, clock), sweep


async def _object_store(settings: Settings, stack: AsyncExitStack) -> ObjectStore:
    """Where people's files are kept."""
    secret = settings.s3_secret_access_key
    if settings.s3_endpoint is None or secret is None:
        return DiskStore(settings.data_dir / "files")
    proxy = None if is_loopback(settings.s3_endpoint) else settings.outbound_proxy
    session = await stack.enter_async_context(http_session(proxy))
    credentials = Credentials(settings.s3_access_key_id, secret.get_secret_value(), settings.s3_region)
    return S3Store(session, settings.s3_endpoint, settings.s3_bucket, credentials)


def data_file(chosen: Path | None, settings: Settings, name: str) -> Path | None:
    """The operator's file: the one they name, else the one of this name in DATA_DIR, else none."""
    usual = settings.data_dir / name
    return chosen or (usual if usual.is_file() else None)
