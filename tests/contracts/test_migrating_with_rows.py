"""A migration that makes a table anew keeps what hangs on its rows."""

import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, func, select

from ai_chat.features.chats.models import Chat, Message
from ai_chat.features.search.finding import find
from ai_chat.features.search.indexer import Indexer
from ai_chat.features.search.words import terms_of
from ai_chat.storage.database import Database
from ai_chat.storage.migrate import migrate
from tests.contracts.database_rows import stored
from tests.contracts.records import chat, everything_of, message, user


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
            chats.alter_column("model", type_=sa.String(500), existing_type=sa.String(100))

    await database.migrate(change)
    counts = await database.read(
        lambda session: [session.scalar(select(func.count()).select_from(table)) for table in (Chat, Message)]
    )
    assert counts == [1, 1]


async def test_what_there_was_before_the_search_is_queued_for_it(empty_database: Database) -> None:
    await migrate(empty_database, "0012")
    owner = user()
    owned = chat(owner.id, title="Старое имя")
    said = [message(owned.id, content="старый текст"), message(owned.id, content="", status="generating")]
    owner_id = owner.id
    await stored(empty_database, owner, owned, *said)
    await migrate(empty_database)
    await Indexer(empty_database).read_all()
    found = await empty_database.read(lambda session: find(session, owner_id, terms_of("старая"), None))
    assert [one.content for one in found[0]] == [None, "старый текст"]
