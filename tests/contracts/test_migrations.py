"""The schema on both databases: made from nothing, made once, and the same as the models say."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from alembic import op
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text
from sqlalchemy.orm import Session

import ai_chat.features.accounts.models
import ai_chat.features.audit.models
import ai_chat.features.billing.models
import ai_chat.features.chats.models
import ai_chat.features.files.models
import ai_chat.features.mail.models
import ai_chat.features.personal_data.models
import ai_chat.features.search.models
import ai_chat.features.sharing.models
import ai_chat.features.usage.models  # noqa: F401 - imported so that the metadata is whole
from ai_chat.storage import migrate as migrate_module
from ai_chat.storage.database import Database
from ai_chat.storage.migrate import current_revision, migrate, newest_revision
from ai_chat.storage.opening import open_database
from ai_chat.storage.tables import Base

PLANNED = {
    "users": {
        "id", "email", "password_hash", "full_name", "avatar_url", "subscription_tier", "subscription_expires_at",
        "created_at", "updated_at",
    },
    "chats": {"id", "user_id", "title", "model", "system_prompt", "temperature", "created_at", "updated_at"},
    "messages": {"id", "chat_id", "role", "content", "metadata", "tokens_used", "created_at"},
    "subscriptions": {
        "id", "user_id", "plan", "status", "yookassa_payment_id", "current_period_start", "current_period_end",
        "cancel_at_period_end", "created_at", "updated_at",
    },
}  # fmt: skip
LENGTHS = {
    ("users", "email"): 255,
    ("users", "full_name"): 255,
    ("users", "avatar_url"): 500,
    ("chats", "title"): 255,
    ("chats", "model"): 100,
}
INDEXES_OF_WORDS = (
    "search_messages_words",
    "search_titles_words",
    "ix_search_messages_words",
    "ix_search_titles_words",
)
"""FTS5's tables and PostgreSQL's GIN indexes, which the models cannot name for both databases."""
MIGRATE = (
    "import asyncio, sys; from pathlib import Path\n"
    "from ai_chat.storage.migrate import migrate\n"
    "from ai_chat.storage.opening import open_database\n"
    "async def main():\n"
    "    database = await open_database(sys.argv[1] or None, Path(sys.argv[2]))\n"
    "    await migrate(database)\n"
    "    await database.close()\n"
    "asyncio.run(main())\n"
)


async def tables(database: Database) -> set[str]:
    return set(await database.read(lambda session: inspect(session.connection()).get_table_names()))


async def differences(database: Database) -> list[object]:
    def compare(connection: Connection) -> list[object]:
        options = {"include_name": lambda name, *_: not (name or "").startswith(INDEXES_OF_WORDS)}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata))

    return await database.read(lambda session: compare(session.connection()))


async def downgrade(database: Database) -> None:
    """What `alembic downgrade base` does."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrate_module.__file__).parent / "migrations"))
    script = ScriptDirectory.from_config(config)

    def steps(revision: object, _: object) -> object:
        return script._downgrade_revs("base", revision)  # type: ignore[arg-type]

    def run(connection: Connection) -> None:
        with EnvironmentContext(config, script, fn=steps, destination_rev="base") as environment:
            environment.configure(connection=connection, render_as_batch=connection.dialect.name == "sqlite")
            environment.run_migrations()

    await database.migrate(run)


async def test_an_empty_database_is_brought_to_the_newest_schema(empty_database: Database) -> None:
    assert await current_revision(empty_database) is None
    assert await migrate(empty_database) is True
    assert await current_revision(empty_database) == newest_revision()
    assert set(PLANNED) <= await tables(empty_database)


async def test_migrating_twice_changes_nothing(database: Database) -> None:
    assert await migrate(database) is False


async def test_the_schema_is_exactly_what_the_models_say(database: Database) -> None:
    assert await differences(database) == []


async def test_tasks_that_migrate_at_once_agree(empty_database: Database) -> None:
    await asyncio.gather(*(migrate(empty_database) for _ in range(4)))
    assert await current_revision(empty_database) == newest_revision()
    assert await differences(empty_database) == []


async def test_processes_that_migrate_at_once_agree(
    empty_database: Database, empty_url: str | None, tmp_path: Path
) -> None:
    started = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            MIGRATE,
            empty_url or "",
            str(tmp_path),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        for _ in range(3)
    ]
    outputs = await asyncio.gather(*(process.communicate() for process in started))
    for process, (_, errors) in zip(started, outputs, strict=True):
        assert process.returncode == 0, errors.decode()
    assert await differences(empty_database) == []


async def test_going_down_and_up_again_leads_to_the_same_schema(database: Database) -> None:
    await downgrade(database)
    assert await tables(database) <= {"alembic_version"}
    await migrate(database)
    assert await differences(database) == []


async def test_a_migration_that_breaks_leaves_nothing_behind(
    empty_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(op, "create_index", broken)
    with pytest.raises(RuntimeError, match="disk is full"):
        await migrate(empty_database)
    monkeypatch.undo()
    assert await current_revision(empty_database) is None
    assert await tables(empty_database) == set()
    await migrate(empty_database)
    assert await differences(empty_database) == []


@pytest.mark.parametrize("table", PLANNED)
async def test_the_plans_columns_exist(table: str, database: Database) -> None:
    columns = await database.read(lambda session: inspect(session.connection()).get_columns(table))
    found = {column["name"]: column for column in columns}
    assert PLANNED[table] <= set(found)
    for (of, name), length in LENGTHS.items():
        if of == table:
            assert found[name]["type"].length == length  # type: ignore[attr-defined]


async def test_the_plans_unique_columns_are_unique(database: Database) -> None:
    def unique(session: Session, table: str) -> list[list[str | None]]:
        constraints = inspect(session.connection()).get_unique_constraints(table)
        return [list(found["column_names"]) for found in constraints]

    assert ["email"] in await database.read(lambda session: unique(session, "users"))
    assert ["user_id"] in await database.read(lambda session: unique(session, "subscriptions"))


async def test_a_database_that_is_newer_than_the_program_is_not_touched(tmp_path: Path) -> None:
    database = await open_database(None, tmp_path)
    await migrate(database)
    newer = text("UPDATE alembic_version SET version_num = '9999'")
    await database.write(lambda session: session.execute(newer))
    with pytest.raises(Exception, match="9999"):
        await migrate(database)
    await database.close()
