"""Counting and storing rows, for the tests of the database."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ai_chat.storage.database import Database
from ai_chat.storage.tables import Base


async def count(database: Database, table: type[Base]) -> int:
    counted = select(func.count()).select_from(table)
    return await database.read(lambda session: session.execute(counted).scalar_one())


async def stored(database: Database, *rows: object) -> None:
    """One after the other: across features there are no relationships that would sort them."""

    def work(session: Session) -> None:
        for row in rows:
            session.add(row)
            session.flush()

    await database.write(work)
