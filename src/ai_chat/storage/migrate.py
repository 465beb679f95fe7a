"""Brings the database to the newest schema. Alembic is loaded only when there is something to do: it costs memory and time."""

from pathlib import Path

import structlog
from sqlalchemy import Connection, inspect, text

from ai_chat.storage.database import Database, DatabaseError

_FOLDER = Path(__file__).parent / "migrations"
log = structlog.get_logger()


def newest_revision() -> str:
    """Revisions are numbered files, `0001_initial.py`; the newest has the highest number."""
    return max(path.stem.split("_")[0] for path in (_FOLDER / "versions").glob("[0-9]*.py"))


def _applied(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    version: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return version


async def current_revision(database: Database) -> str | None:
    """Revision of the database, None for an empty one."""
    return await database.read(lambda session: _applied(session.connection()))


async def migrate(database: Database, target: str = "head") -> bool:
    """Applies pending migrations in one transaction, safely beside other processes. True if there were any."""
    current = await current_revision(database)
    if target == "head" and current == newest_revision():
        return False
    if current is not None and current > newest_revision():
        raise DatabaseError(
            f"The database is at revision {current}, newer than this program knows ({newest_revision()}): update the program."
        )
    from alembic.config import Config  # noqa: PLC0415
    from alembic.runtime.environment import EnvironmentContext  # noqa: PLC0415 - see the module's first line
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    script = ScriptDirectory.from_config(config)

    def upgrade(connection: Connection) -> None:
        def steps(revision: object, _context: object) -> object:
            return script._upgrade_revs(target, revision)  # type: ignore[arg-type]  # as alembic.command does

        with EnvironmentContext(config, script, fn=steps, destination_rev=target) as environment:
            environment.configure(connection=connection, render_as_batch=connection.dialect.name == "sqlite")
            environment.run_migrations()

    await database.migrate(upgrade)
    log.info("database migrated", revision=await current_revision(database), database=database.name)
    return True
