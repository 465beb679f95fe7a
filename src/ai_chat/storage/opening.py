"""From DATABASE_URL, or its absence, to a database."""

from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from ai_chat.storage.database import Database, DatabaseError
from ai_chat.storage.postgresql import open_postgresql
from ai_chat.storage.sqlite import SqliteDatabase

DATABASE_FILE = "ai_chat.sqlite3"
"""In DATA_DIR, where no DATABASE_URL is set."""


async def open_database(url: str | None, data_dir: Path, *, processes: int = 1) -> Database:
    """The database of `url`, or SQLite in `data_dir`; DatabaseError where it cannot be reached. `processes` share what
    connections a PostgreSQL server usually allows.
    """
    if url is None:
        return SqliteDatabase(data_dir / DATABASE_FILE)
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as problem:  # ValueError: a port that is no number
        raise DatabaseError("DATABASE_URL is not an address of a database (expected postgresql://…).") from problem
    backend = parsed.get_backend_name()
    if backend in ("postgresql", "postgres"):
        return await open_postgresql(parsed, processes)
    if backend == "sqlite" and parsed.database:
        return SqliteDatabase(Path(parsed.database))
    raise DatabaseError(f"DATABASE_URL names {backend!r}; supported are postgresql://… and, when unset, SQLite.")
