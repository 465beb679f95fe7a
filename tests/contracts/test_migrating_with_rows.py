"""A migration that makes a table anew keeps what hangs on its rows."""

import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, func, select

from ai_chat.features.chats.models import Chat, Message
from ai_chat.storage.database import Database
from tests.contracts.records import everything_of, user


async def test_changing_a_column_of_chats_keeps_their_messages(database: Database) -> None:
    owner = user()

    def fill(session: "sa.orm.Session") -> None:
        for row in (owner, *everything_of(owner.id)):
            session.add(row)
            session.flush()

    await database.write(fill)

    def change(connection: Connection) -> None:
        operations = Operations(MigrationContext.configure(connection))
        with operations.batch_alter_table("chats") as chats:
            chats.alter_column("title", type_=sa.String(500), existing_type=sa.String(255))

    await database.migrate(change)
    counts = await database.read(
        lambda session: [session.scalar(select(func.count()).select_from(table)) for table in (Chat, Message)]
    )
    assert counts == [1, 1]
